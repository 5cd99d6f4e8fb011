package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

// pageOf is how many watchers one transaction or page takes.
const pageOf = 500

// ParcelChanged brings what is kept beside the watches of a parcel up to date
// in every region, and nudges its watchers' pages. Twice is once; a parcel that
// nobody watches, or that has gone, is no error.
func (w *Watches) ParcelChanged(ctx context.Context, id parcel.ID) error {
	var all error
	for _, s := range w.Stores() {
		all = errors.Join(all, s.ParcelChanged(ctx, id))
	}
	return all
}

// ParcelChanged is Watches.ParcelChanged for one region.
func (s *Store) ParcelChanged(ctx context.Context, id parcel.ID) error {
	var watched string
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT id FROM watched WHERE parcel_id = $1`, string(id)).Scan(&watched)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find watched parcel %s: %w", id, err)
	}
	parcels, err := s.all.parcels.Get(ctx, id)
	if err != nil || len(parcels) == 0 {
		return err
	}
	now := s.all.now()
	return s.refresh(ctx, summarise(parcels[0], now), watched, now)
}

// refresh writes down how a parcel stands, unless something newer is there, and
// nudges its watchers.
func (s *Store) refresh(ctx context.Context, sum Summary, watched string, now time.Time) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE watched SET found = $1, status = $2, since_ms = $3, event_ms = $4, stale_ms = $5,
				eta = $6, eta_ms = $7, settled_ms = $8, revision = $9, read_ms = $10
			WHERE id = $11 AND parcel_id = $12 AND revision <= $9`,
			append(sum.values(now), watched, string(sum.ParcelID))...)
		return err
	})
	if err != nil {
		return fmt.Errorf("refresh watched parcel %s: %w", sum.ParcelID, err)
	}
	for after := ""; ; {
		owners, err := s.nudge(ctx, watched, after)
		if err != nil {
			return fmt.Errorf("nudge watchers of %s: %w", sum.ParcelID, err)
		}
		if len(owners) < pageOf {
			return nil
		}
		after = owners[len(owners)-1]
	}
}

// nudge nudges the pages of the owners after one.
func (s *Store) nudge(ctx context.Context, watched, after string) (owners []string, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		owners, err = db.Rows(ctx, tx, func(row *sql.Rows) (owner string, err error) { return owner, row.Scan(&owner) }, `
			SELECT owner FROM watch WHERE watched_id = $1 AND owner > $2
			UNION SELECT owner FROM registration WHERE watched_id = $1 AND owner > $2 ORDER BY owner LIMIT $3`, watched, after, pageOf)
		for _, owner := range owners {
			tx.Notify(Topic(inventory.Subject(owner)))
		}
		return err
	})
	return owners, err
}

// A Watcher is somebody who watches a parcel, as far as alerts need to know.
type Watcher struct {
	Owner  inventory.Subject
	Watch  ID
	Alerts Alerts
}

// Watchers lists who watches a parcel and hasn't archived it, after an owner, by
// owner, at most 500; fewer are the last.
func (s *Store) Watchers(ctx context.Context, id parcel.ID, after inventory.Subject) ([]Watcher, error) {
	var all []Watcher
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (w Watcher, err error) {
			var alerts string
			err = row.Scan(&w.Owner, &w.Watch, &alerts)
			w.Alerts = alertsOf(alerts)
			return w, err
		}, `
			SELECT w.owner, w.id, w.alerts FROM watched p JOIN watch w ON w.watched_id = p.id
			WHERE p.parcel_id = $1 AND w.owner > $2 AND w.archived_ms = 0 ORDER BY w.owner LIMIT $3`, string(id), string(after), pageOf)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("watchers of %s: %w", id, err)
	}
	return all, nil
}
