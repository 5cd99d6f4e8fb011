package sim

import (
	"slices"
	"time"
)

// An event is a step that has happened.
type event struct {
	at    time.Time // in the place's own zone
	kind  Kind
	place Place
	text  string // in place of the carrier's words, "" for those
}

// A telling is what a carrier knows of a parcel at one moment.
type telling struct {
	Story
	number string
	now    time.Time
	events []event // oldest first, as it happened
}

// tellStory is what has happened of st by now.
func tellStory(st Story, number string, now time.Time) telling {
	t := telling{Story: st, number: number, now: now}
	for _, step := range st.Steps {
		place := step.At
		if place == (Place{}) {
			place = st.From
			if step.Kind.far() {
				place = st.To
			}
		}
		at := st.Born.Add(step.After)
		if !at.After(now) {
			t.events = append(t.events, event{at.In(place.Location()), step.Kind, place, step.Text})
		}
	}
	return t
}

// known reports whether the carrier has anything to say.
func (t telling) known() bool { return !t.Unknown && len(t.events) > 0 }

// newest are the events, newest first.
func (t telling) newest() []event {
	backwards := slices.Clone(t.events)
	slices.Reverse(backwards)
	return backwards
}

// last is the event that says how the parcel stands: the newest that isn't
// book-keeping, wherever it is listed.
func (t telling) last() event {
	last := event{place: t.From}
	for _, e := range t.events {
		if e.kind != Noted && (last.kind == "" || !e.at.Before(last.at)) {
			last = e
		}
	}
	return last
}

// first is the event with which the carrier's knowledge begins.
func (t telling) first() event { return t.events[0] }

// of is the newest event of one of kinds.
func (t telling) of(kinds ...Kind) (event, bool) {
	for _, e := range t.newest() {
		if slices.Contains(kinds, e.kind) {
			return e, true
		}
	}
	return event{}, false
}

// arrived is the event with which the receiver got the parcel.
func (t telling) arrived() (event, bool) { return t.of(Delivered, Collected) }

// over reports whether no date of delivery is expected any more.
func (t telling) over() bool {
	switch t.last().kind {
	case Delivered, Collected, Returning, Returned, Lost, Cancelled, Damaged, ReadyForPickup:
		return true
	}
	return false
}

// due is when the carrier says that it will be delivered; what was late is
// promised anew.
func (t telling) due() time.Time {
	due := t.Born.Add(t.Due).In(t.To.Location())
	if late, ok := t.of(Delayed, Attempted, BadAddress, Held); ok {
		if day := late.at.Add(48 * hour); day.After(due) {
			due = day.In(t.To.Location())
		}
	}
	return time.Date(due.Year(), due.Month(), due.Day(), 18, 0, 0, 0, due.Location())
}

// piece is the telling of the nth package, from 0; the others come a little
// later than the first.
func (t telling) piece(n int) telling {
	lag := time.Duration(n) * 40 * time.Minute
	p := t
	p.events = nil
	for _, e := range t.events {
		if e.at = e.at.Add(lag); !e.at.After(t.now) {
			p.events = append(p.events, e)
		}
	}
	return p
}

// former is the telling of the parcel that had the number before.
func (t telling) former() telling {
	st := t.Story
	st.Born = st.Born.AddDate(-1, 0, 0)
	st.Generation--
	return tellStory(st, t.number, t.now)
}

// said are the events that a carrier has words for, in the order of events.
func said[W any](events []event, words map[Kind]W) []event {
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool {
		_, ok := words[e.kind]
		return !ok
	})
}

// or is the event's own text, else the carrier's words.
func (e event) or(words string) string {
	if e.text != "" {
		return e.text
	}
	return words
}
