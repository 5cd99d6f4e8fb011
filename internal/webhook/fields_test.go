package webhook_test

import (
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/webhook"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := webhook.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		dbtest.Declared(t, d, (*webhook.Store)(nil).Fields())
	})
}
