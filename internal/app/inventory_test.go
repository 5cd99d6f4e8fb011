package app

import (
	"log/slog"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/parcel"
)

// By default everything is in one database: there too each column is declared,
// by its room or as a library's.
func TestEveryColumnOfOneDatabaseIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := parcel.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := job.New(t.Context(), d, job.Options{}); err != nil {
			t.Fatal(err)
		}
		rooms := []inventory.Room{parcel.New(d, slog.New(slog.DiscardHandler))}
		libraries := append([]inventory.Library{
			{Table: "parcel_migrations", Why: "goose: which migrations were run"},
		}, job.Tables...)

		columns, err := d.Columns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var fields []inventory.Field
		for _, room := range rooms {
			fields = append(fields, room.Fields()...)
		}
		var schema []inventory.Column
		for _, c := range columns {
			schema = append(schema, inventory.Column(c))
		}
		for _, wrong := range inventory.Compare(fields, libraries, schema) {
			t.Error(wrong)
		}
	})
}
