package member_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"waypost/internal/dbtest"
)

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
		rp:   virtualwebauthn.RelyingParty{Name: "Waypost", ID: "waypost.example", Origin: "http://waypost.example"},
		auth: virtualwebauthn.NewAuthenticator(), key: key,
	}
}

// create answers the question for a new passkey that a page asks.
func (s *stick) create(b *browser) string {
	b.t.Helper()
	options, err := virtualwebauthn.ParseAttestationOptions(b.post("/passkey/new").is(http.StatusOK).body)
	if err != nil {
		b.t.Fatal(err)
	}
	s.auth.Options.UserHandle = []byte(options.UserID)
	return virtualwebauthn.CreateAttestationResponse(s.rp, s.auth, s.key, *options)
}

// show answers the question for a passkey that a page asks.
func (s *stick) show(b *browser, path string) string {
	b.t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(b.post(path).is(http.StatusOK).body)
	if err != nil {
		b.t.Fatal(err)
	}
	s.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(s.rp, s.auth, s.key, *options)
}

func TestPasskeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, s := w.join(), newStick()
		b.get("/account").says("JavaScript").says("Add a passkey")
		b.get("/account/passkeys/new").is(http.StatusOK).says(`data-passkey="create"`).says("Everything else here works without")
		b.post("/account/passkeys/new", "name", "Blue stick", "answer", "{}").is(http.StatusBadRequest).says("cookie")
		made := s.create(b)
		b.post("/account/passkeys/new", "name", strings.Repeat("x", 41), "answer", made).is(http.StatusBadRequest).says("1 to 40 characters")
		b.post("/account/passkeys/new", "name", "Blue stick", "answer", "{}").is(http.StatusBadRequest).says("can’t be read")
		p := b.post("/account/passkeys/new", "name", "Blue stick", "answer", made).isAt("/account?done=passkey").says("Blue stick").says("not used yet")
		at := regexp.MustCompile(`/account/passkeys/[0-9a-f-]{36}`).FindString(p.body)

		c := w.browser()
		c.get("/signin?next=/teams").says("Sign in with a passkey")
		c.post("/signin", "answer", s.show(c, "/passkey/signin"), "next", "/teams").isAt("/teams")
		c.get("/account").says("Last used")
		c.get(at).is(http.StatusOK).says(`value="Blue stick"`)
		c.post(at, "name", "").is(http.StatusBadRequest).says("1 to 40 characters")
		c.post(at, "name", "Red stick").isAt("/account?done=passkey_named").says("Red stick")
		c.get(at + "/remove").is(http.StatusOK).says("Red stick no longer signs you in")
		c.post(at + "/remove").isAt("/account?done=passkey_removed")
		c.get(at).is(http.StatusNotFound).says("no such passkey")
		c.post(at, "name", "Red stick").is(http.StatusNotFound).says("no such passkey")
		c.post(at + "/remove").is(http.StatusNotFound).says("no such passkey")
	})
}

func TestPasskeysThatAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.post("/signin", "answer", "{}").is(http.StatusBadRequest).says("needs a cookie")
		b.post("/signin", "answer", newStick().show(b, "/passkey/signin")).is(http.StatusBadRequest).says("doesn’t sign anybody in here")
		b.post("/signin", "answer", "null").is(http.StatusBadRequest).says("can’t be read")
		b.post("/passkey/second").is(http.StatusBadRequest).says(`"wrong"`)
		w.browser().post("/passkey/second").is(http.StatusNotFound).says(`"wrong"`)
		b.post("/passkey/new").isAt("/signin?next=%2Faccount")
		b.get("/account/passkeys/new").isAt("/signin?next=%2Faccount%2Fpasskeys%2Fnew")
		w.join().get("/account/passkeys/no-such").is(http.StatusNotFound).says("no such passkey")
	})
}

func TestAPasskeyAsTheSecondStepAndAsProof(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, s := w.join(), newStick()
		b.post("/account/passkeys/new", "answer", s.create(b)).isAt("/account?done=passkey")
		typed := regexp.MustCompile(`into the app: ([A-Z2-7 ]+)`).FindStringSubmatch(b.get("/account/app").body)
		b.post("/account/app", "code", shows(t, typed[1], time.Now())).is(http.StatusOK)
		b.get("/account/prove").says(`data-ask="/passkey/prove"`)
		b.post("/account/prove", "answer", s.show(b, "/passkey/prove"), "next", "/account/app").isAt("/account/app")

		c := w.browser()
		c.post("/signin", "contact", mia, "password", secret).isAt("/signin/second?next=%2Faccount").says("Use a passkey")
		c.post("/signin/second", "answer", newStick().show(c, "/passkey/second")).is(http.StatusBadRequest).says("doesn’t sign anybody in here").says("Use a passkey")
		c.post("/signin/second", "answer", s.show(c, "/passkey/second"), "next", "/teams").isAt("/teams")
	})
}

func TestAnAddressOfNumbersHasNoPasskeys(t *testing.T) {
	w := newWorldAt(t, dbtest.Open(t, dbtest.SQLite(t)), "http://192.0.2.7:8080")
	if p := w.browser().get("/signin").is(http.StatusOK); strings.Contains(p.body, "passkey") {
		t.Error("the page offers what can't work")
	}
	b := w.join()
	b.get("/account/passkeys/new").is(http.StatusOK).says("can’t be used here")
	b.post("/passkey/new").is(http.StatusServiceUnavailable).says("can’t be used here")
	if p := b.get("/account").is(http.StatusOK); strings.Contains(p.body, "passkey") {
		t.Error("the account's page offers what can't work")
	}
}
