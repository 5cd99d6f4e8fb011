package track17

import (
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// How v1 writes times: by the clock where it happened, or UTC where it was asked.
const (
	eventMinute = "2006-01-02 15:04"
	askedSecond = "2006-01-02 15:04:05"
	neverAsked  = "2079-01-01 00:00:00"
)

// Whether a query of v1 went well.
const (
	queryGood   = 1
	queryNone   = 2 // no information
	queryFailed = 12
	queryKept   = 22 // failed, what was known before is shown
)

// state is v1's number of a main status (17TRACK Tracking API v1, "e").
func state(m status.Main, events int) int64 {
	switch m {
	case status.InfoReceived:
		if events == 0 {
			return 0
		}
		return 10
	case status.InTransit, status.OutForDelivery:
		return 10
	case status.Expired:
		return 20
	case status.AvailableForPickup:
		return 30
	case status.DeliveryFailure:
		return 35
	case status.Delivered:
		return 40
	case status.Exception:
		return 50
	}
	return 0
}

// statusOf are the main statuses that a number of v1 stands for.
var statusOf = map[int][]status.Main{
	0: {status.NotFound}, 10: {status.InfoReceived, status.InTransit, status.OutForDelivery}, 20: {status.Expired},
	30: {status.AvailableForPickup}, 35: {status.DeliveryFailure}, 40: {status.Delivered}, 50: {status.Exception},
}

// track writes v1's detail. Of the providers it has room for two.
func (r *rendering) track(t *text) {
	all := r.providers()
	first := all[len(all)-1] // the origin's
	var second provider
	if len(all) > 1 {
		second = all[0]
	}
	from, to := r.ends()
	t.num("w1", keyOf(r.catalogue, first.carrier))
	t.num("w2", keyOf(r.catalogue, second.carrier))
	t.num("b", int64(countries[from.Country]))
	t.num("c", int64(countries[to.Country]))
	t.num("e", state(r.standing.Status.Main(), len(r.Parcel.History.Events)))
	t.num("f", r.transit())
	if e := r.standing.Newest; e != nil {
		t.object("z0", func() { event1(t, e) })
	} else {
		t.null("z0")
	}
	t.array("z1", func() { events1(t, first.events) })
	t.array("z2", func() { events1(t, second.events) })
	t.array("z9", func() {})
	t.num("ygt1", 0)
	t.num("ygt2", 0)
	t.num("ygt9", 0)
	t.str("ylt1", asked1(first.asked))
	t.str("ylt2", asked1(second.asked))
	t.str("ylt9", neverAsked)
	t.num("is1", first.query())
	t.num("is2", second.query())
	t.opt("ln1", r.langOf(first.source))
	t.opt("ln2", r.langOf(second.source))
	t.null("ln9")
	var events []*parcel.Event
	for i := range r.Parcel.History.Events {
		events = append(events, &r.Parcel.History.Events[i])
	}
	t.num("hs", int64(eventsHash(events)))
	t.str("yt", "")
}

// transit is for how many days the parcel has been on its way, −1 unknown.
func (r *rendering) transit() int64 {
	if len(r.Parcel.History.Events) == 0 {
		return -1
	}
	return int64(r.standing.DaysOfTransit)
}

// query is how the last query went, 0 where nobody was asked.
func (p provider) query() int64 {
	switch {
	case p.carrier == "" || p.asked.IsZero():
		return 0
	case p.failed && len(p.events) > 0:
		return queryKept
	case p.failed:
		return queryFailed
	case len(p.events) == 0:
		return queryNone
	}
	return queryGood
}

func asked1(at time.Time) string {
	if at.IsZero() {
		return neverAsked
	}
	return at.UTC().Format(askedSecond)
}

func events1(t *text, events []*parcel.Event) {
	for _, e := range events {
		t.object("", func() { event1(t, e) })
	}
}

func event1(t *text, e *parcel.Event) {
	place, more := places1(e.Place)
	t.str("a", minute(e.Time))
	t.null("b")
	t.str("c", place)
	t.str("d", more)
	t.str("z", e.Words)
}

// minute is an event's own time, to the minute; midnight where the carrier told
// the day alone.
func minute(at carrier.Time) string {
	if at.DayOnly() {
		return at.Local + " 00:00"
	}
	wall := strings.Replace(at.Local, "T", " ", 1)
	return wall[:min(len(wall), len(eventMinute))]
}

// places1 is a place as v1 writes it: the carrier's words, and what else is known.
func places1(p place.Place) (name, more string) {
	name = located(p)
	if p.Name != "" && p.City != "" && p.NameTells() {
		more = located(place.Place{City: p.City, Region: p.Region, Country: p.Country})
	}
	return name, more
}
