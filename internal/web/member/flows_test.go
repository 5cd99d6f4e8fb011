package member_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
)

func TestSigningUpByMail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		if b.get("/signup").is(http.StatusOK); len(b.cookies()) != 0 {
			t.Errorf("looking at the form sets the cookies %v", b.cookies())
		}
		b.post("/signup?next=/x", application("next", "/account")...).isAt("/signup/code?next=%2Faccount").says(mia)
		for _, name := range []string{"waypost_flow", "_yq_bid", "Country"} {
			if b.cookies()[name] == "" {
				t.Errorf("the browser has no cookie %s", name)
			}
		}
		code := w.letter(account.LetterSignUp).Code
		b.post("/signup/code", "code", "000000x", "next", "/account").is(http.StatusBadRequest).says("Tries left: 4")
		b.post("/signup/code", "code", code[:3]+" "+code[3:], "next", "/account").isAt("/account").says("Mia").says("mia@mail.example").says("This one")
		if c := b.cookies(); c["waypost_session"] == "" || c["waypost_flow"] != "" {
			t.Errorf("after it the browser has the cookies %v", c)
		}
		b.get("/signup/code").is(http.StatusNotFound).says("begin again")
		b.post("/signout").is(http.StatusNotFound) // the home page is another room's
		b.get("/account").isAt("/signin?next=%2Faccount")
	})
}

func TestSigningUpByPhone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.post("/signup", application("contact", "030 1234567", "password", "")...).isAt("/signup/code").says("+49301234567").says("Whoever takes over a phone number")
		b.post("/signup/code", "code", w.letter(account.LetterSignUp).Code).isAt("/welcome")
		b.get("/account").says("You have no password").says("+49301234567")
	})
}

func TestWhatIsWrongStandsBesideItsField(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	for _, tc := range []struct {
		name    string
		changes []string
		id, say string
	}{
		{"an address that is none", []string{"contact", "mia at mail"}, "contact-wrong", "neither an e-mail address"},
		{"no nickname", []string{"nickname", " "}, "nickname-wrong", "1 to 40 characters"},
		{"a nickname that is too long", []string{"nickname", strings.Repeat("m", 41)}, "nickname-wrong", "1 to 40 characters"},
		{"a nickname with a line's end", []string{"nickname", "Mia\r\nX: y"}, "nickname-wrong", "1 to 40 characters"},
		{"no country", []string{"country", ""}, "country-wrong", "choose a country"},
		{"a country that isn't", []string{"country", "ZZ"}, "country-wrong", "choose a country"},
		{"no age", []string{"age", ""}, "age-wrong", "age ranges"},
		{"an age that isn't asked for", []string{"age", "supervised"}, "age-wrong", "age ranges"},
		{"another country than the ages were for", []string{"country", "IN"}, "age-wrong", "other age ranges"},
		{"no agreement", []string{"terms", ""}, "terms-wrong", "agreement"},
		{"a short password", []string{"password", "herons"}, "password-wrong", "8 characters"},
		{"a password that everybody has", []string{"password", "password123"}, "password-wrong", "stolen"},
		{"a child without a guardian", []string{"age", "child"}, "guardian-wrong", "parent or guardian"},
		{"a child that is its own guardian", []string{"age", "child", "guardian", mia}, "guardian-wrong", "another one than yours"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.t = t
			p := w.browser().post("/signup", application(append([]string{"company", "Herons & Sons"}, tc.changes...)...)...)
			p.is(http.StatusBadRequest).says(tc.say).says(`id="` + tc.id + `"`).says(`value="Herons & Sons"`)
			if strings.Contains(p.body, secret) {
				t.Error("the password is in the page")
			}
			if p.at != "/signup" || len(w.letters()) != 0 {
				t.Errorf("at %s, something was begun", p.at)
			}
		})
	}
}

func TestSigningInByPasswordAndByCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join()
		b := w.browser()
		p := b.post("/signin", "contact", mia, "password", "not the password", "next", "/account/devices")
		p.is(http.StatusBadRequest).says("don’t belong together").says(`value="/account/devices"`)
		b.post("/signin", "contact", mia, "password", "").is(http.StatusBadRequest).says("Enter your password")
		b.post("/signin", "contact", " Mia@MAIL.example ", "password", secret).isAt("/account").says("Mia")
		c := w.browser()
		c.post("/signin", "contact", mia, "by", "code", "next", "/welcome").isAt("/signin/code?next=%2Fwelcome")
		c.post("/signin/code", "code", w.letter(account.LetterSignIn).Code, "next", "/welcome").isAt("/welcome")
	})
}

// Whether an address has an account, neither words nor statuses say.
func TestPagesGiveNothingAway(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join()
		const stranger = "noah@mail.example"
		for _, tc := range []struct {
			name, path string
			form       []string
		}{
			{"signing in", "/signin", []string{"password", "not the password"}},
			{"a code", "/signin", []string{"by", "code"}},
			{"a new password", "/forgot", nil},
			{"signing up", "/signup", application()},
		} {
			t.Run(tc.name, func(t *testing.T) {
				w.t = t
				var seen []string
				for _, contact := range []string{mia, stranger} {
					b := w.browser()
					p := b.post(tc.path, append(append([]string{}, tc.form...), "contact", contact)...)
					b.post(p.at, "again", "1") // too early for everybody
					again := b.post(p.at, "code", "123456")
					seen = append(seen, strings.ReplaceAll(p.at+p.body+again.body, contact, "X"))
				}
				if seen[0] != seen[1] {
					t.Errorf("a known address is answered\n%s\nan unknown one\n%s", seen[0], seen[1])
				}
			})
		}
	})
}

func TestAForgottenPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.join()
		b := w.browser()
		b.post("/forgot", "contact", mia).isAt("/forgot/code")
		b.get("/forgot/password").is(http.StatusOK) // the page; the room refuses what comes too early
		b.post("/forgot/password", "password", "eighteen green herons").is(http.StatusBadRequest).says("not what comes next")
		b = w.browser()
		w.letters()
		b.post("/forgot", "contact", mia).isAt("/forgot/code")
		b.post("/forgot/code", "code", w.letter(account.LetterReset).Code).isAt("/forgot/password")
		b.post("/forgot/password", "password", "short").is(http.StatusBadRequest).says("8 characters")
		b.post("/forgot/password", "password", "eighteen green herons").isAt("/account?done=password").says("The new password holds")
		other.get("/account").isAt("/signin?next=%2Faccount")
	})
}

func TestAChildWaitsForItsGuardian(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.post("/signup", application("age", "child", "guardian", "parent@mail.example")...).isAt("/signup/code")
		b.post("/signup/code", "code", w.letter(account.LetterSignUp).Code).isAt("/signup/waiting").says("written to your guardian")
		token := string(w.letter(account.LetterGuardian).Token)
		b.post("/signin", "contact", mia, "password", secret).is(http.StatusBadRequest).says("waits until a guardian agrees")
		g := w.browser()
		g.get("/guardian/" + token).is(http.StatusOK).says("May Mia have an account?").says("Germany")
		g.post("/guardian/"+token, "answer", "yes").is(http.StatusBadRequest).says("agreement")
		g.post("/guardian/"+token, "answer", "yes", "terms", "yes").is(http.StatusOK).says("on record")
		g.post("/guardian/"+token, "answer", "no").is(http.StatusNotFound).says("nothing to answer")
		b.post("/signin", "contact", mia, "password", secret).isAt("/account")
	})
}

func TestAGuardianSaysNo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.post("/signup", application("age", "child", "guardian", "parent@mail.example")...).isAt("/signup/code")
		b.post("/signup/code", "code", w.letter(account.LetterSignUp).Code).isAt("/signup/waiting")
		token := string(w.letter(account.LetterGuardian).Token)
		w.browser().post("/guardian/"+token, "answer", "no").is(http.StatusOK).says("are deleted")
		b.post("/signin", "contact", mia, "password", secret).is(http.StatusBadRequest).says("don’t belong together")
	})
}

// While law keeps the child's data, the guardian reads what becomes of it, and not
// what is said to the staff; nor can they tell that it is kept.
func TestAGuardianSaysNoToWhatHasToStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.post("/signup", application("age", "child", "guardian", "parent@mail.example")...).isAt("/signup/code")
		b.post("/signup/code", "code", w.letter(account.LetterSignUp).Code).isAt("/signup/waiting")
		token := string(w.letter(account.LetterGuardian).Token)
		w.members.EraseBy(func(context.Context, inventory.Subject) error { return account.ErrHeld })
		w.browser().post("/guardian/"+token, "answer", "no").is(http.StatusOK).says("There will be no account").says("what law has us keep")
		w.browser().post("/guardian/"+token, "terms", "yes").is(http.StatusNotFound).says("nothing to answer")
	})
}
