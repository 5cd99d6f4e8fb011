package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/web/visit"
)

// A gate is a toll that is up or down.
type gate struct {
	down   bool
	helps  bool
	asked  int
	prove  error
	proved int
}

func (g *gate) Charge(_ *http.Request, n int) (time.Duration, bool, error) {
	g.asked += n
	if g.down {
		return 5 * time.Minute, g.helps, nil
	}
	return 0, false, nil
}
func (g *gate) Challenge() string { return "challenge" }
func (g *gate) Prove(http.ResponseWriter, *http.Request, string, string) error {
	g.proved++
	return g.prove
}

func TestTooManyLookUpsAskForAProof(t *testing.T) {
	s, g := newSite(t, newWorld()), &gate{down: true, helps: true}
	s.toll = g
	w, doc := post(t, s, "FP1000000001 for <Mia>")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	checkPage(t, doc)
	kept := ""
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "input" && attr(n, "name") == "text" {
			kept = attr(n, "value")
		}
	}
	if kept != "FP1000000001 for <Mia>" {
		t.Errorf("the page carries %q on", kept)
	}
	if w, _ := get(t, s, "/track?nums=FP1000000001;FP1000000002"); w.Code != http.StatusTooManyRequests {
		t.Errorf("a GET is answered %d", w.Code)
	}
	if w, _ := get(t, s, "/track/live?nums=FP1000000001"); w.Code != http.StatusTooManyRequests {
		t.Errorf("a live page is answered %d", w.Code)
	}
	g.helps = false
	if _, doc := get(t, s, "/track?nums=FP1000000001"); strings.Contains(text(doc), "Go on") {
		t.Error("a proof is offered where it doesn't help")
	}
}

// The page that was asked for comes with the proof, also where the cookie is refused.
func TestAProofLeadsToWhatWasAskedFor(t *testing.T) {
	s, g := newSite(t, newWorld()), &gate{down: true}
	s.toll = g
	for name, form := range map[string]url.Values{
		"a text": {"text": {"my parcel FP1000000001"}}, "a list": {"nums": {"FP1000000001"}},
	} {
		form.Set("challenge", "challenge")
		r := httptest.NewRequest("POST", "/proof", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="p-FP1000000001"`) {
			t.Errorf("%s: status %d, without its parcel", name, w.Code)
		}
	}
	if g.proved != 2 || g.asked != 0 {
		t.Errorf("%d proofs were looked at, %d charged", g.proved, g.asked)
	}
}

func TestTheCookiePageListsEveryCookie(t *testing.T) {
	site := newSite(t, newWorld())
	for _, words := range site.kit.Words() {
		_, doc := get(t, site, "/cookies?lang="+words.Lang)
		listed := map[string]bool{}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "code" && n.Parent.Data == "th" {
				listed[text(n)] = true
			}
		}
		for name := range visit.Cookies() {
			if !listed[name] {
				t.Errorf("%s: the page doesn't list %s", words.Lang, name)
			}
		}
		if want := len(visit.Cookies()) + len(storage); len(listed) != want {
			t.Errorf("%s: the page lists %v, want %d names", words.Lang, listed, want)
		}
	}
}
