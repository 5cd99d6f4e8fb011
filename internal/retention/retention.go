// Package retention keeps the reports of the runs that delete what has been kept
// as long as it may: of which room and table, how much, and when the next is to
// go. It holds counts alone, and deletes nothing but its own old reports.
package retention

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

// A Run is one of a room, in one region.
type Run struct {
	Room   string
	Region string        // "" of the parcels' database
	Began  time.Time     // UTC
	Took   time.Duration // in milliseconds
	Held   int           // how many people's data had to stay
	Failed bool          // it broke off; the log says why
	Gone   inventory.Purged
}

// A Book is the reports of all runs. Safe for concurrent use, also by several
// programs that share the database.
type Book struct {
	db *db.DB

	rows   *prometheus.CounterVec
	failed *prometheus.CounterVec
	last   *prometheus.GaugeVec

	inventory.OfNobody
}

var _ inventory.Room = (*Book)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the room's tables up to date.
func Open(ctx context.Context, d *db.DB, registry prometheus.Registerer) (*Book, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "retention", files); err != nil {
		return nil, err
	}
	b := &Book{
		db:     d,
		rows:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "waypost_expired_rows_total", Help: "Rows that were deleted because they had been kept as long as they may."}, []string{"room"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "waypost_expire_failures_total", Help: "Runs that delete such rows and broke off."}, []string{"room"}),
		last:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "waypost_expire_last_success_timestamp_seconds", Help: "When this process last finished such a run, Unix time."}, []string{"room", "region"}),
	}
	registry.MustRegister(b.rows, b.failed, b.last)
	return b, nil
}

// Note keeps the report of a run and counts it.
func (b *Book) Note(ctx context.Context, r Run) error {
	b.rows.WithLabelValues(r.Room).Add(float64(r.Gone.Rows()))
	if r.Failed {
		b.failed.WithLabelValues(r.Room).Inc()
	} else {
		b.last.WithLabelValues(r.Room, r.Region).Set(float64(r.Began.Add(r.Took).Unix()))
	}
	id := uuid.Must(uuid.NewV7()).String()
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO purge_run (id, room, region, began_ms, took_ms, held, failed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, r.Room, r.Region, r.Began.UnixMilli(), r.Took.Milliseconds(), r.Held, r.Failed)
		if err != nil {
			return err
		}
		for _, g := range inventory.Purged(nil).And(r.Gone...) {
			due := int64(0)
			if !g.Due.IsZero() {
				due = g.Due.UnixMilli()
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO purge_gone (run_id, name, gone, due_ms) VALUES ($1, $2, $3, $4)`, id, g.Table, g.Rows, due); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("report what %s deleted: %w", r.Room, err)
	}
	return nil
}

// Last is the last run of each room and region, by their names, with its tables by
// name.
func (b *Book) Last(ctx context.Context) (all []Run, err error) {
	type line struct {
		id  string
		run Run
	}
	err = b.db.Read(ctx, func(tx *db.Tx) error {
		lines, err := db.Rows(ctx, tx, func(row *sql.Rows) (l line, err error) {
			var began, took int64
			err = row.Scan(&l.id, &l.run.Room, &l.run.Region, &began, &took, &l.run.Held, &l.run.Failed)
			l.run.Began, l.run.Took = time.UnixMilli(began).UTC(), time.Duration(took)*time.Millisecond
			return l, err
		}, `SELECT id, room, region, began_ms, took_ms, held, failed FROM purge_run
			WHERE id IN (SELECT MAX(id) FROM purge_run GROUP BY room, region) ORDER BY room, region`)
		if err != nil {
			return err
		}
		all = nil
		for _, l := range lines {
			l.run.Gone, err = db.Rows(ctx, tx, func(row *sql.Rows) (g inventory.Gone, err error) {
				var due int64
				err = row.Scan(&g.Table, &g.Rows, &due)
				if due > 0 {
					g.Due = time.UnixMilli(due).UTC()
				}
				return g, err
			}, `SELECT name, gone, due_ms FROM purge_gone WHERE run_id = $1 ORDER BY name`, l.id)
			if err != nil {
				return err
			}
			all = append(all, l.run)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("last runs: %w", err)
	}
	return all, nil
}

// Since is how many rows runs deleted since a time, by room.
func (b *Book) Since(ctx context.Context, since time.Time) (map[string]int, error) {
	type line struct {
		room string
		rows int
	}
	all := map[string]int{}
	err := b.db.Read(ctx, func(tx *db.Tx) error {
		lines, err := db.Rows(ctx, tx, func(row *sql.Rows) (l line, err error) { return l, row.Scan(&l.room, &l.rows) },
			`SELECT r.room, SUM(g.gone) FROM purge_run r JOIN purge_gone g ON g.run_id = r.id WHERE r.began_ms >= $1 GROUP BY r.room`, since.UnixMilli())
		for _, l := range lines {
			all[l.room] = l.rows
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what runs deleted: %w", err)
	}
	return all, nil
}

// runsEnd is how long reports are kept.
var runsEnd = inventory.Retention{Rule: inventory.AfterMade, For: 90 * 24 * time.Hour}

// Fields declares the room's columns.
func (*Book) Fields() []inventory.Field {
	own := func(table string) inventory.Field {
		return inventory.Field{Table: table, Whose: inventory.Nobody, Retention: runsEnd}
	}
	return append(inventory.Table{Field: own("purge_run"), Plain: [][2]string{
		{"id", "names a run that deleted what was kept as long as it may be"},
		{"room", "of which room"},
		{"region", "in which region"},
		{"began_ms", "when it began"},
		{"took_ms", "how long it took"},
		{"held", "how many people's data had to stay"},
		{"failed", "whether it broke off"},
	}}.Fields(), inventory.Table{Field: own("purge_gone"), Plain: [][2]string{
		{"run_id", "the run"},
		{"name", "the table"},
		{"gone", "how many rows went"},
		{"due_ms", "when the next are to go"},
	}}.Fields()...)
}

// Expire deletes old reports.
func (b *Book) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, b.db, p, purge.Rule{Table: "purge_run", Since: "began_ms", For: runsEnd.For, Key: "id"})
}
