package watch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

// A Mailed counts what became of the parcels that a mail named.
type Mailed struct {
	Made int // that are watched from now on
	Told int // that were watched, and come on another day than was known
}

// Mail takes in what a mail says of an owner's parcels, each named once. Those
// that aren't watched are saved; of those that are only the day changes, also in
// the archive, where they stay. Twice is once.
func (s *Store) Mail(ctx context.Context, owner inventory.Subject, news ...New) (Mailed, error) {
	fresh, days, err := s.mailed(ctx, owner, news)
	if err != nil {
		return Mailed{}, fmt.Errorf("mail for %s: %w", owner, err)
	}
	var m Mailed
	if m.Told, err = s.expect(ctx, owner, days); err != nil {
		return Mailed{}, fmt.Errorf("mail for %s: %w", owner, err)
	}
	saved, err := s.Save(ctx, owner, fresh...)
	if err != nil {
		return Mailed{}, err
	}
	for _, n := range saved {
		if n.Made {
			m.Made++
		}
	}
	return m, nil
}

// mailed tells what is to be saved from what an owner watches, whose days are by
// watch. What is no number that can be watched is left out.
func (s *Store) mailed(ctx context.Context, owner inventory.Subject, news []New) (fresh []New, days map[ID]Expected, err error) {
	if len(news) > step {
		return nil, nil, errMany.With(step)
	}
	var usual []carrier.Code
	if usual, err = s.usual(ctx, owner); err != nil {
		return nil, nil, err
	}
	var ready []New
	var numbers []string
	for _, n := range news {
		n.Source = ByMail
		if _, err := s.prepare(&n, usual); err == nil {
			ready, numbers = append(ready, n), append(numbers, n.Number)
		}
	}
	there := watched{byNumber: map[string][]*row{}}
	if len(ready) > 0 {
		err = s.db.Read(ctx, func(tx *db.Tx) error {
			among, args := db.In(tx, "p.number", numbers, 1)
			rows, err := rowsOf(ctx, tx, owner, ` AND `+among, args...)
			for _, r := range rows {
				there.byNumber[r.Number] = append(there.byNumber[r.Number], r)
			}
			return err
		})
	}
	days = map[ID]Expected{}
	for _, n := range ready {
		id, known := there.has(parcel.Key{Number: n.Number, Carrier: n.Carrier})
		switch {
		case !known:
			fresh = append(fresh, n)
		case n.Expected != Expected{}:
			days[id] = n.Expected
		}
	}
	return fresh, days, err
}

// expect notes by which day watched parcels come, and returns how many it is
// another one of.
func (s *Store) expect(ctx context.Context, owner inventory.Subject, days map[ID]Expected) (told int, err error) {
	if len(days) == 0 {
		return 0, nil
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return 0, err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		rows, err := lockWatches(ctx, tx, owner, slices.Sorted(maps.Keys(days)))
		if err != nil {
			return err
		}
		next := func(r *stored, w *Words) error { w.Expected = days[r.ID]; return nil }
		before, err := applyTo(ctx, tx, owner, k, rows, s.all.now(), next)
		if told = len(before); told > 0 {
			tx.Notify(Topic(owner))
		}
		return err
	})
	return told, err
}
