package rhythm

import (
	"sync"
	"time"

	"waypost/internal/status"
)

// What is expected of a carrier of which nothing was seen: that it is worth
// asking so often, by status, as its data can change in that time, more so when
// people work.
type expectation struct {
	every  time.Duration // in an average hour, soon after an event
	worth  time.Duration // of a call
	hours  [24]float64   // how the hours of a day compare
	fading float64       // what is left of the rate when nothing has come for two days
}

var (
	doors   = byHour(0.05, 1.2, 2, 1.2, 0.1)   // where people live
	desks   = byHour(0.25, 1.2, 1.5, 1.3, 0.5) // where people work, and hand parcels in and out
	depots  = byHour(0.9, 1.3, 0.9, 1, 1.3)    // where parcels are sorted: evenings, nights, early mornings
	weekday = [7]float64{1.1, 1.1, 1.1, 1.1, 1.1, 0.9, 0.5}
)

// byHour are the hours of a day from 0, 6, 9, 17 and 21 o'clock.
func byHour(night, early, day, late, evening float64) (all [24]float64) {
	for hour := range all {
		switch {
		case hour < 6:
			all[hour] = night
		case hour < 9:
			all[hour] = early
		case hour < 17:
			all[hour] = day
		case hour < 21:
			all[hour] = late
		default:
			all[hour] = evening
		}
	}
	return all
}

func expectationOf(leg Leg, s status.Main) expectation {
	switch s {
	case status.NotFound, status.AvailableForPickup, status.DeliveryFailure:
		return expectation{3 * time.Hour, Worth, desks, 0.5}
	case status.OutForDelivery:
		return expectation{30 * time.Minute, WorthNear, doors, 0.1}
	case status.InTransit:
		if leg == Abroad {
			return expectation{7 * time.Hour, Worth, depots, 0.8}
		}
		return expectation{150 * time.Minute, Worth, depots, 0.5}
	}
	return expectation{5 * time.Hour, Worth, desks, 0.5}
}

// rates are those with which a call is worth it after every, on average:
// worth = rate·every²/2.
func (e expectation) rates() *table {
	rate := &table{}
	every := e.every.Hours()
	mean := 2 * e.worth.Hours() / (every * every)
	sum := 0.0
	for hour := range hours {
		sum += e.hours[hour%24] * weekday[hour/24]
	}
	for i := range rate {
		hour, age := i/ages, i%ages
		rate[i] = mean * e.hours[hour%24] * weekday[hour/24] * hours / sum
		if since[age] >= 48*time.Hour {
			rate[i] *= e.fading
		}
	}
	return rate
}

// Expected are the rates of a key of which nothing was seen.
func Expected(k Key) *Rates {
	at := Key{Leg: k.Leg, Status: k.Status}.main()
	if r, ok := expected.Load(at); ok {
		return r.(*Rates)
	}
	r := expectationOf(k.Leg, k.Status.Main()).rates().fixed()
	expected.Store(at, r)
	return r
}

var expected sync.Map // Key of leg and main status → *Rates
