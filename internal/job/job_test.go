package job_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/job"
)

// A changed is an event of an invented room.
type changed struct {
	Parcel string `json:"parcel"`
	Turn   int    `json:"turn,omitempty"`
}

func (changed) Kind() string { return "parcel.changed" }

// patience is how long a test waits for what should come at once or soon.
const patience = 30 * time.Second

// open returns a queue in d whose log goes to the test.
func open(t testing.TB, d *db.DB, timeout time.Duration) *job.Queue {
	t.Helper()
	q, err := job.New(t.Context(), d, job.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// run runs q until the test ends or stop is called, which waits for the end.
func run(t testing.TB, q *job.Queue) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// add adds the events in a transaction of their own.
func add(t testing.TB, d *db.DB, add func(context.Context, *db.Tx, ...job.Args) error, events ...job.Args) {
	t.Helper()
	if err := d.Tx(t.Context(), func(tx *db.Tx) error { return add(t.Context(), tx, events...) }); err != nil {
		t.Fatal(err)
	}
}

// next returns what comes next, or fails.
func next[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("waited in vain")
		panic("not reached")
	}
}

// states says in which states the jobs of a kind are, sorted, once they are as
// wanted or patience is over.
func states(t testing.TB, d *db.DB, kind string, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got = column(t, d, "SELECT CAST(state AS TEXT) FROM river_job WHERE kind = $1", kind)
		slices.Sort(got)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the jobs of %s are %v, want %v", kind, got, want)
		}
	}
}

// column returns the texts that a query answers.
func column(t testing.TB, d *db.DB, query string, args ...any) []string {
	t.Helper()
	var all []string
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.Rows(t.Context(), tx, func(row *sql.Rows) (s string, err error) { return s, row.Scan(&s) }, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnEventIsToldToEveryListener(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, told := open(t, d, 0), make(chan string, 10)
		for _, name := range []string{"webhook.parcel_changed", "message.parcel_changed"} {
			job.On(q, name, func(_ context.Context, c changed) error {
				told <- name + " " + c.Parcel
				return nil
			})
		}
		run(t, q)
		add(t, d, q.Add, changed{Parcel: "one"}, changed{Parcel: "two"})
		got := []string{next(t, told), next(t, told), next(t, told), next(t, told)}
		slices.Sort(got)
		want := []string{"message.parcel_changed one", "message.parcel_changed two", "webhook.parcel_changed one", "webhook.parcel_changed two"}
		if !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestAJobIsKeptWithItsTransactionOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := open(t, d, 0)
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return nil })
		no := errors.New("no")
		for _, put := range []func(context.Context, *db.Tx, ...job.Args) error{q.Add, q.AddOnce} {
			err := d.Tx(t.Context(), func(tx *db.Tx) error {
				if err := put(t.Context(), tx, changed{Parcel: "one"}); err != nil {
					t.Error(err)
				}
				return no
			})
			if !errors.Is(err, no) {
				t.Fatalf("the transaction ended with %v", err)
			}
		}
		states(t, d, "webhook.parcel_changed")
	})
}

// On SQLite transactions that wait share a commit; a job in one of them comes
// and goes with its own.
func TestJobsOfTransactionsThatWaitTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, no := open(t, d, 0), errors.New("no")
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return nil })
		var wait sync.WaitGroup
		for i := range 60 {
			wait.Go(func() {
				err := d.Tx(t.Context(), func(tx *db.Tx) error {
					if err := q.Add(t.Context(), tx, changed{Turn: i}); err != nil || i%3 > 0 {
						return err
					}
					return no
				})
				if (i%3 == 0) != errors.Is(err, no) {
					t.Errorf("transaction %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		if got := len(column(t, d, "SELECT kind FROM river_job")); got != 40 {
			t.Errorf("%d jobs, want 40", got)
		}
	})
}

func TestAFailingListenerHoldsUpNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, told := open(t, d, 0), make(chan string, 100)
		block := make(chan struct{})
		defer close(block)
		job.On(q, "shop.parcel_changed", func(ctx context.Context, _ changed) error {
			<-block
			return nil
		})
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return errors.New("always") })
		job.On(q, "billing.parcel_changed", func(context.Context, changed) error { panic("a bug") })
		job.On(q, "message.parcel_changed", func(_ context.Context, c changed) error {
			told <- c.Parcel
			return nil
		})
		run(t, q)
		for range 50 { // more than any listener does at once
			add(t, d, q.Add, changed{Parcel: "one"})
		}
		for range 50 {
			next(t, told)
		}
	})
}

func TestAStopLetsRunningJobsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, begun, finish := open(t, d, 0), make(chan bool), make(chan bool)
		job.On(q, "webhook.parcel_changed", func(ctx context.Context, _ changed) error {
			begun <- true
			<-finish
			return ctx.Err()
		})
		stop := run(t, q)
		add(t, d, q.Add, changed{})
		next(t, begun)
		time.AfterFunc(50*time.Millisecond, func() { close(finish) })
		stop()
		states(t, d, "webhook.parcel_changed", "completed")
	})
}

func TestAJobMayBePutOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, told := open(t, d, 0), make(chan time.Time, 2)
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error {
			told <- time.Now()
			return nil
		})
		run(t, q)
		at := time.Now().Add(time.Second)
		err := d.Tx(t.Context(), func(tx *db.Tx) error { return q.AddAt(t.Context(), tx, at, changed{}) })
		if err != nil {
			t.Fatal(err)
		}
		if got := next(t, told); got.Before(at) {
			t.Errorf("told %v too early", at.Sub(got))
		}
	})
}

func TestArgumentsThatCannotBeReadAreTriedAgainAndNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		newer := open(t, d, 0)
		job.On(newer, "webhook.parcel_changed", func(context.Context, other) error { return nil })
		add(t, d, newer.Add, other{Parcel: 4711})

		var log strings.Builder
		q, err := job.New(t.Context(), d, job.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		job.On(q, "webhook.parcel_changed", func(context.Context, changed) error {
			t.Error("told what it can't read")
			return nil
		})
		stop := run(t, q)
		for end := time.Now().Add(patience); len(column(t, d, "SELECT kind FROM river_job WHERE errors IS NOT NULL")) == 0; {
			if time.Now().After(end) {
				t.Fatal("never tried")
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		kept := column(t, d, "SELECT CAST(errors AS TEXT) FROM river_job")[0]
		if !strings.Contains(kept, "job_arguments") || !strings.Contains(log.String(), "will retry") {
			t.Errorf("the row says %q, the log %q", kept, log.String())
		}
		if strings.Contains(kept+log.String(), "4711") {
			t.Errorf("an argument is repeated: %q %q", kept, log.String())
		}
	})
}

// An other has changed's kind and a number for a parcel.
type other struct {
	Parcel int `json:"parcel"`
}

func (other) Kind() string { return "parcel.changed" }

func TestARowKeepsOfAnErrorItsCodeOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := open(t, d, time.Second)
		refused := fault.New(fault.Unavailable, "mail_refused", "The mail server refused.")
		job.On(q, "mail.parcel_changed", func(context.Context, changed) error {
			return refused.Because(errors.New("no mailbox anna@mail.example"))
		})
		job.On(q, "sms.parcel_changed", func(context.Context, changed) error { return errors.New("anna") })
		job.On(q, "push.parcel_changed", func(context.Context, changed) error { panic("anna") })
		job.On(q, "shop.parcel_changed", func(ctx context.Context, _ changed) error { <-ctx.Done(); return ctx.Err() })
		run(t, q)
		add(t, d, q.Add, changed{})
		for kind, code := range map[string]string{"mail": "mail_refused", "sms": "internal", "push": "panic", "shop": "timeout"} {
			var kept []string
			for end := time.Now().Add(patience); len(kept) == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				kept = column(t, d, "SELECT CAST(errors AS TEXT) FROM river_job WHERE kind = $1 AND errors IS NOT NULL", kind+".parcel_changed")
			}
			if len(kept) == 0 || !strings.Contains(kept[0], code) || strings.Contains(kept[0], "anna") {
				t.Errorf("%s: the row says %q, want the code %q", kind, kept, code)
			}
		}
	})
}

func TestTheTablesAreDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 2 { // migrating again changes nothing
			open(t, d, 0)
		}
		dbtest.Declared(t, d, nil, job.Tables...)
	})
}

func TestNamesThatCannotBe(t *testing.T) {
	q := open(t, dbtest.Open(t, dbtest.SQLite(t)), 0)
	job.On(q, "webhook.parcel_changed", func(context.Context, changed) error { return nil })
	for _, name := range []string{"webhook.parcel_changed", "webhook", "", "Webhook.changed", "webhook.parcel-changed", "webhook.a.b"} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken", name)
				}
			}()
			job.On(q, name, func(context.Context, changed) error { return nil })
		})
	}
}
