// Package purge deletes rows that have been kept as long as they may, by rules
// that rooms write next to their declarations: the same statements say what a run
// would delete and delete it. It knows no room's tables.
package purge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Rule says which rows of a table have been kept as long as they may.
type Rule struct {
	Table string
	Since string        // the column from which their time counts, in Unix milliseconds
	For   time.Duration // how long that is
	Where string        // what else is true of such rows, $1 being what Since is compared with; "" nothing
	Owner string        // the column that says whose a row is; "" nobody can tell, so no hold keeps it
	But   []string      // values of the column id of rows that stay
	Key   string        // the column that names a row, where a transaction deletes step of them at most; "" all
}

// step is how many rows one transaction deletes of a table that has many, or
// whose rows have many of others.
const step = 500

// errTried takes back what was tried.
var errTried = errors.New("tried")

// Run deletes what is over by any of the rules, each in a transaction of its own,
// or, where it is only tried, says what that would be.
func Run(ctx context.Context, d *db.DB, p inventory.Purge, rules ...Rule) (gone inventory.Purged, err error) {
	if p.Try {
		err = Try(ctx, d, func(tx *db.Tx) error {
			gone, err = In(ctx, tx, p, rules...)
			return err
		})
		return gone, err
	}
	for _, r := range rules {
		for more := true; more; {
			var some inventory.Purged
			err := d.Tx(ctx, func(tx *db.Tx) (err error) {
				some, err = In(ctx, tx, p, r)
				return err
			})
			if err != nil {
				return gone, err
			}
			gone, more = gone.And(some...), r.Key != "" && some.Rows() == step
		}
	}
	return gone, nil
}

// Try runs do in a transaction, and takes back what it did.
func Try(ctx context.Context, d *db.DB, do func(tx *db.Tx) error) error {
	err := d.Tx(ctx, func(tx *db.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// In deletes what is over by any of the rules, in the caller's transaction.
func In(ctx context.Context, tx *db.Tx, p inventory.Purge, rules ...Rule) (gone inventory.Purged, err error) {
	for _, r := range rules {
		g, err := r.run(ctx, tx, p)
		if err != nil {
			return gone, fmt.Errorf("purge %s: %w", r.Table, err)
		}
		gone = gone.And(g)
	}
	return gone, nil
}

func (r Rule) run(ctx context.Context, tx *db.Tx, p inventory.Purge) (g inventory.Gone, err error) {
	g.Table = r.Table
	over, args := r.Since+" <= $1", []any{p.Now.Add(-r.For).UnixMilli()}
	if r.Where != "" {
		over += " AND (" + r.Where + ")"
	}
	var other string
	if r.Owner != "" {
		other, args = NotHeld(p, r.Owner, args)
		over += other
	}
	other, args = notIn("id", r.But, args)
	over += other
	these := over
	if r.Key != "" && !p.Try {
		these = over + fmt.Sprintf(" AND %s IN (SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d)", r.Key, r.Key, r.Table, over, r.Since, step)
	}
	done, err := tx.ExecContext(ctx, `DELETE FROM `+r.Table+` WHERE `+these, args...)
	if err != nil {
		return g, err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return g, err
	}
	g.Rows = int(n)
	if r.Owner == "" {
		return g, nil
	}
	left := r.Since + " > 0"
	if r.Where != "" {
		left += " AND (" + r.Where + ")"
	}
	var first int64
	err = tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(`+r.Since+`), 0) FROM `+r.Table+` WHERE `+left).Scan(&first)
	if first > 0 {
		g.Due = time.UnixMilli(first).Add(r.For).UTC()
	}
	return g, err
}

// NotHeld is what a condition ends with that leaves out rows whose column names
// one of whom a run holds, "" where it holds nobody, and the condition's
// arguments with theirs.
func NotHeld(p inventory.Purge, column string, args []any) (condition string, all []any) {
	return notIn(column, p.Held, args)
}

// notIn is the same for any values.
func notIn[V ~string](column string, values []V, args []any) (condition string, all []any) {
	if len(values) == 0 {
		return "", args
	}
	places := make([]string, len(values))
	for i, v := range values {
		args = append(args, string(v))
		places[i] = "$" + strconv.Itoa(len(args))
	}
	return " AND " + column + " NOT IN (" + strings.Join(places, ", ") + ")", args
}
