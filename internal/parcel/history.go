package parcel

import (
	"cmp"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A History is what is known of a parcel's way, from all its sources. It is
// one value: read whole, merged by Merge, written whole. What stands in it is
// never changed in place, so a History may be read by many at the same time.
type History struct {
	Legs    []Leg   // the origin's first, the destination's last
	Events  []Event // oldest first, of all legs
	Doubles []Event // oldest first; happenings that stand in Events as another carrier told them
	Dropped int     // how many of the oldest transit scans were let go to stay within MaxEvents
}

// A Leg is what one source said of the parcel beside its events.
type Leg struct {
	Source   carrier.SourceCode
	Carrier  carrier.Code
	Number   string
	Role     Role
	Unique   string
	Service  string
	State    status.Sub // the carrier's word on the whole parcel, "" none
	ETA      carrier.Time
	Onward   []carrier.Leg // numbers of the same parcel elsewhere
	Dropped  int           // its part of History.Dropped
	Answered time.Time     // UTC; the last answer that changed something
}

// An Event is a carrier's event and where it was learned: Source, Carrier and
// Number are those of its leg.
type Event struct {
	carrier.Event
	Source  carrier.SourceCode
	Carrier carrier.Code
	Number  string
	Seen    time.Time // UTC; when Waypost first read it
	List    int       // its place among its leg's events, oldest first
	Rank    int64     // its place among all events, as a Unix time in ms: its instant, or near its neighbours' where it has none
	Pushed  bool      // its source told it by itself, and no answer has told it yet
}

// legKey tells the legs of a history apart.
type legKey struct {
	source  carrier.SourceCode
	carrier carrier.Code
	number  string
}

func (l *Leg) key() legKey   { return legKey{l.Source, l.Carrier, l.Number} }
func (e *Event) key() legKey { return legKey{e.Source, e.Carrier, e.Number} }

// Told returns all that was told by whom is asked, oldest first: also what
// stands in the history as another carrier told it. The events are the history's
// own.
func (h History) Told(a Asking) []*Event { return h.told(legKey{a.Source, a.Carrier, a.Number}) }

// told returns all that a leg's source told, oldest first: also what stands in
// the history as another carrier told it.
func (h History) told(leg legKey) []*Event {
	own := make([]*Event, 0, len(h.Events))
	for _, list := range [][]Event{h.Events, h.Doubles} {
		for i := range list {
			if list[i].key() == leg {
				own = append(own, &list[i])
			}
		}
	}
	slices.SortFunc(own, func(a, b *Event) int { return cmp.Compare(a.List, b.List) })
	return own
}
