package account_test

import (
	"context"
	"testing"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

func TestSignUpByMail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		flow := must(w.SignUp(t.Context(), application(), home))(t)
		seen := must(w.Flow(t.Context(), flow))(t)
		if seen.Purpose != account.SigningUp || !seen.Code || seen.To != mia {
			t.Errorf("the browser sees %+v, want a code awaited at %v", seen, mia)
		}
		l := w.letter(account.LetterSignUp)
		if l.To != mia || l.Language != "de" || len(l.Code) != 6 {
			t.Errorf("letter %+v, want six digits in German to %v", l, mia)
		}
		step := must(w.Enter(t.Context(), flow, " "+l.Code[:3]+" "+l.Code[3:], home))(t)
		s := w.session(step)
		if !s.Fresh() || s.Account != step.Account || s.Account.Region() != "eu" {
			t.Errorf("session %+v, want a fresh one of an account in eu", s)
		}
		p := must(w.of(s.Account).Profile(t.Context(), s.Account))(t)
		if p.Nickname != "Mia" || p.Country != "DE" || p.Language != "de" || !p.Password || p.Main() != mia || p.State != account.Active {
			t.Errorf("profile %+v", p)
		}
		entries := must(w.of(s.Account).Consents(t.Context(), s.Account))(t)
		if len(entries) != 1 || entries[0].Purpose != account.ForTerms || entries[0].Version != "2026-01" || !entries[0].Given {
			t.Errorf("ledger %+v, want agreement to the terms", entries)
		}
		if all := w.letters(); len(all) != 0 {
			t.Errorf("sent %+v, want nothing: nobody is told that they signed up", all)
		}
		_, err := w.Enter(t.Context(), flow, l.Code, home)
		wantFault(t, err, "flow_over")
	})
}

func TestSignUpByPhone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := application()
		a.Contact = must(account.ParseContact("030 1234567", "de"))(t)
		a.Password = ""
		s := w.join(a, home)
		p := must(w.of(s.Account).Profile(t.Context(), s.Account))(t)
		if p.Main().Value != "+49301234567" || p.Password {
			t.Errorf("profile %+v, want the number as E.164 and no password", p)
		}
	})
}

func TestSignUpRefuses(t *testing.T) {
	w := newWorld(t, account.Options{}, "eu", sqlite(t))
	for _, tc := range []struct {
		name, want string
		change     func(a *account.Application)
	}{
		{"no nickname", "nickname", func(a *account.Application) { a.Nickname = "  " }},
		{"a nickname of two lines", "nickname", func(a *account.Application) { a.Nickname = "Mia\nadmin" }},
		{"a country that is none", "country", func(a *account.Application) { a.Country = "XX" }},
		{"no country", "country", func(a *account.Application) { a.Country = "" }},
		{"a language that is none", "language", func(a *account.Application) { a.Language = "the usual" }},
		{"no agreement", "terms", func(a *account.Application) { a.Terms = account.Terms{} }},
		{"no age", "age", func(a *account.Application) { a.Age = "" }},
		{"supervision where no law wants it", "age", func(a *account.Application) { a.Age = account.Supervised }},
		{"a child without a guardian", "guardian", func(a *account.Application) { a.Age = account.Child }},
		{"a child who is their own guardian", "guardian", func(a *account.Application) { a.Age, a.Guardian = account.Child, "MIA@mail.example" }},
		{"a short password", "password_short", func(a *account.Application) { a.Password = "hn7!x" }},
		{"a password that is short once accents and letters are one", "password_short", func(a *account.Application) { a.Password = "e\u0301o\u0301a\u0301u\u0301i\u0301" }},
		{"a stolen password", "password_known", func(a *account.Application) { a.Password = "Password1" }},
		{"a password of one letter", "password_weak", func(a *account.Application) { a.Password = "zzzzzzzzzzz" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := application()
			tc.change(&a)
			_, err := w.SignUp(t.Context(), a, home)
			wantFault(t, err, tc.want)
		})
	}
	if all := w.letters(); len(all) != 0 {
		t.Errorf("sent %+v, want nothing", all)
	}
}

func TestSignUpWithAnAddressThatHasAnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		again := application()
		again.Contact.Value = "MIA@mail.example"
		flow := must(w.SignUp(t.Context(), again, cafe))(t)
		if seen := must(w.Flow(t.Context(), flow))(t); !seen.Code || seen.Account != "" {
			t.Errorf("the browser sees %+v, want what everybody sees", seen)
		}
		if l := w.letter(account.LetterHasAccount); l.Code != "" {
			t.Errorf("letter %+v, want no code", l)
		}
		for range 4 {
			_, err := w.Enter(t.Context(), flow, "000000", cafe)
			wantFault(t, err, "code_wrong")
		}
		_, err := w.Enter(t.Context(), flow, "000000", cafe)
		wantFault(t, err, "code_over")
	})
}

func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		flow := must(w.SignUp(t.Context(), application(), home))(t)
		first := w.letter(account.LetterSignUp).Code
		wantFault(t, w.Resend(t.Context(), flow, home), "code_resend")
		w.clock.pass(minute)
		if err := w.Resend(t.Context(), flow, home); err != nil {
			t.Fatal(err)
		}
		second := w.letter(account.LetterSignUp).Code
		if first != second {
			_, err := w.Enter(t.Context(), flow, first, home)
			wantFault(t, err, "code_wrong")
		}
		w.clock.pass(minute)
		wantFault(t, w.Resend(t.Context(), flow, home), "code_resend") // two minutes this time
		w.clock.pass(9 * minute)
		_, err := w.Enter(t.Context(), flow, second, home)
		wantFault(t, err, "code_over")
		w.clock.pass(5 * minute)
		_, err = w.Flow(t.Context(), flow)
		wantFault(t, err, "flow_over")
	})
}

func TestAChildWaitsForAGuardian(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ask := func() (account.Step, account.Token) {
			a := application()
			a.Age, a.Guardian = account.Child, "parent@mail.example"
			flow := must(w.SignUp(t.Context(), a, home))(t)
			step := must(w.Enter(t.Context(), flow, w.letter(account.LetterSignUp).Code, home))(t)
			if !step.Waiting || step.Session != "" {
				t.Fatalf("step %+v, want nobody signed in", step)
			}
			l := w.letter(account.LetterGuardian)
			if l.To.Value != "parent@mail.example" || l.Nickname != "Mia" {
				t.Errorf("letter %+v, want one to the guardian", l)
			}
			return step, l.Token
		}
		_, no := ask()
		if err := w.Answer(t.Context(), no, false, account.Terms{}); err != nil {
			t.Fatal(err)
		}
		step, yes := ask() // the address is free again: nothing of the child was kept
		_, err := w.SignIn(t.Context(), mia, secret, home)
		wantFault(t, err, "guardian_awaited")
		if q := must(w.Question(t.Context(), yes))(t); q.Nickname != "Mia" || q.Account != step.Account {
			t.Errorf("the guardian is asked %+v", q)
		}
		wantFault(t, w.Answer(t.Context(), yes, true, account.Terms{}), "terms")
		if err := w.Answer(t.Context(), yes, true, account.Terms{Version: "2026-01", How: "link in the guardian's mail"}); err != nil {
			t.Fatal(err)
		}
		wantFault(t, w.Answer(t.Context(), yes, false, account.Terms{}), "guardian_over")
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
		entries := must(w.of(step.Account).Consents(t.Context(), step.Account))(t)
		if len(entries) != 2 || entries[1].Purpose != account.ForGuardian {
			t.Errorf("ledger %+v, want the guardian's agreement", entries)
		}
	})
}

func TestAChildWithoutAnAnswerIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := application()
		a.Age, a.Guardian = account.Child, "parent@mail.example"
		flow := must(w.SignUp(t.Context(), a, home))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterSignUp).Code, home))(t)
		s := w.of(step.Account)
		w.clock.pass(7*day + minute)
		if _, err := s.Expire(t.Context(), inventory.Purge{Now: w.clock.Now()}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Profile(t.Context(), step.Account)
		wantFault(t, err, "account_missing")
	})
}

// A guardian's no is an answer also where law keeps the child's data: the account
// is erased once it may be.
func TestAChildIsRefusedWhoseDataHasToStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, no := w.child()
		held := true
		w.EraseBy(func(ctx context.Context, who inventory.Subject) error {
			if held {
				return account.ErrHeld
			}
			return w.Erase(ctx, account.ID(who))
		})
		wantFault(t, w.Answer(t.Context(), no, false, account.Terms{}), "")
		wantFault(t, w.Answer(t.Context(), no, true, account.Terms{Version: "2026-01"}), "guardian_over")
		_, err := w.SignIn(t.Context(), mia, secret, home)
		wantFault(t, err, "guardian_awaited")
		s := w.of(id)
		must(s.Expire(t.Context(), inventory.Purge{Now: w.clock.Now(), Held: []inventory.Subject{id.Subject()}}))(t)
		must(s.Profile(t.Context(), id))(t)
		held = false
		must(s.Expire(t.Context(), inventory.Purge{Now: w.clock.Now()}))(t)
		_, err = s.Profile(t.Context(), id)
		wantFault(t, err, "account_missing")
	})
}

func TestAgesThatAreAskedFor(t *testing.T) {
	w := newWorld(t, account.Options{}, "eu", sqlite(t))
	if got := len(w.Ages("DE")); got != 2 {
		t.Errorf("Germany asks for %d ages, want 2", got)
	}
	if got := len(w.Ages("IN")); got != 3 {
		t.Errorf("India asks for %d ages, want 3", got)
	}
	a := application()
	a.Country, a.Age = "IN", account.Supervised
	s := w.join(a, home)
	entries := must(w.of(s.Account).Consents(t.Context(), s.Account))(t)
	if len(entries) != 2 || entries[1].Purpose != account.ForSupervision {
		t.Errorf("ledger %+v, want that supervision was declared", entries)
	}
}
