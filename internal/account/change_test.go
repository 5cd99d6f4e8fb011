package account_test

import (
	"testing"

	"waypost/internal/account"
)

// moved is mia's other address.
var moved = account.Contact{Kind: account.Mail, Value: "mia@new.example"}

// move changes mia's address and returns what the old one is told.
func (w *world) move(d account.Session, to account.Contact) account.Letter {
	w.t.Helper()
	flow := w.agree(d, to, home)
	l := w.letter(account.LetterContact)
	if l.To != to {
		w.t.Errorf("the code goes to %v, want %v", l.To, to)
	}
	must(w.Enter(w.t.Context(), flow, l.Code, home))(w.t)
	return w.letter(account.LetterNotice)
}

// agree has an account's address agree to another one, and returns what is
// begun with that.
func (w *world) agree(d account.Session, to account.Contact, from account.From) account.Token {
	w.t.Helper()
	flow := must(w.ChangeContact(w.t.Context(), d, to, from))(w.t)
	step := must(w.Enter(w.t.Context(), flow, w.letter(account.LetterMove).Code, from))(w.t)
	if !step.Code || step.Session != "" {
		w.t.Errorf("step %+v, want another code", step)
	}
	return step.Flow
}

func TestAnAddressIsChangedOnBothEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		flow := must(w.ChangeContact(t.Context(), d, moved, home))(t)
		old := w.letter(account.LetterMove)
		if old.To != mia || old.Detail != "m…@new.example" {
			t.Errorf("letter %+v, want one to the old address that names the new one", old)
		}
		step := must(w.Enter(t.Context(), flow, old.Code, home))(t)
		if p := must(w.of(d.Account).Profile(t.Context(), d.Account))(t); p.Main() != mia {
			t.Errorf("with one end's code the account has %v", p.Main())
		}
		_, err := w.Enter(t.Context(), flow, old.Code, home)
		wantFault(t, err, "flow_over")
		_, err = w.Enter(t.Context(), step.Flow, old.Code, home)
		wantFault(t, err, "code_wrong")
		must(w.Enter(t.Context(), step.Flow, w.letter(account.LetterContact).Code, home))(t)
		l := w.letter(account.LetterNotice)
		if l.To != mia || l.What != account.MailChanged || l.Detail != "m…@new.example" || l.Token == "" {
			t.Errorf("letter %+v, want one to the old address that can be undone", l)
		}
		w.session(must(w.SignIn(t.Context(), moved, secret, home))(t))
		_, err = w.SignIn(t.Context(), mia, secret, home)
		wantFault(t, err, "sign_in")
	})
}

func TestASomebodysAddressCantBeTaken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		a := application()
		a.Contact.Value = "noah@mail.example"
		his := w.join(a, cafe)
		w.agree(his, mia, cafe)
		if l := w.letter(account.LetterHasAccount); l.To != mia || l.Code != "" {
			t.Errorf("letter %+v, want one to its owner, without a code", l)
		}
	})
}

func TestAnAddressThatWasTakenMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := application()
		a.Contact.Value = "noah@mail.example"
		his := w.join(a, cafe)
		flow := w.agree(his, mia, cafe)
		entered := w.letter(account.LetterContact).Code
		w.join(application(), home)
		_, err := w.Enter(t.Context(), flow, entered, cafe)
		wantFault(t, err, "contact_taken")
	})
}

func TestWhoWasSignedOutChangesNothingMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hers := w.join(application(), home)
		thief := w.session(must(w.SignIn(t.Context(), mia, secret, cafe))(t))
		w.letters()
		flow := w.agree(thief, moved, cafe)
		entered := w.letter(account.LetterContact).Code
		if err := w.of(hers.Account).RevokeOthers(t.Context(), hers); err != nil {
			t.Fatal(err)
		}
		_, err := w.Enter(t.Context(), flow, entered, cafe)
		wantFault(t, err, "session_over")
	})
}

func TestTwoAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		wantFault(t, s.RemoveContact(t.Context(), d, account.Mail, home), "contact_last")
		phone := must(account.ParseContact("+49 30 1234567", ""))(t)
		if l := w.move(d, phone); l.What != account.ContactAdded || l.To != mia {
			t.Errorf("letter %+v, want one to the address that was there", l)
		}
		if err := s.SetMain(t.Context(), d, account.Phone); err != nil {
			t.Fatal(err)
		}
		if p := must(s.Profile(t.Context(), d.Account))(t); p.Main() != phone || len(p.Contacts) != 2 {
			t.Errorf("contacts %+v, want two and the phone first", p.Contacts)
		}
		if err := s.RemoveContact(t.Context(), d, account.Phone, home); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.What != account.ContactRemoved || l.To != phone {
			t.Errorf("letter %+v, want one to the phone", l)
		}
		if p := must(s.Profile(t.Context(), d.Account))(t); p.Main() != mia {
			t.Errorf("contacts %+v, want messages to go to what is left", p.Contacts)
		}
	})
}

// Somebody who got in changes the address and the password. The owner undoes
// the first change, and both are gone.
func TestUndoingPutsEverythingBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := must(w.SignUp(t.Context(), application(), home))(t)
		hers := must(w.Enter(t.Context(), mine, w.letter(account.LetterSignUp).Code, home))(t)
		thief := w.session(must(w.SignIn(t.Context(), mia, secret, cafe))(t))
		w.letters()
		w.clock.pass(minute)
		told := w.move(thief, moved)
		w.clock.pass(minute)
		if err := w.of(thief.Account).SetPassword(t.Context(), thief, "eleven green otters", cafe); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.To != moved {
			t.Errorf("letter %+v, want one to the address that it has by now", l)
		}

		if u := must(w.Undoing(t.Context(), told.Token))(t); u.What != account.MailChanged || u.Account != thief.Account {
			t.Errorf("would undo %+v", u)
		}
		must(w.Undo(t.Context(), told.Token))(t)
		if l := w.letter(account.LetterNotice); l.What != account.Undone || l.To != mia || l.Token != "" {
			t.Errorf("letter %+v, want one to the old address that all is as it was", l)
		}
		_, err := w.Session(t.Context(), hers.Session)
		wantFault(t, err, "session_over")
		for _, password := range []string{secret, "eleven green otters"} {
			for _, c := range []account.Contact{mia, moved} {
				_, err := w.SignIn(t.Context(), c, password, home)
				wantFault(t, err, "sign_in")
			}
		}
		_, err = w.Undo(t.Context(), told.Token)
		wantFault(t, err, "undo_over")

		flow := must(w.Reset(t.Context(), mia, home))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterReset).Code, home))(t)
		w.session(must(w.NewPassword(t.Context(), step.Flow, "nineteen red foxes", home))(t))
	})
}

func TestUndoingEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		told := w.move(w.join(application(), home), moved)
		w.clock.pass(7*day + minute)
		_, err := w.Undo(t.Context(), told.Token)
		wantFault(t, err, "undo_over")
	})
}

func TestAProfileIsEdited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		name, language, company, country := "Mia L.", "zh-Hans", "Heron Supplies", "CN"
		if err := s.Edit(t.Context(), d.Account, account.Edit{Nickname: &name, Language: &language, Company: &company, Country: &country}); err != nil {
			t.Fatal(err)
		}
		p := must(s.Profile(t.Context(), d.Account))(t)
		if p.Nickname != name || p.Language != language || p.Company != company || p.Country != country {
			t.Errorf("profile %+v", p)
		}
		none, nowhere := "", "Atlantis"
		wantFault(t, s.Edit(t.Context(), d.Account, account.Edit{Nickname: &none}), "nickname")
		wantFault(t, s.Edit(t.Context(), d.Account, account.Edit{Country: &nowhere}), "country")
		if err := s.Edit(t.Context(), d.Account, account.Edit{Company: &none}); err != nil {
			t.Fatal(err)
		}
	})
}
