package account_test

import (
	"testing"

	"waypost/internal/account"
	"waypost/internal/db"
)

func TestTheLedgerIsOnlyAddedTo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		s := w.of(d.Account)
		refusal := account.Consent{Purpose: account.ForSale, Wording: "No.", How: "a test"}
		for n, want := range []bool{true, false, false} {
			if added := must(s.Decide(t.Context(), d.Account, refusal))(t); added != want {
				t.Errorf("the same for the %d. time is added: %v, want %v", n+1, added, want)
			}
		}
		refusal.Given = true
		if !must(s.Decide(t.Context(), d.Account, refusal))(t) {
			t.Error("another decision isn't added")
		}
		before := must(s.Consents(t.Context(), d.Account))(t)
		if len(before) != 3 || before[1].Given || !before[2].Given {
			t.Errorf("the ledger is %+v", before)
		}
		err := w.dbs[0].Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE consent SET given = TRUE WHERE account_id = $1`, d.Account)
			return err
		})
		if err == nil {
			t.Error("an entry could be changed")
		}
		_, err = s.Decide(t.Context(), "eu-nobody", refusal)
		wantFault(t, err, "account_missing")
		if err := s.Erase(t.Context(), d.Account.Subject()); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, w.dbs[0], s.Fields())["consent"]; n != 0 {
			t.Errorf("%d entries outlive the account", n)
		}
	})
}
