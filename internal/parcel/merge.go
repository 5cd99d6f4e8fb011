package parcel

import (
	"cmp"
	"slices"
	"time"

	"waypost/internal/carrier"
)

// Merge puts what one source answered about a parcel into its history, and
// reports whether that changed anything. It is pure: h stays as it was.
//
// A whole answer takes the place of what that source said before: events that
// it no longer tells are gone, corrected ones change and keep the time when
// they were first seen. What the source had told by itself stays though: an
// answer may be older than its news, or tell less. A snapshot (Report.Latest)
// adds. An answer with a Problem, or a whole one older than what is known, changes
// nothing; nor does one that tells the same events again, in whatever order. A whole answer
// without any event leaves those that are known: a carrier that forgets a
// parcel has not taken its way back.
func Merge(h History, asking Asking, r carrier.Report, at time.Time) (merged History, changed bool) {
	if r.Problem != nil {
		return h, false
	}
	at = millis(at)
	leg, known := h.leg(asking)
	if known && !r.Latest && at.Before(leg.Answered) {
		return h, false
	}
	var before []Event
	for _, e := range h.told(leg.key()) {
		before = append(before, *e)
	}
	events := arrange(retold(before, newEvents(&leg, r, at), r.Latest))
	if !known || !at.Before(leg.Answered) {
		leg.take(asking, r)
	}
	if !r.Latest && len(r.Events) > 0 {
		leg.Dropped = 0
	}

	merged = h.with(leg, events)
	if same(h, merged) {
		return h, false
	}
	for i := range merged.Legs {
		if l := &merged.Legs[i]; l.key() == leg.key() && l.Answered.Before(at) {
			l.Answered = at
		}
	}
	return merged, true
}

// leg returns the leg of an asking, a new one where there is none yet.
func (h History) leg(a Asking) (leg Leg, known bool) {
	key := legKey{a.Source, a.Carrier, a.Number}
	for i := range h.Legs {
		if h.Legs[i].key() == key {
			return h.Legs[i], true
		}
	}
	return Leg{Source: a.Source, Carrier: a.Carrier, Number: a.Number, Role: a.Role}, false
}

// take makes what the report says of the whole parcel the leg's own. A
// snapshot that is silent about a thing leaves it as it was.
func (l *Leg) take(a Asking, r carrier.Report) {
	l.Role = a.Role
	unique, service, state := clip(r.Unique, maxField), clip(r.Service, maxField), r.State
	if !state.Known() {
		state = ""
	}
	eta, onward := cleanTime(r.ETA), cleanLegs(r.Legs)
	if r.Latest {
		unique, service = cmp.Or(unique, l.Unique), cmp.Or(service, l.Service)
		state, eta = cmp.Or(state, l.State), cmp.Or(eta, l.ETA)
		if len(onward) == 0 {
			onward = l.Onward
		}
	}
	l.Unique, l.Service, l.State, l.ETA, l.Onward = unique, service, state, eta, onward
}

// with returns the history in which the leg and its events stand in the place
// of what stood there for it.
func (h History) with(leg Leg, events []Event) History {
	legs := slices.DeleteFunc(slices.Clone(h.Legs), func(l Leg) bool { return l.key() == leg.key() })
	legs = append(legs, leg)
	slices.SortFunc(legs, func(a, b Leg) int {
		return cmp.Or(
			cmp.Compare(legRank(a.Role), legRank(b.Role)), cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Carrier, b.Carrier), cmp.Compare(a.Number, b.Number))
	})
	var all []placed
	for i := range legs {
		if legs[i].key() == leg.key() {
			for _, e := range events {
				all = append(all, placed{e, i})
			}
			continue
		}
		for _, e := range h.told(legs[i].key()) {
			all = append(all, placed{*e, i})
		}
	}
	slices.SortStableFunc(all, placed.compare)
	all = bound(all, legs)

	merged := History{Legs: legs}
	of := doubles(all, legs)
	for i := range all {
		if of[i] >= 0 {
			merged.Doubles = append(merged.Doubles, all[i].Event)
		} else {
			merged.Events = append(merged.Events, all[i].Event)
		}
	}
	for i := range legs {
		merged.Dropped += legs[i].Dropped
	}
	return merged
}

func legRank(r Role) int {
	switch r {
	case Origin:
		return 0
	case Destination:
		return 2
	}
	return 1
}

// same reports whether two histories say the same; when and how it was learned is
// not looked at.
func same(a, b History) bool {
	return a.Dropped == b.Dropped &&
		slices.EqualFunc(a.Legs, b.Legs, sameLeg) &&
		slices.EqualFunc(a.Events, b.Events, sameEvent) &&
		slices.EqualFunc(a.Doubles, b.Doubles, sameEvent)
}

func sameLeg(a, b Leg) bool {
	return a.key() == b.key() && a.Role == b.Role && a.Unique == b.Unique && a.Service == b.Service &&
		a.State == b.State && a.ETA == b.ETA && a.Dropped == b.Dropped && slices.Equal(a.Onward, b.Onward)
}

func sameEvent(a, b Event) bool {
	a.Seen, b.Seen = time.Time{}, time.Time{}
	a.Pushed, b.Pushed = false, false
	return a == b
}
