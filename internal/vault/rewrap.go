package vault

import (
	"context"
	"database/sql"
	"fmt"

	"waypost/internal/db"
)

// rewrapBatch is how many keys one transaction wraps anew; others wait for no
// more than that.
const rewrapBatch = 200

// A wrapping is one row of wrapped key.
type wrapping struct {
	name     string
	regional KeyID
	wrapped  []byte
}

// Rewrap wraps every key with the newest regional key and says how many were
// wrapped with an older one. It runs beside everything else and, broken off,
// goes on from there when it is called again. The store's own secret comes
// last: while any key needs an older regional key, Open insists on that key.
// When every replica has the newest key first and Rewrap has gone through, the
// older keys can be thrown away.
func (v *Vault) Rewrap(ctx context.Context) (int, error) {
	all := 0
	for after := ""; ; {
		n, last, err := v.rewrapSome(ctx, after)
		if err != nil {
			return all, fmt.Errorf("rewrap keys: %w", err)
		}
		all += n
		if last == "" {
			break
		}
		after = last
	}
	n, err := v.rewrapRoot(ctx)
	if err != nil {
		return all, fmt.Errorf("rewrap the key store: %w", err)
	}
	if err := v.db.Scrub(ctx); err != nil {
		return all + n, fmt.Errorf("rewrap keys: %w", err)
	}
	return all + n, nil
}

// rewrapSome wraps a batch anew and says how many and where it ended, "" at the end.
func (v *Vault) rewrapSome(ctx context.Context, after string) (n int, last string, err error) {
	err = v.db.Tx(ctx, func(tx *db.Tx) error {
		n, last = 0, ""
		batch, err := db.Rows(ctx, tx, func(row *sql.Rows) (w wrapping, err error) {
			return w, row.Scan(&w.name, &w.regional, &w.wrapped)
		}, `
			SELECT name, regional, wrapped FROM subject_key
			WHERE name > $1 AND regional <> $2 AND destroyed_ms = 0
			ORDER BY name LIMIT $3`+tx.Lock(), after, v.ring.current, rewrapBatch)
		if err != nil {
			return err
		}
		for _, w := range batch {
			secret, err := v.ring.unwrap(w.regional, purposeSubject, w.name, w.wrapped)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE subject_key SET regional = $1, wrapped = $2 WHERE name = $3`,
				v.ring.current, v.ring.wrap(purposeSubject, w.name, secret), w.name)
			if err != nil {
				return err
			}
			last = w.name
		}
		n = len(batch)
		return nil
	})
	return n, last, err
}

func (v *Vault) rewrapRoot(ctx context.Context) (n int, err error) {
	err = v.db.Tx(ctx, func(tx *db.Tx) error {
		n = 0
		var w wrapping
		if err := tx.QueryRowContext(ctx, `SELECT regional, wrapped FROM root_key`+tx.Lock()).Scan(&w.regional, &w.wrapped); err != nil {
			return err
		}
		if w.regional == v.ring.current {
			return nil
		}
		secret, err := v.ring.unwrap(w.regional, purposeRoot, rootName, w.wrapped)
		if err != nil {
			return err
		}
		n = 1
		_, err = tx.ExecContext(ctx, `UPDATE root_key SET regional = $1, wrapped = $2`,
			v.ring.current, v.ring.wrap(purposeRoot, rootName, secret))
		return err
	})
	return n, err
}
