package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Tag is one that an owner uses, and on how many watches.
type Tag struct {
	Name  string // as it is written most recently
	Count int    // active watches
	Total int    // archived ones too
}

// Tags lists an owner's tags, the most used first.
func (s *Store) Tags(ctx context.Context, owner inventory.Subject) ([]Tag, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	var rows []*row
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = rowsOf(ctx, tx, owner, ` AND w.words <> $2 ORDER BY w.id`, []byte{})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("tags of %s: %w", owner, err)
	}
	byKey := map[string]*Tag{}
	for _, r := range rows {
		if err := r.open(k); err != nil {
			return nil, fmt.Errorf("tags of %s: %w", owner, err)
		}
		for _, name := range r.Tags {
			t := byKey[fold(name)]
			if t == nil {
				t = &Tag{}
				byKey[fold(name)] = t
			}
			t.Name = name
			t.Total++
			if r.Archived.IsZero() {
				t.Count++
			}
		}
	}
	all := make([]Tag, 0, len(byKey))
	for _, t := range byKey {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Tag) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Total, a.Total), strings.Compare(fold(a.Name), fold(b.Name)))
	})
	return all, nil
}
