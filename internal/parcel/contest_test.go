package parcel_test

import (
	"fmt"
	"sync"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// Two replicas record answers of the two legs of the same parcels at the same
// time: the history's loser merges again, and nothing is missing afterwards.
func TestReplicasThatRecordTheSameParcelsLoseNothing(t *testing.T) {
	const parcels, rounds = 8, 5
	dbtest.EachURL(t, func(t *testing.T, url string) {
		c := &clock{now: start}
		replicas := map[carrier.AccountCode]*parcel.Store{
			acme:  newStore(t, dbtest.Open(t, url), c),
			fjord: newStore(t, dbtest.Open(t, url), c),
		}
		var wants []parcel.Want
		for i := range parcels {
			w := simple(fmt.Sprintf("TEST%d", i))
			w.Askings = append(w.Askings, asking(fjord, fmt.Sprintf("LAST%d", i), parcel.Destination, 1))
			wants = append(wants, w)
		}
		made := want(t, replicas[acme], wants...)
		for round := range rounds {
			var group sync.WaitGroup
			for account, s := range replicas {
				group.Go(func() {
					taken, err := s.Claim(t.Context(), parcel.Claim{Account: account, Most: 100, Lease: minute})
					if err != nil || len(taken.Asks) != parcels {
						t.Errorf("claimed %d asks: %v", len(taken.Asks), err)
						return
					}
					var outcomes []parcel.Outcome
					for _, a := range taken.Asks {
						subs := []status.Sub{status.InTransitPickedUp, status.InTransitDeparture, status.InTransitArrival, status.InTransitOther, status.OutForDeliveryOther}
						o := answer(a, c.Now(), start, subs[:round+1]...)
						for i := range o.Report.Events {
							o.Report.Events[i].Place.City = string(a.Carrier) // else the two tell the same happening
						}
						outcomes = append(outcomes, o)
					}
					if _, err := s.Record(t.Context(), outcomes, in(0)); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			c.pass(2 * minute)
		}
		for _, p := range made {
			p = get(t, replicas[fjord], p.ID)
			if p.Revision != 2*rounds || len(p.History.Legs) != 2 || len(p.History.Events)+len(p.History.Doubles) != 2*rounds {
				t.Errorf("%s: revision %d, %d legs, %d events and %d doubles; want %d, 2, %d together", p.Number,
					p.Revision, len(p.History.Legs), len(p.History.Events), len(p.History.Doubles), 2*rounds, 2*rounds)
			}
		}
	})
}

// Candidates that are in flight at the same time all know nothing: one of them
// must go on being asked.
func TestCandidatesThatMissAtTheSameTimeDoNotStrandTheParcel(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		c := &clock{now: start}
		s := newStore(t, dbtest.Open(t, url), c)
		accounts := []carrier.AccountCode{acme, fjord}
		var wants []parcel.Want
		for i := range 10 {
			wants = append(wants, guess(fmt.Sprintf("GUESS%d", i), accounts...))
		}
		made := want(t, s, wants...)
		for _, a := range claim(t, s, acme) { // refused credentials: now both are asked
			record(t, s, in(0), problem(a, c.Now(), carrier.Auth))
		}
		var group sync.WaitGroup
		for _, account := range accounts {
			other := newStore(t, dbtest.Open(t, url), c)
			group.Go(func() {
				taken, err := other.Claim(t.Context(), parcel.Claim{Account: account, Most: 100, Lease: minute})
				if err != nil {
					t.Error(err)
				}
				var outcomes []parcel.Outcome
				for _, a := range taken.Asks {
					outcomes = append(outcomes, problem(a, c.Now(), carrier.Missing))
				}
				if _, err := other.Record(t.Context(), outcomes, in(day)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, p := range made {
			p = get(t, s, p.ID)
			if got := states(p); got["acme"] != parcel.Waiting || got["fjordpost"] != parcel.Waiting {
				t.Errorf("%s: %v, want both asked on", p.Number, got)
			}
		}
	})
}

// The same numbers pasted into many pages at once are one parcel each.
func TestWantingTheSameAtTheSameTimeMakesOneParcel(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		c := &clock{now: start}
		s := []*parcel.Store{newStore(t, dbtest.Open(t, url), c), newStore(t, dbtest.Open(t, url), c)}
		var mu sync.Mutex
		ids := map[parcel.Key]map[parcel.ID]bool{}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				var wants []parcel.Want
				for j := range 10 {
					wants = append(wants, simple(fmt.Sprintf("TEST%d", (i+j)%10)))
				}
				parcels, err := s[i%2].Want(t.Context(), wants)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, p := range parcels {
					if ids[p.Key] == nil {
						ids[p.Key] = map[parcel.ID]bool{}
					}
					ids[p.Key][p.ID] = true
				}
			})
		}
		group.Wait()
		for k, of := range ids {
			if len(of) != 1 {
				t.Errorf("%s is %d parcels", k.Number, len(of))
			}
		}
		if claimed := claim(t, s[0], acme); len(ids) != 10 || len(claimed) != 10 {
			t.Errorf("%d parcels with %d asks, want 10 with one each", len(ids), len(claimed))
		}
	})
}
