package account_test

import (
	"bytes"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"waypost/internal/account"
	"waypost/internal/dbtest"
)

// shows is the code that an app shows at a time.
func shows(t testing.TB, app account.App, at time.Time) string {
	t.Helper()
	return must(totp.GenerateCode(strings.ReplaceAll(app.Secret, " ", ""), at))(t)
}

// protect gives an account an authenticator app; its first code is used.
func (w *world) protect(d account.Session) account.App {
	w.t.Helper()
	s := w.of(d.Account)
	app := must(s.AddApp(w.t.Context(), d))(w.t)
	if err := s.ConfirmApp(w.t.Context(), d, shows(w.t, app, w.clock.Now()), home); err != nil {
		w.t.Fatal(err)
	}
	if l := w.letter(account.LetterNotice); l.What != account.AppAdded || l.Token == "" {
		w.t.Errorf("letter %+v, want one about the app that can be undone", l)
	}
	w.clock.pass(30 * time.Second)
	return app
}

// password begins a sign-in that wants something more.
func (w *world) password(from account.From) account.Step {
	w.t.Helper()
	step := must(w.SignIn(w.t.Context(), mia, secret, from))(w.t)
	if step.Session != "" || step.Flow == "" {
		w.t.Fatalf("step %+v, want more to show", step)
	}
	return step
}

func TestAnAuthenticatorApp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		app := must(s.AddApp(t.Context(), d))(t)
		if !strings.HasPrefix(app.URI, "otpauth://totp/Waypost:mia@mail.example?") {
			t.Errorf("URI %q", app.URI)
		}
		if qr := must(png.DecodeConfig(bytes.NewReader(app.QR)))(t); qr.Width < 200 || qr.Width != qr.Height {
			t.Errorf("QR code of %d × %d", qr.Width, qr.Height)
		}
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t)) // nothing is asked for before it is confirmed
		for _, wrong := range []string{"", "12345", "000000", "abcdef"} {
			wantFault(t, s.ConfirmApp(t.Context(), d, wrong, home), "totp_wrong")
		}
		spaced := shows(t, app, w.clock.Now())
		spaced = spaced[:3] + " " + spaced[3:]
		if err := s.ConfirmApp(t.Context(), d, spaced, home); err != nil {
			t.Fatal(err)
		}
		_, err := s.AddApp(t.Context(), d)
		wantFault(t, err, "totp_there")

		step := w.password(home)
		if want := []account.Factor{account.ByApp}; !slices.Equal(step.Need, want) {
			t.Errorf("needs %v, want %v", step.Need, want)
		}
		_, err = w.EnterApp(t.Context(), step.Flow, spaced, home)
		wantFault(t, err, "totp_used") // confirming used it
		w.clock.pass(30 * time.Second)
		signed := w.session(must(w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now()), home))(t))
		if _, shown := signed.Shown[account.ByApp]; !shown || signed.Account != d.Account {
			t.Errorf("session %+v, want one by password and app", signed)
		}
		_, err = w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now()), home)
		wantFault(t, err, "flow_over")
	})
}

func TestStepsOfAnApp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.protect(w.join(application(), home))
		w.clock.pass(10 * minute)
		for _, tc := range []struct {
			name string
			off  time.Duration
			want string
		}{
			{"two steps ago", -60 * time.Second, "totp_wrong"},
			{"in two steps", 60 * time.Second, "totp_wrong"},
			{"the step before", -30 * time.Second, ""},
			{"the same again", -30 * time.Second, "totp_used"},
			{"the step after", 30 * time.Second, ""},
			{"the current one, after a later one", 0, "totp_used"},
		} {
			step := w.password(home)
			_, err := w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now().Add(tc.off)), home)
			if code(err) != tc.want {
				t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
			}
		}
	})
}

func TestACodeIsUsedOnceAcrossReplicas(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		one := newWorld(t, account.Options{}, "eu", dbtest.Open(t, url))
		app := one.protect(one.join(application(), home))
		entered := shows(t, app, one.clock.Now())
		flows := make([]account.Token, 6)
		for i := range flows {
			flows[i] = one.password(home).Flow
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[string]int{}
		replicas := []*account.Members{one.Members, one.replica(dbtest.Open(t, url))}
		for i, flow := range flows {
			wg.Go(func() {
				_, err := replicas[i%2].EnterApp(t.Context(), flow, entered, home)
				mu.Lock()
				defer mu.Unlock()
				got[code(err)]++
			})
		}
		wg.Wait()
		if got[""] != 1 {
			t.Errorf("answers %v, want one sign-in", got)
		}
	})
}

func TestAResetKeepsTheApp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.protect(w.join(application(), home))
		flow := must(w.Reset(t.Context(), mia, cafe))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterReset).Code, cafe))(t)
		step = must(w.NewPassword(t.Context(), step.Flow, "eleven green otters", cafe))(t)
		if want := []account.Factor{account.ByApp}; step.Session != "" || !slices.Equal(step.Need, want) {
			t.Fatalf("step %+v, want the app to come", step)
		}
		w.session(must(w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now()), cafe))(t))
	})
}

func TestNothingIsToldBeforeTheFirstFactor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.protect(w.join(application(), home))
		flow := must(w.SendCode(t.Context(), mia, cafe))(t)
		_, err := w.EnterApp(t.Context(), flow, shows(t, app, w.clock.Now()), cafe)
		wantFault(t, err, "flow_step")
		_, err = w.EnterRecovery(t.Context(), flow, "0000-0000-0000-0000", cafe)
		wantFault(t, err, "flow_step")
	})
}

func TestGuessesAtAnAppAreBoundAndTheOwnerGetsIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.protect(w.join(application(), home))
		tried := 0
		flow := w.password(cafe).Flow // somebody has the password
		for range 100 {
			if _, err := w.EnterApp(t.Context(), flow, "000000", cafe); code(err) == "totp_wrong" {
				tried++
			}
			if _, err := w.EnterRecovery(t.Context(), flow, "0", cafe); code(err) == "recovery_wrong" {
				tried++
			}
		}
		if tried > 10 {
			t.Errorf("%d guesses in a moment, want a few", tried)
		}
		w.session(must(w.EnterApp(t.Context(), w.password(home).Flow, shows(t, app, w.clock.Now()), home))(t))
	})
}

func TestProvingAsksForTheAppToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.protect(w.join(application(), home))
		step := must(w.EnterApp(t.Context(), w.password(home).Flow, shows(t, app, w.clock.Now()), home))(t)
		w.clock.pass(11 * minute)
		d := w.session(step)
		s := w.of(d.Account)
		wantFault(t, s.RemoveApp(t.Context(), d, home), "prove_again")
		if got, want := must(s.Proving(t.Context(), d))(t), []account.Factor{account.ByPassword, account.ByCode}; !slices.Equal(got, want) {
			t.Errorf("can show %v, want %v", got, want)
		}
		more := must(s.Prove(t.Context(), d, secret, home))(t)
		if want := []account.Factor{account.ByApp}; more.Session != "" || !slices.Equal(more.Need, want) {
			t.Fatalf("step %+v, want the app to come", more)
		}
		fresh := w.session(must(w.EnterApp(t.Context(), more.Flow, shows(t, app, w.clock.Now()), home))(t))
		if err := s.RemoveApp(t.Context(), fresh, home); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.What != account.AppRemoved || l.Token == "" {
			t.Errorf("letter %+v, want one about the app that can be undone", l)
		}
		wantFault(t, s.RemoveApp(t.Context(), fresh, home), "totp_missing")
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
	})
}

// Whoever took the app off doesn't keep it off; and no code that was used
// works again because an older row was put back.
func TestUndoingBringsTheAppBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.protect(w.join(application(), home))
		used := shows(t, app, w.clock.Now())
		d := w.session(must(w.EnterApp(t.Context(), w.password(home).Flow, used, home))(t))
		if err := w.of(d.Account).RemoveApp(t.Context(), d, home); err != nil {
			t.Fatal(err)
		}
		must(w.Undo(t.Context(), w.letter(account.LetterNotice).Token))(t)
		w.letters()
		flow := must(w.SendCode(t.Context(), mia, home))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterSignIn).Code, home))(t)
		for _, off := range []time.Duration{0, 30 * time.Second} {
			_, err := w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now().Add(off)), home)
			wantFault(t, err, "totp_used")
		}
		w.clock.pass(minute)
		w.session(must(w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now()), home))(t))
	})
}
