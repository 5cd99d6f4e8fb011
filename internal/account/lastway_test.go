package account_test

import (
	"net/url"
	"slices"
	"sync"
	"testing"

	"waypost/internal/account"
)

func TestTheLastWayInStays(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.joinWith("mia", home)
		s := w.of(d.Account)
		wantFault(t, w.Unlink(t.Context(), d, "birds", home), "last_way")
		stick, p := w.addSilently(d)
		wantFault(t, w.Unlink(t.Context(), d, "fish", home), "link_missing")
		if err := w.Unlink(t.Context(), d, "birds", home); err != nil {
			t.Fatal(err)
		}
		wantFault(t, s.RemovePasskey(t.Context(), d, p.ID, home), "last_way")
		ask := must(w.SignInByPasskey(t.Context(), home))(t)
		w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), home))(t))

		flow := must(w.ChangeContact(t.Context(), d, mia, home))(t) // an address counts
		must(w.Enter(t.Context(), flow, w.letter(account.LetterContact).Code, home))(t)
		if err := s.RemovePasskey(t.Context(), d, p.ID, home); err != nil {
			t.Fatal(err)
		}
		wantFault(t, s.RemoveContact(t.Context(), d, account.Mail, home), "contact_last")
	})
}

// addSilently gives an account a passkey that nobody can be told of.
func (w *world) addSilently(d account.Session) (*stick, account.Passkey) {
	w.t.Helper()
	s, stick := w.of(d.Account), newStick()
	ask := must(s.BeginPasskey(w.t.Context(), d, home))(w.t)
	return stick, must(s.AddPasskey(w.t.Context(), d, ask.Flow, "", stick.create(w.t, ask), home))(w.t)
}

func TestOfTwoThatGoAtOnceOneStays(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.joinWith("mia", home)
		_, p := w.addSilently(d)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { errs[0] = w.Unlink(t.Context(), d, "birds", home) })
		wg.Go(func() { errs[1] = w.of(d.Account).RemovePasskey(t.Context(), d, p.ID, home) })
		wg.Wait()
		got := []string{code(errs[0]), code(errs[1])}
		slices.Sort(got)
		if want := []string{"", "last_way"}; !slices.Equal(got, want) {
			t.Errorf("answers %q, want %q", got, want)
		}
	})
}

func TestWhoHasOnlyAPasskeyOrProviderSetsAPasswordByTheirAddress(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		a := application()
		a.Password = ""
		step := must(w.with("mia", home))(t)
		next := must(w.SignUpWith(t.Context(), step.Flow, a, home))(t)
		d := w.session(must(w.Enter(t.Context(), next.Flow, w.letter(account.LetterSignUp).Code, home))(t))
		w.addPasskey(d)
		_, err := w.SignIn(t.Context(), mia, "", home)
		wantFault(t, err, "sign_in")
		flow := must(w.Reset(t.Context(), mia, home))(t)
		proved := must(w.Enter(t.Context(), flow, w.letter(account.LetterReset).Code, home))(t)
		w.session(must(w.NewPassword(t.Context(), proved.Flow, secret, home))(t))
		if ways := must(w.of(d.Account).Ways(t.Context(), d.Account))(t); !ways.Password || ways.Passkeys != 1 || ways.Providers != 1 {
			t.Errorf("ways %+v, want a password beside the passkey and the provider", ways)
		}
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
	})
}

func TestRevokedAtTheProvider(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		form := url.Values{"signed": {"by birds"}, "subject": {"m-1"}}
		if err := w.Revoke(t.Context(), "birds", form); err != nil { // nobody's
			t.Fatal(err)
		}
		if err := w.Revoke(t.Context(), "birds", url.Values{"subject": {"m-1"}}); err == nil {
			t.Error("anybody can revoke")
		}
		d := w.join(application(), home)
		w.linkTo(d, "mia")
		if err := w.Revoke(t.Context(), "birds", form); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.What != account.Revoked || l.Detail != "Birds" || l.Token != "" {
			t.Errorf("letter %+v, want one that can't be undone here", l)
		}
		if links := must(w.Links(t.Context(), d))(t); len(links) != 0 {
			t.Errorf("links %+v, want none", links)
		}
		his := w.joinWith("noah", cafe)
		form.Set("subject", "n-1")
		if err := w.Revoke(t.Context(), "birds", form); err != nil {
			t.Fatal(err)
		}
		if links := must(w.Links(t.Context(), his))(t); len(links) != 1 || links[0].Nickname != "" {
			t.Errorf("links %+v, want his only way in without his name", links)
		}
		if s := w.session(must(w.with("noah", cafe))(t)); s.Account != his.Account {
			t.Errorf("signed in to %s, want %s", s.Account, his.Account)
		}
	})
}
