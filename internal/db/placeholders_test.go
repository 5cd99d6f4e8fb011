package db_test

import (
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
)

// Placeholders mean the same on both databases, in any order and used twice.
func TestPlaceholders(t *testing.T) {
	for _, tc := range []struct {
		name, query string
		args        []any
		want        string
	}{
		{"in order", "SELECT CAST($1 AS TEXT) || CAST($2 AS TEXT)", []any{"a", "b"}, "ab"},
		{"out of order and twice", "SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)", []any{"a", "b"}, "bab"},
		{"two digits", "SELECT CAST($10 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT) || CAST($3 AS TEXT) || CAST($4 AS TEXT) || CAST($5 AS TEXT) || CAST($6 AS TEXT) || CAST($7 AS TEXT) || CAST($8 AS TEXT) || CAST($9 AS TEXT)",
			[]any{"1", "2", "3", "4", "5", "6", "7", "8", "9", "x"}, "x123456789"},
		{"in quotes they are text", "SELECT '$1' || CAST($1 AS TEXT) || 'it''s $2'", []any{"a"}, "$1ait's $2"},
		{"a price", "SELECT 'US$ ' || CAST($1 AS TEXT) AS \"$1\"", []any{"5"}, "US$ 5"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				var got string
				err := d.Read(t.Context(), func(tx *db.Tx) error {
					return tx.QueryRowContext(t.Context(), tc.query, tc.args...).Scan(&got)
				})
				if err != nil || got != tc.want {
					t.Errorf("%s: got %q (%v), want %q", tc.query, got, err, tc.want)
				}
			})
		})
	}
	t.Run("too few arguments", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				var got string
				return tx.QueryRowContext(t.Context(), "SELECT CAST($1 AS TEXT) || CAST($2 AS TEXT)", "a").Scan(&got)
			})
			if err == nil {
				t.Error("an argument was missing and nobody said so")
			}
		})
	})
}
