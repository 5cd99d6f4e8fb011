package account_test

import (
	"testing"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

// codeTo begins a change of an address, and returns where the code goes.
func (w *world) codeTo(d account.Session, to account.Contact) account.Contact {
	w.t.Helper()
	must(w.ChangeContact(w.t.Context(), d, to, cafe))(w.t)
	all := w.letters()
	return all[len(all)-1].To
}

// signIn signs mia in anew.
func (w *world) signIn(from account.From) account.Session {
	w.t.Helper()
	d := w.session(must(w.SignIn(w.t.Context(), mia, secret, from))(w.t))
	w.letters()
	return d
}

func TestWhoLostTheirAddressWaitsAWeek(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		if err := s.AwaitContact(t.Context(), d, moved, home); err != nil {
			t.Fatal(err)
		}
		l := w.letter(account.LetterNotice)
		if l.To != mia || l.What != account.ContactAwaited || l.Detail != "m…@new.example" || l.Token == "" {
			t.Errorf("letter %+v, want one to the old address that can be undone", l)
		}
		a := must(s.Awaited(t.Context(), d.Account, account.Mail))(t)
		if a.Contact != moved || !a.From.Equal(w.clock.Now().Add(7*day)) || !a.From.Equal(l.Ends) {
			t.Errorf("awaited %+v, want the new address when the old one can't object any more, %v", a, l.Ends)
		}
		if to := w.codeTo(d, moved); to != mia {
			t.Errorf("before a week a code goes to %v", to)
		}
		w.clock.pass(7*day + minute)
		d = w.signIn(home)
		if to := w.codeTo(d, account.Contact{Kind: account.Mail, Value: "other@new.example"}); to != mia {
			t.Errorf("for an address that nobody waited for a code goes to %v", to)
		}
		flow := must(w.ChangeContact(t.Context(), d, moved, home))(t)
		must(w.Enter(t.Context(), flow, w.letter(account.LetterContact).Code, home))(t)
		if l := w.letter(account.LetterNotice); l.To != mia || l.What != account.MailChanged || l.Token == "" {
			t.Errorf("letter %+v, want one to the old address that can be undone", l)
		}
		if a := must(s.Awaited(t.Context(), d.Account, account.Mail))(t); !a.IsZero() {
			t.Errorf("still awaited: %+v", a)
		}
	})
}

// A thief in an open session waits as well, and whatever its owner does against
// them ends the wait.
func TestAThiefsWaitIsEnded(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, w *world, hers account.Session, told account.Letter){
		"by undoing": func(t *testing.T, w *world, _ account.Session, told account.Letter) {
			must(w.Undo(t.Context(), told.Token))(t)
		},
		"by another password": func(t *testing.T, w *world, hers account.Session, _ account.Letter) {
			if err := w.of(hers.Account).SetPassword(t.Context(), hers, "eleven green otters", home); err != nil {
				t.Fatal(err)
			}
		},
		"on the page": func(t *testing.T, w *world, hers account.Session, _ account.Letter) {
			if err := w.of(hers.Account).StopAwaiting(t.Context(), hers, account.Mail); err != nil {
				t.Fatal(err)
			}
		},
		"by staying away": func(t *testing.T, w *world, hers account.Session, _ account.Letter) {
			w.clock.pass(38 * day)
			must(w.of(hers.Account).Expire(t.Context(), inventory.Purge{Now: w.clock.Now()}))(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				hers := w.join(application(), home)
				thief := w.signIn(cafe)
				s := w.of(hers.Account)
				if err := s.AwaitContact(t.Context(), thief, moved, cafe); err != nil {
					t.Fatal(err)
				}
				end(t, w, hers, w.letter(account.LetterNotice))
				if a := must(s.Awaited(t.Context(), hers.Account, account.Mail))(t); !a.IsZero() {
					t.Errorf("still awaited: %+v", a)
				}
			})
		})
	}
}

// Taking an address off and adding another is no way around it.
func TestAnAddressOfAnotherKindAgreesToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		phone := must(account.ParseContact("+49 30 1234567", ""))(t)
		w.move(d, phone)
		if err := w.of(d.Account).RemoveContact(t.Context(), d, account.Mail, cafe); err != nil {
			t.Fatal(err)
		}
		w.letters()
		if to := w.codeTo(d, moved); to != phone {
			t.Errorf("the code goes to %v, want the address that is left", to)
		}
	})
}
