package account

import (
	"context"
	"slices"

	"waypost/internal/db"
)

// An Act is something that somebody of the staff does in another room, about
// somebody whose data that room holds.
type Act struct {
	Power Power
	Of    string // an account's id, or who else it is about
	Did   Deed
	Why   Why
}

// Record writes down what a clerk does, in the transaction that does it, on the
// database of a region. It fails where they may not, or don't say what for; then
// nothing is to be done.
func (t Staff) Record(ctx context.Context, tx *db.Tx, region string, c Clerk, a Act) error {
	if err := c.may(a.Power); err != nil {
		return err
	}
	if err := a.Why.check(); err != nil {
		return err
	}
	s, err := t.m.in(region)
	if err != nil {
		return err
	}
	return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(a.Power), of: a.Of, did: a.Did, why: a.Why})
}

// With are those of the staff who have a power, in the order of their names, as far
// as regions can be reached.
func (t Staff) With(ctx context.Context, p Power) ([]Clerk, error) {
	var all []Clerk
	_, err := t.m.each(ctx, func(ctx context.Context, s *Store) error {
		rows, err := s.staff(ctx, `state = $1`, staffActive)
		if err != nil {
			return err
		}
		for _, r := range rows {
			duties, err := s.duties(ctx, r.id)
			if err != nil {
				return err
			}
			if c := (Clerk{ID: r.id, Name: r.name, Duties: duties}); c.Can(p) {
				all = append(all, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Clerk) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all, nil
}

// CloseFor closes an account whose owner asked for its deletion by letter or phone,
// as Leave does for who is signed in: it is erased after five working days unless
// its owner signs in before. The clerk's session has to be fresh.
func (t Staff) CloseFor(ctx context.Context, c Clerk, id ID, why Why) error {
	if err := c.MustFreshly(AnswerRequest); err != nil {
		return err
	}
	if err := why.check(); err != nil {
		return err
	}
	s, err := t.m.Of(id)
	if err != nil {
		return errNoAccount
	}
	return s.perform(ctx, c, id, entry{duty: c.duty(AnswerRequest), did: DidClose, why: why}, func(s *Store, tx *db.Tx) error {
		k, err := s.vault.Key(ctx, id.Subject())
		if err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE account SET state = $1, state_ms = $2 WHERE id = $3 AND state IN ($4, $5)`,
			Leaving, ms(s.now()), id, Active, Deactivated)
		if err := one(done, err, errOnlyLocked); err != nil {
			return err
		}
		return s.shut(ctx, tx, k, id, change{what: AccountLeaving, ends: s.LeavesAt(s.now())})
	})
}
