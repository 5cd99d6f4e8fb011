package webhook

import (
	"math/rand/v2"
	"time"
)

// A Schedule is when a delivery that failed is tried again.
type Schedule string

// Schedules.
const (
	Patient    Schedule = "patient"    // thirteen times, soon at first, within 28 hours
	Compatible Schedule = "compatible" // after 10, 30 and 60 minutes (17TRACK Tracking API, webhooks)
)

// Schedules are all of them.
var Schedules = []Schedule{Patient, Compatible}

// waits are how long after each failure the next attempt comes; after the last
// there is none.
func (s Schedule) waits() []time.Duration {
	if s == Compatible {
		return []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour}
	}
	return []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour,
	}
}

// again is how long to wait after so many failures; false when it is given up.
func (s Schedule) again(failures int, pace float64) (time.Duration, bool) {
	waits := s.waits()
	if failures > len(waits) {
		return 0, false
	}
	return jitter(waits[failures-1], pace), true
}

// The breaker: after so many failures in a row an endpoint is left alone, at
// first shortly, then longer, and one attempt decides whether it works again.
const (
	breakAfter   = 10
	openFirst    = 10 * time.Second
	openLongest  = 15 * time.Minute
	tellFailing  = time.Hour // its owner, once it has failed for so long
	jitterSpread = 0.1       // either way
)

// openFor is how long an endpoint is left alone the nth time in a row.
func openFor(n int, pace float64) time.Duration {
	wait := openFirst
	for i := 1; i < n && wait < openLongest; i++ {
		wait *= 2
	}
	return jitter(min(wait, openLongest), pace)
}

// jitter keeps what failed together from coming back together.
func jitter(d time.Duration, pace float64) time.Duration {
	return time.Duration(float64(d) * pace * (1 - jitterSpread + 2*jitterSpread*rand.Float64()))
}
