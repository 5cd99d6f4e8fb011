package sim_test

import (
	"testing"
	"testing/synctest"
	"time"

	"waypost/internal/sim"
)

func TestAClockRunsFastUntilItReachesThePresent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall := time.Now()
		c := sim.NewClock(wall.Add(-24*time.Hour), 25) // an hour to go through a day and an hour
		for _, tc := range []struct {
			after, want time.Duration // since wall
		}{
			{0, -24 * time.Hour},
			{30 * time.Minute, -24*time.Hour + 750*time.Minute},
			{time.Hour, time.Hour},
			{5 * time.Hour, 5 * time.Hour},
		} {
			time.Sleep(time.Until(wall.Add(tc.after)))
			if got := c.Now().Sub(wall); got != tc.want {
				t.Errorf("after %v it shows %v, want %v", tc.after, got, tc.want)
			}
		}
	})
}

func TestAClockCanBeSetButNotIntoTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := sim.NewClock(time.Now(), 0)
		past := time.Now().AddDate(0, 0, -3)
		c.Set(past)
		time.Sleep(time.Hour)
		if !c.Now().Equal(past) {
			t.Errorf("it stands, yet shows %v after %v", c.Now(), past)
		}
		c.Advance(time.Hour)
		if want := past.Add(time.Hour); !c.Now().Equal(want) {
			t.Errorf("advanced to %v, want %v", c.Now(), want)
		}
		c.SetSpeed(2)
		time.Sleep(time.Hour)
		if want := past.Add(3 * time.Hour); !c.Now().Equal(want) {
			t.Errorf("at twice the speed it shows %v, want %v", c.Now(), want)
		}
		c.Set(time.Now().AddDate(1, 0, 0))
		if !c.Now().Equal(time.Now()) {
			t.Errorf("it shows %v, want the present", c.Now())
		}
	})
}
