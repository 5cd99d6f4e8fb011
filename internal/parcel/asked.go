package parcel

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// Asked is that a source was asked about a parcel.
type Asked struct {
	Source  carrier.SourceCode
	Account carrier.AccountCode // at the source
	Number  string              // as it was asked about
}

// askedStep is how many parcels one statement names.
const askedStep = 500

// Asked says which sources were asked about parcels, by source and number.
func (s *Store) Asked(ctx context.Context, ids ...ID) (all []Asked, err error) {
	for some := range slices.Chunk(ids, askedStep) {
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			among, args := db.In(tx, "parcel_id", some, 0)
			found, err := db.Rows(ctx, tx, func(row *sql.Rows) (a Asked, err error) { return a, row.Scan(&a.Source, &a.Account, &a.Number) },
				`SELECT DISTINCT source, account, number FROM ask WHERE asked_ms > 0 AND `+among+` ORDER BY source, account, number`, args...)
			all = append(all, found...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("which sources were asked: %w", err)
		}
	}
	return all, nil
}
