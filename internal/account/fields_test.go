package account_test

import (
	"testing"

	"waypost/internal/inventory"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	libraries := []inventory.Library{{Table: "account_migrations", Why: "goose: which migrations were run"}}
	each(t, func(t *testing.T, w *world) {
		columns, err := w.dbs[0].Columns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var schema []inventory.Column
		for _, c := range columns {
			schema = append(schema, inventory.Column(c))
		}
		for _, wrong := range inventory.Compare(w.Stores()[0].Fields(), libraries, schema) {
			t.Error(wrong)
		}
	})
}
