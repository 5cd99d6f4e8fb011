// Package rhythm knows when carriers' news comes: by carrier, leg and status it
// counts events and the hours that were waited for them, by hour of the week
// and by how long ago the one before was, and tells from that when asking is
// worth a call. It knows nothing of parcels, of who asks, or of what an event
// says.
package rhythm

import (
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A Key is what has a rhythm of its own.
type Key struct {
	Carrier carrier.Code
	Leg     Leg
	Status  status.Sub
}

// main is the key of all of its main status together.
func (k Key) main() Key {
	k.Status = status.Sub(k.Status.Main())
	return k
}

// A Leg is a carrier's part of a parcel's way.
type Leg string

// Legs.
const (
	Home     Leg = "home"      // it has been in one country
	Abroad   Leg = "abroad"    // it has been in several
	LastMile Leg = "last_mile" // another carrier handed it on
)

// A Gap is the time from one event of a leg to when the next could be read,
// both in the local time there. The key's status is what the earlier one led to.
type Gap struct {
	Key
	From, To time.Time
}

// Counts are kept in cells: an hour of the week, from Monday at 0, and an age,
// which is how long ago the last event was.
const (
	hours = 7 * 24
	ages  = 8
	cells = hours * ages
)

// since is where each age begins.
var since = [ages]time.Duration{
	0, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 96 * time.Hour,
}

// A span is a time that lies in one cell.
type span struct {
	hour, age int
	lasts     time.Duration
}

func (s span) cell() int { return s.hour*ages + s.age }

// spans tells the spans from one moment to another, the last event being given,
// until tell returns false. From's zone is the place's, and its offset holds to
// the end.
func spans(last, from, to time.Time, tell func(span) bool) {
	_, offset := from.Zone()
	wall := from.UTC().Add(time.Duration(offset) * time.Second)
	age := 0
	for from.Before(to) {
		old := from.Sub(last)
		for age < ages-1 && old >= since[age+1] {
			age++
		}
		lasts := min(wall.Truncate(time.Hour).Add(time.Hour).Sub(wall), to.Sub(from))
		if age < ages-1 {
			lasts = min(lasts, since[age+1]-old)
		}
		if !tell(span{hourOfWeek(wall), age, lasts}) {
			return
		}
		from, wall = from.Add(lasts), wall.Add(lasts)
	}
}

func hourOfWeek(wall time.Time) int { return (int(wall.Weekday())+6)%7*24 + wall.Hour() }
