package memory

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/figure"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the table up to date and returns the book, which has read it. What
// is counted is known outside as far as the gate lets it out.
func Open(ctx context.Context, d *db.DB, gate figure.Gate, log *slog.Logger) (*Book, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "memory", files); err != nil {
		return nil, err
	}
	b := &Book{db: d, gate: gate, log: log, fresh: map[entry]float64{}}
	return b, b.Exchange(ctx)
}

// whole is a number as it is stored.
const whole = 1000

// save adds fresh numbers to those that are there, everybody in the same order.
func (b *Book) save(ctx context.Context, fresh map[entry]float64, now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	order := slices.SortedFunc(maps.Keys(fresh), entry.compare)
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

func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.likeness, o.likeness), cmp.Compare(e.country, o.country), cmp.Compare(e.carrier, o.carrier))
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

// A tallied is an entry as it is stored.
type tallied struct {
	entry
	n    int // faded, to the nearest number
	held int // when that was last published
}

// tries is how often figures are published again because another program published
// meanwhile; each time at least one of them gets through.
const tries = 20

var errOvertaken = errors.New("another program published meanwhile")

// load reads what may be known outside: what is counted passes the gate first, so
// that nothing that is made of it can single a number out.
func (b *Book) load(ctx context.Context, now time.Time) (Known, error) {
	for try := 1; ; try++ {
		all, err := b.read(ctx, now)
		if err != nil {
			return nil, fmt.Errorf("read memory: %w", err)
		}
		figures := b.publish(ctx, all)
		if err = b.hold(ctx, all, figures); err == nil {
			return known(all, figures), nil
		}
		if !errors.Is(err, errOvertaken) || try == tries {
			return nil, fmt.Errorf("write what was published of memory: %w", err)
		}
	}
}

// known is what figures tell.
func known(all []tallied, figures []figure.Published) Known {
	k := Known{}
	for i, f := range figures {
		if f.N > 0 {
			k.add(all[i].entry, float64(f.N))
		}
	}
	return k
}

// read reads what is counted: what was published before comes first, so that it
// stays so where there is more than can be.
func (b *Book) read(ctx context.Context, now time.Time) (all []tallied, err error) {
	scan := func(at *sql.Rows) (t tallied, err error) {
		var thousandths, counted int64
		err = at.Scan(&t.likeness, &t.country, &t.carrier, &thousandths, &counted, &t.held)
		t.n = int(math.Round(stored(thousandths, counted).faded(now)))
		return t, err
	}
	err = b.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, scan, `
			SELECT likeness, country, carrier, thousandths, counted_ms, held FROM memory ORDER BY held DESC, likeness, country, carrier`)
		return err
	})
	return all, err
}

// publish returns what the gate lets out of all, and says how much it never will.
func (b *Book) publish(ctx context.Context, all []tallied) []figure.Published {
	counts := make([]figure.Count, len(all))
	for i, t := range all {
		counts[i] = figure.Count{At: []string{string(t.likeness), t.country, string(t.carrier)}, N: t.n, Held: t.held}
	}
	figures := b.gate.Publish(figure.Learned, counts)
	withheld, why := 0, error(nil)
	for _, f := range figures {
		if f.Withheld != nil {
			withheld, why = withheld+1, f.Withheld
		}
	}
	if withheld > 0 {
		b.log.ErrorContext(ctx, "some of what was learned can't be published", "rows", withheld, "err", why)
	}
	return figures
}

// hold writes down what was published anew, everybody in the same order. It is
// errOvertaken, and nothing is written, when another program did after all was read.
func (b *Book) hold(ctx context.Context, all []tallied, figures []figure.Published) error {
	var anew []int
	for i, f := range figures {
		if f.Held != all[i].held {
			anew = append(anew, i)
		}
	}
	slices.SortFunc(anew, func(i, j int) int { return all[i].compare(all[j].entry) })
	return b.db.Tx(ctx, func(tx *db.Tx) error {
		for _, i := range anew {
			done, err := tx.ExecContext(ctx, `UPDATE memory SET held = $1 WHERE likeness = $2 AND country = $3 AND carrier = $4 AND held = $5`,
				figures[i].Held, string(all[i].likeness), all[i].country, string(all[i].carrier), all[i].held)
			if err != nil {
				return err
			}
			if n, err := done.RowsAffected(); err != nil || n == 0 {
				return cmp.Or(err, errOvertaken)
			}
		}
		return nil
	})
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
			{"held", "how many they were when that was last published"},
		},
	}.Fields()
}

// Expire deletes what is forgotten.
func (b *Book) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, b.db, p, purge.Rule{Table: "memory", Since: "counted_ms", For: forgotten.For})
}
