package rhythm

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"waypost/internal/status"
)

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// transit is a rhythm of these tests.
var transit = Key{"fjordpost", Home, status.InTransitOther}

// learned are rates after gaps of one key.
func learned(k Key, gaps ...Gap) *Rates {
	c := &counts{}
	for _, g := range gaps {
		c.add(g)
	}
	return expectationOf(k.Leg, k.Status.Main()).rates().fit(c).fixed()
}

// nightly are the gaps of a carrier some of whose parcels are read at three each
// night, but on Sundays.
func nightly(weeks, parcels int) []Gap {
	var all []Gap
	last := monday.Add(3 * time.Hour)
	for day := 1; day <= 7*weeks; day++ {
		at := monday.AddDate(0, 0, day).Add(3*time.Hour + time.Duration(day)*time.Minute)
		if at.Weekday() == time.Sunday {
			continue
		}
		all = append(all, slices.Repeat([]Gap{{transit, last, at}}, parcels)...)
		last = at
	}
	return all
}

func TestWhoTellsAtNightIsAskedAtNight(t *testing.T) {
	rates := learned(transit, nightly(8, 10)...)
	for _, tc := range []struct {
		name        string
		last, now   time.Time
		least, most time.Duration
	}{
		{"in the evening", monday.Add(3 * time.Hour), monday.Add(20 * time.Hour), 7 * time.Hour, 8 * time.Hour},
		{"a Saturday's evening", monday.AddDate(0, 0, 5).Add(3 * time.Hour), monday.AddDate(0, 0, 5).Add(20 * time.Hour), 12 * time.Hour, 12 * time.Hour},
		{"while it tells", monday.Add(3 * time.Hour), monday.Add(27 * time.Hour), 0, 20 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wait := rates.Wait(Moment{Last: tc.last, Now: tc.now, Worth: Worth, Most: 12 * time.Hour})
			if wait < tc.least || wait > tc.most {
				t.Errorf("waits %v, want %v to %v", wait, tc.least, tc.most)
			}
		})
	}
}

func TestTheHourIsTheOneOfThePlace(t *testing.T) {
	rates := learned(transit, nightly(8, 10)...)
	wait := func(zone *time.Location, noClock bool) time.Duration {
		now := monday.Add(20 * time.Hour).In(zone)
		return rates.Wait(Moment{Last: now.Add(-17 * time.Hour), Now: now, NoClock: noClock, Worth: Worth, Most: 12 * time.Hour})
	}
	utc, tokyo := wait(time.UTC, false), wait(time.FixedZone("", 9*3600), false)
	if tokyo < utc+time.Hour {
		t.Errorf("at eight in the evening waits %v for three o'clock, at five in the morning %v", utc, tokyo)
	}
	if a, b := wait(time.UTC, true), wait(time.FixedZone("", 9*3600), true); a != b {
		t.Errorf("where nobody knows the hour waits %v or %v", a, b)
	}
}

// Whatever was seen and is asked: never in the past, never later than may be,
// and the longer the more a call is worth.
func TestAWaitIsBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		k := Key{Leg: []Leg{Home, Abroad, LastMile}[random.IntN(3)], Status: status.Subs[random.IntN(len(status.Subs))]}
		var gaps []Gap
		for range random.IntN(50) {
			from := monday.Add(time.Duration(random.Int64N(int64(60 * 24 * time.Hour))))
			gaps = append(gaps, Gap{k, from, from.Add(time.Duration(random.ExpFloat64() * float64(24*time.Hour)))})
		}
		rates := learned(k, gaps...)
		now := monday.Add(time.Duration(random.Int64N(int64(60 * 24 * time.Hour)))).In(time.FixedZone("", random.IntN(27*3600)-12*3600))
		m := Moment{
			Last: now.Add(time.Duration((random.Float64() - 0.9) * float64(200*time.Hour))), Now: now,
			Most: time.Duration(random.Int64N(int64(48 * time.Hour))), Worth: time.Duration(random.Int64N(int64(time.Hour))),
		}
		wait := rates.Wait(m)
		if wait < 0 || wait > m.Most {
			t.Fatalf("%+v: waits %v", m, wait)
		}
		m.Worth *= 2
		if longer := rates.Wait(m); longer < wait {
			t.Fatalf("%+v: waits %v, and %v where a call is worth half", m, longer, wait)
		}
		m.Last, m.Worth = time.Time{}, 0
		if wait := rates.Wait(m); wait != 0 {
			t.Fatalf("%+v: waits %v for a call that costs nothing", m, wait)
		}
	}
}

// After two quick events the next is waited for a little less long, after a
// hundred much less.
func TestLittleDataSaysLittle(t *testing.T) {
	now := monday.Add(12 * time.Hour)
	wait := func(seen int) time.Duration {
		var gaps []Gap
		for range seen {
			gaps = append(gaps, Gap{transit, now, now.Add(30 * time.Minute)})
		}
		return learned(transit, gaps...).Wait(Moment{Last: now, Now: now, Worth: Worth, Most: 12 * time.Hour})
	}
	none, two, hundred := wait(0), wait(2), wait(100)
	if two >= none || two < none/3 || hundred > two*2/3 {
		t.Errorf("waits %v knowing nothing, %v after two quick events, %v after a hundred", none, two, hundred)
	}
}
