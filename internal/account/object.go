package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// ForObjection begins what the ledger calls an objection to a use or purpose of
// somebody's data: it is refused, and allowed again.
const ForObjection = "objection:"

// Object enters that the owner of a session objects to a use of their data, or
// doesn't any more, in the words that they were shown. Twice is once.
func (s *Store) Object(ctx context.Context, d Session, use string, objects bool, wording, how string) error {
	c := Consent{Purpose: ForObjection + use, Wording: wording, How: how, Given: !objects}
	if !objects {
		objected, err := s.objected(ctx, d.Account, use)
		if err != nil || !objected {
			return err
		}
	}
	_, err := s.Decide(ctx, d.Account, c)
	return err
}

var errObjected = fault.New(fault.Conflict, "objected", "You object to that already. What became of it stands with your requests.")

// Objecting is Object, for a transaction on the region's database that does what the
// objection asks; a fault of kind Conflict where they object already.
func (s *Store) Objecting(d Session, use, wording, how string) func(ctx context.Context, tx *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		added, err := s.decide(ctx, tx, d.Account, Consent{Purpose: ForObjection + use, Wording: wording, How: how})
		if err == nil && !added {
			err = errObjected
		}
		return err
	}
}

// Objected reports whether somebody objects to a use of their data.
func (m *Members) Objected(ctx context.Context, who inventory.Subject, use string) (bool, error) {
	s := m.store(regionOf(string(who)))
	if s == nil {
		return false, nil
	}
	return s.objected(ctx, ID(who), use)
}

func (s *Store) objected(ctx context.Context, id ID, use string) (objected bool, err error) {
	var given bool
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT given FROM consent WHERE account_id = $1 AND purpose = $2 ORDER BY at_ms DESC, id DESC LIMIT 1`, id, ForObjection+use).Scan(&given)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("objections of %s: %w", id, err)
	}
	return !given, nil
}
