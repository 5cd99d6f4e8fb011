package account

import (
	"context"
	"fmt"

	"waypost/internal/db"
)

// Business writes down that a clerk declares what becomes of the business, or takes
// it back. Nothing is done where it fails.
func (t Staff) Business(ctx context.Context, c Clerk, did Deed) error {
	if err := c.may(CloseBusiness); err != nil {
		return err
	}
	s, err := t.home(ctx)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(CloseBusiness), of: string(c.ID), did: did})
	})
	if err != nil {
		return fmt.Errorf("write down who did %s: %w", did, err)
	}
	return nil
}

// Count is how many members the region has.
func (s *Store) Count(ctx context.Context) (n int, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM account WHERE id LIKE $1`, s.region+"-%").Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count the members of %s: %w", s.region, err)
	}
	return n, nil
}
