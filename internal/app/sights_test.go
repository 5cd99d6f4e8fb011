package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/db"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/message"
	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/recipient"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// A sight is a page, or what one of its forms answers, as somebody sees it.
type sight struct {
	name    string // the route, and what is special about it
	path    string
	cookies map[string]string
	send    string // a script that sends one of the page's forms; "" none
	missing bool   // there is no such page
}

// noPages are routes that a browser is answered no page of Waypost's by.
var noPages = []string{
	"GET /healthz", "GET /readyz", "GET /metrics", "GET /robots.txt", "GET /.well-known/gpc.json", "GET /assets/", "GET /track/live", "GET /parcels/live",
	"GET /account/picture", "GET /account/consents/download", "GET /staff/enter/{token}/qr", "GET /parcels/export",
	"GET /teams/{team}/parcels/live", "GET /teams/{team}/parcels/export",
	"GET /teams/{team}/parcels/live", "GET /teams/{team}/parcels/export",
	"GET /staff/incidents/{incident}/authority/{region}/{law}", // a file
	"GET /outbox/{id}", // a letter as it was sent
	"GET /asset/carrier/info/apicarrier.all.json", // a list for programs
}

const (
	sendMain    = `document.querySelector("main form[method=post]").submit()`
	sendContact = `document.getElementById("contact").form.submit()`
)

// staged are the pages that show nothing, or little, until something was begun
// or is there, and what forms answer. All others are seen as docs/access.md says.
var staged = []struct {
	route, note string
	see         func(*gate) sight
}{
	{"GET /track", "parcels", func(*gate) sight {
		return sight{path: "/track?nums=1Z4A7B2C0364182055,RR409172635CA,RR409172636GB,NOTHING1"}
	}},
	{"GET /privacy/versions", "", func(g *gate) sight { return g.published("/privacy/versions") }},
	{"GET /privacy/versions/{number}", "", func(g *gate) sight { return g.published("/privacy/versions/1") }},
	{"GET /privacy/changes", "", func(g *gate) sight { return g.published("/privacy/changes?from=1&to=2") }},
	{"GET /privacy/changes", "nothing changed", func(g *gate) sight { return g.published("/privacy/changes?from=2&to=2") }},
	{"GET /track", "more is needed", func(*gate) sight { return sight{path: "/track?nums=" + sfNumber} }},
	{"POST /track/needs", "nothing was entered", func(*gate) sight {
		return sight{path: "/track?nums=" + sfNumber, send: `document.querySelector("form.needs").submit()`}
	}},
	{"GET /parcels/{id}", "", func(g *gate) sight { sc := g.kept(); return sc.at("/parcels/" + sc.things["watch"]) }},
	{"GET /parcels/{id}", "more is needed", (*gate).needing},
	{"GET /parcels/import/{id}", "", func(g *gate) sight { sc := g.kept(); return sc.at("/parcels/import/" + sc.things["import"]) }},
	{"GET /parcels/import/{id}", "more is needed", (*gate).bringing},
	{"GET /nothing", "a page that isn't", func(*gate) sight { return sight{path: "/nothing", missing: true} }},
	{"GET /signup/code", "", (*gate).signingUp},
	{"POST /signup", "all is wrong", func(*gate) sight { return sight{path: "/signup", send: sendContact} }},
	{"POST /signin", "all is wrong", func(*gate) sight { return sight{path: "/signin", send: sendContact} }},
	{"GET /signin/code", "", func(g *gate) sight { return g.coded("/signin/code", g.s.people.members.SendCode) }},
	{"GET /forgot/code", "", func(g *gate) sight { return g.coded("/forgot/code", g.s.people.members.Reset) }},
	{"GET /forgot/password", "", (*gate).forgetting},
	{"GET /signin/second", "", func(g *gate) sight { return begun("/signin/second", g.half()) }},
	{"GET /signin/second", "a recovery code", func(g *gate) sight { return begun("/signin/second?by=recovery", g.half()) }},
	{"GET /signup/with", "", (*gate).introduced},
	{"GET /account/links/{provider}", "", func(g *gate) sight {
		return g.kept().at("/account/links/" + string(g.s.people.members.Offers()[0].Provider))
	}},
	{"GET /account/links/received", "", (*gate).linking},
	{"GET /signin/with/{provider}/callback", "nothing was begun", func(*gate) sight {
		return sight{path: "/signin/with/demo/callback?state=x", missing: true}
	}},
	{"GET /signin/with/{provider}/revoked/{receipt}", "no such receipt", func(*gate) sight {
		return sight{path: "/signin/with/demo/revoked/x", missing: true}
	}},
	{"GET /account/prove/code", "", (*gate).proving},
	{"GET /account/address/code", "", (*gate).moving},
	{"GET /guardian/{token}", "", (*gate).asked},
	{"GET /undo/{token}", "", (*gate).regretting},
	{"GET /account", "with all there can be", (*gate).furnished},
	{"GET /my-data", "with all there can be", func(g *gate) sight { s := g.furnished(); s.path = "/my-data"; return s }},
	{"GET /my-data", "restricted", (*gate).restricted},
	{"GET /my-data", "parcels and keys", func(g *gate) sight { return g.kept().at("/my-data") }},
	{"POST /my-data/copy", "", func(g *gate) sight { return g.kept().sends("/my-data/copy", sendMain) }},
	{"GET /my-data/copy/{secret}", "", (*gate).copied},
	{"GET /my-data/copy/{secret}", "over", func(g *gate) sight { s := g.kept().at("/my-data/copy/x"); s.missing = true; return s }},
	{"GET /privacy/request/code/{flow}", "", (*gate).asking},
	{"GET /privacy/request/{token}", "asked back", (*gate).askedBack},
	{"GET /privacy/request/{token}", "refused", (*gate).turnedDown},
	{"POST /privacy/request", "all is wrong", func(*gate) sight { return sight{path: "/privacy/request", send: sendContact} }},
	{"GET /my-data/requests", "some", (*gate).requested},
	{"GET /staff/requests/{number}", "a member's", func(g *gate) sight { return g.worked(false) }},
	{"GET /staff/requests/{number}", "of who has no account", func(g *gate) sight { return g.worked(true) }},
	{"GET /staff/requests/{number}/letters/{event}", "", (*gate).posted},
	{"POST /staff/requests/new", "all is wrong", func(g *gate) sight {
		return g.scene("privacy", "", true).sends("/staff/requests/new", sendMain)
	}},
	{"POST /account/profile", "all is wrong", func(g *gate) sight {
		return g.kept().sends("/account", `const f = document.querySelector("form[action*=profile]"); f.nickname.value = ""; f.submit()`)
	}},
	{"POST /account/address/{kind}", "all is wrong", func(g *gate) sight { return g.kept().sends("/account/address/mail", sendMain) }},
	{"GET /account/app", "", func(g *gate) sight { return g.kept().at("/account/app") }},
	{"GET /account/app", "there is one", func(g *gate) sight { return g.twofold().scene().at("/account/app") }},
	{"POST /account/recovery", "", func(g *gate) sight { return g.twofold().scene().sends("/account/recovery", sendMain) }},
	{"GET /account/passkeys/{id}", "", func(g *gate) sight { return g.keyed("") }},
	{"GET /account/passkeys/{id}/remove", "", func(g *gate) sight { return g.keyed("/remove") }},
	{"GET /parcels", "", func(g *gate) sight { return g.kept().at("/parcels") }},
	{"GET /parcels", "none yet", func(g *gate) sight { return g.scene("member", "", false).at("/parcels") }},
	{"GET /parcels", "none found", func(g *gate) sight { return g.kept().at("/parcels?q=herons&shelf=archive") }},
	{"GET /parcels/programs", "", func(g *gate) sight { return g.registering("/parcels/programs") }},
	{"GET /parcels/programs", "none yet", func(g *gate) sight { return g.scene("member", "", false).at("/parcels/programs") }},
	{"POST /parcels", "saved", func(g *gate) sight {
		return g.kept().sends("/parcels", `const f = document.querySelector("main form.box"); f.text.value = "620114829377105846120395"; f.submit()`)
	}},
	{"POST /parcels", "no number", func(g *gate) sight {
		return g.kept().sends("/parcels", `document.querySelector("main form.box").submit()`)
	}},
	{"GET /teams/{team}/parcels", "", func(g *gate) sight { return g.shared("owner", "") }},
	{"GET /teams/{team}/parcels", "to a viewer", func(g *gate) sight { return g.shared("viewer", "") }},
	{"GET /teams/{team}/parcels/{id}", "", func(g *gate) sight { return g.shared("owner", "/{team_watch}") }},
	{"GET /teams/{team}/parcels/{id}", "to a viewer", func(g *gate) sight { return g.shared("viewer", "/{team_watch}") }},
	{"GET /account/address/{kind}", "", func(g *gate) sight { return g.kept().at("/account/address/phone") }},
	{"GET /account/address/{kind}", "another one is awaited", (*gate).awaiting},
	{"GET /developer", "with a key", func(g *gate) sight { return g.kept().at("/developer") }},
	{"GET /developer", "without one", func(g *gate) sight { return g.scene("member", "", false).at("/developer") }},
	{"GET /developer/keys", "two secrets", func(g *gate) sight { return g.kept().at("/developer/keys") }},
	{"GET /developer/keys", "revoked", (*gate).revoking},
	{"GET /developer/usage", "", (*gate).using},
	{"POST /developer/keys/new", "made", func(g *gate) sight {
		return g.scene("member", "", false).sends("/developer/keys/new", `const f = document.querySelector("main form"); f.name.value = "Shop"; f.submit()`)
	}},
	{"POST /developer/keys/new", "all is wrong", func(g *gate) sight {
		return g.kept().sends("/developer/keys/new", `const f = document.querySelector("main form"); f.from.value = "office"; f.submit()`)
	}},
	{"POST /developer/keys/{key}/rotate", "", func(g *gate) sight {
		sc := g.scene("member", "{key}", false)
		return sc.sends("/developer/keys/"+sc.things["key"]+"/rotate", sendMain)
	}},
	{"GET /developer/webhooks", "none yet", func(g *gate) sight { return g.scene("member", "", false).at("/developer/webhooks") }},
	{"GET /developer/webhooks", "one fails, one is off", (*gate).hooked},
	{"POST /developer/webhooks/new", "all is wrong", func(g *gate) sight {
		return g.kept().sends("/developer/webhooks/new", `const f = document.querySelector("main form"); f.url.value = "nowhere"; f.submit()`)
	}},
	{"GET /unsubscribe/{token}", "", (*gate).refusing},
	{"GET /invited/{token}", "", func(g *gate) sight {
		return sight{path: mailed(g.t, g.s, "/invited/"+regexp.QuoteMeta(g.scene("owner", "", true).things["invited"]))}
	}},
	{"GET /teams/{team}/parcels", "", func(g *gate) sight {
		sc := g.scene("owner", "{team_watch}", true)
		return sc.at("/teams/" + sc.things["team"] + "/parcels")
	}},
	{"GET /teams", "", func(g *gate) sight { return g.scene("owner", "", true).at("/teams") }},
	{"GET /told/{notice}/{secret}", "", func(g *gate) sight { return sight{path: g.notices()} }},
	{"GET /told/{notice}/{secret}", "over", func(*gate) sight { return sight{path: "/told/default-x/y", missing: true} }},
	{"GET /staff/recipients", "", func(g *gate) sight {
		g.notices()
		return g.scene("privacy", "", true).at("/staff/recipients")
	}},
	{"POST /staff/recipients/{notice}", "the letter", func(g *gate) sight {
		g.notices()
		return g.scene("privacy", "", true).sends("/staff/recipients", `const f = document.querySelector("main form"); f.ref.value = "R-1"; f.querySelector("[value=letter]").click()`)
	}},
	{"POST /staff/find", "found", func(g *gate) sight {
		sc := g.scene("privacy", "{account}", true)
		return sc.sends("/staff", fmt.Sprintf(`const f = document.querySelector("main form"); f.who.value = %q; f.ref.value = "T-1"; f.submit()`, sc.things["account"]))
	}},
	{"POST /staff/find", "nobody", func(g *gate) sight {
		return g.scene("privacy", "", true).sends("/staff", `const f = document.querySelector("main form"); f.who.value = "nobody"; f.ref.value = "T-2"; f.submit()`)
	}},
	{"GET /staff/looks/{look}", "somebody calls", func(g *gate) sight { return g.calling(false) }},
	{"GET /staff/looks/{look}", "a caller who showed who they are", func(g *gate) sight { return g.calling(true) }},
	{"GET /staff/training", "not taken yet", (*gate).newcomer},
	{"GET /account/call", "nobody waits for a code", func(g *gate) sight { return g.kept().at("/account/call") }},
	{"POST /account/call", "", (*gate).callingOwn},
	{"GET /staff/carriers", "", func(g *gate) sight { return g.ailing().at("/staff/carriers") }},
	{"GET /staff/carriers/{source}", "", func(g *gate) sight { return g.ailing().at("/staff/carriers/inpost") }},
	{"GET /staff/holds", "one is late, one is lifted", func(g *gate) sight {
		sc := g.scene("privacy", "{hold}", true)
		holds, of := g.s.people.holds, sc.member.Account.Subject()
		if err := holds.Lift(g.t.Context(), "", g.hold(of), "The dispute is over."); err != nil {
			g.t.Fatal(err)
		}
		return sc.at("/staff/holds?of=" + string(of))
	}},
	{"POST /staff/holds", "all is wrong", func(g *gate) sight {
		return g.scene("privacy", "", true).sends("/staff/holds", `const f = document.querySelector("main form"); f.of.value = "nobody"; f.record.value = "x"; f.reason.value = "x"; f.ref.value = "R-1"; f.submit()`)
	}},
	{"GET /staff/holds/{hold}", "", func(g *gate) sight {
		sc := g.scene("privacy", "{hold}", true)
		return sc.at("/staff/holds/" + sc.things["hold"])
	}},
	{"GET /staff/retention", "", func(g *gate) sight {
		must(g.s.purgeAll(g.t.Context(), false))(g.t)
		return g.scene("operator", "", true).at("/staff/retention")
	}},
	{"POST /staff/closing", "what would be declared", func(g *gate) sight {
		return g.scene("operator", "", true).sends("/staff/closing", `const f = document.querySelector("main form"); f.contact.value = "privacy@heron.example"; f.querySelector("[value=draft]").click()`)
	}},
	{"GET /my-data", "some has to stay", func(g *gate) sight {
		s := g.furnished()
		s.path = "/my-data"
		p := must(g.s.people.members.Session(g.t.Context(), account.Token(s.cookies["waypost_session"])))(g.t)
		g.hold(p.Account.Subject())
		return s
	}},
	{"POST /staff/files", "looked at", func(g *gate) sight {
		return g.scene("operator", "", true).sends("/staff/files", `
			const f = document.querySelector("main form"), files = new DataTransfer();
			files.items.add(new File([JSON.stringify({trackingNumber: "1Z4A7B2C0364182055", localActivityDate: "20260305", localActivityTime: "092600", activityStatus: {type: "I", code: "OT", description: "Out for Delivery"}})], "news.json"));
			f.file.files = files.files;
			f.account.value = "ups/simulator";
			f.submit()`)
	}},
	{"GET /transparency", "some", (*gate).transparent},
	{"GET /staff/lawful", "some", func(g *gate) sight { return g.demanded("", false) }},
	{"POST /staff/lawful", "all is wrong", func(g *gate) sight {
		return g.scene("privacy", "", true).sends("/staff/lawful/new", `document.querySelector("main form").submit()`)
	}},
	{"GET /staff/lawful/{ref}", "in review", func(g *gate) sight { return g.demanded("/{ref}", false) }},
	{"GET /staff/lawful/{ref}", "approved", func(g *gate) sight { return g.demanded("/{ref}", true) }},
	{"POST /staff/lawful/{ref}/file", "", (*gate).giving},
	{"GET /staff/incidents", "one is open", func(g *gate) sight { g.concerned(); return g.scene("security", "", true).at("/staff/incidents") }},
	{"POST /staff/incidents", "all is wrong", func(g *gate) sight { return g.scene("security", "", true).sends("/staff/incidents", sendMain) }},
	{"GET /staff/incidents/{incident}/scope", "a list holds", func(g *gate) sight {
		return g.scene("security", "", true).at("/staff/incidents/" + string(g.concerned()) + "/scope")
	}},
	{"GET /staff/incidents/{incident}/notices", "approved", func(g *gate) sight {
		return g.scene("security", "", true).at("/staff/incidents/" + string(g.concerned()) + "/notices")
	}},
	{"GET /staff/incidents/{incident}/letters", "one waits", func(g *gate) sight {
		return g.byHand(g.scene("security", "", true), g.concerned(), incident.ByLetter)
	}},
	{"POST /staff/people", "invited", func(g *gate) sight {
		return g.scene("operator", "", true).sends("/staff/people", `const f = document.querySelector("main section:last-of-type form"); f.contact.value = "pavel@staff.example"; f.duty[0].checked = true; f.submit()`)
	}},
}

// sights are all pages: those of the routes that the table of docs/access.md
// has, to the first role that is let in, and the staged ones.
func (g *gate) sights(table []row) (all []sight) {
	g.t.Helper()
	reached := map[string]bool{}
	for _, route := range slices.Concat(noPages, g.s.api.Routes()) {
		reached[route] = true
	}
	for _, st := range staged {
		seen := st.see(g)
		seen.name = strings.TrimSuffix(st.route+", "+st.note, ", ")
		all, reached[st.route] = append(all, seen), true
	}
	for _, r := range table {
		i := slices.Index(r.cells, lets)
		if !strings.HasPrefix(r.route, "GET ") || reached[r.route] || i < 0 {
			continue
		}
		reached[r.route] = true
		sc := g.scene(roles[i], fmt.Sprint(r.route, r.with), true)
		path, _ := r.fill(sc)
		all = append(all, sight{name: r.route, path: path, cookies: sc.cookies})
	}
	for _, r := range table {
		if strings.HasPrefix(r.route, "GET ") && !reached[r.route] {
			g.t.Errorf("%s shows nobody anything as docs/access.md fills it in: stage it, or say that it is no page", r.route)
		}
	}
	return all
}

// notices has services told of an erasure, one of which has an address and one has
// none, and returns the path of the letter's link.
func (g *gate) notices() string {
	g.t.Helper()
	who := inventory.Subject("default-0190c1a5-0000-7000-8000-00000000e5ed")
	notices, ctx := must(g.s.notices.Of(who))(g.t), g.t.Context()
	err := notices.Begin(ctx, who, func(context.Context) ([]recipient.Told, error) {
		return []recipient.Told{
			{To: recipient.To{Party: inventory.SignIn, Which: "birds"}, Names: []string{"b-1001"}},
			{To: recipient.To{Party: inventory.Carriers, Which: "sf-express"}, Names: []string{sfNumber}},
		}, nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
	if err := notices.Finish(ctx, who); err != nil {
		g.t.Fatal(err)
	}
	open := must(notices.Notices(ctx))(g.t)
	l := must(notices.Letter(ctx, open[0].ID))(g.t)
	return must(url.Parse(l.Button.URL))(g.t).Path
}

func (sc scene) at(path string) sight { return sight{path: path, cookies: sc.cookies} }

func (sc scene) sends(path, script string) sight {
	return sight{path: path, cookies: sc.cookies, send: script}
}

// begun is a page of something that a browser has begun.
func begun(path string, flow account.Token) sight {
	return sight{path: path, cookies: map[string]string{"waypost_flow": string(flow)}}
}

// kept is the scene of a member who keeps parcels.
func (g *gate) kept() scene { return g.scene("member", "{watch}", true) }

// needing is the page of a parcel whose carrier wants to know more.
func (g *gate) needing() sight {
	sc := g.kept()
	owner := sc.member.Account.Subject()
	saved := must(must(g.s.watches.Of(owner))(g.t).Save(g.t.Context(), owner, watch.New{Number: sfNumber}))(g.t)
	return sc.at("/parcels/" + string(saved[0].ID))
}

// bringing is the preview of an import whose carriers want to know more.
func (g *gate) bringing() sight {
	sc := g.kept()
	owner := sc.member.Account.Subject()
	file := watch.File{Content: []byte("number,name\nSF1411003827466,Boots\nSF1411003827467,Hat\n")}
	preview := must(must(g.s.watches.Of(owner))(g.t).Import(g.t.Context(), owner, file))(g.t)
	return sc.at("/parcels/import/" + string(preview.Import))
}

func (p person) scene() scene {
	return scene{member: p, cookies: map[string]string{"waypost_session": string(p.token)}, things: map[string]string{}}
}

// must ends the test on an error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// enters enters the code of what was begun.
func (g *gate) enters(flow account.Token) account.Step {
	g.t.Helper()
	return must(g.s.people.members.Enter(g.t.Context(), flow, codeOf(g.t, g.s, flow), somewhere()))(g.t)
}

func (g *gate) applies(address string, age account.Age) account.Token {
	g.t.Helper()
	return must(g.s.people.members.SignUp(g.t.Context(), account.Application{
		Contact: account.Contact{Kind: account.Mail, Value: address}, Nickname: "Noah", Country: "DE", Language: "en", Age: age, Guardian: "parent@mail.example",
		Terms: account.Terms{Version: "1", Wording: "I agree.", How: "test"},
	}, somewhere()))(g.t)
}

func (g *gate) signingUp() sight {
	return begun("/signup/code", g.applies("signing-up@mail.example", account.Grown))
}

func (g *gate) coded(path string, send func(context.Context, account.Contact, account.From) (account.Token, error)) sight {
	g.t.Helper()
	return begun(path, must(send(g.t.Context(), account.Contact{Kind: account.Mail, Value: "somebody@mail.example"}, somewhere()))(g.t))
}

func (g *gate) main(p person) account.Contact {
	g.t.Helper()
	return must(g.store(p).Profile(g.t.Context(), p.Account))(g.t).Main()
}

func (g *gate) forgetting() sight {
	g.t.Helper()
	flow := must(g.s.people.members.Reset(g.t.Context(), g.main(g.member("forgetful", false)), somewhere()))(g.t)
	return begun("/forgot/password", g.enters(flow).Flow)
}

const phrase = "eleven grey lighthouses"

// twofold is a member with a password, another device, an authenticator app and
// recovery codes.
func (g *gate) twofold() person {
	g.t.Helper()
	ctx, p := g.t.Context(), g.member("twofold", false)
	store := g.store(p)
	if err := store.SetPassword(ctx, p.Session, phrase, somewhere()); err != nil {
		g.t.Fatal(err)
	}
	g.enters(must(g.s.people.members.SendCode(ctx, g.main(p), somewhere()))(g.t))
	app := must(store.AddApp(ctx, p.Session))(g.t)
	if err := store.ConfirmApp(ctx, p.Session, appCode(g.t, app.Secret), somewhere()); err != nil {
		g.t.Fatal(err)
	}
	must(store.MakeRecoveryCodes(ctx, p.Session, somewhere()))(g.t)
	return p
}

// appCode is what an authenticator app shows now.
func appCode(t *testing.T, secret string) string {
	t.Helper()
	return must(totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now()))(t)
}

// half is a sign-in of which the second step is to come.
func (g *gate) half() account.Token {
	g.t.Helper()
	return must(g.s.people.members.SignIn(g.t.Context(), g.main(g.twofold()), phrase, somewhere()))(g.t).Flow
}

// introduced is who is back from the simulated provider, and has no account.
func (g *gate) introduced() sight {
	g.t.Helper()
	code := g.s.people.members.Offers()[0].Provider
	address, flow, err := g.s.people.members.BeginProvider(g.t.Context(), code, somewhere())
	if err != nil {
		g.t.Fatal(err)
	}
	return begun("/signup/with", "~"+g.returned(code, address, flow, "sim-1"))
}

// linking is a member who is back from the simulated provider.
func (g *gate) linking() sight {
	g.t.Helper()
	sc, code := g.scene("member", "", false), g.s.people.members.Offers()[0].Provider
	address, flow, err := g.s.people.members.BeginLink(g.t.Context(), sc.member.Session, code, somewhere())
	if err != nil {
		g.t.Fatal(err)
	}
	sc.cookies["waypost_flow"] = "~" + string(g.returned(code, address, flow, "sim-2"))
	return sc.at("/account/links/received")
}

// returned says at the simulated provider who one is, and comes back with it.
func (g *gate) returned(code provider.Code, address string, flow account.Token, who string) account.Token {
	g.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(address, url.Values{"who": {who}})
	if err != nil {
		g.t.Fatal(err)
	}
	resp.Body.Close() //nolint:errcheck // nothing is read of it
	back := must(resp.Location())(g.t)
	return must(g.s.people.members.FinishProvider(g.t.Context(), flow, code, back.Query(), somewhere()))(g.t).Flow
}

func (g *gate) proving() sight {
	g.t.Helper()
	sc := g.scene("member", "", false)
	flow := must(g.store(sc.member).ProveByCode(g.t.Context(), sc.member.Session, account.Mail, somewhere()))(g.t)
	sc.cookies["waypost_flow"] = string(flow)
	return sc.at("/account/prove/code")
}

func (g *gate) moving() sight {
	g.t.Helper()
	sc := g.scene("member", "", false)
	flow := must(g.s.people.members.ChangeContact(g.t.Context(), sc.member.Session, account.Contact{Kind: account.Mail, Value: "moved@mail.example"}, somewhere()))(g.t)
	sc.cookies["waypost_flow"] = string(flow)
	return sc.at("/account/address/code")
}

// awaiting is who can't read their address any more.
func (g *gate) awaiting() sight {
	g.t.Helper()
	p := g.member("awaiting", false)
	next := account.Contact{Kind: account.Mail, Value: "awaited@mail.example"}
	if err := g.store(p).AwaitContact(g.t.Context(), p.Session, next, somewhere()); err != nil {
		g.t.Fatal(err)
	}
	return p.scene().at("/account/address/mail")
}

// shared is a page of a business account's parcels, as a role there sees it.
func (g *gate) shared(role, below string) sight {
	g.t.Helper()
	sc := g.scene(role, "{team_watch}", true)
	path, _ := row{route: "GET /teams/{team}/parcels" + below}.fill(sc)
	return sc.at(path)
}

// asked is a guardian who is asked about a child.
func (g *gate) asked() sight {
	g.t.Helper()
	g.enters(g.applies("child@mail.example", account.Child))
	return sight{path: mailed(g.t, g.s, `/guardian/\S+`)}
}

// regretting is who can take back a change that somebody else made.
func (g *gate) regretting() sight {
	g.t.Helper()
	p := g.member("regretting", false)
	if err := g.store(p).SetPassword(g.t.Context(), p.Session, phrase, somewhere()); err != nil {
		g.t.Fatal(err)
	}
	return sight{path: mailed(g.t, g.s, `/undo/\S+`)}
}

// furnished is a member with all of that and a passkey, at whom the staff has
// looked.
func (g *gate) furnished() sight {
	g.t.Helper()
	ctx, p := g.t.Context(), g.twofold()
	g.passkey(p)
	staff := g.s.people.members.Staff()
	clerk := must(staff.Session(ctx, g.clerk(account.Privacy)))(g.t)
	must(staff.Find(ctx, clerk, string(p.Account), account.Why{Matter: account.Matters[0], Ref: "T-3"}))(g.t)
	return p.scene().at("/account")
}

// restricted is who has their data restricted.
func (g *gate) restricted() sight {
	g.t.Helper()
	p := g.member("restricted", false)
	if err := g.store(p).Restrict(g.t.Context(), p.Session, true, "", "test", somewhere()); err != nil {
		g.t.Fatal(err)
	}
	return p.scene().at("/my-data")
}

// calling is a clerk who hears somebody who says that an account is theirs.
func (g *gate) calling(proved bool) sight {
	g.t.Helper()
	ctx, staff, p := g.t.Context(), g.s.people.members.Staff(), g.member("caller", false)
	sc := g.scene("support", "", true)
	clerk := must(staff.Session(ctx, g.clerk(account.Support)))(g.t)
	seen := must(staff.Find(ctx, clerk, string(p.Account), account.Why{Matter: account.ForCall, Ref: "T-7"}))(g.t)
	if proved {
		code := must(g.store(p).CallCode(ctx, p.Account))(g.t)
		if err := staff.EnterCall(ctx, clerk, seen.Look, code.Code); err != nil {
			g.t.Fatal(err)
		}
	}
	return sc.at("/staff/looks/" + string(seen.Look))
}

// callingOwn is who is on the phone with the staff, and has a code shown.
func (g *gate) callingOwn() sight {
	g.t.Helper()
	ctx, staff, p := g.t.Context(), g.s.people.members.Staff(), g.member("caller", false)
	clerk := must(staff.Session(ctx, g.clerk(account.Support)))(g.t)
	must(staff.Find(ctx, clerk, string(p.Account), account.Why{Matter: account.ForCall, Ref: "T-8"}))(g.t)
	return p.scene().sends("/account/call", sendMain)
}

// newcomer is somebody of the staff who has yet to take the training.
func (g *gate) newcomer() sight {
	g.t.Helper()
	return scene{cookies: map[string]string{"waypost_staff": string(g.comesIn(account.Support))}}.at("/staff/training")
}

// copied is who was told where the copy of their data is.
func (g *gate) copied() sight {
	g.t.Helper()
	p := g.member("copied", false)
	if err := must(g.s.copies.Of(p.Account.Subject()))(g.t).Ask(g.t.Context(), p.Account.Subject(), "en"); err != nil {
		g.t.Fatal(err)
	}
	return p.scene().at(mailed(g.t, g.s, `/my-data/copy/\S+`))
}

// passkey gives a member a passkey, and returns its id.
func (g *gate) passkey(p person) string {
	g.t.Helper()
	ctx, store := g.t.Context(), g.store(p)
	ask := must(store.BeginPasskey(ctx, p.Session, somewhere()))(g.t)
	options := must(virtualwebauthn.ParseAttestationOptions(string(ask.Options)))(g.t)
	key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(key.Key.AttestationData()) != 77 { // it leaves out a coordinate's leading zero
		key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	answer := virtualwebauthn.CreateAttestationResponse(
		virtualwebauthn.RelyingParty{Name: "Waypost", ID: "localhost", Origin: "http://localhost"},
		virtualwebauthn.NewAuthenticator(), key, *options)
	return must(store.AddPasskey(ctx, p.Session, ask.Flow, "Blue stick", []byte(answer), somewhere()))(g.t).ID
}

func (g *gate) keyed(below string) sight {
	g.t.Helper()
	p := g.member("keyed", false)
	return p.scene().at("/account/passkeys/" + g.passkey(p) + below)
}

// refusing is who was sent an alert, at the link in it.
func (g *gate) refusing() sight {
	g.t.Helper()
	ctx, sc := g.t.Context(), g.scene("member", "{watch}", false)
	found := must(g.s.store.Find(ctx, parcel.Key{Number: "1Z4A7B2C0364182055"}))(g.t)
	changed := parcel.Changed{Parcel: found[0].ID, Revision: found[0].Revision + 1, From: status.InTransitOther, To: status.OutForDeliveryOther}
	if err := g.s.messages.ParcelChanged(ctx, changed); err != nil {
		g.t.Fatal(err)
	}
	if err := g.s.messages.AlertsDue(ctx, message.AlertsDue{Owner: sc.member.Account.Subject()}); err != nil {
		g.t.Fatal(err)
	}
	return sight{path: mailed(g.t, g.s, `/unsubscribe/\S+`)}
}

// revoking is who has revoked a key a moment ago.
func (g *gate) revoking() sight {
	g.t.Helper()
	sc := g.scene("member", "{key}", false)
	owner := sc.member.Account.Subject()
	if err := must(g.s.people.quotas.Of(owner))(g.t).Revoke(g.t.Context(), owner, quota.KeyID(sc.things["key"])); err != nil {
		g.t.Fatal(err)
	}
	return sc.at("/developer/keys?done=revoked&key=" + sc.things["key"])
}

// hooked is who has an endpoint that fails, and one that is off.
func (g *gate) hooked() sight {
	g.t.Helper()
	sc := g.scene("member", "{hook}", false)
	owner := sc.member.Account.Subject()
	store := must(g.s.hooks.Of(owner))(g.t)
	off := must(store.Create(g.t.Context(), owner, webhook.Settings{Name: "Web shop", URL: "https://receiver.example/a/rather/long/path/that/has/to/break/somewhere"}))(g.t)
	if err := store.Switch(g.t.Context(), owner, off.ID, false); err != nil {
		g.t.Fatal(err)
	}
	_, err := g.s.databases.People["default"].Exec(g.t.Context(), `UPDATE webhook_endpoint SET failures = 3, failing_ms = $1 WHERE id = $2`, time.Now().UnixMilli(), sc.things["hook"])
	if err != nil {
		g.t.Fatal(err)
	}
	return sc.at("/developer/webhooks")
}

// registering is who has a program that registered two parcels, and stopped one.
func (g *gate) registering(path string) sight {
	g.t.Helper()
	ctx, sc := g.t.Context(), g.scene("member", "", false)
	owner := sc.member.Account.Subject()
	store := must(g.s.watches.Of(owner))(g.t)
	details := watch.Details{Tag: "shop-1", OrderNo: "4711"}
	must(store.Register(ctx, owner, watch.Registering{Number: "1Z4A7B2C0364182055", Details: details}, watch.Registering{Number: "RR409172635CA"}))(g.t)
	must(store.Stop(ctx, owner, watch.Reference{Number: "RR409172635CA"}))(g.t)
	return sc.at(path)
}

// using is who has a quota of their own, some of which was used.
func (g *gate) using() sight {
	g.t.Helper()
	ctx, sc := g.t.Context(), g.scene("member", "", false)
	owner := sc.member.Account.Subject()
	store := must(g.s.people.quotas.Of(owner))(g.t)
	if err := store.SetPlan(ctx, owner, quota.Plan{Total: 1000, Monthly: true, Daily: 50}); err != nil {
		g.t.Fatal(err)
	}
	err := g.s.databases.People["default"].Tx(ctx, func(tx *db.Tx) error {
		_, err := store.Draw(ctx, tx, owner, []quota.Line{{ID: "a", Matter: quota.Registration}, {ID: "b", Matter: quota.Registration}, {ID: "c", Matter: quota.Instant}})
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return sc.at("/developer/usage")
}
