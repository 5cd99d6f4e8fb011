package parcel_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

const (
	acme   = carrier.AccountCode("acme/main")
	fjord  = carrier.AccountCode("fjordpost/main")
	minute = time.Minute
	day    = 24 * time.Hour
)

// start is when the tests' clock begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// each runs test with a store on both databases.
func each(t *testing.T, test func(t *testing.T, s *parcel.Store, c *clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{now: start}
		test(t, newStore(t, d, c), c)
	})
}

func newStore(t *testing.T, d *db.DB, c *clock) *parcel.Store {
	t.Helper()
	s, err := parcel.Open(t.Context(), d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.SetClock(c.Now)
	return s
}

// asking is to ask an account about a number as the carrier of the account's source.
func asking(account carrier.AccountCode, number string, role parcel.Role, rank int) parcel.Asking {
	code := string(account[:len(account)-len("/main")])
	return parcel.Asking{Account: account, Source: carrier.SourceCode(code), Carrier: carrier.Code(code), Number: number, Role: role, Rank: rank}
}

// simple wants a number of a carrier that needs no finding.
func simple(number string) parcel.Want {
	return parcel.Want{
		Key:     parcel.Key{Number: number},
		Askings: []parcel.Asking{asking(acme, number, parcel.Origin, 0)},
		Until:   start.Add(7 * day),
		Choice:  parcel.Only,
	}
}

// guess wants a number that several accounts' carriers may know.
func guess(number string, accounts ...carrier.AccountCode) parcel.Want {
	w := parcel.Want{Key: parcel.Key{Number: number}, Until: start.Add(7 * day)}
	for i, a := range accounts {
		w.Askings = append(w.Askings, asking(a, number, parcel.Candidate, i))
	}
	return w
}

func want(t *testing.T, s *parcel.Store, wants ...parcel.Want) []parcel.Parcel {
	t.Helper()
	parcels, err := s.Want(t.Context(), wants)
	if err != nil {
		t.Fatal(err)
	}
	if len(parcels) != len(wants) {
		t.Fatalf("wanted %d parcels, got %d", len(wants), len(parcels))
	}
	return parcels
}

func get(t *testing.T, s *parcel.Store, id parcel.ID) parcel.Parcel {
	t.Helper()
	parcels, err := s.Get(t.Context(), id)
	if err != nil || len(parcels) != 1 {
		t.Fatalf("get %s: %d parcels, %v", id, len(parcels), err)
	}
	return parcels[0]
}

// claim takes what is due, without limits.
func claim(t *testing.T, s *parcel.Store, account carrier.AccountCode) []parcel.Claimed {
	t.Helper()
	return take(t, s, parcel.Claim{Account: account, Most: 100, Lease: minute}).Asks
}

func take(t *testing.T, s *parcel.Store, c parcel.Claim) parcel.Taken {
	t.Helper()
	taken, err := s.Claim(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// in makes a pace of one interval.
func in(d time.Duration) parcel.Next {
	return func(_ parcel.History, s parcel.Standing, _ parcel.Outcome) time.Time { return s.Now.Add(d) }
}

func never(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Time{} }

func record(t *testing.T, s *parcel.Store, next parcel.Next, outcomes ...parcel.Outcome) []parcel.Change {
	t.Helper()
	changes, err := s.Record(t.Context(), outcomes, next)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// answer is a history of so many events, an hour apart, the last of which says
// the last status.
func answer(c parcel.Claimed, at time.Time, first time.Time, subs ...status.Sub) parcel.Outcome {
	o := parcel.Outcome{Claimed: c, At: at, Report: carrier.Report{Number: c.Number}}
	for i, sub := range subs {
		when := first.Add(time.Duration(i) * time.Hour)
		o.Report.Events = append(o.Report.Events, carrier.Event{
			Time:   carrier.Time{Local: when.Format("2006-01-02T15:04:05"), UTC: when},
			Status: sub,
			Words:  string(sub),
		})
	}
	return o
}

func problem(c parcel.Claimed, at time.Time, kind carrier.ProblemKind) parcel.Outcome {
	return parcel.Outcome{Claimed: c, At: at, Report: carrier.Report{Number: c.Number, Problem: &carrier.Problem{Kind: kind, Text: "as the test says"}}}
}

// states says how a parcel's asks stand, by carrier.
func states(p parcel.Parcel) map[carrier.Code]parcel.State {
	m := map[carrier.Code]parcel.State{}
	for _, a := range p.Asks {
		m[a.Carrier] = a.State
	}
	return m
}

func TestAWantedParcelIsAskedAndItsHistoryKept(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, simple("TEST1"))[0]
		if p.ID == "" || p.Generation != 0 || !p.Wanted.Equal(start.Add(7*day)) || len(p.Asks) != 1 || !p.Asks[0].Due.Equal(start) {
			t.Fatalf("made %+v, want one ask that is due now", p)
		}
		if diff := cmp.Diff(p, get(t, s, p.ID)); diff != "" {
			t.Errorf("reads otherwise than it was made:\n%s", diff)
		}
		claimed := claim(t, s, acme)
		if len(claimed) != 1 || claimed[0].Parcel != p.ID || claimed[0].Number != "TEST1" || claimed[0].Visitor {
			t.Fatalf("claimed %+v, want the parcel's ask", claimed)
		}
		changes := record(t, s, in(3*time.Hour), answer(claimed[0], c.Now(), start.Add(-day), status.InfoReceivedOnly, status.InTransitPickedUp))
		if len(changes) != 1 || changes[0].From != status.NotFoundOther || changes[0].To != status.InTransitPickedUp || changes[0].Revision != 1 {
			t.Errorf("changes %+v, want one from not found to picked up", changes)
		}
		p = get(t, s, p.ID)
		if p.Revision != 1 || len(p.History.Events) != 2 || p.Found != "acme" || p.Choice != parcel.Only {
			t.Errorf("kept %+v, want two events of acme", p)
		}
		if a := p.Asks[0]; a.State != parcel.Waiting || !a.Due.Equal(start.Add(3*time.Hour)) || !a.Answered.Equal(start) {
			t.Errorf("the ask is %+v, want it waiting for three hours", a)
		}
	})
}

func TestAnUnchangedAnswerTouchesOnlyTheAsk(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, simple("TEST1"))[0]
		for range 3 {
			changes := record(t, s, in(minute), answer(claim(t, s, acme)[0], c.Now(), start.Add(-day), status.InTransitPickedUp))
			if first := c.Now().Equal(start); first != (len(changes) == 1) {
				t.Errorf("at %v: changes %+v, want one the first time only", c.Now(), changes)
			}
			c.pass(minute)
		}
		if p = get(t, s, p.ID); p.Revision != 1 || !p.Asks[0].Asked.Equal(start.Add(2*minute)) {
			t.Errorf("revision %d, asked %v, want the first revision and the third answer", p.Revision, p.Asks[0].Asked)
		}
	})
}

func TestWhatIsRecordedTwiceHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, simple("TEST1"))[0]
		o := answer(claim(t, s, acme)[0], start, start.Add(-day), status.InTransitPickedUp)
		record(t, s, in(minute), o, o)
		once := get(t, s, p.ID)
		c.pass(time.Second)
		if changes := record(t, s, in(time.Hour), o); len(changes) != 0 {
			t.Errorf("repeating changed %+v", changes)
		}
		if diff := cmp.Diff(once, get(t, s, p.ID)); diff != "" {
			t.Errorf("repeating changed the parcel:\n%s", diff)
		}
	})
}

func TestALeaseThatRanOutIsSomebodyElses(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, simple("TEST1"))[0]
		lost := claim(t, s, acme)[0]
		if again := claim(t, s, acme); len(again) != 0 {
			t.Fatalf("claimed twice: %+v", again)
		}
		c.pass(minute)
		held := claim(t, s, acme)
		if len(held) != 1 || held[0].Lease == lost.Lease {
			t.Fatalf("after the lease: %+v, want the ask with another lease", held)
		}
		if changes := record(t, s, in(minute), answer(lost, c.Now(), start, status.InTransitPickedUp)); len(changes) != 0 {
			t.Errorf("the lost lease changed %+v", changes)
		}
		record(t, s, in(minute), answer(held[0], c.Now(), start, status.DeliveredOther))
		if p = get(t, s, p.ID); len(p.History.Events) != 1 || p.History.Events[0].Status != status.DeliveredOther {
			t.Errorf("history %+v, want what the holder of the lease said", p.History.Events)
		}
	})
}

func TestReleasedAsksAreDueAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		want(t, s, simple("TEST1"), simple("TEST2"))
		claimed := claim(t, s, acme)
		if err := s.Release(t.Context(), claimed[:1]); err != nil {
			t.Fatal(err)
		}
		if again := claim(t, s, acme); len(again) != 1 || again[0].Parcel != claimed[0].Parcel {
			t.Errorf("claimed %+v, want what was released", again)
		}
	})
}

func TestManyParcelsAtOnceInTheOrderAsked(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		var wants []parcel.Want
		for i := range 40 {
			wants = append(wants, simple("TEST"+string(rune('A'+(i*7)%40))))
		}
		wants = append(wants, wants[3])
		parcels := want(t, s, wants...)
		var ids []parcel.ID
		var keys []parcel.Key
		for i, p := range parcels {
			if p.Key != wants[i].Key {
				t.Fatalf("parcel %d is %v, want %v", i, p.Key, wants[i].Key)
			}
			ids, keys = append(ids, p.ID), append(keys, p.Key)
		}
		byID, err := s.Get(t.Context(), append(ids, "no-such-parcel")...)
		if err != nil {
			t.Fatal(err)
		}
		byKey, err := s.Find(t.Context(), append(keys, parcel.Key{Number: "NOSUCH"})...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parcels, byID); diff != "" {
			t.Errorf("by id:\n%s", diff)
		}
		if diff := cmp.Diff(parcels, byKey); diff != "" {
			t.Errorf("by number:\n%s", diff)
		}
	})
}
