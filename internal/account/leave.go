package account

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

// leaveDays is how many working days an account that its owner wants erased can
// be taken back: as many as the policy has for answering a request at least.
const leaveDays = 5

// LeavesAt is when an account is erased whose owner asked for it at a time: after
// five working days of the region, in UTC.
func (s *Store) LeavesAt(asked time.Time) time.Time { return s.days.After(asked, leaveDays) }

// Leave has an account erased with all that is held of its owner, at the time
// that it returns, unless they sign in before. Every device is signed out. told is
// which services outside will be told of it, in words for the letter. The session
// has to be fresh.
func (s *Store) Leave(ctx context.Context, d Session, told string, from From) (time.Time, error) {
	ends := s.LeavesAt(s.now())
	return ends, s.close(ctx, d, Leaving, change{what: AccountLeaving, detail: told, device: Label(from.Agent), ends: ends})
}

// TakeLeaving returns accounts that are to be erased now, most of them at most:
// their owners can't take it back any more. What was returned and isn't erased
// is returned again. Of those that are held none is, so their owners can still
// take it back.
func (s *Store) TakeLeaving(ctx context.Context, most int, held ...inventory.Subject) ([]ID, error) {
	type account struct {
		id    ID
		state State
		since int64
	}
	var ids []ID
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		ids = nil
		unheld, args := purge.NotHeld(inventory.Purge{Held: held}, "id", []any{most})
		all, err := db.Rows(ctx, tx, func(row *sql.Rows) (a account, err error) { return a, row.Scan(&a.id, &a.state, &a.since) }, `
			SELECT id, state, state_ms FROM account WHERE state IN ('leaving', 'erasing')`+unheld+` ORDER BY state_ms LIMIT $1`, args...)
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.state == Leaving {
				if s.LeavesAt(db.At(a.since)).After(s.now()) {
					continue
				}
				if _, err := tx.ExecContext(ctx, `UPDATE account SET state = $1 WHERE id = $2 AND state = $3`, Erasing, a.id, Leaving); err != nil {
					return err
				}
			}
			ids = append(ids, a.id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accounts that leave: %w", err)
	}
	return ids, nil
}
