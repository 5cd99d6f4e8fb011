package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"waypost/internal/account"
)

func TestEverybodyIsToldOnceOfAVersionThatLessensRights(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		joins := func(address string) account.Session {
			t.Helper()
			a := application()
			a.Contact.Value = address
			return w.join(a, home)
		}
		d := joins("mia@mail.example")
		joins("noah@mail.example")
		s, applies := w.of(d.Account), w.clock.Now().Add(31*day)
		announced := func() (to []string) {
			t.Helper()
			w.letters()
			if err := s.Announce(t.Context(), 2, applies); err != nil {
				t.Fatal(err)
			}
			for _, l := range w.letters() {
				to = append(to, fmt.Sprint(l.Kind, " ", l.To.Value, " ", l.Version, " ", l.Ends.Equal(applies)))
			}
			slices.Sort(to)
			return to
		}
		if got, want := announced(), "policy mia@mail.example 2 true, policy noah@mail.example 2 true"; strings.Join(got, ", ") != want {
			t.Errorf("told %q, want %q", got, want)
		}
		if got := announced(); len(got) > 0 {
			t.Errorf("told again: %q", got)
		}
		joins("ada@mail.example")
		if got := announced(); len(got) != 1 || !strings.Contains(got[0], "ada@") {
			t.Errorf("who came later: %q", got)
		}
		w.clock.pass(32 * day)
		_, err := w.AnnouncementToSend(t.Context(), account.Announced{Account: d.Account, Version: 2})
		wantFault(t, err, "letter_void")
	})
}
