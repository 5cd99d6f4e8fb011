package account_test

import (
	"testing"

	"waypost/internal/account"
)

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		step := must(w.SignIn(t.Context(), mia, secret, home))(t)
		for range 7 { // used now and then it lives on, but not for ever
			w.clock.pass(25 * day)
			if w.clock.Now().Sub(start) < 180*day {
				must(w.Session(t.Context(), step.Session))(t)
			}
		}
		w.clock.pass(6 * day)
		_, err := w.Session(t.Context(), step.Session)
		wantFault(t, err, "session_over")

		step = must(w.SignIn(t.Context(), mia, secret, home))(t)
		w.clock.pass(32 * day)
		_, err = w.Session(t.Context(), step.Session)
		wantFault(t, err, "session_over")
	})
}

func TestTokensOfNobody(t *testing.T) {
	w := newWorld(t, account.Options{}, "eu", sqlite(t))
	for _, token := range []account.Token{"", "eu", "eu.", ".", "us.abc", "eu.AAAA", "🦊.x"} {
		_, err := w.Session(t.Context(), token)
		wantFault(t, err, "session_over")
		_, err = w.Flow(t.Context(), token)
		wantFault(t, err, "flow_over")
		_, err = w.Undo(t.Context(), token)
		wantFault(t, err, "undo_over")
		_, err = w.Question(t.Context(), token)
		wantFault(t, err, "guardian_over")
		if err := w.SignOut(t.Context(), token); err != nil {
			t.Errorf("sign out by %q: %v", string(token), err)
		}
	}
	for _, id := range []account.ID{"", "eu", "eu-", "eu-1", "us-0195f3b2-7c00-7000-8000-000000000000", "-0195f3b2-7c00-7000-8000-000000000000"} {
		_, err := w.Of(id)
		wantFault(t, err, "account_region")
	}
}

func TestDevices(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		laptop := w.join(application(), home)
		phone := must(w.SignIn(t.Context(), mia, secret, cafe))(t)
		s := w.of(laptop.Account)
		devices := must(s.Devices(t.Context(), laptop))(t)
		if len(devices) != 2 {
			t.Fatalf("devices %+v, want 2", devices)
		}
		for _, d := range devices {
			if want := map[bool]string{true: "Firefox, Linux", false: "Safari, iPhone"}[d.This]; d.Label != want {
				t.Errorf("device %+v, want %q", d, want)
			}
		}
		if err := s.Revoke(t.Context(), laptop, w.session(phone).ID); err != nil {
			t.Fatal(err)
		}
		wantFault(t, s.Revoke(t.Context(), laptop, "nothing"), "device_missing")
		_, err := w.Session(t.Context(), phone.Session)
		wantFault(t, err, "session_over")

		phone = must(w.SignIn(t.Context(), mia, secret, cafe))(t)
		again := must(w.SignIn(t.Context(), mia, secret, home))(t)
		if err := s.RevokeOthers(t.Context(), w.session(again)); err != nil {
			t.Fatal(err)
		}
		_, err = w.Session(t.Context(), phone.Session)
		wantFault(t, err, "session_over")
		if err := w.SignOut(t.Context(), again.Session); err != nil {
			t.Fatal(err)
		}
		_, err = w.Session(t.Context(), again.Session)
		wantFault(t, err, "session_over")
	})
}

func TestNobodyRevokesSomebodyElsesDevice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hers := w.join(application(), home)
		a := application()
		a.Contact.Value = "noah@mail.example"
		his := w.join(a, cafe)
		wantFault(t, w.of(his.Account).Revoke(t.Context(), his, hers.ID), "device_missing")
	})
}

func TestDangerousThingsWantAFreshProof(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		old := must(w.SignIn(t.Context(), mia, secret, home))(t)
		w.clock.pass(11 * minute)
		d := w.session(old)
		s := w.of(d.Account)
		wantFault(t, s.SetPassword(t.Context(), d, "eleven green otters", home), "prove_again")
		wantFault(t, s.Deactivate(t.Context(), d, home), "prove_again")
		_, err := w.ChangeContact(t.Context(), d, moved, home)
		wantFault(t, err, "prove_again")
		wantFault(t, s.AwaitContact(t.Context(), d, moved, home), "prove_again")
		wantFault(t, s.RemoveContact(t.Context(), d, account.Mail, home), "prove_again")
		_, err = s.AddApp(t.Context(), d)
		wantFault(t, err, "prove_again")
		wantFault(t, s.RemoveApp(t.Context(), d, home), "prove_again")
		_, err = s.MakeRecoveryCodes(t.Context(), d, home)
		wantFault(t, err, "prove_again")
		wantFault(t, s.RemovePasskey(t.Context(), d, "any", home), "prove_again")

		_, err = s.Prove(t.Context(), d, "not the password", home)
		wantFault(t, err, "password_wrong")
		fresh := must(s.Prove(t.Context(), d, secret, home))(t)
		if f := w.session(fresh); !f.Fresh() || f.ID != d.ID {
			t.Errorf("session %+v, want the same, fresh", f)
		}
		_, err = w.Session(t.Context(), old.Session)
		wantFault(t, err, "session_over") // its token was changed

		w.clock.pass(11 * minute)
		flow := must(s.ProveByCode(t.Context(), d, account.Mail, home))(t)
		byCode := must(w.Enter(t.Context(), flow, w.letter(account.LetterProve).Code, home))(t)
		if f := w.session(byCode); !f.Fresh() || f.ID != d.ID {
			t.Errorf("session %+v, want the same, fresh", f)
		}
		if err := s.SetPassword(t.Context(), w.session(byCode), "eleven green otters", home); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.What != account.PasswordChanged {
			t.Errorf("letter %+v, want one about the password", l)
		}
		_, err = w.SignIn(t.Context(), mia, secret, home)
		wantFault(t, err, "sign_in")
	})
}

func TestProofsAreBound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		for range 6 {
			_, err := w.of(d.Account).Prove(t.Context(), d, "not the password", home)
			if code(err) == "too_often" {
				return
			}
		}
		t.Error("six wrong passwords, and no wait")
	})
}

func TestDeactivating(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		if err := w.of(d.Account).Deactivate(t.Context(), d, home); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.What != account.AccountOff || l.Token != "" {
			t.Errorf("letter %+v, want one that signing in takes it back", l)
		}
		if devices := must(w.of(d.Account).Devices(t.Context(), d))(t); len(devices) != 0 {
			t.Errorf("devices %+v, want none", devices)
		}
		back := must(w.SignIn(t.Context(), mia, secret, home))(t)
		if !back.Back {
			t.Errorf("step %+v, want that the account is back", back)
		}
		if p := must(w.of(d.Account).Profile(t.Context(), d.Account))(t); p.State != account.Active {
			t.Errorf("state %q, want active", p.State)
		}
	})
}
