package parcel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

const north = carrier.AccountCode("northline/main")

type standing = map[carrier.Code]parcel.State

func TestCandidatesAreAskedInOrderUntilOneKnowsTheNumber(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, guess("GUESS1", acme, fjord, north))[0]
		for _, a := range []carrier.AccountCode{fjord, north} {
			if claimed := claim(t, s, a); len(claimed) != 0 {
				t.Fatalf("%s was asked before its turn", a)
			}
		}
		record(t, s, in(time.Hour), problem(claim(t, s, acme)[0], c.Now(), carrier.Missing))
		if got, want := states(get(t, s, p.ID)), (standing{"acme": parcel.Later, "fjordpost": parcel.Waiting, "northline": parcel.Later}); !cmp.Equal(got, want) {
			t.Fatalf("after the first knew nothing: %v, want %v", got, want)
		}
		changes := record(t, s, in(time.Hour), answer(claim(t, s, fjord)[0], c.Now(), start, status.InTransitPickedUp))
		if len(changes) != 1 || changes[0].Found != "fjordpost" {
			t.Errorf("changes %+v, want fjordpost found", changes)
		}
		p = get(t, s, p.ID)
		if p.Found != "fjordpost" || p.Choice != parcel.Answered || p.Asks[1].Role != parcel.Origin {
			t.Errorf("found %q as %q with %+v, want fjordpost, answered, origin", p.Found, p.Choice, p.Asks[1])
		}
		if got, want := states(p), (standing{"acme": parcel.Dropped, "fjordpost": parcel.Waiting, "northline": parcel.Dropped}); !cmp.Equal(got, want) {
			t.Errorf("after fjordpost answered: %v, want %v", got, want)
		}
		if p.Asks[2].Reason == "" {
			t.Error("a dropped candidate has no reason")
		}
	})
}

func TestWhenNobodyKnowsTheNumberTheLikeliestAreAskedOn(t *testing.T) {
	accounts := []carrier.AccountCode{acme, fjord, north, "osttrans/main"}
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, guess("GUESS1", accounts...))[0]
		for _, a := range accounts {
			record(t, s, in(time.Hour), problem(claim(t, s, a)[0], c.Now(), carrier.Missing))
		}
		p = get(t, s, p.ID)
		want := standing{"acme": parcel.Waiting, "fjordpost": parcel.Waiting, "northline": parcel.Waiting, "osttrans": parcel.Dropped}
		if got := states(p); !cmp.Equal(got, want) {
			t.Fatalf("all missed: %v, want %v", got, want)
		}
		if got := p.Standing(c.Now()).Status; got != status.NotFoundOther {
			t.Errorf("status %q, want not found", got)
		}
		c.pass(time.Hour)
		record(t, s, in(time.Hour), problem(claim(t, s, acme)[0], c.Now(), carrier.Missing))
		if got := states(get(t, s, p.ID)); !cmp.Equal(got, want) {
			t.Errorf("missed again: %v, want as before", got)
		}
		record(t, s, in(time.Hour), answer(claim(t, s, fjord)[0], c.Now(), start, status.InfoReceivedOnly))
		if p = get(t, s, p.ID); p.Found != "fjordpost" {
			t.Errorf("found %q, want fjordpost at last", p.Found)
		}
	})
}

func TestTheOnlyCandidateGoesOnBeingAsked(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, guess("GUESS1", acme))[0]
		record(t, s, in(6*time.Hour), problem(claim(t, s, acme)[0], c.Now(), carrier.Missing))
		if a := get(t, s, p.ID).Asks[0]; a.State != parcel.Waiting || !a.Due.Equal(start.Add(6*time.Hour)) || a.Problem != carrier.Missing {
			t.Errorf("the ask is %+v, want it waiting for six hours", a)
		}
	})
}

func TestACandidateThatIsNewIsAskedAtOnceWhereTheOthersKnewNothing(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, guess("GUESS1", acme))[0]
		record(t, s, in(6*time.Hour), problem(claim(t, s, acme)[0], c.Now(), carrier.Missing))
		c.pass(minute)
		want(t, s, guess("GUESS1", acme, fjord, north)) // two carriers were added
		if got, want := states(get(t, s, p.ID)), (standing{"acme": parcel.Waiting, "fjordpost": parcel.Waiting, "northline": parcel.Later}); !cmp.Equal(got, want) {
			t.Fatalf("after two were added: %v, want %v", got, want)
		}
		if claimed := claim(t, s, fjord); len(claimed) != 1 {
			t.Errorf("the first of them is due for %d numbers, want 1 at once", len(claimed))
		}
	})
}

func TestACandidateInTroubleDoesNotHoldUpTheNext(t *testing.T) {
	for _, tc := range []struct {
		name  string
		kind  carrier.ProblemKind
		tries int
		first parcel.State
		next  parcel.State
	}{
		{"refused credentials", carrier.Auth, 1, parcel.Waiting, parcel.Waiting},
		{"not a number of the carrier", carrier.BadNumber, 1, parcel.Dropped, parcel.Waiting},
		{"down for a moment", carrier.Unavailable, 1, parcel.Waiting, parcel.Later},
		{"down for long", carrier.Unavailable, 3, parcel.Waiting, parcel.Waiting},
		{"asked too often", carrier.LimitedKind, 1, parcel.Waiting, parcel.Later},
	} {
		t.Run(tc.name, func(t *testing.T) {
			each(t, func(t *testing.T, s *parcel.Store, c *clock) {
				p := want(t, s, guess("GUESS1", acme, fjord))[0]
				for range tc.tries {
					record(t, s, in(minute), problem(claim(t, s, acme)[0], c.Now(), tc.kind))
					c.pass(minute)
				}
				if got, want := states(get(t, s, p.ID)), (standing{"acme": tc.first, "fjordpost": tc.next}); !cmp.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		})
	}
}

func TestFailuresAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		want(t, s, simple("TEST1"))
		var seen []int
		backoff := func(_ parcel.History, _ parcel.Standing, o parcel.Outcome) time.Time {
			seen = append(seen, o.Failures)
			return o.At.Add(minute)
		}
		for _, kind := range []carrier.ProblemKind{carrier.Unavailable, carrier.Unreadable, carrier.Missing, carrier.Unavailable} {
			record(t, s, backoff, problem(claim(t, s, acme)[0], c.Now(), kind))
			c.pass(minute)
		}
		record(t, s, backoff, answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitOther))
		if want := []int{1, 2, 0, 1, 0}; !cmp.Equal(seen, want) {
			t.Errorf("failures %v, want %v", seen, want)
		}
	})
}

func TestAChangedPlan(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, guess("GUESS1", acme, fjord))[0]

		want(t, s, guess("GUESS1", fjord, north)) // acme was disconnected
		if got, want := states(get(t, s, p.ID)), (standing{"acme": parcel.Dropped, "fjordpost": parcel.Waiting, "northline": parcel.Later}); !cmp.Equal(got, want) {
			t.Fatalf("without acme: %v, want %v", got, want)
		}
		want(t, s, guess("GUESS1", acme, fjord, north))
		if got, want := states(get(t, s, p.ID)), (standing{"acme": parcel.Later, "fjordpost": parcel.Waiting, "northline": parcel.Later}); !cmp.Equal(got, want) {
			t.Fatalf("acme is back: %v, want %v", got, want)
		}
		record(t, s, in(time.Hour), answer(claim(t, s, fjord)[0], c.Now(), start, status.InTransitOther))
		want(t, s, guess("GUESS1", acme, fjord, north, "osttrans/main"))
		if got, want := states(get(t, s, p.ID)), (standing{"acme": parcel.Dropped, "fjordpost": parcel.Waiting, "northline": parcel.Dropped, "osttrans": parcel.Dropped}); !cmp.Equal(got, want) {
			t.Errorf("a candidate that comes after the answer: %v, want %v", got, want)
		}
	})
}

func TestAnAccountCanChangeBehindAnAsk(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		want(t, s, simple("TEST1"))
		w := simple("TEST1")
		w.Askings[0].Account = "acme/second"
		want(t, s, w)
		if claimed := claim(t, s, acme); len(claimed) != 0 {
			t.Errorf("the old account claims %+v", claimed)
		}
		if claimed := claim(t, s, "acme/second"); len(claimed) != 1 {
			t.Errorf("the new account claims %+v, want the ask", claimed)
		}
	})
}

func TestANumberElsewhereIsAskedToo(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, guess("GUESS1", acme))[0]
		o := answer(claim(t, s, acme)[0], c.Now(), start.Add(-day), status.InTransitPickedUp, status.InTransitDeparture)
		o.Onward = []parcel.Asking{asking(fjord, "LAST1", parcel.Destination, 1)}
		record(t, s, in(time.Hour), o)
		last := claim(t, s, fjord)
		if len(last) != 1 || last[0].Number != "LAST1" || last[0].Role != parcel.Destination {
			t.Fatalf("claimed %+v, want the last mile's number", last)
		}
		record(t, s, in(time.Hour), answer(last[0], c.Now(), start, status.OutForDeliveryOther))
		p = get(t, s, p.ID)
		if p.Found != "acme" || len(p.History.Legs) != 2 || p.Standing(c.Now()).Status != status.OutForDeliveryOther {
			t.Errorf("found %q, %d legs, status %q; want acme, two legs, out for delivery", p.Found, len(p.History.Legs), p.Standing(c.Now()).Status)
		}
		want(t, s, guess("GUESS1", acme)) // the plan does not know of the last mile
		if got := states(get(t, s, p.ID)); got["fjordpost"] != parcel.Waiting {
			t.Errorf("wanting it again leaves %v, want the last mile asked on", got)
		}
	})
}

// The answer that settles whose a parcel is isn't news when it comes again.
func TestTheSettlingAnswerIsNewsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		want(t, s, guess("TEST1", acme, fjord))
		settling := answer(claim(t, s, acme)[0], c.Now(), start.Add(-day), status.InTransitPickedUp)
		record(t, s, in(minute), settling)
		c.pass(minute)
		if changes := record(t, s, in(minute), answer(claim(t, s, acme)[0], c.Now(), start.Add(-day), status.InTransitPickedUp)); len(changes) != 0 {
			t.Errorf("the same answer again changes %+v", changes)
		}
	})
}
