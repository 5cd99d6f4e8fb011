package rights

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"waypost/internal/inventory"
)

// Stays says what is left of somebody's data once it was erased, with the ground
// and how long, as it is declared; in a language that Lang returns.
func (r *Rights) Stays(lang string) []string {
	lang = Lang(lang)
	fields := r.fields()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = r.stays(all, fields[name], lang)
	}
	return r.stays(all, r.keys, lang)
}

// Headed is a text that begins with a capital letter, where its alphabet has some.
func Headed(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// stays adds what is left of a room's fields, a line for each table and period.
func (r *Rights) stays(all []string, fields []inventory.Field, lang string) []string {
	for _, g := range groups(fields) {
		kept := map[inventory.Retention][]string{}
		var order []inventory.Retention
		for _, f := range g.fields {
			if !f.Stays {
				continue
			}
			if _, ok := kept[f.Retention]; !ok {
				order = append(order, f.Retention)
			}
			words := kept[f.Retention]
			if f.Protection == inventory.Hashed || f.Protection == inventory.Sealed {
				words = append(words, r.policy.Field(lang, f))
			}
			kept[f.Retention] = words
		}
		for _, retention := range order {
			what := strings.Join(kept[retention], "; ")
			if what == "" {
				what = r.policy.Kind(lang, g.kind)
			}
			all = once(all, Headed(what)+" ("+r.policy.Basis(lang, inventory.Law)+"; "+r.policy.Kept(lang, retention)+")")
		}
	}
	return all
}
