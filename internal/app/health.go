package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/health"
	"waypost/internal/parcel"
	"waypost/internal/poll"
)

// states are how the sources of accounts are doing, what is urgent first.
func states(ctx context.Context, book *health.Book, store *parcel.Store, accounts []poll.Account) ([]health.State, error) {
	now := time.Now()
	figures, err := book.Accounts(ctx, now)
	if err != nil {
		return nil, err
	}
	changes, err := book.Changes(ctx, "", now)
	if err != nil {
		return nil, err
	}
	budgets, err := store.Health(ctx)
	if err != nil {
		return nil, err
	}
	open := map[carrier.AccountCode]time.Time{}
	for _, b := range budgets {
		if b.Open.After(now) {
			open[b.Account] = b.Open
		}
	}
	made, err := book.Trials(ctx)
	if err != nil {
		return nil, err
	}
	subscribed, err := store.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	trials := map[carrier.AccountCode][]health.Trial{}
	for _, t := range made {
		trials[t.Account] = append(trials[t.Account], t)
	}
	var all []health.State
	for _, a := range accounts {
		if n := len(all); n == 0 || all[n-1].Source != a.Source.Code {
			all = append(all, health.State{Source: a.Source.Code, File: a.Source.File})
		}
		last := &all[len(all)-1]
		last.Accounts = append(last.Accounts, health.AccountState{
			Account: figures[a.Code], Code: a.Code, Open: open[a.Code], Simulated: a.Simulated, Trials: trials[a.Code], News: newsOf(a, subscribed[a.Code]),
		})
	}
	for i, s := range all {
		all[i].Changes = slices.DeleteFunc(slices.Clone(changes), func(c health.ShapeChange) bool { return c.Source != s.Source })
	}
	slices.SortStableFunc(all, func(a, b health.State) int { return cmp.Compare(a.Urgency(), b.Urgency()) })
	return all, nil
}

// newsOf is how it stands with an account's subscriptions; nil where none are made.
func newsOf(a poll.Account, s parcel.Subscribed) *health.News {
	if a.Subscriber == nil {
		return nil
	}
	return &health.News{Held: s.Held, Wished: s.Wished, Refused: s.Refused, Failing: s.Failing, Lapse: s.Lapse, Problem: s.Problem, Reason: s.Reason}
}
