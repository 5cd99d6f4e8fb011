package job_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/job"
)

// Two processes share a server: a job is never told by both at the same time,
// and the second is nudged by what the first adds.
func TestTwoQueuesShareAServer(t *testing.T) {
	url := dbtest.Postgres(t)
	var mu sync.Mutex
	running, told := map[int]bool{}, map[string]int{}
	done := make(chan bool, 1000)
	var queues []*job.Queue
	var first *db.DB
	for _, process := range []string{"one", "two"} {
		d := dbtest.Open(t, url)
		q := open(t, d, 0)
		job.On(q, "webhook.parcel_changed", func(_ context.Context, c changed) error {
			mu.Lock()
			if running[c.Turn] {
				t.Errorf("job %d is told by both", c.Turn)
			}
			running[c.Turn], told[process] = true, told[process]+1
			mu.Unlock()
			time.Sleep(5 * time.Millisecond)
			mu.Lock()
			running[c.Turn] = false
			mu.Unlock()
			done <- true
			return nil
		})
		run(t, q)
		queues = append(queues, q)
		if first == nil {
			first = d
		}
	}
	const jobs = 300
	for turn := range jobs {
		err := first.Tx(t.Context(), func(tx *db.Tx) error { return queues[0].Add(t.Context(), tx, changed{Turn: turn}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	for range jobs {
		next(t, done)
	}
	if told["one"]+told["two"] != jobs || told["one"] == 0 || told["two"] == 0 {
		t.Errorf("told %v, want %d in all, some by each", told, jobs)
	}
}

// On PostgreSQL a job that waits can't begin between the look of AddOnce at it
// and the commit: the nudge would be lost.
func TestANudgeIsNeverLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := open(t, d, 0)
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "CREATE TABLE noted (turn BIGINT NOT NULL)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		job.On(q, "webhook.parcel_changed", func(ctx context.Context, _ changed) error { // drains
			return d.Tx(ctx, func(tx *db.Tx) error {
				_, err := tx.ExecContext(ctx, "DELETE FROM noted")
				return err
			})
		})
		run(t, q)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for turn := range 15 {
					err := d.Tx(t.Context(), func(tx *db.Tx) error {
						_, err := tx.ExecContext(t.Context(), "INSERT INTO noted (turn) VALUES ($1)", turn)
						return errors.Join(err, q.AddOnce(t.Context(), tx, changed{Parcel: "one"}))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		for end := time.Now().Add(patience); len(column(t, d, "SELECT CAST(turn AS TEXT) FROM noted")) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("something waits, and nobody is told")
			}
		}
	})
}

// What doesn't get better by waiting is said at the start, also of a database that
// may be away.
func TestWhatWaitingDoesNotMendIsSaid(t *testing.T) {
	d, err := db.Open(t.Context(), dbtest.Postgres(t), db.Options{Wait: true})
	if err != nil {
		t.Fatal(err)
	}
	q := open(t, d, 0)
	job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return nil })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := q.Run(ctx); err == nil {
		t.Error("it waits for a database that was closed")
	}
}
