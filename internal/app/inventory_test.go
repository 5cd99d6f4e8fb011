package app

import (
	"slices"
	"testing"

	"waypost/internal/dbtest"
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
		dbtest.Declared(t, s.databases.Parcels, fields, job.Tables...)
		dbtest.Declared(t, s.people.keys[0], s.people.regions[0].Vault.Fields())
	})
}
