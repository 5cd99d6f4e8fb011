package poll

import (
	"math"
	"math/rand/v2"
	"time"

	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// A pace says when to ask again. Intervals come from what carriers' data can
// change in that time; they are spread, so that parcels that were asked
// together are not asked together for ever.
type pace struct {
	factor float64        // stretches every interval; 1 is the carriers' pace
	random func() float64 // from 0 to 1, without 1
}

func newPace(factor float64) pace {
	if factor <= 0 {
		factor = 1
	}
	return pace{factor: factor, random: rand.Float64}
}

const day = 24 * time.Hour

// next returns when a source that has just answered is asked again: used is
// the share of its account's budget that is spent, which slows the pace to
// half. The zero time means never: the parcel is at its end and was looked at
// once more a day later, or it is given up.
func (p pace) next(s parcel.Standing, used float64) time.Time {
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
	if wait, night := untilMorning(s); night {
		return s.Now.Add(p.times(wait, 1) + p.within(0, p.times(time.Hour, 1)))
	}
	least, most := interval(s)
	slow := 1 + min(max(used, 0), 1)
	return s.Now.Add(p.within(p.times(least, slow), p.times(most, slow)))
}

// interval is how long to wait, from and to, by status and age.
func interval(s parcel.Standing) (least, most time.Duration) {
	switch s.Status.Main() {
	case status.NotFound:
		if !s.Known.IsZero() && s.Now.Sub(s.Known) > 3*day {
			return 12 * time.Hour, 24 * time.Hour
		}
		return 2 * time.Hour, 4 * time.Hour
	case status.OutForDelivery:
		if s.Stale {
			return 4 * time.Hour, 6 * time.Hour
		}
		return 15 * time.Minute, 30 * time.Minute
	}
	if s.Quiet {
		return 20 * time.Hour, 28 * time.Hour
	}
	switch s.Status.Main() {
	case status.InTransit:
		if s.Abroad {
			return 6 * time.Hour, 8 * time.Hour
		}
		return 2 * time.Hour, 3 * time.Hour
	case status.AvailableForPickup, status.DeliveryFailure:
		return 2 * time.Hour, 4 * time.Hour
	}
	return 4 * time.Hour, 6 * time.Hour // InfoReceived, Exception
}

// Nobody delivers between these hours, by the clock of the place.
const (
	evening = 21
	morning = 7
)

// untilMorning returns how long it is until the vans go out again, and whether
// a parcel that is out for delivery waits for that.
func untilMorning(s parcel.Standing) (time.Duration, bool) {
	if s.Status.Main() != status.OutForDelivery {
		return 0, false
	}
	local, known := clock(s)
	if !known || local.Hour() >= morning && local.Hour() < evening {
		return 0, false
	}
	at := time.Date(local.Year(), local.Month(), local.Day(), morning, 0, 0, 0, local.Location())
	if local.Hour() >= evening {
		at = at.AddDate(0, 0, 1)
	}
	return at.Sub(local), true
}

// clock is the time of day where the parcel is: by the place, else by the
// offset that the carrier printed.
func clock(s parcel.Standing) (time.Time, bool) {
	if zone, ok := place.Zone(s.Where); ok {
		return s.Now.In(zone), true
	}
	if s.Event == nil || s.Event.Time.UTC.IsZero() {
		return time.Time{}, false
	}
	wall, err := time.Parse("2006-01-02T15:04:05", s.Event.Time.Local)
	if err != nil {
		return time.Time{}, false
	}
	offset := int(wall.Sub(s.Event.Time.UTC) / time.Second)
	return s.Now.In(time.FixedZone("", offset)), true
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
