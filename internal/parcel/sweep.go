package parcel

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
)

const (
	// unwantedFor is how long a parcel stays that nobody wants.
	unwantedFor = 180 * 24 * time.Hour

	// sweepStep is how many parcels one transaction deletes.
	sweepStep = 500
)

// Sweep deletes parcels that nobody has wanted for 180 days, with their asks
// and histories, and returns how many.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, error) {
	before := ms(parcelsEnd.Before(now))
	for total := 0; ; {
		var n int64
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, `
				DELETE FROM parcel WHERE wanted_ms < $1
				AND id IN (SELECT id FROM parcel WHERE wanted_ms < $1 ORDER BY wanted_ms LIMIT $2)`, before, sweepStep)
			if err != nil {
				return err
			}
			n, err = done.RowsAffected()
			return err
		})
		if err != nil {
			return total, fmt.Errorf("sweep parcels: %w", err)
		}
		if total += int(n); n < sweepStep {
			return total, nil
		}
	}
}
