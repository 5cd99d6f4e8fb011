package rhythm

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the room's table up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "rhythm", files)
}

// New returns the book of a database that Migrate has brought up to date. It
// knows what is expected until its first Exchange.
func New(d *db.DB, log *slog.Logger) *Book {
	return &Book{db: d, log: log, known: map[Key]*Rates{}, fresh: map[Key]*counts{}}
}

// Open brings the table up to date and returns the book, which has read it.
func Open(ctx context.Context, d *db.DB, log *slog.Logger) (*Book, error) {
	if err := Migrate(ctx, d); err != nil {
		return nil, err
	}
	b := New(d, log)
	return b, b.Exchange(ctx)
}

// A row is a rhythm as it is stored.
type row struct {
	Key
	counts  *counts
	counted time.Time
}

// scan reads a row. Damaged counts are begun anew: they are worth little.
func (b *Book) scan(at interface{ Scan(...any) error }) (row, error) {
	var r row
	var text string
	var counted int64
	if err := at.Scan(&r.Carrier, &r.Leg, &r.Status, &text, &counted); err != nil {
		return row{}, err
	}
	r.counts, r.counted = &counts{}, time.UnixMilli(counted)
	if text != "" {
		c, err := decode([]byte(text))
		if err != nil {
			b.log.Warn("a rhythm is damaged, begins anew", "carrier", r.Carrier, "leg", r.Leg, "status", r.Status, "err", err)
			return r, nil
		}
		r.counts = c
	}
	return r, nil
}

// merge adds counts to a row.
func (b *Book) merge(ctx context.Context, k Key, fresh *counts, now time.Time) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		key := []any{string(k.Carrier), string(k.Leg), string(k.Status)}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO rhythm (carrier, leg, status, counts, counted_ms) VALUES ($1, $2, $3, '', $4)
			ON CONFLICT DO NOTHING`, append(key, now.UnixMilli())...)
		if err != nil {
			return err
		}
		r, err := b.scan(tx.QueryRowContext(ctx, `
			SELECT carrier, leg, status, counts, counted_ms FROM rhythm
			WHERE carrier = $1 AND leg = $2 AND status = $3`+tx.Lock(), key...))
		if err != nil {
			return err
		}
		r.counts.fade(now.Sub(r.counted))
		r.counts.merge(fresh)
		text, err := r.counts.encode()
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE rhythm SET counts = $4, counted_ms = $5
			WHERE carrier = $1 AND leg = $2 AND status = $3`, append(key, string(text), now.UnixMilli())...)
		return err
	})
	if err != nil {
		return fmt.Errorf("write rhythm of %s: %w", k.Carrier, err)
	}
	return nil
}

// load returns all rows of the carriers that any was written of since.
func (b *Book) load(ctx context.Context, since time.Time) ([]row, error) {
	var rows []row
	err := b.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, func(at *sql.Rows) (row, error) { return b.scan(at) },
			`
			SELECT carrier, leg, status, counts, counted_ms FROM rhythm
			WHERE carrier IN (SELECT carrier FROM rhythm WHERE counted_ms >= $1)`, since.UnixMilli())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read rhythms: %w", err)
	}
	return rows, nil
}

var _ inventory.Room = (*Book)(nil)

// forgotten is how long after its last event a rhythm is kept: of what was
// counted the sixty-fourth part is left.
var forgotten = inventory.Retention{Rule: inventory.Silent, For: 6 * halfLife}

// Fields declares the room's columns.
func (*Book) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{Table: "rhythm", Whose: inventory.Nobody, Retention: forgotten},
		Plain: [][2]string{
			{"carrier", "the carrier"},
			{"leg", "its part of parcels' ways"},
			{"status", "the status that parcels were in"},
			{"counts", "how many events came at which hours of the week, of all parcels together"},
			{"counted_ms", "when they were last counted"},
		},
	}.Fields()
}

// Expire deletes what is forgotten.
func (b *Book) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, b.db, p, purge.Rule{Table: "rhythm", Since: "counted_ms", For: forgotten.For})
}
