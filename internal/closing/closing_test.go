package closing_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/closing"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

const (
	mia    inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	day                      = 24 * time.Hour
	notice                   = 30 * day
)

// A world is declarations, with one region and a clock.
type world struct {
	*closing.Closing
	d   *db.DB
	now time.Time
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
		keys := must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
		if err := keys.Create(t.Context(), mia); err != nil {
			t.Fatal(err)
		}
		w := &world{d: d, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		w.Closing = must(closing.Open(t.Context(), d, closing.Region{Name: "eu", DB: d, Vault: keys}))(t)
		w.SetClock(func() time.Time { return w.now })
		test(t, w)
	})
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("got %v, want the fault %s", err, code)
	}
}

func (w *world) transfer() closing.Declaration {
	return closing.Declaration{Kind: closing.Transfer, To: "Heron Parcels", Contact: "privacy@heron.example", Changes: "Another company runs the site.", Ends: w.now.Add(notice)}
}

func (w *world) closure() closing.Declaration {
	return closing.Declaration{Kind: closing.Closure, Contact: "privacy@heron.example", Ends: w.now.Add(notice)}
}

func TestADeclarationIsWholeAndInTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct {
			change func(*closing.Declaration)
			want   string
		}{
			{func(d *closing.Declaration) { d.Kind = "sale" }, "closing_kind"},
			{func(d *closing.Declaration) { d.Kind = closing.Closure }, "closing_kind"},
			{func(d *closing.Declaration) { d.To = "" }, "closing_to"},
			{func(d *closing.Declaration) { d.Changes = "" }, "closing_to"},
			{func(d *closing.Declaration) { d.Contact = "" }, "closing_contact"},
			{func(d *closing.Declaration) { d.Ends = w.now.Add(notice - time.Minute) }, "closing_ends"},
		} {
			d := w.transfer()
			tc.change(&d)
			_, err := w.Declare(t.Context(), d, notice)
			wantFault(t, err, tc.want)
		}
		if _, err := w.Current(t.Context()); !errors.Is(err, closing.ErrNone) {
			t.Errorf("something is declared: %v", err)
		}
		must(w.Declare(t.Context(), w.transfer(), notice))(t)
		_, err := w.Declare(t.Context(), w.closure(), notice)
		wantFault(t, err, "closing_declared")
	})
}

func TestADeclarationIsTakenBackUntilItsDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		d := must(w.Declare(ctx, w.closure(), notice))(t)
		wantFault(t, w.Admit(ctx), "joining_closed")
		if must(w.End(ctx, d))(t) {
			t.Error("it ended before its day")
		}
		cancelled := must(w.Cancel(ctx))(t)
		if got := cancelled.Due(w.now); !slices.Equal(got, []closing.Step{closing.Cancelled}) {
			t.Errorf("told of %v, want that it was taken back", got)
		}
		if err := w.Admit(ctx); err != nil {
			t.Errorf("nobody can sign up: %v", err)
		}
		d = must(w.Declare(ctx, w.closure(), notice))(t)
		w.now = w.now.Add(notice)
		_, err := w.Cancel(ctx)
		wantFault(t, err, "closing_over")
		for range 2 {
			if !must(w.End(ctx, d))(t) {
				t.Error("its day came, and it doesn't end")
			}
		}
		if err := w.Done(ctx, d); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Admit(ctx), "joining_closed")
		_, err = w.Declare(ctx, w.closure(), notice)
		wantFault(t, err, "closing_declared")
	})
}

func TestRemindersComeBeforeTheEnd(t *testing.T) {
	end := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	d := closing.Declaration{Kind: closing.Closure, Ends: end}
	for before, want := range map[time.Duration]string{
		30 * day: "declared", 7 * day: "declared reminder", day: "declared reminder last", 0: "declared",
	} {
		var got []string
		for _, s := range d.Due(end.Add(-before)) {
			got = append(got, string(s))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v before the end: %v, want %s", before, got, want)
		}
	}
}

func TestWhoDoesNotWantToBeHandedOver(t *testing.T) {
	for _, tc := range []struct {
		kind    closing.Kind
		consent bool
		choice  closing.Choice
		want    bool
	}{
		{closing.Closure, false, "", true}, {closing.Transfer, false, "", false}, {closing.Transfer, false, closing.Agrees, false},
		{closing.Transfer, false, closing.Objects, true}, {closing.Transfer, true, "", true}, {closing.Transfer, true, closing.Agrees, false},
	} {
		if got := (closing.Declaration{Kind: tc.kind, Consent: tc.consent}).Erases(tc.choice); got != tc.want {
			t.Errorf("%+v: erased is %v", tc, got)
		}
	}
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s := must(w.Of(mia))(t)
		wantFault(t, s.Choose(ctx, mia, closing.Objects), "closing_no_choice")
		d := must(w.Declare(ctx, w.transfer(), notice))(t)
		wantFault(t, s.Choose(ctx, mia, "perhaps"), "closing_choice")
		for _, c := range []closing.Choice{closing.Objects, closing.Agrees, closing.Objects} {
			if err := s.Choose(ctx, mia, c); err != nil {
				t.Fatal(err)
			}
			if got := must(s.Chosen(ctx, d, mia))(t); got != c {
				t.Errorf("chosen is %q, want %q", got, c)
			}
		}
		w.now = w.now.Add(notice)
		wantFault(t, s.Choose(ctx, mia, closing.Agrees), "closing_no_choice")
	})
}

func TestWhoWasToldIsNotedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		d, s := must(w.Declare(ctx, w.closure(), notice))(t), must(w.Of(mia))(t)
		if told := must(s.Told(ctx, d, closing.Declared, mia))(t); !told.IsZero() {
			t.Errorf("told at %v", told)
		}
		first := w.now
		for range 2 {
			if err := s.Tell(ctx, d, closing.Declared, mia); err != nil {
				t.Fatal(err)
			}
			w.now = w.now.Add(day)
		}
		if told := must(s.Told(ctx, d, closing.Declared, mia))(t); !told.Equal(first) {
			t.Errorf("told at %v, want %v", told, first)
		}
		var out bytes.Buffer
		if err := s.Export(ctx, mia, &out); err != nil || !strings.Contains(out.String(), `"step": "declared"`) {
			t.Errorf("exported %s, %v", &out, err)
		}
		if err := s.Erase(ctx, mia); err != nil {
			t.Fatal(err)
		}
		if all := must(s.Subjects(ctx, "", 10))(t); len(all) != 0 {
			t.Errorf("left: %v", all)
		}
	})
}

// How many were told and what they chose is counted for each declaration.
func TestWhoWasToldIsCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Stores()[0]
		d := must(w.Declare(ctx, w.transfer(), notice))(t)
		for _, who := range []inventory.Subject{mia, "eu-0190d5a0-0000-7000-8000-000000000002"} {
			if err := s.Tell(ctx, d, closing.Declared, who); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Choose(ctx, mia, closing.Objects); err != nil {
			t.Fatal(err)
		}
		got := must(s.Tally(ctx, d))(t)
		if len(got.Told) != 1 || got.Told[closing.Declared] != 2 || len(got.Chose) != 1 || got.Chose[closing.Objects] != 1 {
			t.Errorf("counted %+v", got)
		}
		must(w.Cancel(ctx))(t)
		if again := must(s.Tally(ctx, must(w.Declare(ctx, w.transfer(), notice))(t)))(t); len(again.Told) != 0 || len(again.Chose) != 0 {
			t.Errorf("of another one is counted %+v", again)
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dbtest.Declared(t, w.d, append(w.Fields(), w.Stores()[0].Fields()...))
	})
}
