package vault_test

import (
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

func TestCountsSayWhichKeyCanGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		older, newer := newKey(), newKey()
		person(t, openVault(t, d, older), "ada")
		v := openVault(t, d, newer, older)
		person(t, v, "grace")
		for _, want := range [][]int{{1, 2}, {3, 0}} { // Ada's and the store's own by the older one, then all by the newer
			counts, err := v.Counts(t.Context())
			if err != nil || len(counts) != 2 {
				t.Fatalf("counts %+v, %v", counts, err)
			}
			if !counts[0].Current || counts[0].Wraps != want[0] || counts[1].Wraps != want[1] || !counts[1].Held {
				t.Errorf("counts %+v, want %v, the current one first", counts, want)
			}
			if _, err := v.Rewrap(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}
