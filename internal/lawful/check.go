package lawful

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/place"
)

// check brings an entry into its form, and says what is wrong with it.
func (e *Entry) check(now time.Time) error {
	for _, text := range []*string{&e.Authority, &e.Reference, &e.Basis, &e.Contact, &e.Whom, &e.Asks} {
		*text = tidy(*text)
	}
	switch {
	case !slices.Contains(Kinds, e.Kind):
		return errKind
	case !slices.Contains(Ways, e.Way):
		return errWay
	case !short(e.Authority):
		return errAuthority
	case !known(e.Country):
		return errCountry
	case !short(e.Reference):
		return errReference
	case e.Received.IsZero() || e.Received.After(now):
		return errReceived
	case !reason(e.Basis):
		return errBasis
	case !short(e.Contact):
		return errContact
	case !long(e.Whom):
		return errWhom
	case !long(e.Asks):
		return errAsks
	}
	return e.Gag.check(now)
}

func known(country string) bool {
	code, ok := place.Country(country)
	return ok && code == country
}

func (g *Gag) check(now time.Time) error {
	g.Basis = tidy(g.Basis)
	switch {
	case g.Until.IsZero() && g.Basis == "":
		return nil
	case !g.Until.After(now), g.Until.After(now.Add(MostGag)), !reason(g.Basis):
		return errGag
	}
	return nil
}

// check brings a scope into its form, and refuses one without bounds.
func (s *Scope) check(k Kind, fields map[FieldID]inventory.Field, now time.Time) error {
	slices.Sort(s.People)
	s.People = slices.Compact(s.People)
	if len(s.People) == 0 || len(s.People) > MostPeople {
		return errPeople.With(MostPeople)
	}
	if k == Preservation {
		s.From, s.To, s.Items = time.Time{}, time.Time{}, nil
		return nil
	}
	if s.From.IsZero() || !s.To.After(s.From) || s.To.After(now.Add(24*time.Hour)) || s.To.Sub(s.From) > MostTime {
		return errWindow
	}
	for i := range s.Items {
		if err := s.Items[i].check(fields); err != nil {
			return err
		}
	}
	s.Items = slices.DeleteFunc(s.Items, func(i Item) bool { return len(i.Fields) == 0 })
	if len(s.Items) == 0 {
		return errFields
	}
	return nil
}

func (i *Item) check(fields map[FieldID]inventory.Field) error {
	i.Why = tidy(i.Why)
	slices.Sort(i.Fields)
	i.Fields = slices.Compact(i.Fields)
	for _, id := range i.Fields {
		if f, ok := fields[id]; !ok || f.Kind != i.Kind {
			return errField.With(string(id))
		}
	}
	if len(i.Fields) > 0 && !reason(i.Why) {
		return errWhy
	}
	return nil
}

func tidy(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

func short(text string) bool { return written(text, 1, maxShort) }
func long(text string) bool  { return written(text, 1, maxLong) }

func reason(text string) bool { return written(text, minWhy, maxLong) }

// written reports whether a text can be read, and has a fitting length.
func written(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= least && n <= most && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) })
}

// givable reports whether a field can be given to an authority at all: never what
// opens an account, keys, counts against abuse, or what is the staff's.
func givable(f inventory.Field) bool {
	switch f.Kind {
	case inventory.WaysIn, inventory.Keys, inventory.Counts, inventory.Begun, inventory.Clerks, inventory.Looks, inventory.Lawful:
		return false
	}
	if f.Whose == inventory.Nobody || f.Whose == inventory.Staff || f.Purpose == inventory.ForErasure {
		return false
	}
	return f.Protection == inventory.Plain || f.Protection == inventory.Code || f.Protection == inventory.Sealed
}

// A Choice is a kind of data, and which fields of it can be given.
type Choice struct {
	Kind   inventory.Kind
	Fields []ChoiceField
}

// A ChoiceField is one of them.
type ChoiceField struct {
	ID FieldID
	inventory.Field
}

// Held is what is held of somebody: rows by room and table, as rooms export them.
type Held map[string]map[string][]map[string]any

// A Package is the least of it: what an authority is given of somebody.
type Package map[string]map[string][]map[string]any

// cut takes the fields of a scope from what is held, of rows of its time, and
// counts them.
func (s Scope) cut(held Held, fields map[FieldID]inventory.Field, counts map[string]int) Package {
	least := Package{}
	for _, item := range s.Items {
		for _, id := range item.Fields {
			room, table := id.table()
			f := fields[id]
			for n, row := range held[room][table] {
				value, ok := row[f.Column]
				if !ok || value == nil || value == export.Withheld || !s.within(row, f) {
					continue
				}
				least.put(room, table, n, f.Column, value)
				counts[string(id)]++
			}
		}
	}
	return least.dense()
}

func (p Package) put(room, table string, n int, column string, value any) {
	if p[room] == nil {
		p[room] = map[string][]map[string]any{}
	}
	for len(p[room][table]) <= n {
		p[room][table] = append(p[room][table], nil)
	}
	if p[room][table][n] == nil {
		p[room][table][n] = map[string]any{}
	}
	p[room][table][n][column] = value
}

// dense leaves out rows of which nothing is given.
func (p Package) dense() Package {
	for _, tables := range p {
		for name, rows := range tables {
			tables[name] = slices.DeleteFunc(rows, func(row map[string]any) bool { return row == nil })
		}
	}
	return p
}

// table is in which room and table a field is.
func (id FieldID) table() (room, table string) {
	room, rest, _ := strings.Cut(string(id), "/")
	table, _, _ = strings.Cut(rest, ".")
	return room, table
}

// within reports whether a row is of the scope's time: it lasted from its first
// instant to its last, or lasts still where it is kept as long as the account or
// until its owner deletes it. One without an instant stands now.
func (s Scope) within(row map[string]any, f inventory.Field) bool {
	var first, last time.Time
	for column, value := range row {
		text, ok := value.(string)
		if !ok || !strings.HasSuffix(column, "_ms") {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			continue
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	switch f.Retention.Rule {
	case inventory.WithAccount, inventory.WithTeam, inventory.UntilGone, inventory.UntilErased, inventory.AsGuardian:
		return first.IsZero() || first.Before(s.To)
	}
	return first.IsZero() || first.Before(s.To) && !last.Before(s.From)
}
