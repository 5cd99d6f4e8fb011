package app

import (
	"strings"
	"testing"

	"waypost/internal/dbtest"
	"waypost/internal/job"
)

// By default everything but the keys is in one database. Whatever the program
// makes there and in the key store is declared, by its room or as a library's.
func TestEveryColumnOfOneDatabaseIsDeclared(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, nil)
		dbtest.Declared(t, s.databases.Parcels, declarations(), job.Tables...)
		dbtest.Declared(t, s.people.keys[0], keyDeclarations())

		// Whichever room gets a column that nobody declared, it is said what to do.
		for _, room := range declared() {
			table := room.fields[0].Table
			if _, err := s.databases.Parcels.Exec(t.Context(), `ALTER TABLE `+table+` ADD COLUMN shoe_size TEXT NOT NULL DEFAULT ''`); err != nil {
				t.Fatal(err)
			}
			want := table + ".shoe_size is there and not declared: add it to its room's Fields with what it is and whose"
			if wrong := dbtest.Undeclared(t, s.databases.Parcels, declarations(), job.Tables...); len(wrong) != 1 || !strings.HasPrefix(wrong[0], want) {
				t.Errorf("%s gets a column, and the test says %q; want %q", room.room, wrong, want)
			}
			if _, err := s.databases.Parcels.Exec(t.Context(), `ALTER TABLE `+table+` DROP COLUMN shoe_size`); err != nil {
				t.Fatal(err)
			}
		}
	})
}
