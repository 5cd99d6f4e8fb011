package poll

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
)

// subscribeLook is how often it is looked for subscriptions to see to, where there
// were none.
const subscribeLook = time.Minute

// subscriptionShare is which part of an account's calls asking leaves to
// subscriptions: a tenth.
const subscriptionShare = 10

// subscriptions sees to those of one account: that what somebody keeps is subscribed
// to, renewed before it lapses, and ended when nobody keeps it any more.
type subscriptions struct {
	*Poller
	account Account
	terms   carrier.Terms
	words   with
	log     *slog.Logger
}

func newSubscriptions(p *Poller, s *state, a Account) *subscriptions {
	return &subscriptions{Poller: p, account: a, terms: a.Subscriber.Terms(), words: withOf(s.catalogue, a.Source.Code), log: p.log.With("account", a.Code)}
}

// run sees to subscriptions until ctx ends. What was claimed by then is done.
func (s *subscriptions) run(ctx context.Context) {
	timer := time.NewTimer(s.pace.within(0, startSpread))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		rest := time.Duration(0)
		if !s.see(ctx) {
			rest = max(s.pace.times(s.pace.within(subscribeLook/2, subscribeLook), 1), time.Second)
		}
		timer.Reset(rest)
	}
}

// see makes one call about subscriptions, and reports whether there may be more to
// do at once.
func (s *subscriptions) see(ctx context.Context) bool {
	claimed, err := s.store.ClaimSubscriptions(ctx, parcel.SubscriptionClaim{
		Account: s.account.Code, Terms: s.terms, Lease: s.options.Lease, Budget: s.account.Budget,
	})
	if err != nil && ctx.Err() == nil {
		s.log.Error("subscriptions can't be claimed, will retry", "err", err)
	}
	if err != nil || len(claimed) == 0 {
		return false
	}
	ctx = context.WithoutCancel(ctx)
	outcomes := make([]parcel.SubscriptionOutcome, len(claimed))
	failed := false
	for i, came := range s.call(ctx, claimed) {
		o := parcel.SubscriptionOutcome{Subscription: claimed[i], Problem: came.Problem}
		o.Remote = cmp.Or(came.Remote, o.Remote)
		if p := o.Problem; p != nil {
			o.Again = time.Now().Add(s.pace.retry(o.Failures, p.RetryAfter))
			failed = failed || p.Kind != carrier.BadNumber
		}
		s.metrics.subscribed(s.account.Source.Code, o)
		outcomes[i] = o
	}
	if err := s.store.RecordSubscriptions(ctx, s.terms, outcomes); err != nil {
		s.log.Error("subscriptions can't be recorded, they wait for their lease", "err", err)
		return false
	}
	return !failed
}

// call subscribes to what was claimed, or ends it, and says what came of each.
func (s *subscriptions) call(ctx context.Context, claimed []parcel.Subscription) []carrier.Subscription {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	came := make([]carrier.Subscription, len(claimed))
	asks := make([]carrier.Ask, len(claimed))
	for i, c := range claimed {
		came[i] = carrier.Subscription{Number: c.Number, With: s.words[c.Carrier], Remote: c.Remote}
		asks[i] = carrier.Ask{Number: c.Number, With: s.words[c.Carrier]}
	}
	made, err := came, error(nil)
	if claimed[0].Ending {
		err = s.account.Subscriber.End(ctx, came)
	} else {
		made, err = s.account.Subscriber.Subscribe(ctx, asks)
	}
	problem := wholeProblem(err, len(made), len(claimed), s.options.Timeout)
	if problem == nil {
		return made
	}
	s.log.Warn("subscriptions failed, will retry", "numbers", len(claimed), "problem", problem.Kind, "why", problem.Text)
	for i := range came {
		came[i].Problem = problem
	}
	return came
}
