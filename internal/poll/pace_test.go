package poll

import (
	"math/rand/v2"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/rhythm"
	"waypost/internal/status"
)

// A carrier of which nothing is known is asked at intervals that its data can
// change in.
func TestPace(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)  // a Monday
	bergen := place.Place{Country: "NO", City: "Bergen"} // an hour ahead of UTC
	tokyo := place.Place{Country: "JP"}                  // nine hours
	for _, tc := range []struct {
		name        string
		s           parcel.Standing
		leg         leg
		slow        float64
		least, most time.Duration // both 0: never
	}{
		{"not found, new", parcel.Standing{Status: status.NotFoundOther, Known: now.Add(-time.Hour)}, leg{}, 1, 2 * time.Hour, 4 * time.Hour},
		{"not found for four days", parcel.Standing{Status: status.NotFoundOther, Known: now.AddDate(0, 0, -4)}, leg{}, 1, 12 * time.Hour, 24 * time.Hour},
		{"given up", parcel.Standing{Status: status.ExpiredOther}, leg{}, 1, 0, 0},
		{"no number of its carrier", parcel.Standing{Status: status.NotFoundInvalidCode}, leg{}, 1, 0, 0},
		{"announced", parcel.Standing{Status: status.InfoReceivedOnly}, leg{}, 1, 4 * time.Hour, 6 * time.Hour},
		{"on its way at home", parcel.Standing{Status: status.InTransitOther}, leg{}, 1, 2 * time.Hour, 3 * time.Hour},
		{"on its way abroad", parcel.Standing{Status: status.InTransitOther}, leg{key: rhythm.Key{Leg: rhythm.Abroad}}, 1, 6 * time.Hour, 8 * time.Hour},
		{"on its way on a working day", parcel.Standing{Status: status.InTransitOther}, leg{where: bergen}, 1, 2 * time.Hour, 3 * time.Hour},
		{"half of the budget is used", parcel.Standing{Status: status.InTransitOther}, leg{}, 1.5, 3 * time.Hour, 270 * time.Minute},
		{"silent for a month", parcel.Standing{Status: status.InTransitOther, Quiet: true}, leg{}, 1, 20 * time.Hour, 28 * time.Hour},
		{"out for delivery by day", parcel.Standing{Status: status.OutForDeliveryOther}, leg{where: bergen}, 1, 15 * time.Minute, 30 * time.Minute},
		{"out for delivery for two days", parcel.Standing{Status: status.OutForDeliveryOther, Stale: true}, leg{last: now.AddDate(0, 0, -2)}, 1, 4 * time.Hour, 6 * time.Hour},
		{"out for delivery at nine in the evening", parcel.Standing{Status: status.OutForDeliveryOther}, leg{where: tokyo}, 1, 10 * time.Hour, 11 * time.Hour},
		{"out for delivery, by the offset that the carrier prints", parcel.Standing{Status: status.OutForDeliveryOther}, leg{newest: &parcel.Event{Event: carrier.Event{
			Time: carrier.Time{Local: "2026-03-01T23:00:00", UTC: now.Add(-24 * time.Hour)}}}}, 1, 8 * time.Hour, 9 * time.Hour},
		{"out for delivery where the hour isn't known", parcel.Standing{Status: status.OutForDeliveryOther}, leg{}, 1, 25 * time.Minute, 40 * time.Minute},
		{"to be picked up", parcel.Standing{Status: status.AvailableForPickupOther}, leg{}, 1, 2 * time.Hour, 4 * time.Hour},
		{"not handed over", parcel.Standing{Status: status.DeliveryFailureNoBody}, leg{}, 1, 2 * time.Hour, 4 * time.Hour},
		{"something is wrong", parcel.Standing{Status: status.ExceptionDelayed}, leg{}, 1, 4 * time.Hour, 6 * time.Hour},
		{"just delivered", parcel.Standing{Status: status.DeliveredOther, Learned: now}, leg{}, 1, 24 * time.Hour, 25 * time.Hour},
		{"delivered, looked at an hour later", parcel.Standing{Status: status.DeliveredOther, Learned: now.Add(-time.Hour)}, leg{}, 1, 23 * time.Hour, 24 * time.Hour},
		{"delivered, and looked at once more", parcel.Standing{Status: status.DeliveredOther, Learned: now.Add(-25 * time.Hour)}, leg{}, 1, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.s.Now = now
			tc.leg.key.Status = tc.s.Status
			if tc.leg.last.IsZero() {
				tc.leg.last = now
			}
			rates := rhythm.Expected(tc.leg.key)
			for _, r := range []float64{0, 0.5, 0.999999} {
				p := pace{factor: 1, random: func() float64 { return r }}
				got := p.next(tc.s, tc.leg, rates, tc.slow)
				if tc.most == 0 {
					if !got.IsZero() {
						t.Fatalf("asked again at %v, want never", got)
					}
					continue
				}
				if wait := got.Sub(now); wait < tc.least || wait > tc.most {
					t.Errorf("asked again after %v, want %v to %v", wait, tc.least, tc.most)
				}
			}
			quick := pace{factor: 0.001, random: func() float64 { return 0.5 }}
			tc.s.Learned = now.Add(-now.Sub(tc.s.Learned) / 1000)
			if wait := quick.next(tc.s, tc.leg, rates, tc.slow).Sub(now); tc.most > 0 && (wait < tc.least/1000-time.Second || wait > tc.most/1000+time.Second) {
				t.Errorf("a thousand times as quick: after %v, want %v to %v", wait, tc.least/1000, tc.most/1000)
			}
		})
	}
}

// Whatever the parcel and the rhythm are: a finished one is asked once more at
// most, another never in the past, sooner than may be or later than is decent.
func TestAWaitIsBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	zone, _ := place.Zone(place.Place{Country: "JP"})
	for range 2000 {
		now := time.Date(2026, 1, 5, 0, 0, 0, 0, zone).Add(time.Duration(random.Int64N(int64(14 * day))))
		ago := func() time.Time { return now.Add(-time.Duration(random.Int64N(int64(40 * day)))) }
		s := parcel.Standing{Now: now, Known: ago(), Learned: ago(), Status: status.Subs[random.IntN(len(status.Subs))], Stale: random.IntN(2) == 0, Quiet: random.IntN(5) == 0}
		l := leg{key: rhythm.Key{Leg: rhythm.Home, Status: s.Status}, last: ago()}
		if random.IntN(2) == 0 {
			l.where = place.Place{Country: "JP"}
		}
		slow := 1 + 3*random.Float64()
		at := pace{factor: 1, random: random.Float64}.next(s, l, rhythm.Expected(l.key), slow)
		wait := at.Sub(now)
		switch {
		case s.Status.Final() || s.Status == status.ExpiredOther || s.Status == status.NotFoundInvalidCode:
			if !at.IsZero() && (wait < 0 || at.After(s.Learned.Add(day+time.Hour))) {
				t.Fatalf("%+v: asked again after %v", s, wait)
			}
		case wait < soonest || wait > time.Duration(slow*float64(28*time.Hour)):
			t.Fatalf("%+v, %+v: asked again after %v", s, l, wait)
		case s.Status.Main() == status.OutForDelivery && !l.where.IsZero() && (now.Hour() < morning || now.Hour() >= evening) && at.Hour() != morning:
			t.Fatalf("%+v, %+v: out for delivery, and asked at night, at %v", s, l, at)
		}
	}
}

func TestCallsThatAreShortAreMadeLater(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	due := func(late ...time.Duration) (asks []parcel.Claimed) {
		for _, d := range late {
			asks = append(asks, parcel.Claimed{Due: now.Add(-d)})
		}
		return asks
	}
	for _, tc := range []struct {
		name  string
		taken parcel.Taken
		want  float64
	}{
		{"nothing is due", parcel.Taken{}, 1},
		{"all is asked in time", parcel.Taken{Asks: due(0, -time.Second)}, 1},
		{"half of the budget is used", parcel.Taken{Used: 0.5}, 1.5},
		{"asks are late", parcel.Taken{Asks: due(time.Minute, 90*time.Minute, 0)}, 2.5},
		{"asks are late, because the program stood still", parcel.Taken{Asks: due(10 * day)}, 3},
		{"the budget is used, and asks are late", parcel.Taken{Used: 1, Asks: due(time.Hour)}, 3},
	} {
		if got := slow(tc.taken, now); got != tc.want {
			t.Errorf("%s: %v times as long, want %v", tc.name, got, tc.want)
		}
	}
}

func TestRetry(t *testing.T) {
	p := newPace(1)
	for _, tc := range []struct {
		name        string
		failures    int
		asked       time.Duration
		least, most time.Duration
	}{
		{"the first failure", 1, 0, 12 * time.Second, 2 * time.Minute},
		{"the fifth in a row", 5, 0, 192 * time.Second, 32 * time.Minute},
		{"the thousandth", 1000, 0, 36 * time.Minute, 6 * time.Hour},
		{"no sooner than it was asked to", 1, time.Hour, time.Hour, 90 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for range 200 {
				if wait := p.retry(tc.failures, tc.asked); wait < tc.least || wait > tc.most {
					t.Fatalf("waits %v, want %v to %v", wait, tc.least, tc.most)
				}
			}
		})
	}
}
