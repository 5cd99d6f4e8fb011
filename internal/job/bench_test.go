package job_test

import (
	"context"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/job"
)

// batch is how many jobs a transaction of the benchmarks adds.
const batch = 100

// BenchmarkJob adds jobs and waits until they are done, and does the least that
// could be called the same by hand: a row put in and, when it is its turn,
// marked as done. The ratio is what the queue costs.
func BenchmarkJob(b *testing.B) {
	for name, open := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := dbtest.Open(b, open(b))
			bare := bareRows(b, d)
			q, err := job.New(b.Context(), d, job.Options{})
			if err != nil {
				b.Fatal(err)
			}
			done := make(chan bool, batch)
			job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { done <- true; return nil })
			run(b, q)
			add(b, d, q.Add, changed{})
			next(b, done)
			events := make([]job.Args, batch)
			for i := range events {
				events[i] = changed{Turn: i}
			}
			began, jobs := time.Now(), 0
			for b.Loop() {
				add(b, d, q.Add, events...)
				for range batch {
					next(b, done)
				}
				jobs += batch
			}
			each := time.Since(began) / time.Duration(jobs)
			b.ReportMetric(float64(each.Microseconds()), "µs/job")
			b.ReportMetric(float64(each)/float64(bare), "x-bare")
			b.ReportMetric(latency(b, d, q, done), "ms-alone")
		})
	}
}

// bareRows is what one row costs that is put in and marked as done, in batches.
func bareRows(b *testing.B, d *db.DB) time.Duration {
	b.Helper()
	do := func(statement string, args ...any) func(context.Context, *db.Tx, ...job.Args) error {
		return func(ctx context.Context, tx *db.Tx, _ ...job.Args) error {
			_, err := tx.ExecContext(ctx, statement, args...)
			return err
		}
	}
	add(b, d, do("CREATE TABLE bare (id BIGINT NOT NULL PRIMARY KEY, args TEXT NOT NULL, done BOOLEAN NOT NULL)"))
	const batches = 20
	began := time.Now()
	for n := range batches {
		add(b, d, func(ctx context.Context, tx *db.Tx, _ ...job.Args) error {
			for i := range batch {
				if err := do("INSERT INTO bare (id, args, done) VALUES ($1, $2, $3)", n*batch+i, "{}", false)(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		add(b, d, func(ctx context.Context, tx *db.Tx, _ ...job.Args) error {
			for i := range batch {
				if err := do("UPDATE bare SET done = $2 WHERE id = $1", n*batch+i, true)(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return time.Since(began) / (batches * batch)
}

// latency is how long a job takes from its commit to its listener when there
// is no other, in milliseconds.
func latency(b *testing.B, d *db.DB, q *job.Queue, done chan bool) float64 {
	b.Helper()
	const times = 50
	began := time.Now()
	for range times {
		add(b, d, q.Add, changed{})
		next(b, done)
	}
	return float64(time.Since(began).Microseconds()) / 1000 / times
}

// BenchmarkTxBesideJobs is a page's small write while the queue is away, idle
// and busy: on SQLite all of them wait for the one writer.
func BenchmarkTxBesideJobs(b *testing.B) {
	for _, beside := range []string{"none", "idle", "busy"} {
		b.Run("sqlite/"+beside, func(b *testing.B) {
			d := dbtest.Open(b, dbtest.SQLite(b))
			q, err := job.New(b.Context(), d, job.Options{})
			if err != nil {
				b.Fatal(err)
			}
			exec := func(statement string) func(context.Context, *db.Tx, ...job.Args) error {
				return func(ctx context.Context, tx *db.Tx, _ ...job.Args) error {
					_, err := tx.ExecContext(ctx, statement)
					return err
				}
			}
			add(b, d, exec("CREATE TABLE page (n BIGINT NOT NULL)"))
			job.On(q, "webhook.parcel_changed", func(ctx context.Context, c changed) error {
				return d.Tx(ctx, func(tx *db.Tx) error { return q.Add(ctx, tx, c) }) // never ends
			})
			if beside != "none" {
				run(b, q)
			}
			if beside == "busy" {
				for range 8 {
					add(b, d, q.Add, changed{})
				}
			}
			var longest time.Duration
			for b.Loop() {
				began := time.Now()
				add(b, d, exec("INSERT INTO page (n) VALUES (1)"))
				longest = max(longest, time.Since(began))
			}
			b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest")
		})
	}
}
