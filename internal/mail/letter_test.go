package mail

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"waypost/internal/fault"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var letters = map[string]Letter{
	"code": {
		Lang: "en", Name: "Waypost", Title: "Your code: 482913",
		Paragraphs: []string{"Enter this code to sign in. It works for five minutes."},
		Code:       "482913",
		Small:      []string{"You did not ask for it? Then you need not do anything."},
	},
	"alert": {
		Lang: "ar", Dir: "rtl", Name: "Waypost", Title: "وصل طردك", Paragraphs: []string{"RR123456785DE: سُلّم اليوم."},
		Events: []Event{{"الثلاثاء 3 مارس 2026، 09:15", "Delivered, Cairo"}, {"الاثنين 2 مارس 2026، 18:40", "خرج للتسليم"}},
		Button: Button{"عرض الطرد", "https://track.example/t/RR123456785DE?a=1&b=2"},
		Data:   map[string]string{"@type": "ParcelDelivery", "trackingNumber": "RR123456785DE"},
		Small:  []string{"لن تصلك رسائل أخرى.", "Waypost"},
		Links:  []Button{{"إلغاء الاشتراك", "https://track.example/unsubscribe/eu.x"}},
	},
}

func TestLettersLookAsReviewed(t *testing.T) {
	for name, letter := range letters {
		m, err := letter.Message("mara@example.org", Code)
		if err != nil {
			t.Fatal(err)
		}
		for ext, got := range map[string]string{"html": m.HTML, "txt": m.Text} {
			file := filepath.Join("testdata", name+"."+ext)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s changed; look at it and run with -update:\n%s", file, got)
			}
		}
		if m.Subject != letter.Title || m.Lang != letter.Lang {
			t.Errorf("subject %q, language %q", m.Subject, m.Lang)
		}
	}
}

func TestALetterIsPlainText(t *testing.T) {
	const evil = `<script>alert(1)</script><a href="https://evil.example">&`
	m, err := Letter{
		Lang: `en"><b>`, Dir: `"><b>`, Name: evil, Title: evil, Paragraphs: []string{evil}, Code: evil,
		Button: Button{evil, "https://track.example/?q=%22%3E"}, Small: []string{evil},
		Events: []Event{{evil, evil}}, Data: map[string]string{"name": evil + "</script><script>"},
	}.Message("mara@example.org", Notice)
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" && n.Attr[0].Val != "application/ld+json" || n.Data == "b" || n.Data == "img" {
			t.Errorf("an element <%s> came in", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "href" && !strings.HasPrefix(a.Val, "https://track.example/") {
				t.Errorf("a link to %s came in", a.Val)
			}
			if a.Key == "src" {
				t.Errorf("something is loaded from outside: %s", a.Val)
			}
		}
	}
	if !strings.Contains(m.Text, evil) {
		t.Error("the text is not as it was written")
	}
}

func TestAButtonLeadsToAPage(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "/relative", "https://user:word@track.example", "https://track.example/\nx"} {
		_, err := Letter{Title: "t", Button: Button{"go", address}}.Message("mara@example.org", Notice)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: got %v", address, err)
		}
	}
}
