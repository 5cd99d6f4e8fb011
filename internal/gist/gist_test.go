package gist

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"waypost/internal/status"
)

// A said is a text of testdata, and what it says.
type said struct {
	file, text string
	want       status.Sub
}

// samples are what carriers may write, by status.
func samples(t *testing.T) []said {
	t.Helper()
	files, err := filepath.Glob("testdata/??.txt")
	if err != nil || len(files) != 11 {
		t.Fatalf("%d languages, %v", len(files), err)
	}
	var all []said
	for _, file := range files {
		want := status.Sub("")
		for _, line := range lines(t, file) {
			if status.Sub(line).Known() {
				want = status.Sub(line)
				continue
			}
			all = append(all, said{filepath.Base(file), line, want})
		}
	}
	return all
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestWordsSayWhatTheySay(t *testing.T) {
	all := samples(t)
	for _, s := range all {
		got := Of(s.text)
		if got.Is != s.want {
			t.Errorf("%s: %q is %q by %q, want %s", s.file, s.text, got.Is, got.Because, s.want)
		}
		if got.Is != "" && got.Because == "" {
			t.Errorf("%s: %q is %s, and nobody knows why", s.file, s.text, got.Is)
		}
	}
	if len(all) < 400 {
		t.Errorf("%d texts are too few", len(all))
	}
}

func TestWhatIsNotDeliveredIsNeverSaidToBe(t *testing.T) {
	for _, text := range lines(t, "testdata/not-delivered.txt") {
		for _, spelled := range []string{text, strings.ToUpper(text), "- " + text + " -"} {
			if got := Of(spelled); got.Is.Main() == status.Delivered {
				t.Errorf("%q is %s by %q", spelled, got.Is, got.Because)
			}
		}
	}
}

// A text that tells of a delivery and of something against it, in whatever
// language and order, isn't one of a delivery.
func TestNothingBesideADeliveryMakesItMore(t *testing.T) {
	all := samples(t)
	for _, d := range all {
		if d.want != status.DeliveredOther {
			continue
		}
		for _, o := range all {
			if w := o.want.Main(); o.file != d.file || w != status.DeliveryFailure && w != status.Exception {
				continue
			}
			for _, both := range []string{d.text + ". " + o.text, o.text + ": " + d.text} {
				if got := Of(both); got.Is.Main() == status.Delivered {
					t.Errorf("%q is %s by %q", both, got.Is, got.Because)
				}
			}
		}
	}
}

func TestWhatSaysNothingIsLeft(t *testing.T) {
	for _, text := range []string{
		"", " ", "?", "1234567890", "ABC-7", "Thank you for your patience", "Message sent", "\x00\xff", "Nachricht", "谢谢",
		strings.Repeat("x", 1<<20), strings.Repeat("(", 5000),
	} {
		if got := Of(text); got != (Reading{}) {
			t.Errorf("%.40q is %+v", text, got)
		}
	}
}

// Every language has rules for the ordinary ways of a parcel, and words that
// speak against them.
func TestEveryLanguageHasItsRules(t *testing.T) {
	found := map[string]map[status.Sub]bool{}
	for _, list := range shippedRules() {
		for _, p := range list {
			if found[p.lang] == nil {
				found[p.lang] = map[status.Sub]bool{}
			}
			found[p.lang][p.is] = true
		}
	}
	for lang, has := range found {
		for _, is := range append([]status.Sub{unsureOf}, order...) {
			if !has[is] {
				t.Errorf("%s has no phrase for %s", lang, is)
			}
		}
	}
	if len(found) != 11 {
		t.Errorf("there are %d languages", len(found))
	}
}

func TestPhrases(t *testing.T) {
	for _, tc := range []struct {
		phrase, text string
		want         bool
	}{
		{"left ... porch", "Left on the back porch", true},
		{"left ... porch", "left porch", true},
		{"left ... porch", "left for you on the porch", true},
		{"left ... porch", "left for you all on the porch", false},
		{"deliver*", "redelivered", false},
		{"deliver*", "Delivering", true},
		{"held/kept at", "kept at", true},
		{"livré", "LIVRE", true},
		{"by #", "by 5 pm", true},
		{"by #", "by five", false},
		{"签收", "已签收，谢谢", true},
		{"签 ... 收", "签了就收", true},
		{"签收", "收签", false},
	} {
		parts, err := parsePhrase(tc.phrase)
		if err != nil {
			t.Errorf("%q: %v", tc.phrase, err)
			continue
		}
		p := &phrase{parts: parts}
		text := tokens(tc.text)
		got := slices.ContainsFunc(places(text), func(at int) bool { return p.matchAt(text, at) != nil })
		if got != tc.want {
			t.Errorf("%q in %q: %v, want %v", tc.phrase, tc.text, got, tc.want)
		}
	}
}

func places(text []string) []int {
	var all []int
	for i := range text {
		all = append(all, i)
	}
	return all
}

func TestMistakesInRulesAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"lang: en\nsays: {Delivered: [delivered]}":        "Delivered can't be read from words",
		"lang: en\nsays: {Expired_Other: [old]}":          "Expired_Other can't be read from words",
		"lang: en\nunsure: ['... not']":                   "begins and ends with a word",
		"lang: en\nunsure: ['not/,']":                     "is no word",
		"lang: en\nunsure: ['']":                          "begins and ends with a word",
		"lang: en\nperhaps: [maybe]":                      "perhaps",
		"lang: en\nsays: {Delivered_Other: 'not a list'}": "not a list",
	} {
		_, err := readRules(fstest.MapFS{"rules/en.yaml": &fstest.MapFile{Data: []byte(text), Mode: fs.ModePerm}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "rules/en.yaml") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, text := range []string{"Delivered", "n'a pas été livré", "已签收", "to be delivered?", "\xff... ..."} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Of(text)
		if got.Is != "" && (!got.Is.Known() || !utf8.ValidString(got.Because)) {
			t.Errorf("%q is %+v", text, got)
		}
		if again := Of("not " + text + " ?"); again.Is.Main() == status.Delivered {
			t.Errorf("%q is delivered, although it isn't", fmt.Sprintf("not %s ?", text))
		}
	})
}

func BenchmarkOf(b *testing.B) {
	for b.Loop() {
		Of("The shipment has been processed in the parcel center of origin")
	}
}
