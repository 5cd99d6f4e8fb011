package watch

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/status"
)

// StopOver stops registrations whose time is over, and says how many: 30 days
// without an event, 15 after the delivery, or a carrier that there is no longer.
// It is to be run every hour or so.
func (s *Store) StopOver(ctx context.Context) (int, error) {
	for total := 0; ; {
		seen, stopped, err := s.stopSome(ctx)
		if total += stopped; err != nil {
			return total, fmt.Errorf("stop registrations: %w", err)
		}
		if seen < step {
			return total, nil
		}
	}
}

func (s *Store) stopSome(ctx context.Context) (seen, stopped int, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		seen, stopped = 0, 0
		now := s.all.now()
		due, err := db.Rows(ctx, tx, func(row *sql.Rows) (r Registration, err error) {
			var begun, event int64
			err = row.Scan(&r.Owner, &r.ID, &r.Carrier, &begun, &r.Summary.Status, &event)
			r.Begun, r.Summary.Event = db.At(begun), db.At(event)
			return r, err
		}, `
			SELECT r.owner, r.id, r.carrier, r.begun_ms, p.status, p.event_ms
			FROM registration r JOIN watched p ON p.id = r.watched_id
			WHERE r.due_ms <= $1 AND r.stopped_ms = 0 ORDER BY r.due_ms LIMIT $2`, db.Ms(now), step)
		if err != nil {
			return err
		}
		seen = len(due)
		for _, r := range due {
			why, again := s.all.judge(r, now)
			if why == NotStopped {
				_, err = tx.ExecContext(ctx, `UPDATE registration SET due_ms = $1 WHERE owner = $2 AND id = $3`, db.Ms(again), string(r.Owner), string(r.ID))
			} else if err = s.stop(ctx, tx, &r, why); err == nil {
				stopped++
				tx.Notify(Topic(r.Owner))
			}
			if err != nil && expected(err) == nil {
				return err
			}
		}
		return nil
	})
	return seen, stopped, err
}

// judge says why a registration is to be stopped now, or when to look again.
func (w *Watches) judge(r Registration, now time.Time) (why StopReason, again time.Time) {
	if _, ok := w.knowledge().Catalogue.Carrier(r.Carrier); !ok {
		return InvalidCarrier, time.Time{}
	}
	ends := r.ends()
	if !ends.After(now) {
		return Expired, time.Time{}
	}
	if soon := now.Add(deliveredFor); soon.Before(ends) {
		return NotStopped, soon // it may be delivered meanwhile
	}
	return NotStopped, ends
}

// ends is when a registration is stopped, if nothing more happens.
func (r Registration) ends() time.Time {
	heard := r.Begun
	if r.Summary.Event.After(heard) {
		heard = r.Summary.Event
	}
	if r.Summary.Status.Main() == status.Delivered {
		return heard.Add(deliveredFor)
	}
	return heard.Add(quietFor)
}
