package dbtest_test

import (
	"context"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

func TestEachDatabaseIsEmptyAndApart(t *testing.T) {
	for range 2 {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			columns, err := d.Columns(t.Context())
			if err != nil || len(columns) != 0 {
				t.Fatalf("a fresh database has columns %v (%v)", columns, err)
			}
			err = d.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.ExecContext(context.Background(), "CREATE TABLE thing (name TEXT NOT NULL)")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
