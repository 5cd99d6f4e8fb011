package poll

import (
	"fmt"
	"math/rand/v2"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// Days on which something is done, from Monday.
const (
	daily    = "MTWTFSS"
	working  = "MTWTF--"
	delivery = "MTWTFS-"
	gulf     = "MTWT-SS"
)

// A lane makes parcels of one carrier that doesn't exist, as parcels of its kind
// go: collected in the afternoon, sorted in the evening and at night, on the van
// in the morning, handed over by day, and not on every day of the week. Of ten
// scans one keeps to none of that.
type lane struct {
	code    carrier.Code
	home    place.Place
	uploads []int // hours at which the carrier shows its scans; none: within minutes
	way     func(*walk)
}

var (
	germany = place.Place{Country: "DE"}
	china   = place.Place{Country: "CN"}
)

var lanes = []lane{
	{"network", germany, nil, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, daily, 8, 23)
		w.scan(status.InTransitPickedUp, 2*time.Hour, working, 14, 19)
		w.scan(status.InTransitArrival, 30*time.Minute, working, 18, 23.5)
		w.scan(status.InTransitDeparture, 20*time.Minute, daily, 21, 26)
		if w.chance(0.2) {
			w.scan(status.InTransitArrival, time.Hour, delivery, 2, 6)
			w.scan(status.InTransitDeparture, 8*time.Hour, working, 19, 25)
		}
		w.scan(status.InTransitArrival, time.Hour, delivery, 3, 7)
		for w.scan(status.OutForDeliveryOther, 10*time.Minute, delivery, 6.5, 9.5); w.chance(0.07); w.scan(status.OutForDeliveryOther, 6*time.Hour, delivery, 6.5, 9.5) {
			w.scan(status.DeliveryFailureNoBody, time.Hour, delivery, 10, 18)
		}
		w.scan(status.DeliveredOther, 30*time.Minute, delivery, 9, 18)
	}},
	{"post", germany, nil, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, daily, 8, 23)
		w.scan(status.InTransitPickedUp, time.Hour, delivery, 9, 18)
		w.scan(status.InTransitArrival, time.Hour, delivery, 17, 23)
		w.scan(status.InTransitDeparture, time.Hour, delivery, 22, 28)
		w.scan(status.InTransitArrival, time.Hour, delivery, 2, 7)
		if w.chance(0.4) {
			w.scan(status.OutForDeliveryOther, 10*time.Minute, delivery, 7, 9)
		}
		if w.chance(0.08) {
			w.scan(status.AvailableForPickupOther, time.Hour, delivery, 9, 15)
			w.scan(status.DeliveredOther, 8*time.Hour, delivery, 9, 18)
			return
		}
		w.scan(status.DeliveredOther, 30*time.Minute, delivery, 8.5, 15)
	}},
	{"express", place.Place{Country: "US", Region: "IL"}, nil, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, working, 8, 18)
		w.scan(status.InTransitPickedUp, time.Hour, working, 14, 19)
		w.scan(status.InTransitDeparture, time.Hour, working, 18.5, 22)
		w.scan(status.InTransitArrival, time.Hour, daily, 22, 27)
		w.scan(status.InTransitDeparture, 20*time.Minute, delivery, 2.5, 5.5)
		w.scan(status.InTransitArrival, time.Hour, delivery, 4.5, 8)
		w.scan(status.OutForDeliveryOther, 10*time.Minute, working, 7, 9.5)
		w.scan(status.DeliveredOther, 20*time.Minute, working, 8.5, 16)
	}},
	{"regional", place.Place{Country: "IT"}, []int{7, 13, 19, 23}, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, daily, 8, 23)
		w.scan(status.InTransitPickedUp, time.Hour, working, 10, 18)
		w.scan(status.InTransitArrival, time.Hour, working, 18, 24)
		w.scan(status.InTransitArrival, 2*time.Hour, delivery, 4, 9)
		w.scan(status.OutForDeliveryOther, 20*time.Minute, working, 8, 10)
		w.scan(status.DeliveredOther, 30*time.Minute, working, 9, 19)
	}},
	{"airmail", china, nil, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, daily, 9, 24)
		w.scan(status.InTransitPickedUp, 6*time.Hour, daily, 10, 20)
		w.scan(status.InTransitArrival, time.Hour, daily, 17, 25)
		w.scan(status.InTransitDeparture, 8*time.Hour, daily, 18, 30)
		w.scan(status.InTransitCustomsProcessing, 6*time.Hour, daily, 6, 22)
		w.scan(status.InTransitDeparture, 10*time.Hour, daily, 0, 24)
		w.at = germany
		w.scan(status.InTransitArrival, w.between(40, 130), daily, 4, 22)
		w.scan(status.InTransitCustomsProcessing, w.between(4, 30), working, 7, 19)
		if w.chance(0.2) {
			w.scan(status.ExceptionOther, 2*time.Hour, working, 8, 17)
		}
		w.scan(status.InTransitCustomsReleased, w.between(2, 50), working, 8, 18)
		w.scan(status.InTransitDeparture, 3*time.Hour, delivery, 17, 24)
		w.scan(status.InTransitArrival, 3*time.Hour, delivery, 2, 7)
		w.scan(status.OutForDeliveryOther, 10*time.Minute, delivery, 7, 9)
		w.scan(status.DeliveredOther, 30*time.Minute, delivery, 9, 17)
	}},
	{"gulf", place.Place{Country: "SA"}, nil, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, daily, 10, 25)
		w.scan(status.InTransitPickedUp, 2*time.Hour, gulf, 12, 21)
		w.scan(status.InTransitArrival, time.Hour, gulf, 20, 26)
		w.scan(status.InTransitDeparture, 3*time.Hour, gulf, 3, 10)
		for w.scan(status.OutForDeliveryOther, time.Hour, gulf, 9, 16); w.chance(0.2); w.scan(status.OutForDeliveryOther, 8*time.Hour, gulf, 9, 16) {
			w.scan(status.DeliveryFailureNoBody, time.Hour, gulf, 16, 22)
		}
		w.scan(status.DeliveredOther, 30*time.Minute, gulf, 15, 22)
	}},
	{"lockers", place.Place{Country: "PL"}, nil, func(w *walk) {
		w.scan(status.InfoReceivedOnly, 0, daily, 8, 23)
		w.scan(status.InTransitPickedUp, time.Hour, delivery, 10, 20)
		w.scan(status.InTransitArrival, time.Hour, delivery, 18, 25)
		w.scan(status.InTransitDeparture, time.Hour, daily, 22, 29)
		w.scan(status.OutForDeliveryOther, time.Hour, delivery, 6, 9.5)
		w.scan(status.AvailableForPickupOther, time.Hour, delivery, 9, 17)
		w.scan(status.DeliveredOther, w.between(0, 20), daily, 8, 22) // when its receiver comes
	}},
}

// A made parcel is its events and when each could first be read, oldest first.
type made struct {
	asking parcel.Asking
	events []carrier.Event
	shown  []time.Time
}

// make makes a parcel that was ordered at some time.
func (l lane) make(random *rand.Rand, ordered time.Time) made {
	w := &walk{random: random, at: l.home, now: ordered}
	l.way(w)
	m := made{asking: parcel.Asking{Source: carrier.SourceCode(l.code), Carrier: l.code, Number: "1", Role: parcel.Origin}, events: w.events}
	latest := time.Time{}
	for _, e := range w.events {
		shown := e.Time.UTC.Add(time.Duration(random.ExpFloat64() * float64(10*time.Minute))).Truncate(time.Second)
		if len(l.uploads) > 0 {
			shown = l.upload(e.Time.UTC)
		}
		if shown.Before(latest) {
			shown = latest
		}
		latest = shown
		m.shown = append(m.shown, shown)
	}
	return m
}

// upload is when the carrier next shows what it has scanned.
func (l lane) upload(after time.Time) time.Time {
	zone, _ := place.Zone(l.home)
	local := after.In(zone)
	for day := 0; ; day++ {
		for _, hour := range l.uploads {
			if at := time.Date(local.Year(), local.Month(), local.Day()+day, hour, 10, 0, 0, zone); at.After(after) {
				return at.UTC()
			}
		}
	}
}

// A walk makes one event after the other.
type walk struct {
	random *rand.Rand
	at     place.Place
	now    time.Time
	events []carrier.Event
}

func (w *walk) chance(of float64) bool { return w.random.Float64() < of }

// between is a time of from to to hours.
func (w *walk) between(from, to float64) time.Duration {
	return time.Duration((from + (to-from)*w.random.Float64()) * float64(time.Hour))
}

// scan goes on to a time between two hours of one of the days, most likely in
// the middle, no sooner than after the event before. Hours beyond 24 are the
// next day's.
func (w *walk) scan(s status.Sub, after time.Duration, days string, from, to float64) {
	zone, _ := place.Zone(w.at)
	least := w.now.Add(after).In(zone)
	if w.chance(0.1) {
		w.now = least.Add(time.Duration(w.random.ExpFloat64() * float64(6*time.Hour)))
	} else {
		w.now = w.window(least, days, from, to)
	}
	w.now = w.now.Truncate(time.Second)
	w.events = append(w.events, carrier.Event{
		Time:  carrier.Time{Local: w.now.In(zone).Format("2006-01-02T15:04:05"), UTC: w.now.UTC()},
		Place: w.at, Status: s, Code: fmt.Sprint(len(w.events)), Words: "scanned",
	})
}

func (w *walk) window(least time.Time, days string, from, to float64) time.Time {
	for day := 0; ; day++ {
		midnight := time.Date(least.Year(), least.Month(), least.Day()+day, 0, 0, 0, 0, least.Location())
		if days[(int(midnight.Weekday())+6)%7] == '-' {
			continue
		}
		for range 5 {
			at := midnight.Add(w.between(from, (from+to)/2) + w.between(0, (to-from)/2))
			if at.After(least) {
				return at
			}
		}
	}
}
