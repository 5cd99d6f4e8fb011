package account_test

import (
	"testing"
	"time"

	"waypost/internal/account"
)

// TestDaysOffDoNotCountForWhoLeaves is about a region with a holiday (see
// regions): five working days of it are a week and a day.
func TestDaysOffDoNotCountForWhoLeaves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.of(w.join(application(), home).Account)
		for _, tc := range []struct{ asked, want string }{
			{"2026-03-06T23:30:00Z", "2026-03-13T23:30:00Z"}, // a Friday
			{"2026-04-02T12:00:00Z", "2026-04-10T12:00:00Z"}, // the Thursday before a Good Friday that is a holiday
		} {
			asked := must(time.Parse(time.RFC3339, tc.asked))(t)
			if got := s.LeavesAt(asked).Format(time.RFC3339); got != tc.want {
				t.Errorf("asked %s, leaves %s, want %s", tc.asked, got, tc.want)
			}
		}
	})
}

func TestWhoLeavesCanComeBackUntilTheEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		ends := must(s.Leave(t.Context(), d, "", home))(t)
		if l := w.letter(account.LetterNotice); l.What != account.AccountLeaving || !l.Ends.Equal(ends) {
			t.Errorf("the letter is %+v, want one that says until when", l)
		}
		_, err := s.Leave(t.Context(), d, "", home)
		wantFault(t, err, "account_missing")
		if ids := must(s.TakeLeaving(t.Context(), 10))(t); len(ids) != 0 {
			t.Errorf("%v are erased at once", ids)
		}

		step := must(w.SignIn(t.Context(), mia, secret, home))(t)
		if !step.Back || step.Session == "" {
			t.Fatalf("signing in is %+v, want to be back", step)
		}
		w.clock.pass(10 * day)
		if ids := must(s.TakeLeaving(t.Context(), 10))(t); len(ids) != 0 {
			t.Errorf("%v are erased who came back", ids)
		}

		d = must(w.Session(t.Context(), must(w.SignIn(t.Context(), mia, secret, home))(t).Session))(t)
		ends = must(s.Leave(t.Context(), d, "", home))(t)
		w.clock.pass(ends.Sub(w.clock.Now()))
		for range 2 {
			if ids := must(s.TakeLeaving(t.Context(), 10))(t); len(ids) != 1 || ids[0] != d.Account {
				t.Errorf("%v are to be erased, want %s until it is", ids, d.Account)
			}
		}
		_, err = w.SignIn(t.Context(), mia, secret, home)
		wantFault(t, err, "account_locked")
		if err := w.Erase(t.Context(), d.Account); err != nil {
			t.Fatal(err)
		}
		if ids := must(s.TakeLeaving(t.Context(), 10))(t); len(ids) != 0 {
			t.Errorf("%v are left", ids)
		}
	})
}
