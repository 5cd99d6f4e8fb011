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
		args := make([]any, len(some))
		for i, key := range some {
			args[i] = key.Number
		}
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			rows, err := rowsOf(ctx, tx, owner, ` AND w.archived_ms = 0 AND p.number IN (`+places(2, len(args))+`)`, args...)
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
