package parcel_test

import (
	"fmt"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

func TestAsksOfUnwantedParcelsLieDormantUntilSomebodyAsksAgain(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, simple("TEST1"))[0]
		record(t, s, in(6*day), answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitOther))
		c.pass(8 * day)
		if taken := take(t, s, parcel.Claim{Account: acme, Most: 10, Lease: minute}); len(taken.Asks) != 0 || taken.Empty != parcel.NothingDue {
			t.Fatalf("took %+v, want nothing of a parcel that nobody wants", taken)
		}
		if a := get(t, s, p.ID).Asks[0]; a.State != parcel.Waiting || !a.Due.IsZero() {
			t.Fatalf("the ask is %+v, want it dormant", a)
		}
		w := simple("TEST1")
		w.Until = c.Now().Add(7 * day)
		if a := want(t, s, w)[0].Asks[0]; !a.Due.Equal(c.Now()) {
			t.Errorf("the ask is %+v, want it due now", a)
		}
		if claimed := claim(t, s, acme); len(claimed) != 1 {
			t.Errorf("claimed %+v, want the ask", claimed)
		}
	})
}

func TestWantingAgainDoesNotHurryWhatIsPlanned(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		p := want(t, s, simple("TEST1"))[0]
		record(t, s, in(3*time.Hour), answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitOther))
		c.pass(2 * time.Hour)
		w := simple("TEST1")
		w.Until = c.Now().Add(7 * day)
		again := want(t, s, w)[0]
		if again.ID != p.ID || !again.Wanted.Equal(w.Until) || !again.Asks[0].Due.Equal(start.Add(3*time.Hour)) {
			t.Errorf("got %+v, want the same parcel, longer, its ask due when planned", again)
		}
		w.Until = start.Add(day)
		if shorter := want(t, s, w)[0]; !shorter.Wanted.Equal(again.Wanted) {
			t.Errorf("a shorter want made it %v, want %v", shorter.Wanted, again.Wanted)
		}
	})
}

func TestAFinishedParcelIsAskedAgainAfterAMonthOnly(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		w := simple("TEST1")
		p := want(t, s, w)[0]
		record(t, s, never, answer(claim(t, s, acme)[0], c.Now(), start.Add(-day), status.DeliveredOther))
		if a := get(t, s, p.ID).Asks[0]; a.State != parcel.Done || !a.Due.IsZero() {
			t.Fatalf("the ask is %+v, want it done", a)
		}
		for _, tc := range []struct {
			after time.Duration
			state parcel.State
		}{{29 * day, parcel.Done}, {2 * day, parcel.Waiting}} {
			c.pass(tc.after)
			w.Until = c.Now().Add(7 * day)
			if a := want(t, s, w)[0].Asks[0]; a.State != tc.state {
				t.Errorf("at %v: %+v, want %s", c.Now(), a, tc.state)
			}
		}
	})
}

func TestAnExhaustedGuessStartsANewRoundTheDayAfter(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		w := guess("GUESS1", acme, fjord)
		p := want(t, s, w)[0]
		record(t, s, in(minute), problem(claim(t, s, acme)[0], c.Now(), carrier.BadNumber))
		record(t, s, in(minute), problem(claim(t, s, fjord)[0], c.Now(), carrier.BadNumber))
		if got := states(get(t, s, p.ID)); got["acme"] != parcel.Dropped || got["fjordpost"] != parcel.Dropped {
			t.Fatalf("all refuse the number: %v, want both dropped", got)
		}
		c.pass(time.Hour)
		if got := states(want(t, s, w)[0]); got["acme"] != parcel.Dropped {
			t.Errorf("an hour later: %v, want both dropped", got)
		}
		c.pass(day)
		if got := states(want(t, s, w)[0]); got["acme"] != parcel.Waiting || got["fjordpost"] != parcel.Later {
			t.Errorf("a day later: %v, want the first asked again", got)
		}
	})
}

func TestSweepDeletesWhatNobodyWantsForHalfAYear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{now: start}
		s := newStore(t, d, c)
		kept := simple("KEPT")
		kept.Until = start.Add(30 * day)
		parcels := want(t, s, simple("GONE"), kept)
		for _, claimed := range claim(t, s, acme) {
			record(t, s, in(time.Hour), answer(claimed, c.Now(), start, status.InTransitOther))
		}
		for _, tc := range []struct {
			at   time.Time
			want int
		}{{start.Add(186 * day), 0}, {start.Add(188 * day), 1}, {start.Add(188 * day), 0}} {
			if gone, err := s.Expire(t.Context(), inventory.Purge{Now: tc.at}); gone.Rows() != tc.want || err != nil {
				t.Fatalf("sweep at %v: %d, %v; want %d", tc.at, gone.Rows(), err, tc.want)
			}
		}
		left, err := s.Get(t.Context(), parcels[0].ID, parcels[1].ID)
		if err != nil || len(left) != 1 || left[0].Number != "KEPT" || left[0].Revision != 1 {
			t.Errorf("left %+v (%v), want the kept one with its history", left, err)
		}
		for table, want := range map[string]int{"ask": 1, "history": 1} {
			if n := count(t, d, table); n != want {
				t.Errorf("%d rows left in %s, want %d", n, table, want)
			}
		}
	})
}

func TestANumberThatIsUsedAgain(t *testing.T) {
	for _, tc := range []struct {
		name   string
		unique string
		after  time.Duration // of the delivery
		again  bool
	}{
		{"a year later", "", 365 * day, true},
		{"a late scan of the same parcel", "", 20 * day, false},
		{"soon, under another id of the carrier's", "second", 20 * day, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			each(t, func(t *testing.T, s *parcel.Store, c *clock) {
				w := simple("REUSED1")
				w.Until = start.Add(1000 * day)
				old := want(t, s, w)[0]
				first := answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitPickedUp, status.DeliveredOther)
				first.Report.Unique = "first"
				record(t, s, in(day), first)

				c.pass(tc.after)
				o := answer(claim(t, s, acme)[0], c.Now(), c.Now(), status.InTransitPickedUp)
				o.Report.Events = append(first.Report.Events, o.Report.Events...)
				o.Report.Unique = tc.unique
				changes := record(t, s, in(day), o)

				now, err := s.Find(t.Context(), w.Key)
				if err != nil || len(now) != 1 {
					t.Fatalf("find: %d parcels, %v", len(now), err)
				}
				if again := now[0].ID != old.ID; again != tc.again {
					t.Fatalf("another parcel: %v, want %v", again, tc.again)
				}
				if !tc.again {
					return
				}
				if n := now[0]; n.Generation != 1 || len(n.History.Events) != 1 || n.Found != "acme" || !n.Wanted.Equal(w.Until) {
					t.Errorf("the new parcel is %+v, want generation 1 with the new event only", n)
				}
				if len(changes) != 1 || changes[0].Parcel != now[0].ID || changes[0].From != status.NotFoundOther {
					t.Errorf("changes %+v, want one of the new parcel", changes)
				}
				before := get(t, s, old.ID)
				if len(before.History.Events) != 2 || before.Asks[0].State != parcel.Done {
					t.Errorf("the old parcel is %+v, want it as it ended, asked no more", before)
				}
				c.pass(day)
				if claimed := claim(t, s, acme); len(claimed) != 1 || claimed[0].Parcel != now[0].ID {
					t.Errorf("claimed %+v, want the new parcel's ask", claimed)
				}
			})
		})
	}
}

func TestChangesAreToldToThoseWhoLook(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		c := &clock{now: start}
		here := dbtest.Open(t, url)
		s := newStore(t, here, c)
		p := want(t, s, simple("TEST1"))[0]
		listeners := []*db.DB{here}
		if here.Dialect() == db.Postgres {
			listeners = append(listeners, dbtest.Open(t, url)) // another machine
		}
		for i, d := range listeners {
			look := d.Live().Subscribe(p.ID.Topic())
			due := d.Live().Subscribe(parcel.DueTopic(fjord))
			defer look.Close()
			defer due.Close()
			record(t, s, in(0), answer(claim(t, s, acme)[0], c.Now(), start, status.InTransitOther))
			if topic := <-look.C; topic != p.ID.Topic() {
				t.Errorf("heard %q, want %q", topic, p.ID.Topic())
			}
			want(t, s, guess(fmt.Sprintf("GUESS%d", i), fjord))
			if topic := <-due.C; topic != parcel.DueTopic(fjord) {
				t.Errorf("heard %q, want %q", topic, parcel.DueTopic(fjord))
			}
		}
	})
}

func TestADamagedHistoryHurtsNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := &clock{now: start}
		s := newStore(t, d, c)
		parcels := want(t, s, simple("DAMAGED"), simple("WHOLE"))
		asks := claim(t, s, acme)
		for _, a := range asks {
			record(t, s, in(minute), answer(a, c.Now(), start, status.InTransitOther))
		}
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "UPDATE history SET bytes = $1 WHERE parcel_id = $2", []byte{99, 1, 2}, string(parcels[0].ID))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.pass(minute)
		var outcomes []parcel.Outcome
		for _, a := range claim(t, s, acme) {
			outcomes = append(outcomes, answer(a, c.Now(), start, status.InTransitOther, status.DeliveredOther))
		}
		if changes := record(t, s, in(minute), outcomes...); len(changes) != 1 || changes[0].Parcel != parcels[1].ID {
			t.Errorf("changes %+v, want one of the whole parcel", changes)
		}
		if p := get(t, s, parcels[0].ID); p.Asks[0].Problem != carrier.Unreadable || p.Asks[0].Reason == "" {
			t.Errorf("the damaged parcel's ask is %+v, want the reason said", p.Asks[0])
		}
	})
}

func count(t *testing.T, d *db.DB, table string) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
