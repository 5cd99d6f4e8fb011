package account_test

import (
	"testing"
	"time"

	"waypost/internal/account"
)

func TestFiveWorkingDays(t *testing.T) {
	for _, tc := range []struct{ asked, want string }{
		{"2026-03-02T09:00:00Z", "2026-03-09T09:00:00Z"}, // a Monday
		{"2026-03-06T23:30:00Z", "2026-03-13T23:30:00Z"}, // a Friday
		{"2026-03-07T12:00:00Z", "2026-03-13T12:00:00Z"}, // a Saturday
		{"2026-03-08T12:00:00Z", "2026-03-13T12:00:00Z"}, // a Sunday
	} {
		asked := must(time.Parse(time.RFC3339, tc.asked))(t)
		if got := account.LeavesAt(asked).Format(time.RFC3339); got != tc.want {
			t.Errorf("asked %s, leaves %s, want %s", tc.asked, got, tc.want)
		}
	}
}

func TestWhoLeavesCanComeBackUntilTheEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		ends := must(s.Leave(t.Context(), d, home))(t)
		if l := w.letter(account.LetterNotice); l.What != account.AccountLeaving || !l.Ends.Equal(ends) {
			t.Errorf("the letter is %+v, want one that says until when", l)
		}
		_, err := s.Leave(t.Context(), d, home)
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
		ends = must(s.Leave(t.Context(), d, home))(t)
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
