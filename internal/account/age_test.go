package account_test

import (
	"testing"

	"waypost/internal/account"
	"waypost/internal/db"
)

// What a release before stored in plain is sealed when the program starts.
func TestAgesOfBeforeAreSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.join(application(), home)
		age := func() (plain string) {
			t.Helper()
			err := w.dbs[0].Read(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRowContext(t.Context(), `SELECT age FROM account WHERE id = $1`, d.Account).Scan(&plain)
			})
			if err != nil {
				t.Fatal(err)
			}
			return plain
		}
		if got := age(); got != "" {
			t.Errorf("a new account's age range is stored as %q", got)
		}
		must(w.dbs[0].Exec(t.Context(), `UPDATE account SET age = 'supervised', age_range = $1 WHERE id = $2`, []byte{}, d.Account))(t)
		w.replica(w.dbs[0])
		if got := age(); got != "" {
			t.Errorf("after a start the age range is stored as %q", got)
		}
		if p := must(w.of(d.Account).Profile(t.Context(), d.Account))(t); p.Age != account.Supervised {
			t.Errorf("the age range is %q, want supervised", p.Age)
		}
	})
}
