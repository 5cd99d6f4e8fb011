package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"waypost/internal/db"
	"waypost/internal/vault"
)

// ageLength is that of every age range when it is sealed, in bytes, so that its
// length says nothing.
const ageLength = 16

// agesStep is how many age ranges one transaction seals.
const agesStep = 200

func sealAge(k *vault.Sealer, a Age) []byte {
	return k.SealText(fieldAge, string(a)+strings.Repeat(" ", max(0, ageLength-len(a))))
}

func openAge(k *vault.Sealer, sealed []byte) (Age, error) {
	text, err := k.OpenText(fieldAge, sealed)
	return Age(strings.TrimRight(text, " ")), err
}

// sealAges seals the age ranges that were stored before they were encrypted.
func (s *Store) sealAges(ctx context.Context) error {
	for {
		open, err := s.openAges(ctx)
		if err != nil || len(open) == 0 {
			return err
		}
		for id, age := range open {
			if err := s.moveAge(ctx, id, age); err != nil {
				return fmt.Errorf("seal the age range of %s: %w", id, err)
			}
		}
	}
}

// openAges are some of those that aren't sealed yet.
func (s *Store) openAges(ctx context.Context) (open map[ID]Age, err error) {
	type row struct {
		id  ID
		age Age
	}
	var rows []row
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, func(r *sql.Rows) (one row, err error) { err = r.Scan(&one.id, &one.age); return one, err },
			`SELECT id, age FROM account WHERE age <> '' AND id LIKE $1 LIMIT $2`, s.region+"-%", agesStep)
		return err
	})
	open = map[ID]Age{}
	for _, r := range rows {
		open[r.id] = r.age
	}
	return open, err
}

func (s *Store) moveAge(ctx context.Context, id ID, age Age) error {
	k, err := s.vault.Key(ctx, id.Subject())
	sealed := []byte{}
	switch {
	case errors.Is(err, vault.ErrDestroyed): // nobody may read it any more
	case err != nil:
		return err
	default:
		sealed = sealAge(k, age)
	}
	_, err = s.db.Exec(ctx, `UPDATE account SET age_range = $1, age = '' WHERE id = $2`, sealed, id)
	return err
}
