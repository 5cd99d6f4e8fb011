package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// A fakeProvider knows people by the code that they come back with.
type fakeProvider struct {
	mu     sync.Mutex
	people map[string]provider.Identity
	began  map[string]provider.Begin // by state
}

func newFakeProvider() *fakeProvider {
	return &fakeProvider{began: map[string]provider.Begin{}, people: map[string]provider.Identity{
		"mia":            {Subject: "m-1", Name: "Mia 🐦", Email: "mia@mail.example", EmailVerified: true, Picture: "https://pictures.example/mia"},
		"mia, permitted": {Subject: "m-1", Name: "Mia", Refresh: "r3fresh"},
		"mia, united":    {Subject: "m-1", Union: "u-1", Name: "Mia"},
		"mia's app":      {Subject: "m-app", Union: "u-1"},
		"noah":           {Subject: "n-1", Name: "Noah"},
	}}
}

func (p *fakeProvider) Code() provider.Code { return "birds" }
func (p *fakeProvider) Name() string        { return "Birds" }

func (p *fakeProvider) Begin(_ context.Context, b provider.Begin) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began[b.State] = b
	return "https://birds.example/?" + url.Values{"state": {b.State}}.Encode(), nil
}

func (p *fakeProvider) Exchange(_ context.Context, c provider.Callback) (provider.Identity, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.began[c.Form.Get("state")]
	if c.State != b.State || c.Nonce != b.Nonce || c.Verifier != b.Verifier || c.Redirect != b.Redirect || b.Redirect != "http://localhost:8080/signin/with/birds/callback" {
		return provider.Identity{}, errors.New("not what was begun")
	}
	who, ok := p.people[c.Form.Get("code")]
	if !ok {
		return provider.Identity{}, errors.New("no such code")
	}
	who.Provider = p.Code()
	return who, nil
}

func (p *fakeProvider) Revocation(form url.Values) (string, error) {
	if form.Get("signed") != "by birds" {
		return "", errors.New("not signed")
	}
	return form.Get("subject"), nil
}

func (p *fakeProvider) All() []provider.Provider { return []provider.Provider{p} }

func (p *fakeProvider) Find(code provider.Code) (provider.Provider, error) {
	if code != p.Code() {
		return nil, errors.New("not offered")
	}
	return p, nil
}

func (p *fakeProvider) Picture(_ context.Context, address string) ([]byte, error) {
	if address != "https://pictures.example/mia" {
		return nil, errors.New("no picture")
	}
	var out bytes.Buffer
	err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, 20, 30)))
	return out.Bytes(), err
}

// eachWith is each, with a provider.
func eachWith(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		test(t, newWorld(t, account.Options{Site: site, Providers: newFakeProvider()}, "eu", d))
	})
}

// agreed is how somebody says yes to a link.
var agreed = account.Terms{Version: "1", Wording: "Birds may sign me in.", How: "test"}

// stateIn is the state in an address that somebody is sent to.
func stateIn(t testing.TB, address string) string {
	t.Helper()
	return must(url.Parse(address))(t).Query().Get("state")
}

// back is what a browser comes back with.
func back(t testing.TB, address, who string) url.Values {
	t.Helper()
	return url.Values{"state": {stateIn(t, address)}, "code": {who}}
}

// with signs in by the provider.
func (w *world) with(who string, from account.From) (account.Step, error) {
	w.t.Helper()
	address, flow, err := w.BeginProvider(w.t.Context(), "birds", from)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.FinishProvider(w.t.Context(), flow, "birds", back(w.t, address, who), from)
}

// stranger is an application of who has no address here.
func stranger() account.Application {
	a := application()
	a.Contact, a.Password, a.Link = account.Contact{}, "", agreed
	return a
}

// joinWith signs somebody up by the provider, without an address.
func (w *world) joinWith(who string, from account.From) account.Session {
	w.t.Helper()
	step := must(w.with(who, from))(w.t)
	return w.session(must(w.SignUpWith(w.t.Context(), step.Flow, stranger(), from))(w.t))
}

// linkTo links the provider's account to the one of a session.
func (w *world) linkTo(d account.Session, who string) account.Letter {
	w.t.Helper()
	address, flow, err := w.BeginLink(w.t.Context(), d, "birds", home)
	if err != nil {
		w.t.Fatal(err)
	}
	step := must(w.FinishProvider(w.t.Context(), flow, "birds", back(w.t, address, who), home))(w.t)
	if step.Received == nil || step.Account != d.Account {
		w.t.Fatalf("step %+v, want to be asked", step)
	}
	if err := w.Link(w.t.Context(), d, step.Flow, agreed, home); err != nil {
		w.t.Fatal(err)
	}
	return w.letter(account.LetterNotice)
}

func TestSigningUpWithAProvider(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		step := must(w.with("mia", home))(t)
		got := step.Received
		if step.Session != "" || got == nil || got.Name != "Birds" || got.Nickname != "Mia 🐦" || got.Mail != mia || len(got.Picture) == 0 {
			t.Fatalf("step %+v, want what was received and a question", step)
		}
		if f := must(w.Flow(t.Context(), step.Flow))(t); f.Purpose != account.WithProvider || f.Received == nil || f.Received.Nickname != "Mia 🐦" {
			t.Errorf("flow %+v, want what was received", f)
		}
		a := stranger()
		a.Terms = account.Terms{}
		_, err := w.SignUpWith(t.Context(), step.Flow, a, home)
		wantFault(t, err, "terms")
		a = stranger()
		a.Picture = true
		d := w.session(must(w.SignUpWith(t.Context(), step.Flow, a, home))(t))
		p := must(w.of(d.Account).Profile(t.Context(), d.Account))(t)
		if len(p.Contacts) != 0 || !p.Picture {
			t.Errorf("profile %+v, want a picture, and no address that wasn't shown to be hers", p)
		}
		if pic := must(w.of(d.Account).Picture(t.Context(), d.Account))(t); len(pic) == 0 {
			t.Error("no picture")
		}
		_, err = w.SignUpWith(t.Context(), step.Flow, stranger(), home)
		wantFault(t, err, "flow_over")
		again := w.session(must(w.with("mia", cafe))(t))
		if _, shown := again.Shown[account.ByProvider]; !shown || again.Account != d.Account {
			t.Errorf("session %+v, want one of %s", again, d.Account)
		}
		if links := must(w.Links(t.Context(), d))(t); len(links) != 1 || links[0].Used.IsZero() || links[0].Name != "Birds" || links[0].Nickname != "Mia 🐦" {
			t.Errorf("links %+v", links)
		}
	})
}

func TestSigningUpWithAProviderAndAnAddress(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		step := must(w.with("mia", home))(t)
		next := must(w.SignUpWith(t.Context(), step.Flow, application(), home))(t)
		if next.Session != "" || next.Flow == "" {
			t.Fatalf("step %+v, want a code to come", next)
		}
		d := w.session(must(w.Enter(t.Context(), next.Flow, w.letter(account.LetterSignUp).Code, home))(t))
		if s := w.session(must(w.with("mia", home))(t)); s.Account != d.Account {
			t.Errorf("signed in to %s, want %s", s.Account, d.Account)
		}
		w.session(must(w.SignIn(t.Context(), mia, secret, home))(t))
		if p := must(w.of(d.Account).Profile(t.Context(), d.Account))(t); p.Picture {
			t.Error("has a picture that wasn't wanted")
		}
	})
}

// What a provider says of an address leads to nobody's account.
func TestAnAddressAtAProviderLeadsNowhere(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		step := must(w.with("mia", cafe))(t)
		if step.Session != "" || step.Received == nil {
			t.Fatalf("step %+v, want a question", step)
		}
		must(w.SignUpWith(t.Context(), step.Flow, application(), cafe))(t)
		if l := w.letter(account.LetterHasAccount); l.Code != "" {
			t.Errorf("letter %+v, want one without a code", l)
		}
		s := w.session(must(w.SignIn(t.Context(), mia, secret, home))(t)) // her own sign-in links it
		if err := w.Link(t.Context(), s, step.Flow, agreed, home); err != nil {
			t.Fatal(err)
		}
		if l := w.letter(account.LetterNotice); l.What != account.Linked || l.Detail != "Birds" || l.Token == "" {
			t.Errorf("letter %+v, want one about the link that can be undone", l)
		}
		if s := w.session(must(w.with("mia", home))(t)); s.Account != d.Account {
			t.Errorf("signed in to %s, want %s", s.Account, d.Account)
		}
	})
}

func TestLinkingInASession(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		told := w.linkTo(d, "mia")
		a := application()
		a.Contact.Value = "noah@mail.example"
		his := w.join(a, cafe)
		for _, tc := range []struct {
			name string
			d    account.Session
			who  string
			want string
		}{
			{"the same again", d, "mia", "link_there"},
			{"one that is somebody else's", his, "mia", "link_taken"},
			{"one that is somebody else's by another key", his, "mia, united", "link_taken"},
		} {
			address, flow, err := w.BeginLink(t.Context(), tc.d, "birds", home)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.FinishProvider(t.Context(), flow, "birds", back(t, address, tc.who), home)
			if code(err) != tc.want {
				t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
			}
		}
		address, flow, err := w.BeginLink(t.Context(), d, "birds", home)
		if err != nil {
			t.Fatal(err)
		}
		step := must(w.FinishProvider(t.Context(), flow, "birds", back(t, address, "noah"), home))(t)
		wantFault(t, w.Link(t.Context(), his, step.Flow, agreed, cafe), "flow_step")
		wantFault(t, w.Link(t.Context(), d, step.Flow, agreed, home), "link_there")
		_, err = w.SignUpWith(t.Context(), step.Flow, stranger(), home)
		wantFault(t, err, "flow_step", "flow_over")

		must(w.Undo(t.Context(), told.Token))(t)
		if step := must(w.with("mia", cafe))(t); step.Received == nil {
			t.Errorf("step %+v, want that she isn't linked any more", step)
		}
		w.clock.pass(11 * minute)
		_, _, err = w.BeginLink(t.Context(), w.session(must(w.SignIn(t.Context(), account.Contact{Kind: account.Mail, Value: "noah@mail.example"}, secret, cafe))(t)), "birds", cafe)
		wantFault(t, err, "")
	})
}

// A change was made while a link had no person yet, and is undone after.
func TestALinkOfBeforeItHadAPersonIsPutBack(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		w.linkTo(d, "mia")
		if err := w.of(d.Account).SetPassword(t.Context(), d, "eleven green otters", home); err != nil {
			t.Fatal(err)
		}
		told := w.letter(account.LetterNotice)
		w.rewriteBefore(d.Account, account.PasswordChanged, func(tables map[string][][]json.RawMessage) {
			tables["link"][0] = tables["link"][0][:5]
		})
		must(w.Undo(t.Context(), told.Token))(t)
		if s := w.session(must(w.with("mia", home))(t)); s.Account != d.Account {
			t.Errorf("signed in to %s, want %s", s.Account, d.Account)
		}
	})
}

// rewriteBefore changes what the notice of a change keeps of the ways in before it.
func (w *world) rewriteBefore(id account.ID, what account.What, change func(tables map[string][][]json.RawMessage)) {
	w.t.Helper()
	k := must(w.keys[0].Key(w.t.Context(), id.Subject()))(w.t)
	err := w.dbs[0].Tx(w.t.Context(), func(tx *db.Tx) error {
		var sealed []byte
		if err := tx.QueryRowContext(w.t.Context(), `SELECT before FROM notice WHERE what = $1`, string(what)).Scan(&sealed); err != nil {
			return err
		}
		plain, err := k.Open("account.notice.before", sealed)
		if err != nil {
			return err
		}
		var kept struct {
			Tables map[string][][]json.RawMessage `json:"tables"`
		}
		if err := json.Unmarshal(plain, &kept); err != nil {
			return err
		}
		change(kept.Tables)
		if plain, err = json.Marshal(kept); err != nil {
			return err
		}
		_, err = tx.ExecContext(w.t.Context(), `UPDATE notice SET before = $1 WHERE what = $2`, k.Seal("account.notice.before", plain), string(what))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestAllOfAProvidersKeysFindTheLink(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.joinWith("mia", home)
		for _, who := range []string{"mia, united", "mia's app", "mia"} {
			if s := w.session(must(w.with(who, home))(t)); s.Account != d.Account {
				t.Errorf("%s is signed in to %s, want %s", who, s.Account, d.Account)
			}
		}
	})
}

func TestAReturnIsTakenOnceInItsBrowser(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		w.joinWith("mia", home)
		address, flow, err := w.BeginProvider(t.Context(), "birds", home)
		if err != nil {
			t.Fatal(err)
		}
		_, other, err := w.BeginProvider(t.Context(), "birds", cafe)
		if err != nil {
			t.Fatal(err)
		}
		form := back(t, address, "mia")
		for _, tc := range []struct {
			name string
			flow account.Token
			code provider.Code
			form url.Values
			want string
		}{
			{"in another browser", other, "birds", form, "flow_over"},
			{"in none", "", "birds", form, "flow_over"},
			{"with no state", flow, "birds", url.Values{"code": {"mia"}}, "sign_in_state"},
			{"with a state that isn't ours", flow, "birds", url.Values{"code": {"mia"}, "state": {"0a1b2c"}}, "sign_in_state"},
		} {
			_, err := w.FinishProvider(t.Context(), tc.flow, tc.code, tc.form, home)
			if code(err) != tc.want {
				t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
			}
		}
		w.session(must(w.FinishProvider(t.Context(), flow, "birds", form, home))(t))
		_, err = w.FinishProvider(t.Context(), flow, "birds", form, home)
		wantFault(t, err, "flow_over")

		address, flow, err = w.BeginProvider(t.Context(), "birds", home)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.FinishProvider(t.Context(), flow, "birds", back(t, address, "nobody"), home); err == nil {
			t.Error("nobody came back")
		}
		_, err = w.FinishProvider(t.Context(), flow, "birds", back(t, address, "mia"), home)
		wantFault(t, err, "flow_over")

		address, flow, err = w.BeginProvider(t.Context(), "birds", home)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.pass(15 * minute)
		_, err = w.FinishProvider(t.Context(), flow, "birds", back(t, address, "mia"), home)
		wantFault(t, err, "sign_in_state")
	})
}

func TestAPostedFormIsKept(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.joinWith("mia", home)
		address, flow, err := w.BeginProvider(t.Context(), "birds", home)
		if err != nil {
			t.Fatal(err)
		}
		form := back(t, address, "mia")
		large := url.Values{"state": form["state"], "user": {strings.Repeat("x", 17<<10)}}
		_, err = w.KeepPosted(t.Context(), "birds", large)
		wantFault(t, err, "sign_in_form")
		_, err = w.KeepPosted(t.Context(), "birds", url.Values{"code": {"mia"}})
		wantFault(t, err, "sign_in_state")
		state := must(w.KeepPosted(t.Context(), "birds", form))(t)
		_, err = w.KeepPosted(t.Context(), "birds", form)
		wantFault(t, err, "flow_over")
		if stored := contents(t, w.dbs[0], w.Stores()[0].Fields()); strings.Contains(stored, "mia") {
			t.Error("what was posted is stored in the clear")
		}
		if s := w.session(must(w.FinishProvider(t.Context(), flow, "birds", url.Values{"state": {state}}, home))(t)); s.Account != d.Account {
			t.Errorf("signed in to %s, want %s", s.Account, d.Account)
		}
		_, err = w.KeepPosted(t.Context(), "birds", form)
		wantFault(t, err, "flow_over")
	})
}

func TestAProviderIsTheFirstFactorOnly(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		w.linkTo(d, "mia")
		app := w.protect(d)
		step := must(w.with("mia", home))(t)
		if want := []account.Factor{account.ByApp}; step.Session != "" || !slices.Equal(step.Need, want) {
			t.Fatalf("step %+v, want the app to come", step)
		}
		w.session(must(w.EnterApp(t.Context(), step.Flow, shows(t, app, w.clock.Now()), home))(t))
		_, _, err := w.ProveByProvider(t.Context(), d, "birds", home) // she can show better
		wantFault(t, err, "flow_step")
	})
}

func TestProvingWithNothingButAProvider(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		w.joinWith("mia", home)
		w.joinWith("noah", cafe)
		old := must(w.with("mia", home))(t)
		w.clock.pass(11 * minute)
		d := w.session(old)
		s := w.of(d.Account)
		if got, want := must(s.Proving(t.Context(), d))(t), []account.Factor{account.ByProvider}; !slices.Equal(got, want) {
			t.Errorf("can show %v, want %v", got, want)
		}
		_, err := s.ProveByCode(t.Context(), d, account.Mail, home)
		wantFault(t, err, "contact")
		for who, want := range map[string]string{"noah": "link_other", "mia": ""} {
			address, flow, err := w.ProveByProvider(t.Context(), d, "birds", home)
			if err != nil {
				t.Fatal(err)
			}
			step, err := w.FinishProvider(t.Context(), flow, "birds", back(t, address, who), home)
			wantFault(t, err, want)
			if want == "" && !w.session(step).Fresh() {
				t.Errorf("step %+v, want a fresh session", step)
			}
		}
	})
}
