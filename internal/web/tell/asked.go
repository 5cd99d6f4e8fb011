package tell

import (
	"time"

	"waypost/internal/parcel"
	"waypost/internal/status"
)

// A Fact is a name and a value; ISO is set when the value is an instant that
// script can show in the reader's own zone.
type Fact struct{ Name, Value, ISO string }

// Asked are the facts about asking, for each carrier that is asked: whom, when
// last, when it told of the parcel by itself, and when it is asked again.
func (t Teller) Asked(p parcel.Parcel) [][]Fact {
	arrived := p.Standing(t.Now).Status.Main() == status.Delivered
	var all [][]Fact
	for _, a := range p.Asks {
		switch {
		case a.State == parcel.Told:
			all = append(all, []Fact{{Name: t.Say("fact.source"), Value: t.source(a.Asking)}, t.moment("fact.pushed", a.Pushed, "fact.never")})
		case a.Active():
			facts := []Fact{
				{Name: t.Say("fact.source"), Value: t.source(a.Asking)},
				t.moment("fact.checked", a.Asked, "fact.never"),
			}
			if !a.Pushed.IsZero() {
				facts = append(facts, t.moment("fact.pushed", a.Pushed, ""))
			}
			all = append(all, append(facts, t.again(a, arrived)))
		}
	}
	return all
}

// again is when a source is asked next.
func (t Teller) again(a parcel.Ask, arrived bool) Fact {
	never := "fact.rest"
	if arrived {
		never = "fact.end"
	}
	if a.State == parcel.Waiting && !a.Due.IsZero() && !a.Due.After(t.Now) {
		return Fact{Name: t.Say("fact.next"), Value: t.Say("fact.soon")}
	}
	return t.moment("fact.next", a.Due, never)
}

// moment is a fact that is a moment.
func (t Teller) moment(name string, at time.Time, never string) Fact {
	if at.IsZero() {
		return Fact{Name: t.Say(name), Value: t.Say(never)}
	}
	moment := t.Instant(at)
	return Fact{Name: t.Say(name), Value: moment.Text, ISO: moment.ISO}
}

// source names who is asked: the carrier, and the source where it is another.
func (t Teller) source(a parcel.Asking) string {
	name := t.Name(a.Carrier)
	if string(a.Source) == string(a.Carrier) {
		return name
	}
	return name + " (" + string(a.Source) + ")"
}
