// Package limit counts what may be done only so often within a window, for all
// programs that share a database. It draws from the database a lot at a time,
// so that most of what is counted costs no statement. It knows nothing of whom
// it counts: they are keyed hashes, which are gone when their windows are.
package limit

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

// A Limit is how much of something fits into a window, which begins with the
// first of it.
type Limit struct {
	Name   string
	Most   int
	Window time.Duration
}

// lots is into how many parts a limit is drawn: with r programs at most r-1
// lots are not used when the limit is reached.
const lots = 50

// maxHeld bounds how many are remembered in memory.
const maxHeld = 20_000

// A Counter counts on one database. It is safe for concurrent use.
type Counter struct {
	db   *db.DB
	hash func(string) string
	mu   sync.Mutex
	held map[string]lot
}

// A lot is what was drawn and not spent, or, with full, that there is no more.
type lot struct {
	left int
	full bool
	ends time.Time
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the table up to date. hash is keyed, and the same in every
// program; what it is given is stored nowhere.
func Open(ctx context.Context, d *db.DB, hash func(string) string) (*Counter, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "limit", files); err != nil {
		return nil, err
	}
	return &Counter{db: d, hash: hash, held: map[string]lot{}}, nil
}

// Spend takes n of what l allows to whom of stands for. When there is not so
// much left it takes nothing and returns how long to wait.
func (c *Counter) Spend(ctx context.Context, l Limit, of string, n int) (wait time.Duration, err error) {
	bucket := c.hash(l.Name + " " + of)
	c.mu.Lock()
	wait, done := c.spendHeld(bucket, n)
	c.mu.Unlock()
	if done {
		return wait, nil
	}
	for _, draw := range []int{max(n, l.Most/lots), n} {
		ends, err := c.draw(ctx, bucket, l, draw)
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", l.Name, err)
		}
		if !ends.IsZero() {
			c.put(bucket, lot{left: draw - n, ends: ends})
			return 0, nil
		}
	}
	return c.full(ctx, bucket, n)
}

// spendHeld spends of what was drawn before; done is false when that isn't enough.
func (c *Counter) spendHeld(bucket string, n int) (wait time.Duration, done bool) {
	held, ok := c.held[bucket]
	switch left := time.Until(held.ends); {
	case !ok:
		return 0, false
	case left <= 0:
		delete(c.held, bucket)
		return 0, false
	case held.full:
		return left, true
	case held.left < n:
		return 0, false
	}
	held.left -= n
	c.held[bucket] = held
	return 0, true
}

// draw takes n out of the database, and returns when the window ends, the zero
// time when there is not so much.
func (c *Counter) draw(ctx context.Context, bucket string, l Limit, n int) (time.Time, error) {
	now := time.Now()
	if n > l.Most {
		return time.Time{}, nil
	}
	var ends int64
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			INSERT INTO tally (bucket, count, ends_ms) VALUES ($1, $2, $3)
			ON CONFLICT (bucket) DO UPDATE SET
				count   = CASE WHEN tally.ends_ms <= $4 THEN excluded.count ELSE tally.count + excluded.count END,
				ends_ms = CASE WHEN tally.ends_ms <= $4 THEN excluded.ends_ms ELSE tally.ends_ms END
			WHERE tally.ends_ms <= $4 OR tally.count + excluded.count <= $5
			RETURNING ends_ms`, bucket, n, now.Add(l.Window).UnixMilli(), now.UnixMilli(), l.Most).Scan(&ends)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return time.UnixMilli(ends), err
}

// full returns how long a window lasts that has no room for n, and remembers it
// when it has none for 1, so that whoever goes on asking costs no statement.
func (c *Counter) full(ctx context.Context, bucket string, n int) (time.Duration, error) {
	var ends int64
	err := c.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT ends_ms FROM tally WHERE bucket = $1`, bucket).Scan(&ends)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	until := time.UnixMilli(ends)
	if n == 1 {
		c.put(bucket, lot{full: true, ends: until})
	}
	return max(time.Until(until), time.Second), nil
}

// put remembers a lot beside what is left of the one before.
func (c *Counter) put(bucket string, l lot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) >= maxHeld {
		c.held = map[string]lot{} // what wasn't spent is lost, which only makes the limit stricter
	}
	if old, ok := c.held[bucket]; ok && !l.full && old.ends.Equal(l.ends) {
		l.left += old.left
	}
	c.held[bucket] = l
}

// talliesEnd is how long counts are kept: the longest window, and until they are
// swept.
var talliesEnd = inventory.Retention{Rule: inventory.UntilSwept, For: time.Hour, Most: time.Hour}

// Fields declares the table's columns.
func (*Counter) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{
			Table: "tally", Whose: inventory.Visitor, Kind: inventory.Counts, Purpose: inventory.ForSafety,
			Basis: inventory.Legitimate, Source: inventory.Use, Retention: talliesEnd, Region: inventory.First,
		},
		Hashed: [][2]string{{"bucket", "counts how often a network, browser or account looks parcels up or has a password graded, and how often a key is called with, by a keyed hash that says nothing to anybody else"}},
		Plain: [][2]string{
			{"count", "how often that was"},
			{"ends_ms", "when it is forgotten"},
		},
	}.Fields()
}

// Expire deletes the counts of windows that are over. Whose they are nobody can
// tell.
func (c *Counter) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, c.db, p, purge.Rule{Table: "tally", Since: "ends_ms"})
}
