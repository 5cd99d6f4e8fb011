package parcel_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
)

// many wants n parcels of one account.
func many(t *testing.T, s *parcel.Store, n int, visitor bool) {
	t.Helper()
	var wants []parcel.Want
	for i := range n {
		w := simple(fmt.Sprintf("%v%d", visitor, i))
		w.Visitor = visitor
		wants = append(wants, w)
	}
	want(t, s, wants...)
}

func TestTenReplicasTogetherKeepTheBudget(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{now: start}
		s := newStore(t, d, c)
		many(t, s, 100, false)
		many(t, s, 60, true)
		budget := parcel.Budget{Calls: 10, Per: time.Hour, Batch: 4, VisitorShare: 0.3}
		for round := range 3 {
			var mu sync.Mutex
			var calls, visits int
			var group sync.WaitGroup
			for range 10 {
				group.Go(func() {
					for range 5 {
						taken, err := s.Claim(t.Context(), parcel.Claim{Account: acme, Most: 4, Lease: day, Budget: budget})
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						if len(taken.Asks) > 0 {
							calls++
						}
						for _, a := range taken.Asks {
							if a.Visitor {
								visits++
							}
						}
						mu.Unlock()
					}
				})
			}
			group.Wait()
			if calls != 10 || visits != 12 {
				t.Errorf("window %d: %d calls with %d visitors' asks, want 10 with 3 calls' worth, 12", round, calls, visits)
			}
			taken := take(t, s, parcel.Claim{Account: acme, Most: 4, Lease: day, Budget: budget})
			if taken.Empty != parcel.BudgetUsed || !taken.Again.Equal(c.Now().Add(time.Hour)) || taken.Used != 1 {
				t.Errorf("window %d: %+v, want the budget used until the hour is over", round, taken)
			}
			c.pass(time.Hour)
		}
	})
}

func TestVisitorsComeFirstWithinTheirShare(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		many(t, s, 10, false)
		c.pass(minute)
		many(t, s, 10, true)
		claim := parcel.Claim{Account: acme, Most: 6, Lease: day, Budget: parcel.Budget{Calls: 10, Per: time.Hour, VisitorShare: 0.3}}
		taken := take(t, s, claim)
		var order []bool
		for _, a := range taken.Asks {
			order = append(order, a.Visitor)
		}
		if fmt.Sprint(order) != "[true true true false false false]" {
			t.Errorf("visitors' %v, want three of theirs and then the others", order)
		}
		if taken = take(t, s, claim); len(taken.Asks) != 4 || taken.Asks[0].Visitor {
			t.Errorf("took %+v, want the four that are left of the budget, none of them visitors'", taken)
		}
	})
}

func TestWhenOnlyVisitorsWaitTheirShareIsTheBudget(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		many(t, s, 3, true)
		claim := parcel.Claim{Account: acme, Most: 10, Lease: day, Budget: parcel.Budget{Calls: 2, Per: time.Hour, VisitorShare: 0.3}}
		if taken := take(t, s, claim); len(taken.Asks) != 1 || !taken.Again.Equal(start.Add(time.Hour)) {
			t.Errorf("took %+v, want the one call that visitors always have, more in an hour", taken)
		}
		if taken := take(t, s, claim); taken.Empty != parcel.BudgetUsed || !taken.Again.Equal(start.Add(time.Hour)) {
			t.Errorf("took %+v, want the visitors' share used", taken)
		}
		claim.Budget.VisitorShare = 0
		if taken := take(t, s, claim); len(taken.Asks) != 0 || !taken.Again.IsZero() {
			t.Errorf("took %+v, want nothing for visitors without a share", taken)
		}
	})
}

func TestAVisitorsParcelBecomesAKeptOne(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		w := simple("TEST1")
		w.Visitor = true
		want(t, s, w)
		w.Visitor = false
		w.Until = start.Add(day)
		want(t, s, w)
		claimed := claim(t, s, acme)
		if len(claimed) != 1 || claimed[0].Visitor {
			t.Fatalf("claimed %+v, want it kept", claimed)
		}
		record(t, s, in(2*day), problem(claimed[0], c.Now(), "unavailable"))
		c.pass(2 * day)
		claimed = claim(t, s, acme)
		record(t, s, in(minute), problem(claimed[0], c.Now(), "unavailable"))
		c.pass(minute)
		if claimed = claim(t, s, acme); len(claimed) != 1 || !claimed[0].Visitor {
			t.Errorf("claimed %+v, want it visitors' again once nobody keeps it", claimed)
		}
	})
}

func TestAClaimSaysWhenToComeBack(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		all := parcel.Claim{Account: acme, Most: 10, Lease: minute}
		if taken := take(t, s, all); taken.Empty != parcel.NothingDue || !taken.Again.IsZero() {
			t.Errorf("of nothing at all: %+v, want nothing due, ever", taken)
		}
		many(t, s, 3, false)
		if taken := take(t, s, parcel.Claim{Account: acme, Most: 2, Lease: time.Hour}); len(taken.Asks) != 2 || taken.Empty != "" || !taken.Again.Equal(start) {
			t.Errorf("two of three: %+v, want more at once", taken)
		}
		last := take(t, s, all)
		if len(last.Asks) != 1 || !last.Again.Equal(start.Add(minute)) {
			t.Errorf("the last: %+v, want more when its lease ends", last)
		}
		record(t, s, in(20*minute), problem(last.Asks[0], c.Now(), "unavailable"))
		if taken := take(t, s, all); taken.Empty != parcel.NothingDue || !taken.Again.Equal(start.Add(20*minute)) {
			t.Errorf("all asked: %+v, want nothing due for twenty minutes", taken)
		}
	})
}

func TestTheLongestDueIsClaimedFirst(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		for _, number := range []string{"FIRST", "SECOND", "THIRD"} {
			want(t, s, simple(number))
			c.pass(minute)
		}
		for _, number := range []string{"FIRST", "SECOND", "THIRD"} {
			taken := take(t, s, parcel.Claim{Account: acme, Most: 1, Lease: day})
			if len(taken.Asks) != 1 || taken.Asks[0].Number != number {
				t.Errorf("claimed %+v, want %s", taken.Asks, number)
			}
		}
	})
}

func TestAnAskThatBecomesDueBehindTheLastClaimIsFound(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		c, slow := &clock{now: start}, &clock{now: start.Add(-20 * minute)} // a machine whose clock is late
		s, late := newStore(t, dbtest.Open(t, url), c), newStore(t, dbtest.Open(t, url), slow)
		want(t, s, simple("TEST1"))
		claim(t, s, acme)
		want(t, late, simple("TEST2"))
		c.pass(2 * minute)
		for _, a := range claim(t, s, acme) {
			if a.Number == "TEST2" {
				return
			}
		}
		t.Error("not claimed two minutes later")
	})
}

func TestATrippedAccountIsLeftAlone(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		c := &clock{now: start}
		s, other := newStore(t, dbtest.Open(t, url), c), newStore(t, dbtest.Open(t, url), c)
		many(t, s, 1, false)
		for range 2 { // both replicas find out
			if err := s.Trip(t.Context(), acme, start.Add(5*minute)); err != nil {
				t.Fatal(err)
			}
		}
		all := parcel.Claim{Account: acme, Most: 10, Lease: minute}
		if taken := take(t, other, all); taken.Empty != parcel.BreakerOpen || !taken.Again.Equal(start.Add(5*minute)) {
			t.Errorf("took %+v, want the account left alone for five minutes", taken)
		}
		c.pass(5 * minute)
		if err := s.Trip(t.Context(), acme, c.Now().Add(10*minute)); err != nil {
			t.Fatal(err)
		}
		health, err := other.Health(t.Context())
		if err != nil || len(health) != 1 || health[0].Trips != 2 || !health[0].Open.Equal(start.Add(15*minute)) {
			t.Errorf("health %+v (%v), want tripped twice", health, err)
		}
		if err := other.Heal(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if taken := take(t, s, all); len(taken.Asks) != 1 {
			t.Errorf("took %+v, want the ask once it answers again", taken)
		}
		if health, err = s.Health(t.Context()); err != nil || health[0].Trips != 0 || !health[0].Open.IsZero() || health[0].Calls != 1 {
			t.Errorf("health %+v (%v), want it well, one call used", health, err)
		}
	})
}

func TestOtherCallsAreOfTheSameBudget(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		many(t, s, 3, false)
		budget := parcel.Budget{Calls: 2, Per: time.Hour}
		spend := func() bool {
			t.Helper()
			paid, err := s.Spend(t.Context(), acme, budget)
			if err != nil {
				t.Fatal(err)
			}
			return paid
		}
		if !spend() {
			t.Error("the first call isn't paid")
		}
		if taken := take(t, s, parcel.Claim{Account: acme, Most: 3, Lease: day, Budget: budget}); len(taken.Asks) != 1 {
			t.Errorf("took %d asks, want the one that is left of the budget", len(taken.Asks))
		}
		if spend() {
			t.Error("a call is paid of a budget that is used")
		}
		c.pass(time.Hour)
		if !spend() {
			t.Error("no call is paid of a new window")
		}
	})
}
