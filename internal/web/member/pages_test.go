package member_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/mail"
)

func TestEveryPageInEveryLanguage(t *testing.T) {
	w := newWorldWith(t, dbtest.Open(t, dbtest.SQLite(t)))
	b := w.join()
	b.get(b.post("/account/links/oidc-demo").choose(ada)).isAt("/account/links/received")
	back, theirs := w.browser(), w.joinWith(bo)
	back.with(ada).isAt("/signup/with")
	child := w.browser()
	child.post("/signup", application("contact", "noah@mail.example", "age", "child", "guardian", "parent@mail.example")...).isAt("/signup/code")
	code := w.letter(account.LetterSignUp).Code
	message := mail.Message{Kind: mail.Notice, To: mia, Subject: "<b>Hello</b>", Text: "See http://waypost.example/undo/x or https://elsewhere.example", HTML: "<p>Hello</p>"}
	if err := w.sent.Mail().Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	pages := map[*browser][]string{
		w.browser(): {"/signup", "/signup/waiting", "/signin", "/signin?next=/account", "/forgot", "/terms", "/outbox", "/signin/code", "/signin/second", "/undo/x", "/guardian/x"},
		child:       {"/signup/code"},
		back:        {"/signup/with"},
		theirs:      {"/account", "/account/prove"},
		b: {"/welcome", "/welcome?back=1", "/account", "/account?done=profile", "/account/prove", "/account/password", "/account/address/mail",
			"/account/address/phone", "/account/deactivate", "/account/app", "/account/recovery", "/account/passkeys/new",
			"/account/links/oidc-demo", "/account/links/received",
			"/developer", "/developer/keys", "/developer/keys?done=edited", "/developer/keys/new", "/developer/usage",
			"/developer/webhooks", "/developer/webhooks/new", "/developer/webhooks/log"},
	}
	for _, words := range w.kit.Words() {
		for who, paths := range pages {
			for _, path := range paths {
				t.Run(words.Lang+" "+path, func(t *testing.T) {
					sep := "?"
					if strings.Contains(path, "?") {
						sep = "&"
					}
					who.t = t
					checkPage(t, who.get(path+sep+"lang="+words.Lang), words.Lang)
				})
			}
			who.t = t
		}
	}
	child.post("/signup/code", "code", code).isAt("/signup/waiting")
}

// checkPage holds what can be told of a page without a browser.
func checkPage(t *testing.T, p page, lang string) {
	t.Helper()
	if strings.Contains(p.body, "⟦") {
		t.Errorf("words are missing: %s", p.said())
	}
	if !strings.Contains(p.body, `<html lang="`+lang+`"`) {
		t.Errorf("the page isn't in %s: %d %s", lang, p.status, p.said())
	}
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	ids, labels := map[string]bool{}, map[string]bool{}
	for n := range doc.Descendants() {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("the id %q is there twice", id)
			}
			ids[id] = true
		}
		if n.Data == "label" {
			labels[attr(n, "for")] = true
		}
	}
	for n := range doc.Descendants() {
		for _, ref := range []string{"aria-labelledby", "aria-describedby", "for"} {
			for _, id := range strings.Fields(attr(n, ref)) {
				if !ids[id] {
					t.Errorf("%s of <%s> leads to %q, which isn't there", ref, n.Data, id)
				}
			}
		}
		if (n.Data == "input" || n.Data == "select" || n.Data == "textarea") && attr(n, "type") != "hidden" && !labels[attr(n, "id")] {
			t.Errorf("<%s name=%s> has no label", n.Data, attr(n, "name"))
		}
		if n.Data == "form" && attr(n, "method") != "post" && attr(n, "role") != "search" {
			t.Error("a form would put what is typed into an address")
		}
		if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "http") && !strings.Contains(attr(n, "rel"), "external") {
			t.Errorf("a link leads to %s", attr(n, "href"))
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestOneReturnsToPagesOfThisSiteOnly(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	w.join()
	for _, next := range []string{
		"//elsewhere.example/", "https://elsewhere.example/", `/\elsewhere.example`, `\\elsewhere.example`, "/\t/elsewhere.example",
		"javascript:alert(1)", "/%2f/../..//elsewhere.example\r\nSet-Cookie: a=b", "elsewhere", "http:/account", "//", "/" + strings.Repeat("x", 5000),
	} {
		p := w.browser().post("/signin", "contact", mia, "password", secret, "next", next)
		if p.at != "/account" {
			t.Errorf("next=%q leads to %s", next, p.at)
		}
		shown := w.browser().get("/signin?next=" + strings.NewReplacer("\r", "%0d", "\n", "%0a", "\t", "%09", " ", "%20", `\`, "%5c").Replace(next))
		if strings.Contains(shown.body, `name="next" value="`+html.EscapeString(next)) {
			t.Errorf("next=%q is carried on", next)
		}
	}
}

// After signing out nobody pages back to them.
func TestOnesOwnPagesAreNotKept(t *testing.T) {
	b := newWorld(t, dbtest.Open(t, dbtest.SQLite(t))).join()
	team := b.post("/teams", "name", "Heron Supplies").at
	for _, at := range []string{
		"/welcome", "/account", "/account/prove", "/account/password", "/account/app", "/account/address/mail", "/account/alerts", "/account/deactivate",
		"/parcels", "/parcels/import", "/parcels/export?format=csv", "/teams", team, team + "/parcels", team + "/close",
	} {
		if kept := b.get(at).is(http.StatusOK).header.Get("Cache-Control"); kept != "no-store" {
			t.Errorf("%s may be kept: %q", at, kept)
		}
	}
}

func TestHostileForms(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	b := w.browser()
	b.post("/signup", application("nickname", strings.Repeat("m", 100<<10))...).is(http.StatusRequestEntityTooLarge)
	b.post("/signin", "contact", strings.Repeat("m", 5000), "password", "x").is(http.StatusBadRequest)
	b.post("/signin", "contact", "\x00\xff@mail.example", "password", "x").is(http.StatusBadRequest)
	b.post("/signup/code", "code", "123456").is(http.StatusNotFound).says("needs a cookie")
	b.get("/undo/../../etc").is(http.StatusNotFound)
	b.post("/signup", application("nickname", "", "company", "%2541 %41 &amp;")...).is(http.StatusBadRequest).says(`value="%2541 %41 &amp;"`) // decoded once
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.base+"/signin", strings.NewReader(`{"contact": "x"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	b.send(r).is(http.StatusBadRequest)
}

func TestWhatADemonstrationSent(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	b := w.browser()
	b.get("/outbox").says("Nothing yet")
	message := mail.Message{Kind: mail.Notice, To: mia, Subject: "<b>Hello</b>", Text: "See http://waypost.example/undo/x or https://elsewhere.example", HTML: "<p>Hello <script>alert(1)</script></p>"}
	if err := w.sent.Mail().Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	p := b.get("/outbox").says(`<a href="/undo/x">`).says("https://elsewhere.example")
	if strings.Contains(p.body, "<b>Hello") || strings.Contains(p.body, `href="https://elsewhere`) {
		t.Error("the message is more than text")
	}
	at := regexp.MustCompile(`/outbox/\w+`).FindString(p.body)
	if policy := b.get(at).is(http.StatusOK).header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox") || strings.Contains(policy, "allow-scripts") {
		t.Errorf("the message's page has the policy %q", policy)
	}
}

// Every fault that the account room tells a member has words in each language.
func TestFaultsHaveWords(t *testing.T) {
	operators := []string{"breached_file", "regions", "site", "letter_void"}
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	english := w.kit.Words()[0]
	for _, file := range []string{"contact", "flow", "guardian", "law", "newcontact", "password", "picture", "prove", "rate", "session", "signin", "signup", "undo", "ways", "app", "recovery", "passkey", "relying", "with", "withback", "link", "provider/faults", "provider/state"} {
		source, err := os.ReadFile(filepath.Join("..", "..", "account", filepath.FromSlash(file)+".go"))
		if errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%s.go is somewhere else now", file)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range regexp.MustCompile(`fault\.New\(fault\.\w+, "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
			if !slices.Contains(operators, code[1]) && !english.Has("fault."+code[1]) {
				t.Errorf("the fault %s has no words", code[1])
			}
		}
	}
}

func TestGradesEnd(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	w.count.full = true
	w.browser().post("/password/grade", "password", "herons").is(http.StatusTooManyRequests)
}

func TestAnswersComeAtOnce(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	b := w.browser()
	begun := time.Now()
	b.post("/password/grade", "password", strings.Repeat("aB3$", 200)).is(http.StatusOK).says(`"grade"`)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("grading a long password took %v", took)
	}
}
