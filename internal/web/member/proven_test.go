package member_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// lapse has all proofs be older than they may be.
func lapse(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE session SET proved_ms = 0`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// next is where a page leads on to.
func (p page) next() string {
	p.t.Helper()
	u, err := url.Parse(p.at)
	if err != nil || u.Path != "/account/prove" {
		p.t.Fatalf("at %s, want to be asked for a proof", p.at)
	}
	return u.Query().Get("next")
}

func TestWhatWasTypedIsThereAfterProving(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const typed = "other@mail.example"
		w := newWorld(t, d)
		b, other := w.join(), w.browser()
		other.post("/signin", "contact", mia, "password", secret).isAt("/account")
		byPassword := func(next string) page { return b.post("/account/prove", "password", secret, "next", next) }
		byCode := func(next string) page {
			next = b.get(next).next() // looking again changes nothing
			b.post("/account/prove", "code", "mail", "next", next)
			return b.post("/account/prove/code", "code", w.letter(account.LetterProve).Code, "next", next)
		}
		for _, prove := range []func(next string) page{byPassword, byCode} {
			lapse(t, d)
			asked := b.post("/account/address/mail", "contact", typed)
			if strings.Contains(asked.at, "other") {
				t.Errorf("what was typed stands in the address %s", asked.at)
			}
			prove(asked.next()).is(http.StatusOK).says("Change the e").says(`value="` + typed + `"`)
			other.post("/account/prove", "password", secret, "next", asked.next()).is(http.StatusOK).says("Change the e").without(typed)
		}
		lapse(t, d)
		byPassword(b.post("/passkey/new", "name", "Blue stick").next()).is(http.StatusOK).says("Add a passkey").says(`value="Blue stick"`)
		lapse(t, d)
		if next := b.post("/account/password", "password", "eighteen green herons").next(); next != "/account/password" {
			t.Errorf("a password leads back to %s", next)
		}
		b.post("/account/prove", "password", secret, "next", "/account/address/mail?typed=eu.guess").is(http.StatusOK).says(`name="contact"`)
	})
}
