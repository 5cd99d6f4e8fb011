package ui

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestReader(t *testing.T) {
	k := kit(t)
	for _, tc := range []struct {
		name, address, accepts string
		want                   string
		named                  bool
	}{
		{"nothing said", "/", "", "en", false},
		{"the browser's language", "/", "zh-CN,zh;q=0.9,en;q=0.8", "zh", false},
		{"a language that Waypost speaks less well than another", "/", "fr;q=0.9, ar;q=0.8, en;q=0.7", "ar", false},
		{"a language that Waypost doesn't speak", "/", "fi", "en", false},
		{"the address above the browser", "/?lang=ar", "zh", "ar", true},
		{"a region in the address", "/?lang=zh-TW", "", "zh", true},
		{"nonsense in the address", "/?lang=%00x", "zh", "zh", false},
		{"nonsense in the header", "/", "§§;q=z", "en", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", tc.address, nil)
			r.Header.Set("Accept-Language", tc.accepts)
			got := k.Reader(r)
			if got.Lang != tc.want || got.Named != tc.named {
				t.Errorf("Reader(%q, %q) = %s, named %v; want %s, %v", tc.address, tc.accepts, got.Lang, got.Named, tc.want, tc.named)
			}
		})
	}
}

func TestLinksGoOnNamingTheLanguage(t *testing.T) {
	k := kit(t)
	named, silent := Reader{k.words[1], true}, Reader{k.words[1], false}
	for _, tc := range []struct{ got, want string }{
		{silent.Link("/track?nums=A,B"), "/track?nums=A,B"},
		{named.Link("/"), "/?lang=zh"},
		{named.Link("/track?nums=A,B&fc=ups"), "/track?fc=ups&lang=zh&nums=A,B"},
		{named.Link("/#nums=A"), "/?lang=zh#nums=A"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %s, want %s", tc.got, tc.want)
		}
	}
}

func TestADay(t *testing.T) {
	at := time.Date(2026, 3, 3, 8, 5, 0, 0, time.UTC)
	k := kit(t)
	for i, want := range []string{
		"Tue 3 March 2026, 08:05", "2026年3月3日周二 08:05",
		"\u200f\u2068الثلاثاء \u20683\u2069 مارس \u20682026\u2069\u2069، \u206808:05\u2069", // begins with a mark, so that the time stays behind the day within a sentence
	} {
		if got := k.words[i].Moment(at); got != want {
			t.Errorf("%s: got %q, want %q", k.words[i].Lang, got, want)
		}
	}
}

func TestHeadersProtectTheReader(t *testing.T) {
	k := kit(t)
	w := httptest.NewRecorder()
	k.Headers(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	for name, part := range map[string]string{
		"Content-Security-Policy":    "default-src 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "no-referrer",
		"Permissions-Policy":         "geolocation=()",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security":  "max-age=",
	} {
		if got := w.Header().Get(name); !strings.Contains(got, part) {
			t.Errorf("%s: %q does not hold %q", name, got, part)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
		t.Errorf("the policy allows too much: %s", csp)
	}
	if len(w.Result().Cookies()) > 0 {
		t.Error("a cookie was set")
	}

	plain, err := New("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	w = httptest.NewRecorder()
	plain.Headers(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := w.Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("over plain HTTP browsers are told to insist on HTTPS: %s", got)
	}
}

func TestAnAssetMayBeKeptForGood(t *testing.T) {
	k := kit(t)
	address, err := k.Asset("waypost.css")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", address, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	k.Assets().ServeHTTP(w, r)
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%s: %d, %v", address, w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	k.Assets().ServeHTTP(w, httptest.NewRequest("GET", "/assets/waypost.css", nil))
	if w.Code != 404 {
		t.Errorf("without its hash the asset answers %d, want 404", w.Code)
	}
	if _, err := k.Asset("no.css"); err == nil {
		t.Error("an asset that isn't there has an address")
	}
}

// Physical sides would have to be turned round for right-to-left by hand.
func TestStylesKnowNoLeftAndRight(t *testing.T) {
	physical := regexp.MustCompile(`(?m)(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)[\w-]*|(?:left|right|top|bottom|width|height|min-width|max-width|min-height|max-height)\s*:|text-align:\s*(?:left|right)|float\s*:)`)
	for name, content := range assetFiles(t, "*.css") {
		rules := regexp.MustCompile(`(?s)/\*.*?\*/|@media[^{]*`).ReplaceAllString(content, "")
		if found := physical.FindString(rules); found != "" {
			t.Errorf("%s: %q is not a logical property", name, strings.TrimSpace(found))
		}
	}
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	for name, content := range assetFiles(t, "*") {
		content = strings.ReplaceAll(content, "http://www.w3.org/2000/svg", "")
		if i := strings.Index(content, "://"); i >= 0 {
			t.Errorf("%s refers to another site near %q", name, content[max(0, i-20):i+3])
		}
		if strings.Contains(content, "document.cookie") {
			t.Errorf("%s uses cookies", name)
		}
	}
}

func assetFiles(t *testing.T, pattern string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("assets/" + pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no assets: %v", err)
	}
	all := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = string(content)
	}
	return all
}

// Contrast is WCAG 2.2's: 4.5 for text. The pairs are those that pages use.
func TestColoursCanBeRead(t *testing.T) {
	css := assetFiles(t, "base.css")["assets/base.css"]
	themes := [2]map[string]string{{}, {}}
	for _, m := range regexp.MustCompile(`--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)`).FindAllStringSubmatch(css, -1) {
		themes[0][m[1]], themes[1][m[1]] = m[2], m[3]
	}
	pairs := [][2]string{{"ink", "paper"}, {"ink", "card"}, {"ink", "sunk"}, {"soft", "paper"}, {"soft", "card"}, {"soft", "sunk"}}
	for _, tone := range []string{"good", "move", "near", "warn", "bad", "calm"} {
		pairs = append(pairs, [2]string{tone, tone + "-tint"}, [2]string{tone, "card"}, [2]string{"ink", tone + "-tint"})
	}
	for i, name := range []string{"light", "dark"} {
		for _, p := range pairs {
			if got := contrast(t, themes[i][p[0]], themes[i][p[1]]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", name, p[0], p[1], got)
			}
		}
		if got := contrast(t, themes[i]["edge"], themes[i]["card"]); got < 3 {
			t.Errorf("%s: the edge of a control has a contrast of %.2f, want 3", name, got)
		}
	}
}

func TestAPageIsNotSentTwice(t *testing.T) {
	k := kit(t)
	page, err := NewPage[string](k, fstest.MapFS{"p.html": {Data: []byte(`{{define "main"}}<p>{{.}}</p>{{end}}`)}}, "p.html")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		if err := page.Reply(w, r, 200, k.Reader(r), Head{Here: "/"}, "<b>hello</b>"); err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := ask("")
	if !strings.Contains(first.Body.String(), "&lt;b&gt;hello") {
		t.Errorf("the page does not escape what it shows: %s", first.Body)
	}
	if again := ask(first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("asked again: %d with %d bytes, want 304 with none", again.Code, again.Body.Len())
	}
}
