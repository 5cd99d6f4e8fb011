package account_test

import (
	"slices"
	"testing"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
)

func TestSignInByPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		joined := w.join(application(), home)
		upper := account.Contact{Kind: account.Mail, Value: "Mia@Mail.example"}
		s := w.session(must(w.SignIn(t.Context(), upper, secret, home))(t))
		if s.Account != joined.Account || s.ID == joined.ID {
			t.Errorf("session %+v, want a new one of %s", s, joined.Account)
		}
		if all := w.letters(); len(all) != 0 {
			t.Errorf("sent %+v, want nothing about a device that is known", all)
		}
		for _, wrong := range []string{"", "seventeen blue heron", "seventeen blue herons\x00"} {
			_, err := w.SignIn(t.Context(), mia, wrong, home)
			wantFault(t, err, "sign_in")
		}
		_, err := w.SignIn(t.Context(), account.Contact{Kind: account.Mail, Value: "noah@mail.example"}, secret, home)
		wantFault(t, err, "sign_in")
	})
}

func TestANewDeviceIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		w.session(must(w.SignIn(t.Context(), mia, secret, cafe))(t))
		l := w.letter(account.LetterNotice)
		if l.What != account.NewDevice || l.Device != "Safari, iPhone" || l.To != mia || l.Token == "" {
			t.Errorf("letter %+v, want one about the iPhone that can be undone", l)
		}
		w.session(must(w.SignIn(t.Context(), mia, secret, cafe))(t))
		if all := w.letters(); len(all) != 0 {
			t.Errorf("sent %+v, want nothing the second time", all)
		}
	})
}

func TestSignInByCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		joined := w.join(application(), home)
		flow := must(w.SendCode(t.Context(), mia, home))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterSignIn).Code, home))(t)
		if s := w.session(step); s.Account != joined.Account {
			t.Errorf("signed in to %s, want %s", s.Account, joined.Account)
		}
	})
}

func TestAForgottenPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := application()
		a.Password = "" // or one that was never set
		joined := w.join(a, home)
		flow := must(w.Reset(t.Context(), mia, cafe))(t)
		_, err := w.NewPassword(t.Context(), flow, "eleven green otters", cafe)
		wantFault(t, err, "flow_step")
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterReset).Code, cafe))(t)
		if !step.NewPassword || step.Session != "" {
			t.Fatalf("step %+v, want a new password to come", step)
		}
		_, err = w.NewPassword(t.Context(), step.Flow, "mia@mail", cafe)
		wantFault(t, err, "password_weak")
		w.session(must(w.NewPassword(t.Context(), step.Flow, "eleven green otters", cafe))(t))
		var told []account.What
		for _, l := range w.letters() {
			told = append(told, l.What)
		}
		if want := []account.What{account.PasswordSet, account.NewDevice}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		w.session(must(w.SignIn(t.Context(), mia, "eleven green otters", home))(t))
		if devices := must(w.of(joined.Account).Devices(t.Context(), joined))(t); len(devices) != 2 {
			t.Errorf("%d devices, want 2: the first was signed out", len(devices))
		}
	})
}

// Whoever makes up codes, for whatever flows, is slowed where they are.
func TestCodesAreEnteredSoManyTimesFromANetwork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := must(w.SignUp(t.Context(), application(), home))(t)
		entered := w.letter(account.LetterSignUp).Code
		const most = 300
		for range most {
			_, err := w.Enter(t.Context(), "eu.made-up", "123456", cafe)
			wantFault(t, err, "flow_over")
		}
		_, err := w.Enter(t.Context(), mine, entered, cafe)
		wantFault(t, err, "too_often")
		w.session(must(w.Enter(t.Context(), mine, entered, home))(t))
	})
}

func TestALockedAccountGetsNoPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		flow := must(w.Reset(t.Context(), mia, home))(t)
		step := must(w.Enter(t.Context(), flow, w.letter(account.LetterReset).Code, home))(t)
		state := func(s account.State) {
			t.Helper()
			err := w.dbs[0].Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), `UPDATE account SET state = $1 WHERE id = $2`, s, d.Account)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		state(account.Locked)
		_, err := w.NewPassword(t.Context(), step.Flow, "eleven green otters", home)
		wantFault(t, err, "account_locked")
		if told := w.letters(); len(told) != 0 {
			t.Errorf("told %+v, want nothing", told)
		}
		state(account.Active)
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
	})
}

// An address with an account and one without must not be told apart, neither
// by what is answered nor by what is done.
func TestKnownAndUnknownAddressesCostTheSame(t *testing.T) {
	noah := account.Contact{Kind: account.Mail, Value: "noah@mail.example"}
	for _, tc := range []struct {
		name string
		try  func(w *world, c account.Contact) error
	}{
		{"a wrong password", func(w *world, c account.Contact) error {
			_, err := w.SignIn(w.t.Context(), c, "not the password", cafe)
			return err
		}},
		{"a code", func(w *world, c account.Contact) error {
			_, err := w.SendCode(w.t.Context(), c, cafe)
			return err
		}},
		{"a reset", func(w *world, c account.Contact) error {
			_, err := w.Reset(w.t.Context(), c, cafe)
			return err
		}},
		{"a sign-up", func(w *world, c account.Contact) error {
			a := application()
			a.Contact = c
			_, err := w.SignUp(w.t.Context(), a, cafe)
			return err
		}},
		{"a wrong code", func(w *world, c account.Contact) error {
			flow, err := w.SendCode(w.t.Context(), c, cafe)
			if err != nil {
				return err
			}
			_, err = w.Enter(w.t.Context(), flow, "none", cafe)
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newWorld(t, account.Options{}, "eu", d)
				w.join(application(), home)
				must(w.SendCode(t.Context(), mia, home))(t) // makes the day's key
				cost := func(c account.Contact) (hashes, statements int64, jobs int, answer string) {
					w.post.take()
					hashes, statements = w.Hashes(), d.Statements()
					if err := tc.try(w, c); err != nil {
						answer = err.Error()
					}
					return w.Hashes() - hashes, d.Statements() - statements, len(w.post.take()), answer
				}
				h1, s1, j1, a1 := cost(mia)
				h2, s2, j2, a2 := cost(noah)
				if h1 != h2 || s1 != s2 || j1 != j2 || a1 != a2 {
					t.Errorf("known: %d hashes, %d statements, %d jobs, %q; unknown: %d, %d, %d, %q", h1, s1, j1, a1, h2, s2, j2, a2)
				}
				if s1 == 0 {
					t.Error("no statements were counted")
				}
			})
		})
	}
}

func TestAnUnknownAddressIsToldSo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		flow := must(w.SendCode(t.Context(), mia, home))(t)
		if l := w.letter(account.LetterNoAccount); l.Code != "" || l.To != mia {
			t.Errorf("letter %+v, want one without a code", l)
		}
		_, err := w.Enter(t.Context(), flow, "123456", home)
		wantFault(t, err, "code_wrong")
	})
}

func TestHashesGrowWithTheirTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		before := w.Hashes()
		w.SetCost(128)
		must(w.SignIn(t.Context(), mia, secret, home))(t)
		must(w.SignIn(t.Context(), mia, secret, home))(t)
		if got := w.Hashes() - before; got != 2 {
			t.Errorf("%d sign-ins' hashes, want 2", got)
		}
	})
}

func TestGuessesAreSlowedAndTheOwnerGetsIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		tried, limited := 0, false
		for range 40 {
			_, err := w.SignIn(t.Context(), mia, "a guess of somebody", cafe)
			if code(err) == "too_often" {
				limited = true
				break
			}
			tried++
		}
		if !limited || tried > 10 {
			t.Errorf("%d guesses before the first wait, want a few", tried)
		}
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
	})
}

func TestGuessesFromEverywhereAreBoundAndTheOwnerGetsIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		tried := 0
		for i := range 400 {
			from := cafe
			from.Address = network(i)
			if _, err := w.SignIn(t.Context(), mia, "a guess of somebody", from); code(err) == "sign_in" {
				tried++
			}
		}
		if tried > 100 {
			t.Errorf("%d guesses in a moment, want 100 at most", tried)
		}
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
		flow := must(w.SendCode(t.Context(), mia, home))(t)
		if flow == "" {
			t.Error("no code")
		}
		w.clock.pass(25 * hour)
		w.session(must(w.SignIn(t.Context(), mia, secret, cafe))(t)) // and from anywhere, a day later
	})
}

func TestLimitsHoldAcrossReplicas(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, url string) {
		one := newWorld(t, account.Options{}, "eu", dbtest.Open(t, url))
		other := newWorld(t, account.Options{}, "eu", dbtest.Open(t, url))
		tried := 0
		for i := range 40 {
			w := one
			if i%2 == 1 {
				w = other
			}
			_, err := w.SignIn(t.Context(), mia, "a guess of somebody", cafe)
			if code(err) == "sign_in" {
				tried++
			}
		}
		if tried > 10 {
			t.Errorf("%d guesses got through two replicas, want a few", tried)
		}
	})
}

func TestCodesToOneAddressAreBound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sent := 0
		for i := range 60 {
			from := cafe
			from.Address = network(i)
			if _, err := w.SendCode(t.Context(), mia, from); err == nil {
				sent++
			} else {
				wantFault(t, err, "too_often")
			}
		}
		if sent != 12 {
			t.Errorf("%d codes to one address in an hour, want 12", sent)
		}
	})
}

// Whoever entered a code before the password was changed gets nothing by it after.
func TestAChangedPasswordEndsWhatWasBegun(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		flow := must(w.Reset(t.Context(), mia, cafe))(t)
		if step := must(w.Enter(t.Context(), flow, w.letter(account.LetterReset).Code, cafe))(t); !step.NewPassword {
			t.Fatalf("step %+v, want a new password next", step)
		}
		if err := w.of(d.Account).SetPassword(t.Context(), d, "eleven green otters", home); err != nil {
			t.Fatal(err)
		}
		_, err := w.NewPassword(t.Context(), flow, "twelve yellow foxes", cafe)
		wantFault(t, err, "flow_over")
		w.session(must(w.SignIn(t.Context(), mia, "eleven green otters", home))(t))
	})
}
