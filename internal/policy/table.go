package policy

import (
	"slices"
	"time"

	"waypost/internal/inventory"
)

// Kinds are the kinds of data in the order in which people meet them.
var Kinds = []inventory.Kind{
	inventory.Profile, inventory.Contacts, inventory.Age, inventory.WaysIn, inventory.Linked, inventory.Devices, inventory.Begun,
	inventory.Parcels, inventory.Alerts, inventory.Programs, inventory.Teams, inventory.Consents, inventory.Requests, inventory.Changes, inventory.Looks, inventory.Holds, inventory.Lawful, inventory.Incidents, inventory.Erasures, inventory.Keys,
	inventory.Counts, inventory.Clerks,
}

// purposes are what they are for, likewise.
var purposes = []inventory.Purpose{
	inventory.ForAccount, inventory.ForEntry, inventory.ForTracking, inventory.ForMessages, inventory.ForPrograms, inventory.ForTeams,
	inventory.ForSafety, inventory.ForLaw, inventory.ForErasure,
}

// protections are from the strongest on.
var protections = []inventory.Protection{
	inventory.Sealed, inventory.Hashed, inventory.ID, inventory.Code, inventory.Plain, inventory.Ours,
}

// table makes one of the tables of facts.
func (w *writer) table(name string) Table {
	switch name {
	case "kinds":
		return w.kinds()
	case "purposes":
		return w.purposes()
	case "parties":
		return w.parties()
	case "retentions":
		return w.retentions()
	case "protections":
		return w.protections()
	case "transfers":
		return w.transfers()
	}
	return Table{}
}

// of are the fields that are so.
func (w *writer) of(so func(inventory.Field) bool) []inventory.Field {
	var all []inventory.Field
	for _, f := range w.fields {
		if so(f) {
			all = append(all, f)
		}
	}
	return all
}

func (w *writer) ofKind(k inventory.Kind) []inventory.Field {
	return w.of(func(f inventory.Field) bool { return f.Kind == k })
}

// items are different words about fields, each once, in their order.
func items(fields []inventory.Field, words func(inventory.Field) string) []Item {
	var all []Item
	for _, f := range fields {
		text := words(f)
		at := slices.IndexFunc(all, func(i Item) bool { return i.Text == text })
		if at < 0 {
			all = append(all, Item{text, f.Sensitive})
			continue
		}
		all[at].Sensitive = all[at].Sensitive || f.Sensitive
	}
	return all
}

func (w *writer) heads(names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, w.say("head."+n))
	}
	return all
}

func (w *writer) kindsOf(fields []inventory.Field) []Item {
	var all []Item
	for _, k := range Kinds {
		for _, f := range fields {
			if f.Kind == k {
				all = append(all, Item{Text: w.say("kind." + string(k))})
				break
			}
		}
	}
	return all
}

func (w *writer) kinds() Table {
	t := Table{Head: w.heads("kind", "holds", "whose", "source")}
	for _, k := range Kinds {
		fields := w.ofKind(k)
		if len(fields) == 0 {
			continue
		}
		slices.SortStableFunc(fields, bareLast)
		t.Rows = append(t.Rows, Row{[][]Item{
			{{Text: w.say("kind." + string(k)), Sensitive: slices.ContainsFunc(fields, func(f inventory.Field) bool { return f.Sensitive })}},
			items(fields, w.holds),
			items(fields, func(f inventory.Field) string { return w.say("whose." + string(f.Whose)) }),
			items(fields, func(f inventory.Field) string { return w.say("source." + string(f.Source)) }),
		}})
	}
	return t
}

func bareLast(a, b inventory.Field) int {
	switch {
	case a.Bare() == b.Bare():
		return 0
	case a.Bare():
		return 1
	}
	return -1
}

// holds is what a field is. Those that say nothing by themselves are one.
func (w *writer) holds(f inventory.Field) string {
	if f.Bare() {
		return w.say("holds.rest")
	}
	return w.p.Field(w.lang, f)
}

func (w *writer) purposes() Table {
	t := Table{Head: w.heads("purpose", "kind", "basis")}
	for _, p := range purposes {
		fields := w.of(func(f inventory.Field) bool { return f.Purpose == p })
		if len(fields) == 0 {
			continue
		}
		t.Rows = append(t.Rows, Row{[][]Item{
			{{Text: w.say("purpose." + string(p))}}, w.kindsOf(fields),
			items(fields, func(f inventory.Field) string { return w.say("basis." + string(f.Basis)) }),
		}})
	}
	return t
}

// parties are those outside who get something as the installation is set up.
func (w *writer) parties() Table {
	t := Table{Head: w.heads("party", "gets", "where")}
	for _, p := range w.facts.Parties {
		if p.On {
			t.Rows = append(t.Rows, w.party(p))
		}
	}
	return t
}

// Parties are all who can get something, in words of a language of Langs, and
// whether they do as the installation is set up.
func (p *Policy) Parties(lang string, f Facts) Table {
	w := p.writer(lang, f)
	t := Table{Head: w.heads("party", "gets", "where", "state")}
	for _, one := range f.Parties {
		row, state := w.party(one), "state.off"
		if one.On {
			state = "state.on"
		}
		row.Cells = append(row.Cells, []Item{{Text: w.say(state)}})
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (w *writer) party(p Party) Row {
	who := w.say("party."+p.Code, "{name}", p.Name)
	if p.Name != "" && p.Code != "provider" {
		who += ": " + p.Name
	}
	gets := []Item{{Text: w.say("gets." + p.Code)}}
	handed := w.of(func(f inventory.Field) bool {
		return slices.Contains(f.Recipients, inventory.Party(p.Code)) && f.Protection == inventory.Sealed
	})
	gets = append(gets, w.kindsOf(handed)...)
	where := w.say("unsaid")
	if p.Where != "" {
		where = w.country(p.Where)
	}
	return Row{[][]Item{{{Text: who}}, gets, {{Text: where}}}}
}

// transfers are what crosses a border, why it may, and how well it is protected there.
func (w *writer) transfers() Table {
	t := Table{Head: w.heads("from", "party", "to", "gets", "basis", "level", "review")}
	for _, x := range w.facts.Transfers {
		row := w.party(x.Party)
		t.Rows = append(t.Rows, Row{[][]Item{
			{{Text: x.From}}, row.Cells[0], {{Text: w.country(x.To)}}, row.Cells[1],
			{{Text: w.say("ground." + x.Ground)}}, {{Text: w.say("level." + x.Level)}},
			{{Text: w.say("reviewed", "{assessed}", x.Assessed, "{review}", x.Review.Format(time.DateOnly))}},
		}})
	}
	return t
}

// Transfers are what crosses a border, in words of a language of Langs.
func (p *Policy) Transfers(lang string, f Facts) Table { return p.writer(lang, f).transfers() }

func (w *writer) retentions() Table {
	t := Table{Head: w.heads("kind", "long", "region")}
	for _, k := range Kinds {
		fields := w.ofKind(k)
		if len(fields) == 0 {
			continue
		}
		t.Rows = append(t.Rows, Row{[][]Item{
			{{Text: w.say("kind." + string(k))}},
			items(fields, func(f inventory.Field) string { return w.kept(f.Retention) }),
			items(fields, func(f inventory.Field) string { return w.say("region." + string(f.Region)) }),
		}})
	}
	return t
}

func (w *writer) protections() Table {
	t := Table{Head: w.heads("protection", "kind")}
	for _, p := range protections {
		fields := w.of(func(f inventory.Field) bool { return f.Protection == p })
		if len(fields) > 0 {
			t.Rows = append(t.Rows, Row{[][]Item{{{Text: w.say("protection." + string(p))}}, w.kindsOf(fields)}})
		}
	}
	return t
}
