package parcel

import (
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/place"
)

// A Telling is what all carriers together say of one happening, beside the
// words of the one whose event is shown.
type Telling struct {
	Carriers []carrier.Code // who told it, the event's own first
	Time     carrier.Time   // the event's own, with the instant of another that shows the same clock and knows it
	Place    place.Place    // the event's own; another's where it names none
}

// Tellings is a Telling for each of h.Events.
func (h History) Tellings() []Telling {
	tellings := make([]Telling, len(h.Events))
	for i := range h.Events {
		e := &h.Events[i]
		tellings[i] = Telling{Carriers: []carrier.Code{e.Carrier}, Time: e.Time, Place: e.Place}
	}
	if len(h.Doubles) == 0 {
		return tellings
	}
	all := h.placed()
	of := doubles(all, h.Legs)
	shown := make(map[int]int, len(h.Events)) // place in all → in h.Events
	for i := range all {
		if of[i] < 0 && len(shown) < len(h.Events) {
			shown[i] = len(shown)
		}
	}
	for i, stays := range of {
		if n, ok := shown[stays]; ok {
			tellings[n].add(&all[i].Event)
		}
	}
	return tellings
}

func (t *Telling) add(e *Event) {
	if !slices.Contains(t.Carriers, e.Carrier) {
		t.Carriers = append(t.Carriers, e.Carrier)
	}
	if t.Time.UTC.IsZero() && t.Time.Local == e.Time.Local {
		t.Time = e.Time
	}
	if t.Place.IsZero() {
		t.Place = e.Place
	}
}

// Mirrored reports whether several carriers tell the same whole history, event
// for event, as posts do that share one record.
func (h History) Mirrored() bool {
	told := map[legKey]int{}
	for _, list := range [][]Event{h.Events, h.Doubles} {
		for i := range list {
			told[list[i].key()]++
		}
	}
	for _, n := range told {
		if n != len(h.Events) {
			return false
		}
	}
	return len(told) > 1 && len(h.Events) > 1
}

// placed are all events in one order, as they were paired.
func (h History) placed() []placed {
	leg := make(map[legKey]int, len(h.Legs))
	for i := range h.Legs {
		leg[h.Legs[i].key()] = i
	}
	var all []placed
	for _, list := range [][]Event{h.Events, h.Doubles} {
		for i := range list {
			all = append(all, placed{list[i], leg[list[i].key()]})
		}
	}
	slices.SortStableFunc(all, placed.compare)
	return all
}
