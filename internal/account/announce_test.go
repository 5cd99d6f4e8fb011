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
		joins := func(kind account.ContactKind, address string) account.Session {
			t.Helper()
			a := application()
			a.Contact = account.Contact{Kind: kind, Value: address}
			return w.join(a, home)
		}
		d := joins(account.Mail, "mia@mail.example")
		joins(account.Mail, "noah@mail.example")
		joins(account.Phone, "+41790000001")
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
		if got, want := announced(), "policy +41790000001 2 true, policy mia@mail.example 2 true, policy noah@mail.example 2 true"; strings.Join(got, ", ") != want {
			t.Errorf("told %q, want %q", got, want)
		}
		if got := announced(); len(got) > 0 {
			t.Errorf("told again: %q", got)
		}
		joins(account.Mail, "ada@mail.example")
		if got := announced(); len(got) != 1 || !strings.Contains(got[0], "ada@") {
			t.Errorf("who came later: %q", got)
		}
		w.clock.pass(32 * day)
		_, err := w.AnnouncementToSend(t.Context(), account.Announced{Account: d.Account, Version: 2})
		wantFault(t, err, "letter_void")
	})
}
