package account_test

import (
	"net/url"
	"slices"
	"testing"

	"waypost/internal/account"
)

// linkLedger is what the ledger says of an account's link, oldest first.
func (w *world) linkLedger(d account.Session) (given []bool, last account.Consent) {
	w.t.Helper()
	for _, c := range must(w.of(d.Account).Consents(w.t.Context(), d.Account))(w.t) {
		if c.Purpose == account.ForLink+"birds" {
			given, last = append(given, c.Given), c
		}
	}
	return given, last
}

func TestLinksAreInTheLedger(t *testing.T) {
	eachWith(t, func(t *testing.T, w *world) {
		wants := func(d account.Session, want ...bool) account.Consent {
			t.Helper()
			given, last := w.linkLedger(d)
			if !slices.Equal(given, want) {
				t.Errorf("the ledger has the link given as %v, want %v", given, want)
			}
			return last
		}
		his := w.joinWith("noah", cafe)
		if c := wants(his, true); c.Wording != agreed.Wording || c.How != agreed.How || c.Version != agreed.Version {
			t.Errorf("entry %+v, want the words that were shown", c)
		}
		d := w.join(application(), home)
		linked := w.linkTo(d, "mia")
		wants(d, true)
		must(w.Undo(t.Context(), linked.Token))(t)
		w.letter(account.LetterNotice)
		wants(d, true, false)
		w.linkTo(d, "mia")
		if err := w.Unlink(t.Context(), d, "birds", home); err != nil {
			t.Fatal(err)
		}
		wants(d, true, false, true, false)
		must(w.Undo(t.Context(), w.letter(account.LetterNotice).Token))(t)
		wants(d, true, false, true, false, true)
		if err := w.Revoke(t.Context(), "birds", url.Values{"signed": {"by birds"}, "subject": {"m-1"}}); err != nil {
			t.Fatal(err)
		}
		wants(d, true, false, true, false, true, false)
	})
}
