package watch

import (
	"context"
	"fmt"
	"slices"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

// There returns which parcels an owner watches and hasn't archived, by what was
// asked for: a number at a carrier, or at any where none is named.
func (s *Store) There(ctx context.Context, owner inventory.Subject, keys ...parcel.Key) (map[parcel.Key]ID, error) {
	there := watched{byNumber: map[string][]*row{}}
	for some := range slices.Chunk(keys, step) {
		numbers := make([]string, len(some))
		for i, key := range some {
			numbers[i] = key.Number
		}
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			among, args := db.In(tx, "p.number", numbers, 1)
			rows, err := rowsOf(ctx, tx, owner, ` AND w.archived_ms = 0 AND `+among, args...)
			for _, r := range rows {
				there.byNumber[r.Number] = append(there.byNumber[r.Number], r)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look up watches of %s: %w", owner, err)
		}
	}
	found := map[parcel.Key]ID{}
	for _, key := range keys {
		if id, ok := there.has(key); ok {
			found[key] = id
		}
	}
	return found, nil
}
