package app

import (
	"testing"

	"waypost/internal/dbtest"
	"waypost/internal/job"
)

// By default everything but the keys is in one database. Whatever the program
// makes there and in the key store is declared, by its room or as a library's.
func TestEveryColumnOfOneDatabaseIsDeclared(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, nil)
		dbtest.Declared(t, s.databases.Parcels, declarations(), job.Tables...)
		dbtest.Declared(t, s.people.keys[0], keyDeclarations())
	})
}
