package limit_test

import (
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/limit"
)

func open(t *testing.T, d *db.DB) *limit.Counter {
	t.Helper()
	c, err := limit.Open(t.Context(), d, func(text string) string { return "hash of " + text })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func spend(t *testing.T, c *limit.Counter, l limit.Limit, of string, n int) time.Duration {
	t.Helper()
	wait, err := c.Spend(t.Context(), l, of, n)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func TestALimitHoldsUntilItsWindowEnds(t *testing.T) {
	l := limit.Limit{Name: "look-ups", Most: 100, Window: time.Second}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := open(t, d)
		for i := range 10 {
			if wait := spend(t, c, l, "somebody", 10); wait != 0 {
				t.Fatalf("after %d of 100 one waits %v", 10*i, wait)
			}
		}
		wait := spend(t, c, l, "somebody", 1)
		if wait <= 0 || wait > time.Second {
			t.Errorf("after 100 one waits %v, want what is left of a second", wait)
		}
		if wait := spend(t, c, l, "somebody else", 100); wait != 0 {
			t.Errorf("somebody else waits %v", wait)
		}
		if wait := spend(t, c, l, "greedy", 101); wait == 0 {
			t.Error("more than the limit at once is allowed")
		}
		time.Sleep(time.Second)
		if wait := spend(t, c, l, "somebody", 1); wait != 0 {
			t.Errorf("in the next window one waits %v", wait)
		}
	})
}

// Several programs together allow no more than the limit, and hardly less.
func TestProgramsShareALimit(t *testing.T) {
	l := limit.Limit{Name: "look-ups", Most: 500, Window: time.Hour}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var mu sync.Mutex
		allowed := 0
		var all sync.WaitGroup
		for range 4 {
			c := open(t, d)
			all.Go(func() {
				for range 300 {
					wait, err := c.Spend(t.Context(), l, "somebody", 1)
					if err != nil {
						t.Error(err)
						return
					}
					if wait == 0 {
						mu.Lock()
						allowed++
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		if allowed > 500 || allowed < 450 {
			t.Errorf("%d were allowed, want nearly 500", allowed)
		}
	})
}

func TestCountsAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := open(t, d)
		spend(t, c, limit.Limit{Name: "look-ups", Most: 10, Window: time.Minute}, "somebody", 1)
		for _, after := range []time.Duration{0, 2 * time.Minute} {
			want := int(after / (2 * time.Minute))
			if gone, err := c.Expire(t.Context(), inventory.Purge{Now: time.Now().Add(after)}); err != nil || gone.Rows() != want {
				t.Errorf("after %v %d counts were forgotten, %v; want %d", after, gone.Rows(), err, want)
			}
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := open(t, d)
		dbtest.Declared(t, d, c.Fields())
	})
}
