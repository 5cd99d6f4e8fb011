package policy

import (
	"fmt"
	"slices"
	"time"

	"waypost/internal/inventory"
)

// A Reach is how far a version goes: what it lets be done with which field, who
// gets something, and what it promises.
type Reach struct {
	Fields   map[string]Held `json:"fields"`   // by table.column
	Parties  []string        `json:"parties"`  // who gets something
	Promises []string        `json:"promises"` // ids
	Backups  time.Duration   `json:"backups"`  // nanoseconds that backups are kept
	// Transfers are what goes to which country. Versions from before they were
	// declared have none, not even an empty list.
	Transfers []string `json:"transfers"`
}

// Held is what is done with a field.
type Held struct {
	Purpose    inventory.Purpose    `json:"purpose"`
	Basis      inventory.Basis      `json:"basis"`
	Protection inventory.Protection `json:"protection"`
	Rule       inventory.Rule       `json:"rule"`
	For        time.Duration        `json:"for"`  // nanoseconds
	Most       time.Duration        `json:"most"` // nanoseconds
	Sensitive  bool                 `json:"sensitive,omitempty"`
}

// Reaches is how far what is declared and written goes.
func Reaches(f Facts, d Document) Reach {
	r := Reach{Fields: map[string]Held{}, Backups: f.Backups}
	for _, one := range f.Fields {
		if one.Whose != inventory.Nobody {
			k := one.Retention
			r.Fields[one.Table+"."+one.Column] = Held{one.Purpose, one.Basis, one.Protection, k.Rule, k.For, k.Most, one.Sensitive}
		}
	}
	for _, p := range f.Parties {
		if p.On {
			r.Parties = append(r.Parties, p.Code+" "+p.Name)
		}
	}
	r.Transfers = []string{}
	for _, x := range f.Transfers {
		r.Transfers = append(r.Transfers, x.From+" to "+x.To+": "+x.Party.Code+" "+x.Party.Name)
	}
	for _, s := range d.Sections {
		for _, p := range s.Parts {
			for _, one := range p.Sentences {
				if one.Promise != "" && !slices.Contains(r.Promises, one.Promise) {
					r.Promises = append(r.Promises, one.Promise)
				}
			}
		}
	}
	slices.Sort(r.Parties)
	slices.Sort(r.Transfers)
	slices.Sort(r.Promises)
	return r
}

// Lessens says in which ways a version goes farther than one before it: a new
// purpose, a longer period, a weaker protection, another ground, a new recipient,
// a new transfer across a border, a promise that is no more. A new field counts where it is sensitive or brings a
// purpose that no field had.
func (r Reach) Lessens(to Reach) []string {
	var all []string
	had := map[inventory.Purpose]bool{}
	for _, h := range r.Fields {
		had[h.Purpose] = true
	}
	for name, now := range to.Fields {
		before, known := r.Fields[name]
		switch {
		case !known && now.Sensitive:
			all = append(all, fmt.Sprintf("%s is new and sensitive", name))
		case !known && !had[now.Purpose]:
			all = append(all, fmt.Sprintf("%s is held for a new purpose: %s", name, now.Purpose))
		case known:
			all = append(all, before.lessens(name, now)...)
		}
	}
	for _, p := range to.Parties {
		if !slices.Contains(r.Parties, p) {
			all = append(all, "a new recipient: "+p)
		}
	}
	for _, x := range to.Transfers {
		if r.Transfers != nil && !slices.Contains(r.Transfers, x) {
			all = append(all, "a new transfer: "+x)
		}
	}
	for _, p := range r.Promises {
		if !slices.Contains(to.Promises, p) {
			all = append(all, "promised no more: "+p)
		}
	}
	if r.Backups > 0 && to.Backups > r.Backups {
		all = append(all, "backups are kept longer")
	}
	slices.Sort(all)
	return all
}

func (h Held) lessens(name string, now Held) (all []string) {
	add := func(lessens bool, format string, args ...any) {
		if lessens {
			all = append(all, name+" "+fmt.Sprintf(format, args...))
		}
	}
	add(now.Purpose != h.Purpose, "is held for %s instead of %s", now.Purpose, h.Purpose)
	add(now.Basis != h.Basis, "is held on another ground: %s", now.Basis)
	add(h.Protection == inventory.Sealed && now.Protection != inventory.Sealed, "is no longer sealed")
	add(now.Rule != h.Rule, "is kept by another rule: %s", now.Rule)
	add(now.Rule == h.Rule && (now.For > h.For || now.Most > h.Most), "is kept longer")
	add(now.Sensitive && !h.Sensitive, "is sensitive now")
	return all
}
