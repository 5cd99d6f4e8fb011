package account_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// site is where the tests' pages are.
var site = account.Site{Domain: "localhost", Origins: []string{"http://localhost:8080"}}

// A stick is somebody's authenticator with one passkey on it.
type stick struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newStick() *stick {
	const whole = 77 // bytes of a key in COSE; the library leaves a coordinate's first zeros out
	key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(key.Key.AttestationData()) != whole {
		key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	return &stick{
		rp:   virtualwebauthn.RelyingParty{Name: "Waypost", ID: site.Domain, Origin: site.Origins[0]},
		auth: virtualwebauthn.NewAuthenticator(), key: key,
	}
}

// create answers the question for a new passkey.
func (s *stick) create(t testing.TB, ask account.Ask) []byte {
	t.Helper()
	options := must(virtualwebauthn.ParseAttestationOptions(string(ask.Options)))(t)
	s.auth.Options.UserHandle = []byte(options.UserID)
	return []byte(virtualwebauthn.CreateAttestationResponse(s.rp, s.auth, s.key, *options))
}

// show answers the question for a passkey; it counts like a stick does.
func (s *stick) show(t testing.TB, ask account.Ask) []byte {
	t.Helper()
	s.key.Counter++
	return s.showAgain(t, ask)
}

func (s *stick) showAgain(t testing.TB, ask account.Ask) []byte {
	t.Helper()
	options := must(virtualwebauthn.ParseAssertionOptions(string(ask.Options)))(t)
	return []byte(virtualwebauthn.CreateAssertionResponse(s.rp, s.auth, s.key, *options))
}

// eachSite is each, with passkeys.
func eachSite(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, account.Options{Site: site}, "eu", d)) })
}

// addPasskey gives an account a passkey.
func (w *world) addPasskey(d account.Session) (*stick, account.Passkey) {
	w.t.Helper()
	s, stick := w.of(d.Account), newStick()
	ask := must(s.BeginPasskey(w.t.Context(), d, home))(w.t)
	p := must(s.AddPasskey(w.t.Context(), d, ask.Flow, "", stick.create(w.t, ask), home))(w.t)
	if l := w.letter(account.LetterNotice); l.What != account.PasskeyAdded || l.Detail != p.Name || l.Token == "" {
		w.t.Errorf("letter %+v, want one about the passkey that can be undone", l)
	}
	return stick, p
}

func TestSignInByPasskey(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		a := application()
		a.Password = ""
		d := w.join(a, home)
		stick, p := w.addPasskey(d)
		if p.Name != "Firefox, Linux" {
			t.Errorf("called %q, want what it was made with", p.Name)
		}
		if handle := string(stick.auth.Options.UserHandle); !strings.HasPrefix(handle, "eu.") || strings.Contains(handle, string(d.Account)) {
			t.Errorf("handle %q, want the region and nothing else", handle)
		}
		ask := must(w.SignInByPasskey(t.Context(), cafe))(t)
		s := w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), cafe))(t))
		if _, shown := s.Shown[account.ByPasskey]; !shown || s.Account != d.Account {
			t.Errorf("session %+v, want one of %s by passkey", s, d.Account)
		}
		if l := w.letter(account.LetterNotice); l.What != account.NewDevice {
			t.Errorf("letter %+v, want one about the device", l)
		}
		all := must(w.of(d.Account).Passkeys(t.Context(), d))(t)
		if len(all) != 1 || all[0].Used.IsZero() || all[0].ID != p.ID {
			t.Errorf("passkeys %+v, want the one, used", all)
		}
	})
}

func TestPasskeysOptions(t *testing.T) {
	w := newWorld(t, account.Options{Site: site}, "eu", sqlite(t))
	d := w.join(application(), home)
	var created struct {
		PublicKey struct {
			AuthenticatorSelection struct{ ResidentKey, UserVerification string }
			Attestation            string
			Timeout                int
			ExcludeCredentials     []any
		} `json:"publicKey"`
	}
	w.addPasskey(d)
	if err := json.Unmarshal(must(w.of(d.Account).BeginPasskey(t.Context(), d, home))(t).Options, &created); err != nil {
		t.Fatal(err)
	}
	got := created.PublicKey
	if got.AuthenticatorSelection.ResidentKey != "required" || got.AuthenticatorSelection.UserVerification != "required" ||
		got.Attestation != "none" || got.Timeout != 300_000 || len(got.ExcludeCredentials) != 1 {
		t.Errorf("options %+v", got)
	}
	var shown struct {
		PublicKey struct {
			RPID             string
			UserVerification string
			AllowCredentials []any
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(must(w.SignInByPasskey(t.Context(), home))(t).Options, &shown); err != nil {
		t.Fatal(err)
	}
	if shown.PublicKey.RPID != "localhost" || shown.PublicKey.UserVerification != "required" || len(shown.PublicKey.AllowCredentials) != 0 {
		t.Errorf("options %+v", shown.PublicKey)
	}
}

func TestPasskeysThatAreRefused(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		good, _ := w.addPasskey(d)
		a := application()
		a.Contact.Value = "noah@mail.example"
		his, _ := w.addPasskey(w.join(a, cafe))
		for _, tc := range []struct {
			name string
			with func(s *stick)
			want string
		}{
			{"of another site", func(s *stick) { s.rp.Origin = "http://evil.example" }, "passkey_wrong"},
			{"of another port", func(s *stick) { s.rp.Origin = "http://localhost:9090" }, "passkey_wrong"},
			{"of another domain", func(s *stick) { s.rp.ID = "evil.example" }, "passkey_wrong"},
			{"without a PIN or finger", func(s *stick) { s.auth.Options.UserNotVerified = true }, "passkey_wrong"},
			{"without a touch", func(s *stick) { s.auth.Options.UserNotPresent = true }, "passkey_wrong"},
			{"with another account's handle", func(s *stick) { s.auth.Options.UserHandle = his.auth.Options.UserHandle }, "passkey_wrong"},
			{"with a handle of no region", func(s *stick) { s.auth.Options.UserHandle = []byte("us." + strings.Repeat("x", 32)) }, "passkey_wrong"},
			{"without a handle", func(s *stick) { s.auth.Options.UserHandle = nil }, "passkey_wrong"},
			{"signed by another", func(s *stick) { s.key.Key = his.key.Key }, "passkey_wrong"},
			{"of nobody", func(s *stick) { s.key = newStick().key }, "passkey_wrong"},
		} {
			s := *good
			tc.with(&s)
			ask := must(w.SignInByPasskey(t.Context(), cafe))(t)
			_, err := w.EnterPasskey(t.Context(), ask.Flow, s.show(t, ask), cafe)
			if code(err) != tc.want {
				t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
			}
		}
		ask := must(w.SignInByPasskey(t.Context(), cafe))(t)
		for _, answer := range []string{"", "{}", "null", "[]", strings.Repeat("x", 65<<10)} {
			_, err := w.EnterPasskey(t.Context(), ask.Flow, []byte(answer), cafe)
			wantFault(t, err, "passkey_answer")
		}
	})
}

func TestAChallengeIsForOneAnswer(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		stick, _ := w.addPasskey(w.join(application(), home))
		first := must(w.SignInByPasskey(t.Context(), home))(t)
		other := must(w.SignInByPasskey(t.Context(), home))(t)
		answer := stick.show(t, first)
		_, err := w.EnterPasskey(t.Context(), other.Flow, answer, home)
		wantFault(t, err, "passkey_wrong")
		w.session(must(w.EnterPasskey(t.Context(), first.Flow, answer, home))(t))
		_, err = w.EnterPasskey(t.Context(), first.Flow, answer, home)
		wantFault(t, err, "flow_over")
		_, err = w.EnterPasskey(t.Context(), first.Flow, stick.show(t, first), home)
		wantFault(t, err, "flow_over")

		late := must(w.SignInByPasskey(t.Context(), home))(t)
		w.clock.pass(5 * minute)
		_, err = w.EnterPasskey(t.Context(), late.Flow, stick.show(t, late), home)
		wantFault(t, err, "flow_over")
	})
}

func TestACopiedPasskeyIsRefused(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		stick, _ := w.addPasskey(w.join(application(), home))
		for range 2 {
			ask := must(w.SignInByPasskey(t.Context(), home))(t)
			w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), home))(t))
		}
		ask := must(w.SignInByPasskey(t.Context(), home))(t)
		_, err := w.EnterPasskey(t.Context(), ask.Flow, stick.showAgain(t, ask), home)
		wantFault(t, err, "passkey_wrong")
		stick.key.Counter = 1
		_, err = w.EnterPasskey(t.Context(), ask.Flow, stick.showAgain(t, ask), home)
		wantFault(t, err, "passkey_wrong")
		stick.key.Counter = 9
		w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.showAgain(t, ask), home))(t))
	})
}

func TestAPasskeyInACloudCountsNothing(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s, stick := w.of(d.Account), newStick()
		stick.auth.Options.BackupEligible = true
		ask := must(s.BeginPasskey(t.Context(), d, home))(t)
		must(s.AddPasskey(t.Context(), d, ask.Flow, "Mia's phone", stick.create(t, ask), home))(t)
		stick.auth.Options.BackupState = true
		for range 2 {
			ask = must(w.SignInByPasskey(t.Context(), home))(t)
			w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.showAgain(t, ask), home))(t))
		}
		if all := must(s.Passkeys(t.Context(), d))(t); len(all) != 1 || !all[0].BackedUp || all[0].Name != "Mia's phone" {
			t.Errorf("passkeys %+v, want one that is backed up by now", all)
		}
	})
}

func TestAPasskeyAsTheSecondFactorAndAsProof(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		stick, _ := w.addPasskey(d)
		w.protect(d)
		step := w.password(home)
		if want := []account.Factor{account.ByApp, account.ByPasskey}; !slices.Equal(step.Need, want) {
			t.Errorf("needs %v, want %v", step.Need, want)
		}
		ask := must(w.AskPasskey(t.Context(), step.Flow, home))(t)
		old := must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), home))(t)

		w.clock.pass(11 * minute)
		d = w.session(old)
		s := w.of(d.Account)
		_, err := s.BeginPasskey(t.Context(), d, home)
		wantFault(t, err, "prove_again")
		if got := must(s.Proving(t.Context(), d))(t); !slices.Contains(got, account.ByPasskey) {
			t.Errorf("can show %v, want a passkey too", got)
		}
		ask = must(s.ProveByPasskey(t.Context(), d, home))(t)
		if f := w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), home))(t)); !f.Fresh() || f.ID != d.ID {
			t.Errorf("session %+v, want the same, fresh", f)
		}
	})
}

func TestNobodysPasskeyProvesAnother(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		w.addPasskey(d)
		a := application()
		a.Contact.Value = "noah@mail.example"
		his, _ := w.addPasskey(w.join(a, cafe))
		ask := must(w.of(d.Account).ProveByPasskey(t.Context(), d, home))(t)
		_, err := w.EnterPasskey(t.Context(), ask.Flow, his.show(t, ask), home)
		wantFault(t, err, "passkey_wrong")

		flow := must(w.SendCode(t.Context(), mia, cafe))(t) // whether she has one isn't told
		_, err = w.AskPasskey(t.Context(), flow, cafe)
		wantFault(t, err, "flow_step")
	})
}

func TestAddingPasskeys(t *testing.T) {
	eachSite(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		for _, tc := range []struct {
			name string
			with func(s *stick)
		}{
			{"of another site", func(s *stick) { s.rp.Origin = "http://evil.example" }},
			{"of another domain", func(s *stick) { s.rp.ID = "evil.example" }},
			{"without a PIN or finger", func(s *stick) { s.auth.Options.UserNotVerified = true }},
		} {
			stick := newStick()
			tc.with(stick)
			ask := must(s.BeginPasskey(t.Context(), d, home))(t)
			if _, err := s.AddPasskey(t.Context(), d, ask.Flow, "", stick.create(t, ask), home); code(err) != "passkey_answer" {
				t.Errorf("%s: got %v, want it refused", tc.name, err)
			}
		}
		stick, p := w.addPasskey(d)
		ask := must(s.BeginPasskey(t.Context(), d, home))(t)
		_, err := s.AddPasskey(t.Context(), d, ask.Flow, "", stick.create(t, ask), home)
		wantFault(t, err, "passkey_there")
		_, err = s.AddPasskey(t.Context(), d, ask.Flow, strings.Repeat("x", 41), newStick().create(t, ask), home)
		wantFault(t, err, "passkey_name")

		a := application()
		a.Contact.Value = "noah@mail.example"
		his := w.join(a, cafe)
		_, err = s.AddPasskey(t.Context(), his, ask.Flow, "", newStick().create(t, ask), home)
		wantFault(t, err, "flow_step")
		wantFault(t, s.RenamePasskey(t.Context(), his, p.ID, "mine"), "passkey_missing")
		wantFault(t, s.RemovePasskey(t.Context(), his, p.ID, home), "passkey_missing")

		wantFault(t, s.RenamePasskey(t.Context(), d, p.ID, ""), "passkey_name")
		if err := s.RenamePasskey(t.Context(), d, p.ID, "Blue stick"); err != nil {
			t.Fatal(err)
		}
		w.post.take()
		if err := s.RemovePasskey(t.Context(), d, p.ID, home); err != nil {
			t.Fatal(err)
		}
		told := w.letter(account.LetterNotice)
		if told.What != account.PasskeyRemoved || told.Detail != "Blue stick" {
			t.Errorf("letter %+v, want one about the blue stick", told)
		}
		ask = must(w.SignInByPasskey(t.Context(), home))(t)
		_, err = w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), home)
		wantFault(t, err, "passkey_wrong")
		must(w.Undo(t.Context(), told.Token))(t)
		w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), home))(t))
	})
}

func TestWithoutASiteThereAreNoPasskeys(t *testing.T) {
	w := newWorld(t, account.Options{}, "eu", sqlite(t))
	d := w.join(application(), home)
	_, err := w.of(d.Account).BeginPasskey(t.Context(), d, home)
	wantFault(t, err, "passkeys_off")
	_, err = w.SignInByPasskey(t.Context(), home)
	wantFault(t, err, "passkeys_off")
	for address, domain := range map[string]string{"https://track.example/": "track.example", "http://localhost:8080": "localhost", "http://127.0.0.1:8080": "", "http://[::1]": ""} {
		if s := account.SiteAt("", address); s.Domain != domain || s.Origins[0] != strings.TrimSuffix(address, "/") {
			t.Errorf("site at %s is %+v, want the domain %q", address, s, domain)
		}
	}
	_, err = account.Open(t.Context(), account.Options{Site: account.Site{Domain: "https://track.example", Origins: []string{"track"}}})
	wantFault(t, err, "site")
}

// A passkey of nobody and one whose signature is wrong cost the same.
func TestUnknownPasskeysCostTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, account.Options{Site: site}, "eu", d)
		known, _ := w.addPasskey(w.join(application(), home))
		forged := *known
		forged.key.Key = newStick().key.Key
		unknown := *known
		unknown.key.ID = newStick().key.ID
		cost := func(s *stick) (int64, string) {
			ask := must(w.SignInByPasskey(t.Context(), cafe))(t)
			answer, before := s.show(t, ask), d.Statements()
			_, err := w.EnterPasskey(t.Context(), ask.Flow, answer, cafe)
			return d.Statements() - before, code(err)
		}
		s1, a1 := cost(&forged)
		s2, a2 := cost(&unknown)
		if s1 != s2 || a1 != a2 || a1 != "passkey_wrong" {
			t.Errorf("known: %d statements, %q; unknown: %d, %q", s1, a1, s2, a2)
		}
	})
}

func TestAPasskeyFindsItsRegion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := account.Options{Site: site, Home: func(country string) string { return map[string]string{"US": "us"}[country] }}
		w := newWorld(t, o, "eu", d, "us", dbtest.Open(t, dbtest.SQLite(t)))
		a := application()
		a.Country = "US"
		hers := w.join(a, home)
		stick, _ := w.addPasskey(hers)
		for _, country := range []string{"", "US", "Atlantis"} {
			from := home
			from.Country = country
			ask := must(w.SignInByPasskey(t.Context(), from))(t)
			if s := w.session(must(w.EnterPasskey(t.Context(), ask.Flow, stick.show(t, ask), from))(t)); s.Account != hers.Account {
				t.Errorf("signed in to %s, want %s", s.Account, hers.Account)
			}
		}
	})
}
