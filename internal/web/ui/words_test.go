package ui

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/locale"
)

func kit(t *testing.T) *Kit {
	t.Helper()
	k, err := New("https://waypost.example")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestEveryLanguageHasEveryWord(t *testing.T) {
	for _, wrong := range locale.Check(kit(t).Words()) {
		t.Error(wrong)
	}
}

// composed are the families of keys that code puts together.
var composed = regexp.MustCompile(`^(consents|uses|object\.use|date|group|status|truth|step|reason|basis|role|choice|kind|can|carrier|format|error|language|cookies|list|theme|fault|did|attention|outcome|column|unfit|need|sort|shelf|done|what|age|grade|terms|notice\.needs|needs\.(label|why|wrong)|code\.lead|code\.go|address\.(add|change|not)|team\.(role|lead|done)|key\.(scope|scope_long|overlap_for|done)|hook\.(form|schedule|source|kind|state|delivery|problem|done|replay)|usage\.matter|registered\.over|invited\.role|health\.(find|todo|change|problem|form)|holds\.(ground|did)|transparency\.kind|closing\.(title|lead|banner|chose|choice)|business\.(at|chose|draft|kind|stands|told|whom)|lawful\.(kind|way|state|ground|check|step)|request\.(kind|person|way|reach|state|next|over|step|done|ground|proof)|requests\.(did|letter|whose)|data\.held|incident\.(way|next|delivery|fact)|recipients\.(way|how)|staff\.(matter|state|kind|act|means|did|deed|duty|shows|age)|looks\.matter|call\.proved)[._]`)

func TestEveryWordIsUsed(t *testing.T) {
	var sources strings.Builder
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(file, "_test.go") || !strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, ".html") {
			return err
		}
		content, err := os.ReadFile(file)
		sources.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	words := kit(t).Words()[0]
	for _, key := range words.Keys() {
		if !composed.MatchString(key) && !strings.Contains(sources.String(), `"`+strings.TrimSuffix(key, "_hint")+`"`) {
			t.Errorf("%s is in the words table, and no page says it", key)
		}
	}
	for _, said := range regexp.MustCompile(`(?:say|Say\() ?"([\w.-]+)"`).FindAllStringSubmatch(sources.String(), -1) {
		if key := said[1]; !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "_") && !words.Has(key) {
			t.Errorf("%s is said, and not in the words table", key)
		}
	}
}

func TestTemplatesHoldNoWordsOfTheirOwn(t *testing.T) {
	actions := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tags := regexp.MustCompile(`(?s)<[^>]*>`)
	readable := regexp.MustCompile(`(?:aria-label|title|placeholder|alt)="[^"]*\p{L}`)
	for _, dir := range []string{"templates", "../site/pages", "../member/pages", "../staff/pages", "../legal/pages"} {
		files, err := filepath.Glob(dir + "/*.html")
		if err != nil || len(files) == 0 {
			t.Fatalf("no templates in %s: %v", dir, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			bare := actions.ReplaceAllString(string(content), "")
			if found := readable.FindString(bare); found != "" {
				t.Errorf("%s: %s is not from the words table", file, found)
			}
			if left := regexp.MustCompile(`\p{L}+`).FindString(tags.ReplaceAllString(bare, "")); left != "" {
				t.Errorf("%s: %q is not from the words table", file, left)
			}
		}
	}
}

func TestSay(t *testing.T) {
	k := kit(t)
	en, zh, ar := k.Words()[0], k.Words()[1], k.Words()[2]
	for _, tc := range []struct {
		name, got, want string
	}{
		{"one of something in English", en.Say("results.title", "n", 1), "One parcel"},
		{"several in English", en.Say("results.title", "n", 40), "40 parcels"},
		{"Chinese has one form", zh.Say("results.title", "n", 1), "1 个包裹"},
		{"two in Arabic", ar.Say("results.title", "n", 2), "طردان"},
		{"few in Arabic", ar.Say("results.title", "n", 3), "\u20683\u2069 طرود"},
		{"a missing key says which", en.Say("no.such.key"), "⟦no.such.key⟧"},
		{"an Arabic place in an English sentence is kept apart", en.Say("truth.bare_at", "status", "Delivered", "place", "القاهرة"), "Delivered. Last seen in \u2068القاهرة\u2069."},
		{"a value in braces is not filled in again", en.Say("card.said", "number", "{status}", "status", "Lost"), "{status}: Lost"},
		{"a country by its code", zh.Country("NO"), "挪威"},
		{"what is no country stays as it is", en.Country("?!"), "?!"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}
