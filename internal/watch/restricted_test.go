package watch_test

import (
	"slices"
	"testing"
	"time"

	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// due are the numbers that sources are asked about now.
func (w *world) due() []string {
	w.t.Helper()
	taken := must(w.parcels.Claim(w.t.Context(), parcel.Claim{Account: "test/main", Most: 100, Lease: time.Millisecond}))(w.t)
	var all []string
	var outcomes []parcel.Outcome
	for _, c := range taken.Asks {
		all, outcomes = append(all, c.Number), append(outcomes, parcel.Outcome{Claimed: c, At: time.Now()})
	}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	must(w.parcels.Record(w.t.Context(), outcomes, soon))(w.t)
	slices.Sort(all)
	return all
}

// Of who has their data restricted nothing is wanted: what they alone keep isn't
// asked about, stays as they left it, and comes back when they lift it.
func TestNothingIsWantedForWhoIsRestricted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := w.save(mia, ups, "Kettle", "kitchen")
		w.save(mia, ups2, "Shared")
		w.save(noah, ups2, "Shared")
		w.tell(ups, status.InTransitOther, time.Hour)
		w.tell(ups2, status.InTransitOther, time.Hour)
		changes := func(restricted bool, want ...string) {
			t.Helper()
			w.restricted[mia] = restricted
			for range 2 {
				if err := w.Watches.Restricted(t.Context(), mia); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.due(); !slices.Equal(got, want) {
				t.Errorf("restricted %t: asked about %q, want %q", restricted, got, want)
			}
		}
		changes(true, ups2)
		w.ahead = 8 * day
		if n := must(w.store().Renew(t.Context()))(t); n != 2 {
			t.Errorf("looked at %d parcels, want both", n)
		}
		if got := w.due(); !slices.Equal(got, []string{ups2}) {
			t.Errorf("renewed: asked about %q", got)
		}
		for what, err := range map[string]error{
			"save":     second(w.store().Save(t.Context(), mia, watch.New{Number: ups3})),
			"register": second(w.store().Register(t.Context(), mia, watch.Registering{Number: ups3})),
			"mail":     second(w.store().Mail(t.Context(), mia, watch.New{Number: ups3})),
		} {
			t.Run(what, func(t *testing.T) { wantFault(t, err, "data_restricted") })
		}
		if kept := w.get(mia, mine); kept.Name != "Kettle" || kept.Status.Main() != status.InTransit {
			t.Errorf("its owner sees %+v", kept)
		}
		must(w.store().Apply(t.Context(), mia, watch.Change{Do: watch.Archive}, mine))(t)
		must(w.store().Apply(t.Context(), mia, watch.Change{Do: watch.Unarchive}, mine))(t)
		if got := w.due(); !slices.Equal(got, []string{ups2}) {
			t.Errorf("back from the archive: asked about %q", got)
		}
		changes(false, ups, ups2)
	})
}

// What a carrier demands, and the parcel with what happened to it, stays for who has
// their data restricted: nobody is asked with it, and when they lift it all is there.
func TestWhatACarrierDemandsStaysForWhoIsRestricted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id := w.saveGLS(postcode("10117"))
		before := w.get(mia, id)
		w.restricted[mia] = true
		if err := w.Watches.Restricted(ctx, mia); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			w.ahead += 8 * day
			must(w.parcels.Expire(ctx, inventory.Purge{Now: w.now()}))(t)
			must(s.Renew(ctx))(t)
		}
		if got := must(w.parcels.Get(ctx, before.ParcelID))(t); len(got) != 1 || got[0].Lacks {
			t.Fatalf("restricted for 240 days, the parcel is %+v, want it with its value", got)
		}
		if asked := w.asked(); len(asked) > 0 {
			t.Errorf("restricted, it is asked with %q", asked)
		}
		w.restricted[mia] = false
		if err := w.Watches.Restricted(ctx, mia); err != nil {
			t.Fatal(err)
		}
		if asked := w.asked(); !slices.Equal(asked, []string{"10117"}) {
			t.Errorf("lifted, it is asked with %q, want the postal code", asked)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestNothingIsLearnedOfWhoIsRestrictedOrObjects(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, number := range []string{ups, ups2, ups3} {
		w.save(mia, number, "")
		w.tell(number, status.InTransitOther, time.Hour)
	}
	usual := func() int { return len(must(watch.Usual(t.Context(), w.store(), mia))(t)) }
	if usual() != 1 {
		t.Fatalf("%d usual carriers, want one", usual())
	}
	if w.restricted[mia] = true; usual() != 0 {
		t.Error("it is learned from parcels whose owner has them restricted")
	}
	w.restricted[mia], w.objected = false, watch.Learning
	if usual() != 0 {
		t.Error("it is learned from parcels whose owner objects to that")
	}
	if w.objected = "safety"; usual() != 1 {
		t.Error("it isn't learned though another use is objected to")
	}
}
