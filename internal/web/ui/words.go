package ui

import (
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

// languages are those that Waypost speaks, the first one being the fallback.
var languages = []string{"en", "zh", "ar"}

// Words are all that a person reads, in one language. Each key has a text with
// places in braces; a text that depends on a number has one form a plural of
// the language (CLDR's names: one, two, few, many, other).
type Words struct {
	Lang  string // BCP 47, as in the address and in the lang attribute
	Dir   string // ltr or rtl
	Name  string // of the language, in itself
	tag   language.Tag
	texts map[string]text
	land  display.Namer
}

type text map[string]string // by plural form; "other" is always there

func loadWords(from fs.FS, dir string) ([]*Words, error) {
	var all []*Words
	for _, lang := range languages {
		texts, err := readLanguage(from, path.Join(dir, lang))
		if err != nil {
			return nil, err
		}
		tag := language.MustParse(lang)
		w := &Words{Lang: lang, tag: tag, texts: texts, land: display.Regions(tag)}
		w.Dir, w.Name = w.Say("language.dir"), w.Say("language.name")
		all = append(all, w)
	}
	return all, nil
}

// readLanguage reads a language's tables, a file each kind of page. A key
// stands in one of them.
func readLanguage(from fs.FS, dir string) (map[string]text, error) {
	tables, err := fs.Glob(from, path.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	all := map[string]text{}
	for _, file := range tables {
		source, err := fs.ReadFile(from, file)
		if err != nil {
			return nil, err
		}
		texts, err := readTexts(source)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for key, words := range texts {
			if all[key] != nil {
				return nil, fmt.Errorf("%s: %s stands in another table already", file, key)
			}
			all[key] = words
		}
	}
	return all, nil
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
