package account_test

import (
	"testing"

	"waypost/internal/dbtest"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dbtest.Declared(t, w.dbs[0], w.Stores()[0].Fields())
	})
}
