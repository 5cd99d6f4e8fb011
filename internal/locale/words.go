// Package locale is the languages that Waypost speaks: how a text with places
// and plurals is said in one of them, how days are written, and the words that
// pages and messages share. It holds no page's and no message's own words; those
// are tables beside the page or message.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// spoken are the languages, the first one being the fallback.
var spoken = []struct{ lang, dir, name string }{
	{"en", "ltr", "English"},
	{"zh", "ltr", "中文"},
	{"ar", "rtl", "العربية"},
}

// Words are all that a person reads, in one language. Each key has a text with
// places in braces; a text that depends on a number has one form a plural of
// the language (CLDR's names: one, two, few, many, other).
type Words struct {
	Lang  string // BCP 47, as in addresses and in the lang attribute
	Dir   string // ltr or rtl
	Name  string // of the language, in itself
	tag   language.Tag
	texts map[string]text
	land  display.Namer
}

type text map[string]string // by plural form; "other" is always there

//go:embed words
var shared embed.FS

// Load reads the tables of every language: a folder a language in dir, which
// holds files of any name. A key stands in one table only; those that pages and
// messages share are there already.
func Load(from fs.FS, dir string) ([]*Words, error) {
	var all []*Words
	for _, s := range spoken {
		own, err := fs.Glob(from, path.Join(dir, s.lang, "*.yaml"))
		if err != nil {
			return nil, err
		}
		tag := language.MustParse(s.lang)
		w := &Words{Lang: s.lang, Dir: s.dir, Name: s.name, tag: tag, texts: map[string]text{}, land: display.Regions(tag)}
		if err := w.read(shared, "words/"+s.lang+".yaml"); err != nil {
			return nil, err
		}
		if err := w.read(from, own...); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// Choose returns the first of the languages that somebody reads, the first of
// all when they read none of them. wanted are BCP 47 tags; "" is none.
func Choose(all []*Words, wanted ...string) *Words {
	var asked []language.Tag
	for _, w := range wanted {
		if tag, err := language.Parse(w); err == nil && tag != language.Und {
			asked = append(asked, tag)
		}
	}
	return Match(all, asked)
}

// Match is Choose for tags that were read already.
func Match(all []*Words, wanted []language.Tag) *Words {
	tags := make([]language.Tag, len(all))
	for i, w := range all {
		tags[i] = w.tag
	}
	_, chosen, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		chosen = 0
	}
	return all[chosen]
}

// read reads tables.
func (w *Words) read(from fs.FS, tables ...string) error {
	for _, file := range tables {
		source, err := fs.ReadFile(from, file)
		if err != nil {
			return err
		}
		texts, err := readTexts(source)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for key, words := range texts {
			if w.texts[key] != nil {
				return fmt.Errorf("%s: %s stands in another table already", file, key)
			}
			w.texts[key] = words
		}
	}
	return nil
}

func readTexts(source []byte) (map[string]text, error) {
	var raw map[string]any
	if err := yaml.Unmarshal(source, &raw); err != nil {
		return nil, err
	}
	texts := make(map[string]text, len(raw))
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			texts[key] = text{"other": v}
		case map[string]any:
			forms := text{}
			for form, words := range v {
				forms[form] = fmt.Sprint(words)
			}
			texts[key] = forms
		default:
			return nil, fmt.Errorf("%s: is neither a text nor plural forms", key)
		}
		if texts[key]["other"] == "" {
			return nil, fmt.Errorf("%s: has no words", key)
		}
	}
	return texts, nil
}

// Has reports whether there is a text of that key.
func (w *Words) Has(key string) bool { return w.texts[key] != nil }

// Keys returns all keys, sorted.
func (w *Words) Keys() []string {
	keys := make([]string, 0, len(w.texts))
	for k := range w.texts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Say returns the text of key with its places filled in from pairs of name and
// value. The value called n chooses the plural. A key that isn't there comes
// back in ⟦⟧, which tests look for.
func (w *Words) Say(key string, pairs ...any) string {
	forms, ok := w.texts[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	form := "other"
	fill := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		if n, ok := pairs[i+1].(int); ok && pairs[i] == "n" {
			form = w.plural(n)
		}
		fill = append(fill, "{"+fmt.Sprint(pairs[i])+"}", w.Isolate(fmt.Sprint(pairs[i+1])))
	}
	words, ok := forms[form]
	if !ok {
		words = forms["other"]
	}
	return strings.NewReplacer(fill...).Replace(words)
}

func (w *Words) plural(n int) string {
	form := plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0)
	return [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}[form]
}

// Isolate keeps a value that runs the other way from turning the words around
// it over: Unicode's first-strong isolate around it. Where both run the same
// way nothing is added, so that copied text is clean.
func (w *Words) Isolate(value string) string {
	foreign := rightToLeft
	if w.Dir == "rtl" {
		foreign = func(r rune) bool { return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !rightToLeft(r) }
	}
	if strings.IndexFunc(value, foreign) < 0 {
		return value
	}
	return "\u2068" + value + "\u2069"
}

// rightToLeft reports whether r is of a script that runs from right to left
// (Unicode's blocks from Hebrew to Arabic Extended-A, and their presentation forms).
func rightToLeft(r rune) bool { return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfefc }

// Country returns the name of a country by its ISO 3166-1 alpha-2 code, the
// code itself where there is no name.
func (w *Words) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := w.land.Name(region); name != "" {
		return name
	}
	return code
}
