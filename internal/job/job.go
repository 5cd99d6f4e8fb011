// Package job does work after the transaction that makes it necessary: added
// in that transaction, both or neither, and done at least once, also when a
// process is killed in the middle. Work is told as events; each listener of an
// event has a job, a queue and retries of its own, so none waits for another.
// The engine is River, on both databases. It knows no event and no listener:
// rooms declare events, app lists on one page who listens.
package job

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivermigrate"

	"waypost/internal/db"
)

// Args are an event, or an order to do something: a small struct that goes
// through JSON, with ids and codes only, never a personal field. Kind is what
// listeners are found by ("parcel.changed"); it says the same for every value,
// and stays, as the fields do, because another release may have written them.
type Args interface{ Kind() string }

// A Queue keeps and does the jobs of one database. Safe for concurrent use.
type Queue struct {
	db      *db.DB
	options Options
	metrics *metrics
	driver  *driver
	adding  *river.Client[*sql.Tx] // adds only

	mu        sync.RWMutex
	listeners []listener
}

// Options are what an operator or a test may decide.
type Options struct {
	Log     *slog.Logger          // nil discards
	Metrics prometheus.Registerer // nil for none; several queues may share one
	Timeout time.Duration         // how long a listener may take, default a minute; after twice that its process counts as dead
}

// attempts is how often a job is tried, over three days or so, before it is
// given up.
const attempts = 25

// New returns the queue in d, its tables brought up to date.
func New(ctx context.Context, d *db.DB, o Options) (*Queue, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	q := &Queue{db: d, options: o, metrics: newMetrics(o.Metrics)}
	q.driver = newDriver(q)
	migrator, err := rivermigrate.New(q.driver.Driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	err = d.MigrateWith(ctx, "job", func(ctx context.Context) error {
		_, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	q.adding, err = river.NewClient(q.driver, &river.Config{Logger: q.riverLog(), MaxAttempts: attempts, Test: q.clock()})
	return q, err
}
