package rights

import (
	"slices"

	"waypost/internal/inventory"
	"waypost/internal/policy"
)

// An Objectable is what a member can object to (GDPR, Article 21): a purpose of
// which something rests on a legitimate interest, or a use that does.
type Objectable struct {
	Code  string
	What  string   // the purpose, in words; "" of a use, whose words the page has
	Kinds []string // of data, in words
	Ends  bool     // at once; else somebody decides
}

// Objectables are all that there are, as rooms declare them, in a language that
// Lang returns. What is about visitors, staff or those whom members name is left
// out: it isn't a member's.
func (r *Rights) Objectables(lang string) []Objectable {
	lang = Lang(lang)
	var all []Objectable
	for _, u := range r.uses {
		if u.Basis == inventory.Legitimate {
			all = append(all, Objectable{Code: u.Code, Kinds: []string{r.policy.Kind(lang, u.Kind)}, Ends: u.Ends})
		}
	}
	kinds := map[inventory.Purpose]map[inventory.Kind]bool{}
	for _, fields := range r.fields() {
		for _, f := range fields {
			if f.Basis != inventory.Legitimate || f.Whose != inventory.Member {
				continue
			}
			if kinds[f.Purpose] == nil {
				kinds[f.Purpose] = map[inventory.Kind]bool{}
			}
			kinds[f.Purpose][f.Kind] = true
		}
	}
	for purpose, of := range kinds {
		one := Objectable{Code: string(purpose), What: r.policy.Purpose(lang, purpose)}
		for _, k := range policy.Kinds {
			if of[k] {
				one.Kinds = append(one.Kinds, r.policy.Kind(lang, k))
			}
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b Objectable) int {
		switch {
		case a.Ends == b.Ends && a.Code < b.Code, a.Ends && !b.Ends:
			return -1
		case a.Code == b.Code:
			return 0
		}
		return 1
	})
	return all
}
