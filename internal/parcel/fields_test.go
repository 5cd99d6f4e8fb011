package parcel_test

import (
	"bytes"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newStore(t, d, &clock{now: start})
		dbtest.Declared(t, d, s.Fields())
	})
}

func TestParcelsBelongToNobody(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		for _, f := range s.Fields() {
			if f.Table == "given" && f.Region == inventory.First {
				continue // may say something of a receiver, of whom nothing else is known
			}
			if f.Whose != inventory.Nobody {
				t.Errorf("%s.%s is %s's; that belongs into a room about people", f.Table, f.Column, f.Whose)
			}
		}
		p := want(t, s, simple("TEST1"))[0]
		var out bytes.Buffer
		if err := s.Export(t.Context(), "somebody", &out); err != nil || out.Len() != 0 {
			t.Errorf("exported %q (%v), want nothing", out.String(), err)
		}
		if err := s.Erase(t.Context(), "somebody"); err != nil {
			t.Error(err)
		}
		get(t, s, p.ID)
		if gone, err := s.Expire(t.Context(), inventory.Purge{Now: start.Add(188 * day)}); gone.Rows() != 1 || err != nil {
			t.Errorf("expired %d (%v), want the parcel", gone.Rows(), err)
		}
	})
}
