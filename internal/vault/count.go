package vault

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"waypost/internal/db"
)

// A Count is a regional key and how many keys it wraps.
type Count struct {
	Key     KeyID
	Wraps   int
	Current bool // it wraps new ones
	Held    bool // this program has it
}

// Counts are the regional keys that this program has or the store needs, the
// current one first. One that wraps none can be thrown away.
func (v *Vault) Counts(ctx context.Context) ([]Count, error) {
	var all []Count
	err := v.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (c Count, err error) { return c, row.Scan(&c.Key, &c.Wraps) }, `
			SELECT regional, COUNT(*) FROM (
				SELECT regional FROM subject_key WHERE destroyed_ms = 0 UNION ALL SELECT regional FROM root_key) AS wrapped
			GROUP BY regional ORDER BY regional`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count keys: %w", err)
	}
	for id := range v.ring.keys {
		if !slices.ContainsFunc(all, func(c Count) bool { return c.Key == id }) {
			all = append(all, Count{Key: id})
		}
	}
	for i := range all {
		_, all[i].Held = v.ring.keys[all[i].Key]
		all[i].Current = all[i].Key == v.ring.current
	}
	slices.SortStableFunc(all, func(a, b Count) int {
		switch {
		case a.Current:
			return -1
		case b.Current:
			return 1
		}
		return b.Wraps - a.Wraps
	})
	return all, nil
}
