package parcel

import (
	"cmp"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/place"
)

// ahead is how far an event may lie in the future of its reading before its
// time is taken for a slip of the carrier's clock.
const ahead = 48 * time.Hour

// A placed event knows its leg's place in the history.
type placed struct {
	Event
	leg int
}

func (p placed) compare(q placed) int {
	return cmp.Or(cmp.Compare(p.Rank, q.Rank), cmp.Compare(p.leg, q.leg), cmp.Compare(p.List, q.List))
}

// anchored reports whether an event's time can be compared with other sources':
// an instant, not a day, and not one that lies years ahead.
func anchored(e *Event) bool {
	return !e.Time.UTC.IsZero() && !e.Time.DayOnly() && e.Time.UTC.Before(e.Seen.Add(ahead))
}

// arrange puts the events of one leg in order, and gives each its place in the
// leg and among other legs' events. Those with an
// instant are sorted by it, then by the carrier's sequence, then by their place
// in the carrier's list. Those without keep their place between the others.
func arrange(events []Event) []Event {
	var slots []int
	for i := range events {
		if anchored(&events[i]) {
			slots = append(slots, i)
		}
	}
	sorted := make([]Event, len(slots))
	for i, slot := range slots {
		sorted[i] = events[slot]
	}
	slices.SortStableFunc(sorted, func(a, b Event) int {
		return cmp.Or(a.Time.UTC.Compare(b.Time.UTC), cmp.Compare(a.Order, b.Order))
	})
	arranged := slices.Clone(events)
	for i, slot := range slots {
		arranged[slot] = sorted[i]
	}
	byOneClock(arranged)
	for i := range arranged {
		arranged[i].List = i
	}
	rank(arranged)
	return arranged
}

// byOneClock sorts neighbours without an instant that are of one place, and so
// of one clock, by their wall times.
func byOneClock(events []Event) {
	alike := func(a, b *Event) bool {
		return a.Place == b.Place && !a.Place.IsZero() && onTheWall(a) && onTheWall(b)
	}
	for from := 0; from < len(events); {
		to := from + 1
		for to < len(events) && alike(&events[from], &events[to]) {
			to++
		}
		slices.SortStableFunc(events[from:to], func(a, b Event) int { return cmp.Compare(a.Time.Local, b.Time.Local) })
		from = to
	}
}

// onTheWall reports whether an event has a wall time and no instant.
func onTheWall(e *Event) bool {
	_, ok := wallClock(e.Time)
	return ok && e.Time.UTC.IsZero() && !e.Time.DayOnly()
}

// rank places a leg's events, which are in order, among other legs'; ranks never
// fall along a leg. An event without an instant stands between its neighbours in
// the carrier's list; where that leaves room, its wall time decides, by a clock
// near its place, which may be some hours off and is used for nothing else.
func rank(events []Event) {
	known := make([]bool, len(events))
	var floor int64
	bounded := false
	for i := range events {
		e := &events[i]
		if anchored(e) {
			e.Rank, known[i] = e.Time.UTC.UnixMilli(), true
			floor, bounded = e.Rank, true
			continue
		}
		if wall, ok := roughly(e); ok && wall.Before(e.Seen.Add(ahead)) {
			e.Rank, known[i] = wall.UnixMilli(), true
		}
		if bounded && (!known[i] || e.Rank < floor) {
			e.Rank, known[i] = floor, true
		}
		if known[i] {
			floor, bounded = e.Rank, true
		}
	}
	lower(events, known)
}

// lower brings what stands above a later event down to it, and gives those
// before the first known time that time.
func lower(events []Event, known []bool) {
	var ceiling int64
	bounded := false
	for i := len(events) - 1; i >= 0; i-- {
		switch e := &events[i]; {
		case !known[i] && !bounded:
			e.Rank = e.Seen.UnixMilli()
		case bounded && (!known[i] || e.Rank > ceiling):
			e.Rank = ceiling
		}
		ceiling, bounded = events[i].Rank, true
	}
}

// roughly is when an event without an instant was: by a clock near its place,
// else as if clocks were the same everywhere.
func roughly(e *Event) (time.Time, bool) {
	wall, ok := wallClock(e.Time)
	if zone, near := place.Near(e.Place); ok && near && !e.Time.DayOnly() {
		y, m, d := wall.Date()
		wall = time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	}
	return wall, ok
}

// wallClock is a wall time or day as if clocks were the same everywhere.
func wallClock(t carrier.Time) (time.Time, bool) {
	layout := wallTime
	if t.DayOnly() {
		layout = time.DateOnly
	}
	wall, err := time.Parse(layout, t.Local)
	return wall, err == nil && plausible(wall)
}
