package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/inventory"
	"waypost/internal/lawful"
)

// as has a window be somebody's from now on.
func as(t *testing.T, ctx context.Context, base, cookie, token string) {
	t.Helper()
	if _, err := chromedp.Call(ctx, network.ClearBrowserCookies, struct{}{}); err != nil {
		t.Fatal(err)
	}
	at := base
	if cookie == "waypost_staff" {
		at += "/staff"
	}
	cookies := network.SetCookiesParams{Cookies: []*network.CookieParam{{Name: cookie, Value: token, URL: at}}}
	if _, err := chromedp.Call(ctx, network.SetCookies, cookies); err != nil {
		t.Fatal(err)
	}
}

// goes opens a page and waits for all of it.
func goes(t *testing.T, ctx context.Context, address string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(address), whole(chromedp.CSS("h1"))); err != nil {
		t.Fatal(err)
	}
}

// sends has a script send a form, and waits for the page after it.
func sends(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	ask[bool](t, ctx, `setTimeout(() => {`+script+`}); window.left = true`)
	eventually(t, ctx, `!window.left && document.readyState === "complete"`)
}

// says fails the test unless the page says all of it.
func says(t *testing.T, ctx context.Context, all ...string) {
	t.Helper()
	page := ask[string](t, ctx, `document.querySelector("main").textContent`)
	for _, want := range all {
		if !strings.Contains(page, want) {
			t.Errorf("%s doesn't say %q:\n%s", ask[string](t, ctx, `location.pathname`), want, page)
		}
	}
}

// enterOrder fills in the form of a request with a court's order about somebody.
const enterOrder = `
	const f = document.querySelector("main form"), day = new Date(Date.now() - 86400000).toISOString().slice(0, 10);
	Object.entries({authority: "District Court of Nowhere", country: "DE", reference: "7 Gs 12/26", contact: "+49 30 000000", received: day, way: "post",
		kind: "court_order", basis: "Section 100k of a code that is invented here", whom: "the user mia@mail.example", asks: "what they are called"}).forEach(([k, v]) => f[k].value = v);
	f.requestSubmit()`

// chooseName fills in that mia's nickname is given.
const chooseName = `
	const f = document.querySelector("#people").form, day = (n) => new Date(Date.now() - n * 86400000).toISOString().slice(0, 10);
	f.people.value = "mia@mail.example"; f.from.value = day(30); f.to.value = day(0);
	document.getElementById("account/account.nickname").checked = true;
	document.getElementById("why-profile").value = "The order asks for the name.";
	f.narrower.checked = true;
	f.querySelector("[value=scope]").click()`

// download fetches the file by its form, as a browser would, and returns it in base64.
const download = `(async () => {
	const f = document.querySelector("form[action*=fetch]"), answer = await fetch(f.action, {method: "POST"});
	const bytes = new Uint8Array(await answer.arrayBuffer());
	return answer.headers.get("Content-Disposition") + "|" + btoa(String.fromCharCode(...bytes));
})()`

// The whole life of a request with two clerks, as they and the member see it.
func TestTwoClerksAnswerACourtsOrder(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) { c.URL = "http://localhost" })
	deliver(t, s)
	mia := newMember(t, s, "mia@mail.example")
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	ada := string(g.clerk(account.Privacy))
	clear(g.clerks)
	pavel := string(g.clerk(account.Privacy))
	ctx := browser(t)

	as(t, ctx, base, "waypost_staff", ada)
	goes(t, ctx, base+"/staff/lawful")
	says(t, ctx, "None so far.")
	goes(t, ctx, base+"/staff/lawful/new")
	sends(t, ctx, enterOrder)
	says(t, ctx, "L-default-1", "District Court of Nowhere", "is told when something is given")
	sends(t, ctx, `document.querySelectorAll("[name=check]").forEach((c) => c.checked = true); document.querySelector("[value=check]").click()`)
	sends(t, ctx, chooseName)
	sends(t, ctx, `document.querySelector("[value=propose]").click()`)
	says(t, ctx, "Approved first by privacy.")
	if ask[bool](t, ctx, `!!document.querySelector("[value=approve]")`) {
		t.Error("who chose what is given may approve it as the second")
	}
	at := ask[string](t, ctx, `location.href`)

	as(t, ctx, base, "waypost_staff", pavel)
	goes(t, ctx, at)
	sends(t, ctx, `document.querySelector("[value=approve]").click()`)
	says(t, ctx, "approved", "less than was asked for")
	sends(t, ctx, `document.querySelector("form[action$=file]").submit()`)
	passphrase := ask[string](t, ctx, `document.querySelector("main p code").textContent`)
	named, file, _ := strings.Cut(awaited[string](t, ctx, download), "|")
	if !strings.Contains(named, "L-default-1.json.age") {
		t.Errorf("the file is called %s", named)
	}
	identity := must(age.NewScryptIdentity(passphrase))(t)
	given := string(must(io.ReadAll(must(age.Decrypt(bytes.NewReader(must(base64.StdEncoding.DecodeString(file))(t)), identity))(t)))(t))
	if !strings.Contains(given, `"nickname": "mia"`) || strings.Contains(given, "mail.example") || strings.Contains(given, "created_ms") {
		t.Errorf("the authority is given %s", given)
	}
	goes(t, ctx, at)
	says(t, ctx, "given", "fetched the file", "what the member is called: 1")

	mailed(t, s, `District Court of Nowhere, DE`)
	as(t, ctx, base, "waypost_session", string(mia.token))
	goes(t, ctx, base+"/my-data")
	says(t, ctx, "Requests of authorities", "District Court of Nowhere", "The order asks for the name.", "account/account.nickname")
	goes(t, ctx, base+"/account")
	says(t, ctx, "gave data to an authority", "L-default-1")

	as(t, ctx, base, "waypost_staff", ada)
	goes(t, ctx, at)
	sends(t, ctx, `document.querySelector("[value=close]").click()`)
	says(t, ctx, "closed", "told the person")
}

// demanded is a page of a court's order that one of the staff has entered and
// approved first, in review or approved by the clerk who looks.
func (g *gate) demanded(path string, approved bool) sight {
	g.t.Helper()
	ctx, all, p := g.t.Context(), g.s.lawful, g.member("demanded", false)
	sc := g.scene("privacy", "", true)
	clerk := must(g.s.people.members.Staff().Session(ctx, account.Token(sc.cookies["waypost_staff"])))(g.t)
	const other = "default-0190d5a0-0000-7000-8000-0000000000aa"
	day := time.Now().UTC().Truncate(24 * time.Hour)
	ref := must(all.Enter(ctx, other, lawful.Entry{
		Region: "default", Kind: lawful.CourtOrder, Country: "DE", Received: day.AddDate(0, 0, -3), Deadline: day.AddDate(0, 0, -1), Way: "post",
		Authority: "District Court of Nowhere", Reference: "7 Gs 12/26", Basis: "Section 100k of a code that is invented here", Contact: "+49 30 000000",
		Whom: "the user demanded@mail.example", Asks: "what they are called", Gag: lawful.Gag{Until: day.AddDate(0, 2, 0), Basis: "Section 101 of the same code"},
	}))(g.t)
	for _, do := range []func() error{
		func() error { return all.Check(ctx, ref, other, lawful.Checks) },
		func() error {
			return all.Choose(ctx, ref, other, lawful.Scope{
				People: []inventory.Subject{p.Account.Subject()}, From: day.AddDate(0, -1, 0), To: day, Narrower: true,
				Items: []lawful.Item{{Kind: inventory.Profile, Fields: []lawful.FieldID{"account/account.nickname"}, Why: "The order asks for the name."}},
			})
		},
		func() error { return all.Propose(ctx, ref, other, must(all.Get(ctx, ref))(g.t).Revision) },
		func() error {
			if !approved {
				return nil
			}
			return all.Approve(ctx, ref, string(clerk.ID), must(all.Get(ctx, ref))(g.t).Revision)
		},
	} {
		if err := do(); err != nil {
			g.t.Fatal(err)
		}
	}
	return sc.at("/staff/lawful" + strings.ReplaceAll(path, "{ref}", ref))
}

// giving is where the file for an authority was made: of another request in each
// language, because it is made once.
func (g *gate) giving() sight {
	g.t.Helper()
	var s sight
	at := map[string]string{}
	for _, lang := range []string{"en", "zh", "ar"} {
		s = g.demanded("/{ref}", true)
		at[lang] = s.path + "/file?lang=" + lang
	}
	s.send = `const at = ` + string(must(json.Marshal(at))(g.t)) + `, f = document.createElement("form");
		f.method = "post"; f.action = at[document.documentElement.lang]; document.body.append(f); f.submit()`
	return s
}

// preserving is an approved order to preserve somebody's data of a region, of which
// they mayn't know; ada is who entered it.
func preserving(t *testing.T, s *server, region, ada string, who inventory.Subject) (ref string) {
	t.Helper()
	ctx, all, day := t.Context(), s.lawful, time.Now().UTC().Truncate(24*time.Hour)
	ref = must(all.Enter(ctx, ada, lawful.Entry{
		Region: region, Kind: lawful.Preservation, Country: "DE", Received: day, Way: "mail", Authority: "District Court of Nowhere", Reference: "7 Gs 13/26",
		Basis: "Section 94 of a code that is invented here", Contact: "+49 30 000000", Whom: "mia", Asks: "everything, to be kept", Gag: lawful.Gag{Until: day.AddDate(0, 1, 0), Basis: "Section 95 of the same code"},
	}))(t)
	revision := func() int64 { return must(all.Get(ctx, ref))(t).Revision }
	err := errors.Join(all.Check(ctx, ref, ada, lawful.Checks), all.Choose(ctx, ref, ada, lawful.Scope{People: []inventory.Subject{who}}))
	err = errors.Join(err, all.Propose(ctx, ref, ada, revision()))
	if err = errors.Join(err, all.Approve(ctx, ref, ada[:len(ada)-1]+"b", revision())); err != nil {
		t.Fatal(err)
	}
	return ref
}

// An order to preserve holds somebody's data until it is closed, and a hold of which
// they may not know gives way to one of which they may.
func TestAnOrderToPreserveHolds(t *testing.T) {
	t.Parallel()
	s, _ := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	ctx, mia, all := t.Context(), newMember(t, s, "mia@mail.example").Account.Subject(), s.lawful
	is := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const ada = "default-0190d5a0-0000-7000-8000-0000000000aa"
	ref := preserving(t, s, "default", ada, mia)
	holds := func(want bool, told int) {
		t.Helper()
		for range 2 { // a job may run twice
			is(s.given(ctx, lawful.Given{Region: "default"}))
		}
		if held := must(s.people.holds.Held(ctx, mia))(t); held != want {
			t.Errorf("she is held: %v, want %v", held, want)
		}
		if n := len(must(s.people.holds.Of(ctx, mia))(t)); n != told {
			t.Errorf("she may know of %d holds, want %d", n, told)
		}
	}
	holds(true, 0)
	if err := s.eraseWhole(ctx, mia); err == nil {
		t.Error("what is to be preserved was erased")
	}
	is(all.SetGag(ctx, ref, ada, lawful.Gag{}))
	holds(true, 1)
	is(all.Close(ctx, ref, ada))
	holds(false, 0)
	set, _, err := s.people.holds.List(ctx)
	if err != nil || len(set) != 2 {
		t.Errorf("%d holds were set, want a silent one and a told one: %v", len(set), err)
	}
}

// askedBefore enters a request that came in the half of a year before this one.
func (g *gate) askedBefore() {
	g.t.Helper()
	must(g.s.lawful.Enter(g.t.Context(), "default-0190d5a0-0000-7000-8000-0000000000aa", lawful.Entry{
		Region: "default", Kind: lawful.Warrant, Country: "DE", Received: time.Now().AddDate(0, -7, 0), Way: "post", Authority: "District Court of Nowhere", Reference: "7 Gs 1/26",
		Basis: "Section 100k of a code that is invented here", Contact: "+49 30 000000", Whom: "somebody", Asks: "what they are called",
	}))(g.t)
}

func (g *gate) transparent() sight {
	g.askedBefore()
	return sight{path: "/transparency"}
}

func TestWhatAuthoritiesAskedForIsPublished(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	if _, page := get(t, base+"/transparency"); !strings.Contains(page, "None so far.") {
		t.Errorf("without requests it says %s", page)
	}
	g := &gate{t: t, s: s}
	g.askedBefore()
	_, page := get(t, base+"/transparency")
	for _, want := range []string{"Search warrant", "Germany", "1 to 9", "Fewer than 10, or none"} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, "Nowhere") {
		t.Error("it names the authority")
	}
	if _, policy := get(t, base+"/privacy"); !strings.Contains(policy, `href="/transparency"`) {
		t.Error("the policy doesn't lead there")
	}
}
