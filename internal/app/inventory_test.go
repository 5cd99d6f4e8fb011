package app

import (
	"slices"
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/job"
)

// By default everything but the keys is in one database. Whatever the program
// makes there and in the key store is declared, by its room or as a library's.
func TestEveryColumnOfOneDatabaseIsDeclared(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, nil)
		fields := slices.Concat(s.store.Fields(), s.rhythms.Fields(), s.memory.Fields(), s.health.Fields(), s.people.count.Fields())
		for _, r := range s.rooms() {
			fields = append(fields, r.Fields()...)
		}
		declared(t, s.databases.Parcels, fields, job.Tables...)
		declared(t, s.people.keys[0], s.people.regions[0].Vault.Fields())
	})
}

// declared compares what is declared with a database.
func declared(t *testing.T, d *db.DB, fields []inventory.Field, libraries ...inventory.Library) {
	t.Helper()
	columns, err := d.Columns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var schema []inventory.Column
	for _, c := range columns {
		schema = append(schema, inventory.Column(c))
		if strings.HasSuffix(c.Table, "_migrations") {
			libraries = append(libraries, inventory.Library{Table: c.Table, Why: "goose: which migrations were run"})
		}
	}
	for _, wrong := range inventory.Compare(fields, libraries, schema) {
		t.Error(wrong)
	}
}
