package watch_test

import (
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/watch"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := watch.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		dbtest.Declared(t, d, (*watch.Store)(nil).Fields())
	})
}
