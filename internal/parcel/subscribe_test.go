package parcel_test

import (
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

func claimSubscriptions(t *testing.T, s *parcel.Store, terms carrier.Terms) []parcel.Subscription {
	t.Helper()
	all, err := s.ClaimSubscriptions(t.Context(), parcel.SubscriptionClaim{Account: acme, Terms: terms, Lease: minute})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Two programs never see to one subscription at the same time, and what a program
// that died had claimed is claimed again.
func TestSubscriptionsAreSeenToOnce(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		terms := carrier.Terms{Most: 10, Lasts: 10 * day, Ends: true}
		want(t, s, simple("TEST1"), simple("TEST2"))
		if all := claimSubscriptions(t, s, terms); len(all) != 0 {
			t.Errorf("before any answer %+v are wished", all)
		}
		for _, held := range claim(t, s, acme) {
			record(t, s, in(time.Hour), answer(held, c.Now(), start.Add(-day), status.InTransitPickedUp))
		}
		first := claimSubscriptions(t, s, terms)
		if len(first) != 2 || first[0].Ending || first[0].State != parcel.Wished {
			t.Fatalf("claimed %+v, want both", first)
		}
		if again := claimSubscriptions(t, s, terms); len(again) != 0 {
			t.Errorf("claimed twice: %+v", again)
		}
		c.pass(2 * minute)
		second := claimSubscriptions(t, s, terms)
		if len(second) != 2 {
			t.Fatalf("after the lease %+v, want both", second)
		}
		late := []parcel.SubscriptionOutcome{{Subscription: first[0], Problem: &carrier.Problem{Kind: carrier.BadNumber}}}
		if err := s.RecordSubscriptions(t.Context(), terms, late); err != nil {
			t.Fatal(err)
		}
		var made []parcel.SubscriptionOutcome
		for _, one := range second {
			made = append(made, parcel.SubscriptionOutcome{Subscription: one})
		}
		if err := s.RecordSubscriptions(t.Context(), terms, made); err != nil {
			t.Fatal(err)
		}
		all, err := s.Subscriptions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := all[acme]; got.Held != 2 || got.Refused != 0 || !got.Lapse.Equal(c.Now().Add(10*day)) {
			t.Errorf("they stand at %+v, want both held for ten days", got)
		}
		if _, err := s.Expire(t.Context(), inventory.Purge{Now: c.Now().Add(60 * day)}); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Subscriptions(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("long after their account is gone there are %+v, %v", all, err)
		}
	})
}
