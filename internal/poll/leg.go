package poll

import (
	"time"

	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/rhythm"
	"waypost/internal/status"
)

// A leg is how far a source has told its part of a parcel's way.
type leg struct {
	key     rhythm.Key
	last    time.Time     // when its last event was; before the first, when Waypost was first asked
	newest  *parcel.Event // nil when it has told none
	where   place.Place   // where it last was
	country string        // where it first was
	pushed  bool          // its source tells by itself what happens
}

func newLeg(a parcel.Asking, known time.Time) leg {
	l := leg{key: rhythm.Key{Carrier: a.Carrier, Leg: rhythm.Home, Status: status.NotFoundOther}, last: known}
	if a.Role == parcel.Destination {
		l.key.Leg = rhythm.LastMile
	}
	return l
}

// legOf is the leg of whom is asked, as its history tells it.
func legOf(h parcel.History, a parcel.Asking, known time.Time) leg {
	l := newLeg(a, known)
	for _, e := range h.Told(a) {
		l.hear(e)
	}
	return l
}

// hear takes the leg's next event.
func (l *leg) hear(e *parcel.Event) {
	l.newest, l.last = e, time.UnixMilli(e.Rank).UTC()
	switch {
	case e.Status != "":
		l.key.Status = e.Status
	case l.key.Status == status.NotFoundOther:
		l.key.Status = status.InTransitOther
	}
	if e.Place.IsZero() {
		return
	}
	l.where = e.Place
	switch country := e.Place.Country; {
	case l.country == "":
		l.country = country
	case country != "" && country != l.country && l.key.Leg == rhythm.Home:
		l.key.Leg = rhythm.Abroad
	}
}

// clock is a moment by the clock of the place where the leg is, else by the
// offset that its carrier prints.
func (l *leg) clock(at time.Time) (time.Time, bool) {
	if zone, ok := place.Zone(l.where); ok {
		return at.In(zone), true
	}
	if l.newest == nil || l.newest.Time.UTC.IsZero() {
		return at, false
	}
	wall, err := time.Parse("2006-01-02T15:04:05", l.newest.Time.Local)
	if err != nil {
		return at, false
	}
	offset := int(wall.Sub(l.newest.Time.UTC) / time.Second)
	return at.In(time.FixedZone("", offset)), true
}
