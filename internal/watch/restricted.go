package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

func unless(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// Restricted brings what is wanted for an owner in line with whether their data is
// restricted now: what only such people keep is released, or all of it is wanted
// again that the stop rule lets. Twice is once.
func (w *Watches) Restricted(ctx context.Context, owner inventory.Subject) error {
	s, err := w.Of(owner)
	if err != nil {
		return nil //nolint:nilerr // the region has gone, and its people with it
	}
	restricted, err := w.restricted.Is(ctx, owner)
	if err == nil {
		err = s.eachKept(ctx, owner, func(some []renewal) error {
			if restricted {
				return w.release(ctx, some)
			}
			return s.renew(ctx, some, w.now())
		})
	}
	if err != nil {
		return fmt.Errorf("what is wanted for %s: %w", owner, err)
	}
	return nil
}

// kept are watched parcels that are wanted for an owner.
const kept = ` AND (
	EXISTS (SELECT 1 FROM watch w WHERE w.watched_id = p.id AND w.owner = $2 AND w.archived_ms = 0) OR
	EXISTS (SELECT 1 FROM registration r WHERE r.watched_id = p.id AND r.owner = $2 AND r.stopped_ms = 0))`

// eachKept goes through what is wanted for an owner, some at a time.
func (s *Store) eachKept(ctx context.Context, owner inventory.Subject, do func(some []renewal) error) error {
	for after := ""; ; {
		var some []renewal
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			some, err = db.Rows(ctx, tx, scanRenewal, selectRenewal+kept+` AND p.id > $3 ORDER BY p.id LIMIT $4`,
				db.Ms(s.all.now().Add(-restFor)), string(owner), after, step)
			return err
		})
		if err != nil || len(some) == 0 {
			return err
		}
		if err := do(some); err != nil {
			return err
		}
		after = some[len(some)-1].watched
	}
}

// release has parcels asked about no longer that in no region anybody keeps whose
// data isn't restricted. What is known of them stays, for as long as Renew has it so.
func (w *Watches) release(ctx context.Context, some []renewal) error {
	all, free := make([]parcel.ID, len(some)), map[parcel.ID]bool{}
	for i, r := range some {
		all[i], free[r.parcel] = r.parcel, true
	}
	if err := w.parcels.Keep(ctx, w.now().Add(wantFor), all...); err != nil {
		return err
	}
	for _, s := range w.Stores() {
		wanted, err := s.wanted(ctx, slices.Collect(maps.Keys(free)))
		if err != nil {
			return err
		}
		maps.DeleteFunc(free, func(id parcel.ID, _ bool) bool { return wanted[id] })
	}
	if len(free) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(free))
	for _, s := range w.Stores() {
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			among, args := db.In(tx, "parcel_id", ids, 0)
			_, err := tx.ExecContext(ctx, `UPDATE watched SET wanted_ms = 0 WHERE `+among, args...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return w.parcels.Unwant(ctx, ids...)
}

// wanted tells which parcels somebody of the region keeps whose data isn't restricted.
func (s *Store) wanted(ctx context.Context, ids []parcel.ID) (map[parcel.ID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	type keeper struct {
		parcel parcel.ID
		owner  inventory.Subject
	}
	var all []keeper
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		among, args := db.In(tx, "p.parcel_id", ids, 0)
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (k keeper, err error) { return k, row.Scan(&k.parcel, &k.owner) }, `
			SELECT p.parcel_id, w.owner FROM watched p JOIN watch w ON w.watched_id = p.id WHERE `+among+` AND w.archived_ms = 0
			UNION SELECT p.parcel_id, r.owner FROM watched p JOIN registration r ON r.watched_id = p.id WHERE `+among+` AND r.stopped_ms = 0`, args...)
		return err
	})
	wanted := map[parcel.ID]bool{}
	for _, k := range all {
		if wanted[k.parcel] {
			continue
		}
		restricted, err := s.all.restricted.Is(ctx, k.owner)
		if err != nil {
			return nil, err
		}
		wanted[k.parcel] = !restricted
	}
	return wanted, err
}

// leaveRestricted marks the parcels that nobody of the region keeps whose data
// isn't restricted.
func (s *Store) leaveRestricted(ctx context.Context, due []renewal) error {
	if s.all.restricted == nil || len(due) == 0 {
		return nil
	}
	ids := make([]parcel.ID, len(due))
	for i, r := range due {
		ids[i] = r.parcel
	}
	wanted, err := s.wanted(ctx, ids)
	for i := range due {
		due[i].rests = !wanted[due[i].parcel]
	}
	return err
}
