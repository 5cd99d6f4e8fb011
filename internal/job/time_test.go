package job_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/job"
)

// bubble runs test with a queue on SQLite where time passes as fast as nobody works.
func bubble(t *testing.T, test func(t *testing.T, d *db.DB, q *job.Queue)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t, dbtest.SQLite(t))
		test(t, d, open(t, d, 0))
	})
}

// A diary notes when something was told.
type diary struct {
	mu sync.Mutex
	at []time.Time
}

// told notes another time, and says how many there are.
func (d *diary) told() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = append(d.at, time.Now())
	return len(d.at)
}

// read returns the times so far.
func (d *diary) read() []time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.at)
}

// backdate makes the jobs of a kind look as if they had come into a state so
// long ago.
func backdate(t testing.TB, d *db.DB, kind, state, column string, ago time.Duration) {
	t.Helper()
	at := time.Now().UTC().Add(-ago).Format("2006-01-02 15:04:05.000") // as River writes it on SQLite
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE river_job SET state = $2, attempt = 1, "+column+" = $3 WHERE kind = $1", kind, state, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pretend makes the jobs of a kind look as if a process had begun them so long
// ago and not ended them.
func pretend(t testing.TB, d *db.DB, kind string, ago time.Duration) {
	t.Helper()
	backdate(t, d, kind, "running", "attempted_at", ago)
}

func TestAFailedJobIsTriedAgainLaterAndLater(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		var told diary
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error {
			told.told()
			return errors.New("always")
		})
		stop := run(t, q)
		add(t, d, q.Add, changed{})
		time.Sleep(5 * time.Minute)
		stop()
		at := told.read()
		if len(at) < 6 {
			t.Fatalf("tried %d times in five minutes", len(at))
		}
		for i := 1; i < len(at); i++ {
			wait, most := at[i].Sub(at[i-1]), min(2*time.Second<<(i-1), 6*time.Hour)
			if wait < most/2 || wait > most+15*time.Second {
				t.Errorf("try %d came after %v, want %v to %v", i+1, wait, most/2, most)
			}
		}
		states(t, d, "webhook.parcel_changed", "retryable")
	})
}

func TestFinishedJobsAreDeleted(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return nil })
		run(t, q)
		add(t, d, q.Add, changed{})
		time.Sleep(time.Minute)
		backdate(t, d, "webhook.parcel_changed", "completed", "finalized_at", 50*time.Minute)
		time.Sleep(time.Minute)
		states(t, d, "webhook.parcel_changed", "completed")
		backdate(t, d, "webhook.parcel_changed", "completed", "finalized_at", time.Hour)
		time.Sleep(time.Minute)
		states(t, d, "webhook.parcel_changed")
	})
}

func TestAJobWhoseProcessDiedIsBegunAgain(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		var told diary
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error {
			told.told()
			return nil
		})
		add(t, d, q.Add, changed{})
		pretend(t, d, "webhook.parcel_changed", 0)
		began := time.Now()
		run(t, q)
		time.Sleep(4 * time.Minute)
		at := told.read()
		if len(at) != 1 || at[0].Sub(began) < 2*time.Minute || at[0].Sub(began) > 3*time.Minute {
			t.Errorf("told at %v, want once, two to three minutes after %v", at, began)
		}
		states(t, d, "webhook.parcel_changed", "completed")
	})
}

// A machine whose clock is minutes ahead has begun a job "in the future", or
// takes a job that runs elsewhere for dead: that makes it late, or told twice.
func TestClocksThatDifferByMinutesLoseNothing(t *testing.T) {
	for name, ago := range map[string]time.Duration{"begun in the future": -1 * time.Minute, "begun long ago": 5 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
				var told atomic.Int32
				job.On(q, "webhook.parcel_changed", func(context.Context, changed) error {
					told.Add(1)
					return nil
				})
				add(t, d, q.Add, changed{})
				pretend(t, d, "webhook.parcel_changed", ago)
				run(t, q)
				time.Sleep(4 * time.Minute)
				if told.Load() != 1 {
					t.Errorf("told %d times, want once", told.Load())
				}
				states(t, d, "webhook.parcel_changed", "completed")
			})
		})
	}
}

// The one that takes a running job for dead and the one that ends it meet.
func TestAJobThatEndsAfterItWasTakenForDeadIsDone(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		var told atomic.Int32
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error {
			if told.Add(1) == 1 {
				time.Sleep(3 * time.Minute) // deaf to its context
			}
			return nil
		})
		job.On(q, "message.parcel_changed", func(context.Context, changed) error { return nil })
		run(t, q)
		add(t, d, q.Add, changed{})
		time.Sleep(5 * time.Minute)
		if told.Load() != 2 {
			t.Errorf("told %d times, want twice", told.Load())
		}
		states(t, d, "webhook.parcel_changed", "completed")
		add(t, d, q.Add, changed{}) // and the queue goes on
		time.Sleep(time.Minute)
		states(t, d, "message.parcel_changed", "completed", "completed")
	})
}

// A newer release's listener has added a job, another's process has died in
// the middle of one: this release leaves both to those who know them.
func TestAReleaseLeavesAloneWhatItDoesNotKnow(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return nil })
		var told atomic.Int32
		newer := open(t, d, 0)
		job.On(newer, "shop.parcel_changed", func(context.Context, changed) error {
			told.Add(1)
			return nil
		})
		add(t, d, newer.Add, changed{})
		pretend(t, d, "shop.parcel_changed", 0)
		add(t, d, newer.Add, changed{})
		stop := run(t, q)
		time.Sleep(4 * time.Minute)
		states(t, d, "shop.parcel_changed", "available", "running")
		stop()
		run(t, newer)
		time.Sleep(4 * time.Minute)
		if told.Load() != 2 {
			t.Errorf("told %d times, want both", told.Load())
		}
	})
}

func TestANudgeIsNotRepeatedUnlessItRunsAlready(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		var one, two atomic.Int32
		job.On(q, "webhook.parcel_changed", func(_ context.Context, c changed) error {
			map[string]*atomic.Int32{"one": &one, "two": &two}[c.Parcel].Add(1)
			time.Sleep(10 * time.Second)
			return nil
		})
		for range 3 {
			add(t, d, q.AddOnce, changed{Parcel: "one"}, changed{Parcel: "two"})
		}
		states(t, d, "webhook.parcel_changed", "available", "available")
		run(t, q)
		time.Sleep(5 * time.Second)
		states(t, d, "webhook.parcel_changed", "running", "running")
		add(t, d, q.AddOnce, changed{Parcel: "one"}, changed{Parcel: "one"}, changed{Parcel: "one"})
		time.Sleep(time.Minute)
		if one.Load() != 2 || two.Load() != 1 {
			t.Errorf("one was told %d times, two %d times; want twice and once", one.Load(), two.Load())
		}
	})
}

func TestPeriodicWorkIsDoneOncePerPeriod(t *testing.T) {
	bubble(t, func(t *testing.T, d *db.DB, q *job.Queue) {
		var done, failing atomic.Int32
		second := open(t, d, 0)
		for _, q := range []*job.Queue{q, second} {
			q.Every("parcel.sweep", 2*time.Minute, func(context.Context) error {
				done.Add(1)
				time.Sleep(90 * time.Second) // longer than a listener may
				return nil
			})
			q.Every("quota.reset", 2*time.Minute, func(context.Context) error {
				failing.Add(1)
				return errors.New("always")
			})
		}
		stop := run(t, q)
		time.Sleep(time.Second) // the first becomes leader
		run(t, second)
		time.Sleep(7 * time.Minute)
		if done.Load() != 4 || failing.Load() != 4 {
			t.Errorf("done %d times, the failing one %d times; want 4: at the start and every two minutes", done.Load(), failing.Load())
		}
		stop() // the second takes over
		before := done.Load()
		time.Sleep(7 * time.Minute)
		if done.Load()-before < 3 || done.Load()-before > 4 {
			t.Errorf("done %d times by the second, want 3 or 4", done.Load()-before)
		}
	})
}
