package site

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// get asks the site and returns the answer with its page taken apart.
func get(t *testing.T, s http.Handler, address string) (*httptest.ResponseRecorder, *html.Node) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
	return w, parsed(t, w.Body.String())
}

func parsed(t *testing.T, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// allPages are the addresses of a page of every kind, with every state of a parcel.
func allPages() map[string]string {
	all := map[string]string{
		"home":                                   "/",
		"list of every state":                    "/track?nums=" + sampleNums(),
		"empty list":                             "/track",
		"list narrowed to one group":             "/track?nums=" + sampleNums() + "&status=Delivered",
		"list with a carrier that doesn't exist": "/track?nums=FP1000000001&fc=nobody",
		"catalogue":                              "/carriers",
		"catalogue, searched":                    "/carriers?q=norway",
		"catalogue, nothing found":               "/carriers?q=zzz",
		"catalogue, for a number":                "/carriers?of=FP1000000001&nums=FP1000000001,FP1000000002",
		"cookies":                                "/cookies",
		"no such page":                           "/nowhere",
	}
	for _, s := range samples() {
		all["one parcel: "+s.name] = "/track?nums=" + s.number.Text
	}
	for _, c := range sampleCarriers {
		all["carrier "+string(c.Code)] = "/carriers/" + string(c.Code)
	}
	return all
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	site := newSite(t, newWorld())
	for _, words := range site.kit.Words() {
		for name, address := range allPages() {
			t.Run(words.Lang+" "+name, func(t *testing.T) {
				sep := "?"
				if strings.Contains(address, "?") {
					sep = "&"
				}
				w, doc := get(t, site, address+sep+"lang="+words.Lang)
				body := w.Body.String()
				if i := strings.Index(body, "⟦"); i >= 0 {
					t.Errorf("words are missing: %s", body[i:min(len(body), i+60)])
				}
				if !strings.Contains(body, fmt.Sprintf(`<html lang="%s" dir="%s">`, words.Lang, words.Dir)) {
					t.Error("the page does not name its language and direction")
				}
				if len(w.Result().Cookies()) > 0 {
					t.Error("the page sets a cookie")
				}
				checkPage(t, doc)
			})
		}
	}
}

// What carriers wrote is shown as text, wherever it is put.
func TestNothingThatCarriersWroteIsMarkup(t *testing.T) {
	site := newSite(t, newWorld())
	_, doc := get(t, site, "/track?nums=FP1000000001")
	scripts, shown := 0, 0
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "script" {
			scripts++
			if attr(n, "src") == "" {
				t.Error("there is a script within the page")
			}
		}
		if n.Type == html.ElementNode && (attr(n, "onerror") != "" || attr(n, "style") != "" || n.Data == "img") {
			t.Errorf("<%s> with %v came through", n.Data, n.Attr)
		}
		if n.Type == html.TextNode && strings.Contains(n.Data, hostile) {
			shown++
		}
	}
	if scripts != 4 {
		t.Errorf("%d scripts on the page, want the site's own 4", scripts)
	}
	if shown != 3 { // as service, as words, as place
		t.Errorf("the carrier's words are shown %d times as they are, want 3", shown)
	}
}

func TestTheCookiePageListsWhatScriptsKeep(t *testing.T) {
	files, err := filepath.Glob("../ui/assets/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	listed := map[string]bool{}
	for _, k := range storage {
		listed[k.Key] = true
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:local|session)Storage\.\w+\("([^"]+)"`).FindAllStringSubmatch(string(content), -1) {
			if !listed[m[1]] {
				t.Errorf("%s keeps %q, which /cookies doesn't list", file, m[1])
			}
		}
	}
}

// checkPage holds what can be told of a page without a browser: names of
// controls, order of headings, references that lead somewhere.
func checkPage(t *testing.T, doc *html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("the id %q is there twice", id)
			}
			ids[id] = true
		}
	}
	level, mains, firsts := 0, 0, 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, ref := range []string{"aria-labelledby", "aria-describedby", "for"} {
			if id := attr(n, ref); id != "" && !ids[id] {
				t.Errorf("%s of <%s> leads to %q, which isn't there", ref, n.Data, id)
			}
		}
		switch n.Data {
		case "h1", "h2", "h3", "h4":
			now := int(n.Data[1] - '0')
			if now > level+1 {
				t.Errorf("after a heading of level %d comes %q of level %d", level, text(n), now)
			}
			level = now
			if now == 1 {
				firsts++
			}
		case "main":
			mains++
		case "a", "button", "summary":
			if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" {
				t.Errorf("<%s %v> has no name", n.Data, n.Attr)
			}
		case "textarea", "select":
			if !labelled(doc, attr(n, "id")) {
				t.Errorf("<%s> has no label", n.Data)
			}
		case "input":
			if attr(n, "type") != "hidden" && !labelled(doc, attr(n, "id")) {
				t.Errorf("<input name=%s> has no label", attr(n, "name"))
			}
		case "svg":
			if attr(n, "aria-hidden") != "true" {
				t.Error("a picture without words is read aloud")
			}
		}
		if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "http") && !strings.Contains(attr(n, "rel"), "external") {
			t.Errorf("the link to %s does not say that it leads outside", attr(n, "href"))
		}
	}
	if mains != 1 || firsts != 1 {
		t.Errorf("%d main parts and %d headings of level 1, want one of each", mains, firsts)
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

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func labelled(doc *html.Node, id string) bool {
	for n := range doc.Descendants() {
		if n.Data == "label" && id != "" && attr(n, "for") == id {
			return true
		}
	}
	return false
}
