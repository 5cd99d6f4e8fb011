package dbtest

import (
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// Declared fails the test where a database holds other columns than are
// declared, or a declaration isn't whole, and says what to do about each.
func Declared(t *testing.T, d *db.DB, fields []inventory.Field, libraries ...inventory.Library) {
	t.Helper()
	for _, wrong := range Undeclared(t, d, fields, libraries...) {
		t.Error(wrong)
	}
}

// Undeclared is what Declared fails a test with.
func Undeclared(t *testing.T, d *db.DB, fields []inventory.Field, libraries ...inventory.Library) []string {
	t.Helper()
	columns, err := d.Columns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var schema []inventory.Column
	seen := map[string]bool{}
	for _, c := range columns {
		schema = append(schema, inventory.Column(c))
		if strings.HasSuffix(c.Table, "_migrations") && !seen[c.Table] {
			seen[c.Table] = true
			libraries = append(libraries, inventory.Library{Table: c.Table, Why: "goose: which migrations were run"})
		}
	}
	return inventory.Compare(fields, libraries, schema)
}
