package memory

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the table up to date and returns the book, which has read it.
func Open(ctx context.Context, d *db.DB) (*Book, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "memory", files); err != nil {
		return nil, err
	}
	b := &Book{db: d, fresh: map[entry]float64{}}
	return b, b.Exchange(ctx)
}

// whole is a number as it is stored.
const whole = 1000

// save adds fresh numbers to those that are there, everybody in the same order.
func (b *Book) save(ctx context.Context, fresh map[entry]float64, now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	order := slices.SortedFunc(maps.Keys(fresh), func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.likeness, b.likeness), cmp.Compare(a.country, b.country), cmp.Compare(a.carrier, b.carrier))
	})
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		for _, e := range order {
			if err := add(ctx, tx, e, fresh[e], now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write memory: %w", err)
	}
	return nil
}

// add adds numbers to an entry, what is there having faded.
func add(ctx context.Context, tx *db.Tx, e entry, n float64, now time.Time) error {
	key := []any{string(e.likeness), e.country, string(e.carrier)}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO memory (likeness, country, carrier, thousandths, counted_ms) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT DO NOTHING`, append(key, now.UnixMilli())...)
	if err != nil {
		return err
	}
	var thousandths, counted int64
	err = tx.QueryRowContext(ctx, `
		SELECT thousandths, counted_ms FROM memory
		WHERE likeness = $1 AND country = $2 AND carrier = $3`+tx.Lock(), key...).Scan(&thousandths, &counted)
	if err != nil {
		return err
	}
	n += stored(thousandths, counted).faded(now)
	_, err = tx.ExecContext(ctx, `
		UPDATE memory SET thousandths = $4, counted_ms = $5
		WHERE likeness = $1 AND country = $2 AND carrier = $3`, append(key, int64(math.Round(n*whole)), now.UnixMilli())...)
	return err
}

func stored(thousandths, counted int64) count {
	return count{float64(thousandths) / whole, time.UnixMilli(counted)}
}

func (b *Book) load(ctx context.Context, now time.Time) (Known, error) {
	known := Known{}
	scan := func(at *sql.Rows) (struct{}, error) {
		var k kind
		var code carrier.Code
		var thousandths, counted int64
		if err := at.Scan(&k.likeness, &k.country, &code, &thousandths, &counted); err != nil {
			return struct{}{}, err
		}
		t, ok := known[k]
		if !ok {
			t.By = map[carrier.Code]float64{}
		}
		t.By[code] = stored(thousandths, counted).faded(now)
		t.All += t.By[code]
		known[k] = t
		return struct{}{}, nil
	}
	err := b.db.Read(ctx, func(tx *db.Tx) error {
		clear(known) // it may be tried again
		_, err := db.Rows(ctx, tx, scan, `SELECT likeness, country, carrier, thousandths, counted_ms FROM memory`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read memory: %w", err)
	}
	return known, nil
}

var _ inventory.Room = (*Book)(nil)

// forgotten is how long after its last number an entry is kept: of what was
// counted a sixteenth is left.
var forgotten = inventory.Retention{Rule: inventory.Silent, For: 4 * halfLife}

// Fields declares the room's columns.
func (*Book) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{Table: "memory", Whose: inventory.Nobody, Retention: forgotten},
		Plain: [][2]string{
			{"likeness", "what the numbers look like, with three of their characters at most"},
			{"country", "where their parcels were"},
			{"carrier", "the carrier that they were found with"},
			{"thousandths", "how many they were, of all people together"},
			{"counted_ms", "when they were last counted"},
		},
	}.Fields()
}

// Expire deletes what is forgotten.
func (b *Book) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, b.db, p, purge.Rule{Table: "memory", Since: "counted_ms", For: forgotten.For})
}
