package account

import (
	"context"
	"slices"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// EnterApp takes the code that an authenticator app shows, where a flow needs ByApp.
func (m *Members) EnterApp(ctx context.Context, token Token, code string, from From) (Step, error) {
	return m.second(ctx, token, ByApp, from, func(s *Store, id ID) error {
		step, err := s.appStep(ctx, id, code, true)
		if err != nil {
			return err
		}
		return s.useStep(ctx, id, step)
	})
}

// EnterRecovery takes a recovery code, where a flow needs ByRecovery. Whatever
// comes of the flow, the code is used up.
func (m *Members) EnterRecovery(ctx context.Context, token Token, code string, from From) (Step, error) {
	return m.second(ctx, token, ByRecovery, from, func(s *Store, id ID) error {
		return s.useRecovery(ctx, id, code, from)
	})
}

// second takes a second factor: whoever knows the first one can guess at it,
// so tries are few, and a browser that the account knows has its own.
func (m *Members) second(ctx context.Context, token Token, by Factor, from From, check func(s *Store, id ID) error) (Step, error) {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return Step{}, err
	}
	if err := s.wants(ctx, f, by); err != nil {
		return Step{}, err
	}
	known, err := s.knows(ctx, f.account, from)
	if err != nil {
		return Step{}, err
	}
	counted := bucket{limitSecond, string(f.account)}
	if known {
		counted.limit = limitSecond.of(from.Browser)
	}
	if err := s.spend(ctx, bucket{limitNetwork, from.network()}, counted); err != nil {
		return Step{}, err
	}
	if err := check(s, f.account); err != nil {
		return Step{}, err
	}
	if err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.forget(ctx, tx, counted) }); err != nil {
		return Step{}, err
	}
	return s.proved(ctx, f, by, token, from)
}

// wants fails unless a factor is what comes next in a flow: to somebody who has
// shown nothing yet, an account tells nothing of what it has.
func (s *Store) wants(ctx context.Context, f *flow, by Factor) error {
	if f.coded || f.account == "" || (f.purpose != SigningIn && f.purpose != Proving) {
		return errNotNeeded
	}
	w, err := s.waysOf(ctx, f.account)
	if fault.KindOf(err) == fault.NotFound {
		return errFlow
	}
	if err != nil {
		return err
	}
	if !slices.Contains(w.need(f.state.Shown), by) {
		return errNotNeeded
	}
	return nil
}
