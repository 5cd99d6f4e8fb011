package watch

import (
	"context"
	"database/sql"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

// Demanded are the parcels of an owner of which something was given besides the
// number, because their carriers demand it.
func (s *Store) Demanded(ctx context.Context, owner inventory.Subject) (all []parcel.ID, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (id parcel.ID, err error) { return id, row.Scan(&id) }, `
			SELECT p.parcel_id FROM watched p WHERE p.mark <> ''
			AND p.id IN (SELECT watched_id FROM watch WHERE owner = $1 UNION SELECT watched_id FROM registration WHERE owner = $1)
			ORDER BY p.parcel_id`, string(owner))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what carriers demanded of %s: %w", owner, err)
	}
	return all, nil
}
