package watch

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A carrier is one that an owner's parcels usually come with when it had at
// least so many of them, and at least such a part.
const (
	usualLeast = 3
	usualPart  = 0.2
)

// Learning is what the room does with an owner's parcels beside keeping them: it
// learns with which carriers they usually come.
const Learning = "learning"

// Uses declares it.
func (*Store) Uses() []inventory.Processing {
	return []inventory.Processing{{Code: Learning, Kind: inventory.Parcels, Basis: inventory.Legitimate, Ends: true}}
}

// usual are the carriers that an owner's parcels usually come with: what one
// account has learned, for that account only. Of one whose data is restricted,
// or who objects to it, nothing is.
func (s *Store) usual(ctx context.Context, owner inventory.Subject) ([]carrier.Code, error) {
	restricted, err := s.all.restricted.Is(ctx, owner)
	if err != nil || restricted {
		return nil, err
	}
	if s.all.objected != nil {
		if objected, err := s.all.objected(ctx, owner, Learning); err != nil || objected {
			return nil, err
		}
	}
	type had struct {
		carrier carrier.Code
		parcels int
	}
	var all []had
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (h had, err error) { return h, row.Scan(&h.carrier, &h.parcels) }, `
			SELECT p.found, COUNT(*) FROM watch w JOIN watched p ON p.id = w.watched_id
			WHERE w.owner = $1 AND p.found <> '' GROUP BY p.found ORDER BY p.found`, string(owner))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("usual carriers of %s: %w", owner, err)
	}
	sum := 0
	for _, h := range all {
		sum += h.parcels
	}
	all = slices.DeleteFunc(all, func(h had) bool {
		return h.parcels < usualLeast || float64(h.parcels) < usualPart*float64(sum)
	})
	codes := make([]carrier.Code, len(all))
	for i, h := range all {
		codes[i] = h.carrier
	}
	return codes, nil
}
