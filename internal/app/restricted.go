package app

import (
	"context"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

// wantsRestricted brings what is wanted for a member in line with whether their
// data is restricted.
func (s *server) wantsRestricted(ctx context.Context, e account.Restricted) error {
	s.people.members.Heard(e)
	return s.watches.Restricted(ctx, e.Account.Subject())
}

// hooksRestricted has delivered to a member's programs what waited while their data
// was restricted. While it is, the deliveries are put off again.
func (s *server) hooksRestricted(ctx context.Context, e account.Restricted) error {
	s.people.members.Heard(e)
	to, err := s.hooks.Of(e.Account.Subject())
	if err != nil {
		return err
	}
	return to.Resume(ctx, e.Account.Subject())
}

// unlessRestricted is do, but nothing while somebody's data is restricted: what
// there is to do is done once that is lifted.
func (s *server) unlessRestricted(who inventory.Subject, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		restricted, err := s.people.members.Restricted(ctx, who)
		if err != nil || restricted {
			return err
		}
		return do(ctx)
	}
}
