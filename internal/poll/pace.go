package poll

import (
	"math"
	"math/rand/v2"
	"time"

	"waypost/internal/parcel"
	"waypost/internal/rhythm"
	"waypost/internal/status"
)

// A pace says when to ask again: when news is likely enough, by what is known of
// the carrier's rhythm. Times are spread, so that parcels that were asked
// together are not asked together for ever.
type pace struct {
	factor float64        // stretches every wait; 1 is the carriers' pace
	random func() float64 // from 0 to 1, without 1
}

func newPace(factor float64) pace {
	if factor <= 0 {
		factor = 1
	}
	return pace{factor: factor, random: rand.Float64}
}

const day = 24 * time.Hour

// Bounds of a wait, whatever the rhythm. Where calls are short the longest is
// longer, up to a day.
const (
	soonest    = 10 * time.Minute
	latest     = 12 * time.Hour
	latestNear = 2 * time.Hour // out for delivery, by day
)

// next returns when a source that has just answered is asked again; slow times
// as late as is worth it where calls are short. The zero time means never: the
// parcel is at its end and was looked at once more a day later, or it is given up.
func (p pace) next(s parcel.Standing, l leg, rates *rhythm.Rates, slow float64) time.Time {
	if s.Status == status.ExpiredOther || s.Status == status.NotFoundInvalidCode {
		return time.Time{}
	}
	if s.Status.Final() {
		again := s.Learned.Add(p.times(day, 1))
		if !s.Now.Before(again) {
			return time.Time{}
		}
		return again.Add(p.within(0, p.times(time.Hour, 1)))
	}
	local, known := l.clock(s.Now)
	if wait, night := untilMorning(s, local); night && known {
		return s.Now.Add(p.times(wait, 1) + p.within(0, p.times(time.Hour, 1)))
	}
	if least, most, rare := rarely(s, l); rare {
		return s.Now.Add(p.within(p.times(least, slow), p.times(most, slow)))
	}
	m := rhythm.Moment{Last: l.last, Now: local, NoClock: !known, Worth: rhythm.Worth, Most: latest}
	if s.Status.Main() == status.OutForDelivery && !s.Stale {
		m.Worth, m.Most = rhythm.WorthNear, latestNear
	}
	m.Worth = time.Duration(float64(m.Worth) * slow * slow * (0.75 + p.random()/2)) // waits are as its square root
	m.Most = min(time.Duration(float64(m.Most)*slow), day)
	m.Most -= p.within(0, m.Most/8)
	return s.Now.Add(p.times(max(rates.Wait(m), soonest), 1))
}

// rarely are the intervals, from and to, of a parcel that nothing is heard of, or
// of which is heard without asking.
func rarely(s parcel.Standing, l leg) (least, most time.Duration, rare bool) {
	switch {
	case s.Status.Main() == status.NotFound && !s.Known.IsZero() && s.Now.Sub(s.Known) > 3*day:
		return 12 * time.Hour, 24 * time.Hour, true
	case s.Quiet, l.pushed:
		return 20 * time.Hour, 28 * time.Hour, true
	}
	return 0, 0, false
}

// Nobody delivers between these hours, by the clock of the place.
const (
	evening = 21
	morning = 7
)

// untilMorning returns how long it is until the vans go out again, and whether
// a parcel that is out for delivery waits for that.
func untilMorning(s parcel.Standing, local time.Time) (time.Duration, bool) {
	if s.Status.Main() != status.OutForDelivery || local.Hour() >= morning && local.Hour() < evening {
		return 0, false
	}
	at := time.Date(local.Year(), local.Month(), local.Day(), morning, 0, 0, 0, local.Location())
	if local.Hour() >= evening {
		at = at.AddDate(0, 0, 1)
	}
	return at.Sub(local), true
}

// How long to leave a source alone that failed.
const (
	firstRetry   = time.Minute
	longestRetry = 6 * time.Hour
)

// retry returns how long to wait after so many failures in a row: a random
// time up to a bound that doubles, and no less than what the source asked for,
// spread over half of that again.
func (p pace) retry(failures int, asked time.Duration) time.Duration {
	most := longestRetry
	if failures < 10 {
		most = min(most, firstRetry<<max(failures, 0))
	}
	most = p.times(most, 1)
	return max(p.within(most/10, most), asked+p.within(0, asked/2))
}

func (p pace) times(d time.Duration, slow float64) time.Duration {
	return time.Duration(math.Min(float64(d)*p.factor*slow, math.MaxInt64/4))
}

func (p pace) within(least, most time.Duration) time.Duration {
	return least + time.Duration(p.random()*float64(most-least))
}
