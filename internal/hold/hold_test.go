package hold_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// mia and noah are two members; nobody has a key by nora's id.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
	nora inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000003"
)

const day = 24 * time.Hour

// A world is holds of one region, and a clock that can be moved on.
type world struct {
	*hold.Holds
	t     *testing.T
	d     *db.DB
	store *hold.Store
	ahead time.Duration
}

func (w *world) now() time.Time { return time.Now().Add(w.ahead) }

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []inventory.Subject{mia, noah} {
			if err := keys.Create(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		w := &world{t: t, d: d}
		if w.Holds, err = hold.Open(t.Context(), hold.Region{Name: "eu", DB: d, Vault: keys}); err != nil {
			t.Fatal(err)
		}
		w.SetClock(w.now)
		w.store = w.Stores()[0]
		test(t, w)
	})
}

// claim is a hold on somebody that is looked at in a month.
func (w *world) claim(of inventory.Subject) hold.Hold {
	return hold.Hold{Of: of, Ground: hold.Claim, Ref: "C-2026-3", Reason: "A parcel that was lost is in dispute.", Review: w.now().Add(30 * day)}
}

// set holds somebody.
func (w *world) set(want hold.Hold) hold.ID {
	w.t.Helper()
	id, err := w.Set(w.t.Context(), "eu-clerk", want)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) held(who inventory.Subject) bool {
	w.t.Helper()
	held, err := w.Held(w.t.Context(), who)
	if err != nil {
		w.t.Fatal(err)
	}
	all, err := w.All(w.t.Context())
	if err != nil || slices.Contains(all, who) != held {
		w.t.Errorf("all who are held are %v (%v), and %s is held: %t", all, err, who, held)
	}
	return held
}

func TestAHoldIsInForceUntilItIsLifted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, second := w.set(w.claim(mia)), w.set(w.claim(mia))
		w.ahead = 31 * day // nobody has looked at it; it holds all the same
		if !w.held(mia) || w.held(noah) {
			t.Errorf("mia is held: %t, noah: %t; want only her", w.held(mia), w.held(noah))
		}
		if err := w.Review(t.Context(), "", first, w.now().Add(90*day), "The dispute goes on."); err != nil {
			t.Fatal(err)
		}
		if err := w.Lift(t.Context(), "eu-clerk", first, "The dispute is over."); err != nil {
			t.Fatal(err)
		}
		if !w.held(mia) {
			t.Error("she isn't held by the other any more")
		}
		if err := w.Lift(t.Context(), "eu-clerk", second, "The dispute is over."); err != nil || w.held(mia) {
			t.Errorf("she is still held (%v)", err)
		}
		if err := w.Lift(t.Context(), "eu-clerk", second, "Once more."); fault.KindOf(err) != fault.Conflict {
			t.Errorf("lifted twice: %v", err)
		}
		h, err := w.Get(t.Context(), first)
		if err != nil || h.Of != mia || h.Ref != "C-2026-3" || h.Lifted.IsZero() {
			t.Errorf("the hold is %+v, %v", h, err)
		}
		history, err := w.History(t.Context(), h)
		if err != nil || len(history) != 3 || history[0].Did != hold.DidSet || history[0].By != "eu-clerk" || history[0].Words != h.Reason ||
			history[1].Words != "The dispute goes on." || history[1].By != "" || history[2].Did != hold.DidLift {
			t.Errorf("its history is %+v, %v", history, err)
		}
		if _, err := w.d.Exec(t.Context(), `UPDATE hold_entry SET what = 'set'`); err == nil {
			t.Error("the history can be changed")
		}
	})
}

func TestHoldsAreListedByWhenTheyAreLookedAt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		late, soon := w.claim(mia), w.claim(noah)
		soon.Review = w.now().Add(day)
		var want []hold.ID
		want = append(want, w.set(soon), w.set(late), w.set(w.claim(mia)))
		if err := w.Lift(t.Context(), "", want[2], "It was a mistake."); err != nil {
			t.Fatal(err)
		}
		all, _, err := w.List(t.Context())
		var got []hold.ID
		for _, h := range all {
			got = append(got, h.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("listed %v (%v), want %v", got, err, want)
		}
	})
}

func TestHoldsThatCantBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct {
			name, code string
			change     func(h *hold.Hold)
		}{
			{"on another ground", "hold_ground", func(h *hold.Hold) { h.Ground = "curiosity" }},
			{"without a number on record", "hold_ref", func(h *hold.Hold) { h.Ref = "Mia's parcel" }},
			{"without a reason", "hold_reason", func(h *hold.Hold) { h.Reason = " " }},
			{"that nobody looks at", "hold_review", func(h *hold.Hold) { h.Review = time.Time{} }},
			{"that is looked at in years", "hold_review", func(h *hold.Hold) { h.Review = w.now().Add(400 * day) }},
			{"on somebody without a key", "hold_nobody", func(h *hold.Hold) { h.Of = nora }},
			{"on somebody of no region", "hold_nobody", func(h *hold.Hold) { h.Of = "mia" }},
		} {
			want := w.claim(mia)
			tc.change(&want)
			_, err := w.Set(t.Context(), "", want)
			if e := new(fault.Error); !errors.As(err, &e) || e.Code != tc.code {
				t.Errorf("a hold %s: %v, want %s", tc.name, err, tc.code)
			}
		}
		if w.held(mia) {
			t.Error("she is held")
		}
		if _, err := w.Get(t.Context(), "us-1"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a hold of no region: %v", err)
		}
	})
}

func TestAHoldIsSealedExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		silent := w.claim(mia)
		silent.Ground, silent.Ref, silent.Reason = hold.Silent, "A-9", "A court forbids to tell."
		w.set(w.claim(mia))
		w.set(silent)
		var sealed, words []byte
		err := w.d.Read(t.Context(), func(tx *db.Tx) error {
			err := tx.QueryRowContext(t.Context(), `SELECT detail FROM hold WHERE told`).Scan(&sealed)
			return errors.Join(err, tx.QueryRowContext(t.Context(), `SELECT words FROM hold_entry WHERE told`).Scan(&words))
		})
		if err != nil || bytes.Contains(append(sealed, words...), []byte("dispute")) {
			t.Errorf("it lies open, %v", err)
		}
		var out bytes.Buffer
		if err := w.store.Export(t.Context(), mia, &out); err != nil || strings.Count(out.String(), "in dispute") != 2 {
			t.Errorf("exported %s, %v; want the hold and its entry", &out, err)
		}
		if strings.Contains(out.String(), "court") || strings.Contains(out.String(), "silent") {
			t.Errorf("she is told what mustn't be: %s", &out)
		}
		if told, err := w.Of(t.Context(), mia); err != nil || len(told) != 1 || told[0].Ground != hold.Claim {
			t.Errorf("she is told of %v, %v", told, err)
		}
		if all, err := w.store.Subjects(t.Context(), "", 10); err != nil || !slices.Equal(all, []inventory.Subject{mia}) {
			t.Errorf("subjects %v, %v", all, err)
		}
		for range 2 {
			if err := w.store.Erase(t.Context(), mia); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := w.store.Subjects(t.Context(), "", 10); err != nil || len(all) != 0 {
			t.Errorf("subjects after the erasure: %v, %v", all, err)
		}
	})
}

func TestALiftedHoldIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := w.store.Fields()[0].Retention.For
		id := w.set(w.claim(mia))
		w.set(w.claim(noah))
		if err := w.Lift(t.Context(), "", id, "The dispute is over."); err != nil {
			t.Fatal(err)
		}
		lifted, err := w.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			after time.Duration
			held  []inventory.Subject
			want  int
		}{{kept - time.Second, nil, 0}, {kept, []inventory.Subject{mia}, 0}, {kept, nil, 1}} {
			gone, err := w.store.Expire(t.Context(), inventory.Purge{Now: lifted.Lifted.Add(tc.after), Held: tc.held})
			if err != nil || gone.Rows() != tc.want {
				t.Errorf("after %v %d holds are forgotten (%v), want %d", tc.after, gone.Rows(), err, tc.want)
			}
		}
	})
}

// Whose hold mustn't be known isn't found by it: they would be told.
func TestWhoIsHeldIsFoundUnlessTheyMustntKnow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		silent := w.claim(noah)
		silent.Ground = hold.Silent
		w.set(w.claim(mia))
		w.set(silent)
		for _, table := range []string{"hold", "hold_entry"} {
			who, err := w.store.Touched(t.Context(), table, time.Time{}, w.now().Add(time.Minute), "", 10)
			if err != nil || !slices.Equal(who, []inventory.Subject{mia}) {
				t.Errorf("%s finds %v (%v), want her alone", table, who, err)
			}
			who, err = w.store.Touched(t.Context(), table, w.now().Add(day), time.Time{}, "", 10)
			if err != nil || len(who) != 0 {
				t.Errorf("%s finds %v tomorrow (%v): when it is looked at again is no change", table, who, err)
			}
		}
	})
}
