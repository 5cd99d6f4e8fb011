package member_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/sim"
)

const (
	demo = "/signin/with/oidc-demo"
	ada  = "sim-1"
	bo   = "sim-2"
)

// A withPictures is a set of providers who show everybody with a picture. The
// set itself takes pictures from public addresses only.
type withPictures struct{ *provider.Set }

func (s withPictures) Find(code provider.Code) (provider.Provider, error) {
	p, err := s.Set.Find(code)
	return withPicture{p}, err
}

func (withPictures) Picture(context.Context, string) ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, 20, 30)))
	return out.Bytes(), err
}

type withPicture struct{ provider.Provider }

func (p withPicture) Exchange(ctx context.Context, c provider.Callback) (provider.Identity, error) {
	who, err := p.Provider.Exchange(ctx, c)
	who.Picture = "https://pictures.example/one"
	return who, err
}

// eachWith is each, with the simulated provider, under two names.
func eachWith(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorldWith(t, d)) })
}

func newWorldWith(t *testing.T, d *db.DB) *world {
	t.Helper()
	simulator := httptest.NewServer(sim.New(sim.Options{}).Handler())
	t.Cleanup(simulator.Close)
	named := func(label string) config.OIDCProvider {
		return config.OIDCProvider{Issuer: simulator.URL + sim.LoginPath, ClientID: "waypost", Label: label, Scopes: []string{"openid", "email", "profile"}}
	}
	set, err := provider.New(config.Providers{OIDC: map[string]config.OIDCProvider{"demo": named("Demo ID"), "club": named("Club")}})
	if err != nil {
		t.Fatal(err)
	}
	return newWorldAt(t, d, "http://waypost.example", withPictures{set})
}

// leads is where a page on the way to a provider goes on by itself.
func (p page) leads() string {
	p.t.Helper()
	address, ok := strings.CutPrefix(p.is(http.StatusOK).header.Get("Refresh"), "0;url=")
	if !ok {
		p.t.Fatalf("%s leads nowhere: %s", p.at, p.said())
	}
	return address
}

// choose is somebody at the provider who says who they are, "" that they don't
// want to. It returns where they are sent back to: path and query.
func (p page) choose(who string) string {
	p.t.Helper()
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.leads(), strings.NewReader(url.Values{"who": {who}}.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := plain.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	back, ok := strings.CutPrefix(resp.Header.Get("Location"), "http://waypost.example")
	if !ok {
		p.t.Fatalf("the provider sends nobody back: %s", resp.Status)
	}
	return back
}

// with signs in with the provider, from the page to sign in.
func (b *browser) with(who string) page {
	b.t.Helper()
	return b.get(b.post(demo).choose(who))
}

// joinWith signs somebody up who has no way in but the provider.
func (w *world) joinWith(who string) *browser {
	w.t.Helper()
	b := w.browser()
	b.with(who).isAt("/signup/with")
	b.post("/signup/with", application("contact", "", "password", "", "nickname", "Ada")...).isAt("/welcome")
	return b
}

func TestSigningUpAndInWithAProvider(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.get("/signup?next=/teams").is(http.StatusOK).says("With an account that you have elsewhere").says("Continue with Demo ID")
		p := b.get(b.post(demo, "next", "/teams").says("On to Demo ID").choose(ada)).isAt("/signup/with?next=%2Fteams")
		p.says("What Demo ID told us").says("Ada Simulated").says(`value="ada@people.example"`).says("data:image/png").says("unless you sign up")
		b.post("/signup/with", application("contact", "", "terms", "", "next", "/teams")...).is(http.StatusBadRequest).says("agreement").says("Ada Simulated")
		b.post("/signup/with", application("contact", "not one", "next", "/teams")...).is(http.StatusBadRequest).says("neither an e-mail address")
		b.post("/signup/with", application("contact", "", "password", "", "picture", "yes", "next", "/teams")...).isAt("/teams")
		b.get("/account").says("Demo ID").says("Ada Simulated").says("not used yet").says("no address that we can write to").says(`src="/account/picture"`)
		if c := b.cookies(); c["waypost_session"] == "" || c["waypost_flow"] != "" {
			t.Errorf("after it the browser has the cookies %v", c)
		}
		b.post("/signout")

		b.get("/signin").says("Or with another service")
		b.with(ada).isAt("/account").says("Last used")
		b.post("/account/links/oidc-demo/remove").is(http.StatusBadRequest).says("only way to sign in")
		w.browser().with(bo).isAt("/signup/with").says("Bo Simulated") // somebody else
	})
}

func TestSigningUpWithAProviderAndAnAddress(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.with(ada).isAt("/signup/with")
		b.post("/signup/with", application("next", "/teams")...).isAt("/signup/code?next=%2Fteams").says(mia)
		b.post("/signup/code", "code", w.letter(account.LetterSignUp).Code, "next", "/teams").isAt("/teams")
		b.get("/account").says(mia).says("Demo ID")
		b.post("/account/links/oidc-demo/remove").isAt("/account?done=unlinked").says("Link Demo ID")
		b.post("/account/links/oidc-demo/remove").isAt("/account?done=unlinked") // it is what was wanted
	})
}

// What a provider says of an address leads to nobody's account: its owner signs
// in first, then links.
func TestWhoHasAnAccountSignsInAndThenLinks(t *testing.T) {
	const hers = "ada@people.example"
	eachWith(t, func(t *testing.T, w *world) {
		w.join("contact", hers)
		for name, signIn := range map[string]func(b *browser) page{
			"by password": func(b *browser) page {
				return b.post("/signin", "contact", hers, "password", secret, "next", "/account/links/received")
			},
			"by code": func(b *browser) page {
				b.post("/signin", "contact", hers, "by", "code", "next", "/account/links/received").isAt("/signin/code?next=%2Faccount%2Flinks%2Freceived")
				return b.post("/signin/code", "code", w.letter(account.LetterSignIn).Code, "next", "/account/links/received")
			},
		} {
			b := w.browser()
			b.with(ada).isAt("/signup/with").says("I have an account already")
			b.get("/account/links/received").isAt("/signin?next=%2Faccount%2Flinks%2Freceived").says("Once you are signed in, you can link Demo ID")
			signIn(b).isAt("/account/links/received").says("Link Demo ID?").says("Ada Simulated")
			w.letters()
			b.post("/account/links/received").isAt("/account?done=linked").says("Ada Simulated")
			if l := w.letter(account.LetterNotice); l.What != account.Linked || l.Token == "" {
				t.Errorf("%s: letter %+v, want one about the link that can be undone", name, l)
			}
			if c := b.cookies()["waypost_flow"]; c != "" {
				t.Errorf("%s: after it the browser carries %q", name, c)
			}
			w.browser().with(ada).isAt("/account").says("Mia")
			b.post("/account/links/received").is(http.StatusNotFound).says("Nothing has been begun")
			b.post("/account/links/oidc-demo/remove").isAt("/account?done=unlinked")
		}
	})
}

func TestSigningInWithAProviderToLinkAnother(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		w.joinWith(ada)
		b := w.browser()
		b.get(b.post("/signin/with/oidc-club").choose(bo)).isAt("/signup/with").says("Bo Simulated")
		b.get(b.post(demo, "next", "/account/links/received").choose(ada)).isAt("/account/links/received").says("Link Club?").says("Bo Simulated")
		b.post("/account/links/received").isAt("/account?done=linked")
		b.post("/account/links/oidc-demo/remove").isAt("/account?done=unlinked") // the other is a way in
		c := w.browser()
		c.get(c.post("/signin/with/oidc-club").choose(bo)).isAt("/account").says("Ada")
	})
}

func TestAChildWithAProviderWaitsForItsGuardian(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.with(ada).isAt("/signup/with")
		b.post("/signup/with", application("contact", "", "age", "child")...).is(http.StatusBadRequest).says("parent or guardian").says("Ada Simulated")
		b.post("/signup/with", application("contact", "", "password", "", "age", "child", "guardian", "parent@mail.example")...).isAt("/signup/waiting")
		if c := b.cookies(); c["waypost_session"] != "" || c["waypost_flow"] != "" {
			t.Errorf("the browser has the cookies %v", c)
		}
		b.with(ada).is(http.StatusBadRequest).says("waits until a guardian agrees")
	})
}

func TestLinkingOnTheAccountsPage(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/account").says("Link Demo ID")
		b.get("/account/links/oidc-demo").is(http.StatusOK).says("you see what it told us before anything is kept")
		b.get("/account/links/oidc-other").is(http.StatusNotFound).says("no such way")
		b.get(b.post("/account/links/oidc-demo").choose(ada)).isAt("/account/links/received").says("can sign in to yours then, Mia")
		b.get("/signup/with").isAt("/account/links/received")
		b.post("/account/links/received").isAt("/account?done=linked")
		b.get(b.post("/account/links/oidc-demo").choose(bo)).isAt("/account/links/received")
		b.post("/account/links/received").is(http.StatusBadRequest).says("Nothing has changed").says("has a link to an account at Demo ID already")
		b.get(b.post("/account/links/oidc-demo").choose(ada)).is(http.StatusBadRequest).says("already").says("Back to my account")
		his := w.join("contact", "noah@mail.example")
		his.get(his.post("/account/links/oidc-demo").choose(ada)).is(http.StatusBadRequest).says("signs in to another account here")
		b.post("/account/links/oidc-demo/remove").isAt("/account?done=unlinked")
		w.browser().with(ada).isAt("/signup/with")
	})
}

func TestTheLedgerHasTheWordsOfALink(t *testing.T) {
	w := newWorldWith(t, dbtest.Open(t, dbtest.SQLite(t)))
	b := w.join()
	b.get(b.post("/account/links/oidc-demo").choose(ada))
	b.post("/account/links/received").isAt("/account?done=linked")
	found := must(w.members.Staff().Find(t.Context(), account.Console(), mia, account.Why{Matter: account.ForTicket, Ref: "T-1"}))(t)
	ledger := must(must(w.members.Of(found.Account))(t).Consents(t.Context(), found.Account))(t)
	last := ledger[len(ledger)-1]
	if last.Purpose != account.ForLink+"oidc-demo" || !strings.Contains(last.Wording, "Demo ID may sign me in here") || last.How == "" || last.Version == "" {
		t.Errorf("the ledger ends with %+v", last)
	}
}

func TestAnAppIsAskedForAfterAProvider(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.joinWith(ada)
		typed := regexp.MustCompile(`into the app: ([A-Z2-7 ]+)`).FindStringSubmatch(b.get("/account/app").body)
		b.post("/account/app", "code", shows(t, typed[1], time.Now())).is(http.StatusOK)
		c := w.browser()
		c.get(c.post(demo, "next", "/teams").choose(ada)).isAt("/signin/second?next=%2Fteams")
		c.get("/account").isAt("/signin?next=%2Faccount")
	})
}

func TestProvingByAProviderWhereThereIsNothingElse(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.joinWith(ada)
		w.joinWith(bo)
		before := b.cookies()["waypost_session"]
		b.get("/account/prove?next=/account/password").is(http.StatusOK).says("Continue with Demo ID")
		prove := func() page {
			return b.post("/account/prove", "provider", "oidc-demo", "next", "/account/password")
		}
		b.get(prove().choose(bo)).is(http.StatusBadRequest).says("not the account at Demo ID that signs in to yours")
		b.get(prove().choose(ada)).isAt("/account/password")
		if b.cookies()["waypost_session"] == before {
			t.Error("the session's token stayed the same when it gained rights")
		}
		if p := w.join().get("/account/prove").is(http.StatusOK); strings.Contains(p.body, "Demo ID") {
			t.Error("a provider is offered to who can show better")
		}
	})
}

func TestReturnsThatSignNobodyIn(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.with("").is(http.StatusBadRequest).says("Nothing has changed").says("did not let Demo ID").says("Sign up")
		back := b.post(demo).choose(ada)
		w.browser().get(back).is(http.StatusNotFound).says("needs a cookie")
		other := w.browser()
		other.post(demo)
		other.get(back).is(http.StatusNotFound).says("took too long, or was finished elsewhere")
		b.get(demo + "/callback?state=made-up&code=x").is(http.StatusBadRequest).says("not begun here")
		b.get(back).isAt("/signup/with")
		b.get(back).is(http.StatusNotFound)
		for _, made := range []string{"code=x", "iss=https://elsewhere.example"} {
			name, value, _ := strings.Cut(made, "=")
			at, err := url.Parse(b.post(demo).choose(ada))
			if err != nil {
				t.Fatal(err)
			}
			query := at.Query()
			query.Set(name, value)
			b.get(at.Path + "?" + query.Encode()).says("Please begin again")
		}
		b.post("/signin/with/oidc-other").is(http.StatusNotFound).says("no such way")
		b.get("/account").isAt("/signin?next=%2Faccount")
	})
}

func TestAProviderThatIsDown(t *testing.T) {
	set, err := provider.New(config.Providers{OIDC: map[string]config.OIDCProvider{"demo": {
		Issuer: "http://127.0.0.1:1", ClientID: "waypost", Label: "Demo ID", Scopes: []string{"openid"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldAt(t, dbtest.Open(t, dbtest.SQLite(t)), "http://waypost.example", set)
	w.browser().post(demo).is(http.StatusServiceUnavailable).says("does not answer as it should").says("Sign in")
}

// Apple's pages have the browser post the answer, without cookies; what comes
// after it is a redirect, which has them.
func TestAnAnswerThatIsPosted(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.browser()
		path, query, _ := strings.Cut(b.post(demo).choose(ada), "?")
		form, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		var pairs []string
		for name := range form {
			pairs = append(pairs, name, form.Get(name))
		}
		bare := w.browser()
		bare.header.Set("Sec-Fetch-Site", "cross-site")
		bare.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		bare.post(path, "state", "made-up").is(http.StatusBadRequest)
		posted := bare.post(path, pairs...).is(http.StatusSeeOther)
		to := posted.header.Get("Location")
		if strings.Contains(to, form.Get("code")) {
			t.Errorf("%s says more than the state", to)
		}
		bare.post(path, pairs...).is(http.StatusNotFound) // once
		b.get(to).isAt("/signup/with").says("Ada Simulated")
		bare.post("/account/links/oidc-demo/remove").is(http.StatusForbidden) // the way is open for nothing else
	})
}

func TestTheLanguageIsKeptOnTheWayThroughAProvider(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.get(b.post(demo+"?lang=zh", "next", "/teams").choose(ada)).isAt("/signup/with?lang=zh&next=%2Fteams%3Flang%3Dzh").says("用 Demo ID 注册")
		b.get(b.post(demo + "?lang=zh").choose("")).says("没有任何更改")
	})
}
