package app

import (
	"context"
	"slices"

	"waypost/internal/account"
	"waypost/internal/web/member"
	"waypost/internal/webhook"
)

// reviews says what a member's going touches, as the rooms know it.
type reviews struct{ s *server }

func (r reviews) Review(ctx context.Context, who account.Session) (member.Review, error) {
	var view member.Review
	for _, add := range []func(context.Context, account.Session, *member.Review) error{r.teams, r.programs, r.parcels} {
		if err := add(ctx, who, &view); err != nil {
			return member.Review{}, err
		}
	}
	return view, nil
}

// teams are the business accounts that nobody else owns.
func (r reviews) teams(ctx context.Context, who account.Session, view *member.Review) error {
	teams := r.s.people.members.Teams()
	all, err := teams.Of(ctx, who.Account)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Role != account.RoleOwner || !t.Closed.IsZero() {
			continue
		}
		mates, err := teams.Mates(ctx, who, t.ID)
		if err != nil {
			return err
		}
		others := func(role account.Role) bool {
			return slices.ContainsFunc(mates, func(m account.Mate) bool { return m.Role == role && m.Account != who.Account })
		}
		switch {
		case others(account.RoleOwner):
		case others(account.RoleAdmin):
			view.Passes = append(view.Passes, t.Name)
		default:
			view.Closes = append(view.Closes, t.Name)
		}
	}
	return nil
}

// programs are the member's keys and endpoints.
func (r reviews) programs(ctx context.Context, who account.Session, view *member.Review) error {
	owner := who.Account.Subject()
	keys, err := r.s.people.quotas.Of(owner)
	if err != nil {
		return err
	}
	all, err := keys.List(ctx, owner)
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.Revoked.IsZero() {
			view.Keys++
		}
	}
	hooks, err := r.s.hooks.Of(owner)
	if err != nil {
		return err
	}
	endpoints, err := hooks.Endpoints(ctx, owner)
	for _, e := range endpoints {
		if e.State == webhook.On {
			view.Hooks++
		}
		view.Waiting += e.Waiting
	}
	return err
}

// parcels are those that the member and their programs keep.
func (r reviews) parcels(ctx context.Context, who account.Session, view *member.Review) error {
	owner := who.Account.Subject()
	watches, err := r.s.watches.Of(owner)
	if err != nil {
		return err
	}
	view.Parcels, view.Registrations, err = watches.Kept(ctx, owner)
	return err
}
