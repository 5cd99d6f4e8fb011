package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// askTime is what a region is given to answer when all are asked, so that nobody
// waits long for another one than theirs.
const askTime = 2 * time.Second

// ErrAway is db.ErrAway, for those who don't know databases.
var ErrAway = db.ErrAway

var (
	errSignInAway = fault.New(fault.Denied, "sign_in_away", "The address and the password don't belong together, or the account is in a region that can't be reached right now. Nothing is lost. Please try again in a few minutes, or check both.")
	errSomeAway   = fault.New(fault.Unavailable, "some_away", "Some accounts can't be reached right now, so this has to wait. Nothing is lost. Please try again in a few minutes.")
)

// Away reports whether an error says that a region can't be reached right now.
func Away(err error) bool { return errors.Is(err, db.ErrAway) || errors.Is(err, errSomeAway) }

// SomeAway reports whether there are accounts that can't be reached right now.
func (m *Members) SomeAway() bool {
	return slices.ContainsFunc(m.stores, func(s *Store) bool { return !s.reachable() })
}

// each has every region asked that can be reached, and reports whether one couldn't.
// Where there is one only, its error says so.
func (m *Members) each(ctx context.Context, ask func(ctx context.Context, s *Store) error) (away bool, err error) {
	if len(m.stores) == 1 {
		return false, ask(ctx, m.stores[0])
	}
	for _, s := range m.stores {
		err := s.soon(ctx, ask)
		if errors.Is(err, db.ErrAway) {
			away = true
			continue
		}
		if err != nil {
			return false, err
		}
	}
	return away, nil
}

// soon asks a region; db.ErrAway when it takes too long.
func (s *Store) soon(ctx context.Context, ask func(ctx context.Context, s *Store) error) error {
	short, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	err := ask(short, s)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return db.ErrAway.Because(err)
	}
	return err
}

func (s *Store) reachable() bool { return s.db.Reachable() && s.vault.Reachable() }

// reached are the regions that can be reached; all when none can.
func (m *Members) reached() []*Store {
	all := slices.DeleteFunc(slices.Clone(m.stores), func(s *Store) bool { return !s.reachable() })
	if len(all) == 0 {
		return m.stores
	}
	return all
}

// sign returns a keyed hash with the installation's own key.
func (m *Members) sign(text string) string { return m.house.Lookup(fieldSent, text) }
