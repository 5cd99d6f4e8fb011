package account

import (
	"context"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// ErrHeld is for what would delete data that has to stay.
var ErrHeld = fault.New(fault.Conflict, "account_held", "There is a legal hold on this account's data, so nothing of it is deleted. Lift the hold first.")

// A Note writes something down in a transaction on a region's database.
type Note = func(ctx context.Context, tx *db.Tx) error

// Hold has do hold somebody's data, say that a hold is still needed, or lift it, for
// a clerk who may, and calls note in its transaction, which writes that down: did is
// DidHold, DidReview or DidRelease. The account's owner can read it, unless they
// mustn't be told. The session has to be fresh.
func (t Staff) Hold(ctx context.Context, c Clerk, of inventory.Subject, did Deed, why Why, told bool, do func(ctx context.Context, note Note) error) error {
	if err := c.may(SetHolds); err != nil {
		return err
	}
	if err := why.check(); err != nil {
		return err
	}
	s, err := t.m.Of(ID(of))
	if err != nil {
		return errNoAccount
	}
	e := entry{staff: c.ID, duty: c.duty(SetHolds), of: string(of), did: did, why: why}
	if !told {
		e.of = ""
	}
	return do(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.record(ctx, tx, e); err != nil {
			return fmt.Errorf("write a hold down: %w", err)
		}
		return nil
	})
}

// Names are what those of the staff are called who are still among them, for a clerk
// who reads holds or incidents, or handles requests of authorities.
func (t Staff) Names(ctx context.Context, c Clerk) (map[StaffID]string, error) {
	if !c.Can(ReadHolds) && !c.Can(HandleLawful) && !c.Can(ReadIncidents) {
		return nil, errPower
	}
	return t.names(ctx)
}

// A Held reports whether somebody's data has to stay, though they or the law want
// it erased.
type Held func(ctx context.Context, who inventory.Subject) (bool, error)

// unheld fails where somebody's data has to stay.
func (m *Members) unheld(ctx context.Context, who inventory.Subject) error {
	if m.held == nil {
		return nil
	}
	held, err := m.held(ctx, who)
	if err == nil && held {
		err = ErrHeld
	}
	return err
}
