package watch_test

import (
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/watch"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	libraries := []inventory.Library{{Table: "watch_migrations", Why: "goose: which migrations were run"}}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := watch.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		var schema []inventory.Column
		for _, c := range must(d.Columns(t.Context()))(t) {
			schema = append(schema, inventory.Column(c))
		}
		for _, wrong := range inventory.Compare((*watch.Store)(nil).Fields(), libraries, schema) {
			t.Error(wrong)
		}
	})
}
