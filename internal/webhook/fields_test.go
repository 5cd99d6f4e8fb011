package webhook_test

import (
	"strings"
	"testing"

	"waypost/internal/inventory"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		columns, err := w.d.Columns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var schema []inventory.Column
		for _, c := range columns {
			if strings.HasPrefix(c.Table, "webhook_") && c.Table != "webhook_migrations" {
				schema = append(schema, inventory.Column{Table: c.Table, Name: c.Name, Text: c.Text})
			}
		}
		for _, wrong := range inventory.Compare(w.store().Fields(), nil, schema) {
			t.Error(wrong)
		}
	})
}
