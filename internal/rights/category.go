package rights

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/policy"
)

// A Category is what is held of one kind, as people read it.
type Category struct {
	Kind     inventory.Kind
	Title    string
	Purposes []string
	Bases    []string
	Kept     []string
	Entries  []Entry
}

// An Entry is a row, as far as it says something.
type Entry struct{ Values []Value }

// A Value is a field, and what is in it.
type Value struct{ What, Text string }

// Lang is the language in which fields are described to who reads lang, one of
// policy.Langs.
func Lang(lang string) string {
	if slices.Contains(policy.Langs, lang) {
		return lang
	}
	return policy.Langs[0]
}

// Categories are what is held, by kind in the order of the policy's; kinds of
// which nothing is held aren't there. Random names and hashes are left out.
func (r *Rights) Categories(h Held, lang string) []Category {
	words := locale.Choose(r.words, lang)
	all := map[inventory.Kind]*Category{}
	for name, fields := range r.fields() {
		for _, group := range groups(fields) {
			rows := h.Rooms[name][group.table]
			if len(rows) == 0 {
				continue
			}
			if all[group.kind] == nil {
				all[group.kind] = &Category{Kind: group.kind, Title: r.policy.Kind(Lang(lang), group.kind)}
			}
			r.add(all[group.kind], group, rows, words)
		}
	}
	var list []Category
	for _, k := range policy.Kinds {
		if c := all[k]; c != nil {
			list = append(list, *c)
		}
	}
	return list
}

// A group is the columns of a table that are of one kind.
type group struct {
	table  string
	kind   inventory.Kind
	fields []inventory.Field
}

// groups are those of a room, in the order of its declarations. What is nobody's
// is of the kind of the room's first that is somebody's: it is there because
// theirs points to it.
func groups(fields []inventory.Field) []group {
	var first inventory.Kind
	for _, f := range fields {
		if first == "" {
			first = f.Kind
		}
	}
	var all []group
	for _, f := range fields {
		kind := cmp.Or(f.Kind, first)
		at := slices.IndexFunc(all, func(g group) bool { return g.table == f.Table && g.kind == kind })
		if at < 0 {
			at, all = len(all), append(all, group{table: f.Table, kind: kind})
		}
		all[at].fields = append(all[at].fields, f)
	}
	return all
}

func (r *Rights) add(c *Category, g group, rows []Row, words *locale.Words) {
	lang := Lang(words.Lang)
	for _, f := range g.fields {
		if f.Whose == inventory.Nobody {
			continue
		}
		c.Purposes = once(c.Purposes, r.policy.Purpose(lang, f.Purpose))
		c.Bases = once(c.Bases, r.policy.Basis(lang, f.Basis))
		c.Kept = once(c.Kept, r.policy.Kept(lang, f.Retention))
	}
	for _, row := range rows {
		var e Entry
		for _, f := range g.fields {
			if f.Protection == inventory.ID || f.Protection == inventory.Hashed {
				continue
			}
			if text := shown(f, row[f.Column], words); text != "" {
				e.Values = append(e.Values, Value{r.policy.Field(lang, f), text})
			}
		}
		if len(e.Values) > 0 {
			c.Entries = append(c.Entries, e)
		}
	}
}

func once(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// longest is how many runes of a value are shown to people; data.json has the rest.
const longest = 4000

func shown(f inventory.Field, v any, words *locale.Words) string {
	if text, ok := v.(string); ok && f.Instant() {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return words.Moment(t) + " UTC"
		}
	}
	text := []rune(plain(v, words))
	if len(text) > longest {
		return string(text[:longest]) + "…"
	}
	return string(text)
}

// plain writes a value as lines of text, "" nothing.
func plain(v any, words *locale.Words) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return words.Say("rights.yes")
		}
		return words.Say("rights.no")
	case json.Number:
		return v.String()
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, plain(one, words))
		}
		return strings.Join(all, "\n")
	case map[string]any:
		var all []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if text := plain(v[name], words); text != "" {
				all = append(all, name+": "+strings.ReplaceAll(text, "\n", "\n  "))
			}
		}
		return strings.Join(all, "\n")
	}
	return fmt.Sprint(v)
}
