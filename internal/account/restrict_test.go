package account_test

import (
	"runtime"
	"testing"
	"time"

	"waypost/internal/account"
)

// Pressed twice it is once, lifting is as easy, and both are dated in the ledger
// in the words that were shown, and told.
func TestRestrictingAndLifting(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s, other := w.of(d.Account), w.replica(w.dbs[0])
		is := func(want bool) {
			t.Helper()
			for name, m := range map[string]*account.Members{"this machine": w.Members, "another": other} {
				deadline := time.Now().Add(10 * time.Second) // others are told by the database
				for must(m.Restricted(t.Context(), d.Account.Subject()))(t) != want {
					if time.Now().After(deadline) {
						t.Fatalf("on %s it isn't %t", name, want)
					}
					runtime.Gosched()
				}
			}
			if p := must(s.Profile(t.Context(), d.Account))(t); p.Restricted.IsZero() == want {
				t.Errorf("restricted since %v, want %t", p.Restricted, want)
			}
		}
		is(false)
		for _, on := range []bool{true, false} {
			w.post.take()
			for range 2 {
				if err := s.Restrict(t.Context(), d, on, "Restrict my data", "POST /my-data/restrict", home); err != nil {
					t.Fatal(err)
				}
			}
			is(on)
			events, told := w.post.take(), 0
			for _, e := range events {
				if e, ok := e.(account.Restricted); ok && e.Account == d.Account {
					told++
				}
				n, ok := e.(account.Notice)
				if !ok {
					continue
				}
				if l := must(w.NoticeToSend(t.Context(), n))(t); l.What != map[bool]account.What{true: account.AccountRestricted, false: account.AccountLifted}[on] || l.Token != "" {
					t.Errorf("the letter is %+v", l)
				}
			}
			if told != 1 || len(events) != 2 {
				t.Errorf("told %+v, want one event and one letter", events)
			}
			ledger := must(s.Consents(t.Context(), d.Account))(t)
			if last := ledger[len(ledger)-1]; last.Purpose != account.ForUse || last.Given == on || last.Wording != "Restrict my data" || !last.At.Equal(start) {
				t.Errorf("the ledger ends with %+v", last)
			}
		}
	})
}

// What others see of somebody is used for others: of who has their data restricted
// they see the role alone.
func TestMatesDontSeeWhoIsRestricted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah := w.person("Mia", "DE"), w.person("Noah", "DE")
		id := must(w.Teams().New(t.Context(), mia, "Heron Supplies"))(t)
		w.hire(mia, id, noah, account.RoleMember)
		if err := w.of(noah.Account).Restrict(t.Context(), noah, true, "", "test", home); err != nil {
			t.Fatal(err)
		}
		for _, d := range []account.Session{mia, noah} {
			mates := must(w.Teams().Mates(t.Context(), d, id))(t)
			m := mates[1]
			if m.Account != noah.Account || m.Role != account.RoleMember || !m.Restricted {
				t.Fatalf("mates %+v", mates)
			}
			if own := d.Account == noah.Account; (m.Nickname != "") != own || !own && m.Contact != "" {
				t.Errorf("%s sees %+v", d.Account, m)
			}
		}
		if must(w.Members.Restricted(t.Context(), id.Subject()))(t) {
			t.Error("the business account is restricted, too")
		}
	})
}

// The staff see that somebody's data is restricted, and more only to answer them.
func TestStaffSeeOfWhoIsRestrictedOnlyThat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		if err := w.of(d.Account).Restrict(t.Context(), d, true, "", "test", home); err != nil {
			t.Fatal(err)
		}
		w.opened(account.ForIncident, "T-1")
		w.opened(account.ForRequest, "T-1")
		for matter, sees := range map[account.Matter]bool{account.ForTicket: false, account.ForIncident: false, account.ForRequest: true} {
			seen := must(w.Staff().Find(t.Context(), account.Console(), string(d.Account), account.Why{Matter: matter, Ref: "T-1"}))(t)
			if !seen.Restricted.Equal(start) || (len(seen.Contacts) > 0) != sees || (seen.Nickname != "") != sees || (len(seen.Consents) > 0) != sees {
				t.Errorf("for a %s they see %+v", matter, seen)
			}
		}
	})
}
