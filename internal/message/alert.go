package message

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

const (
	// sending is how long somebody who sends a message has it to themselves. It
	// is longer than a job may take.
	sending = 3 * time.Minute

	// newsFor is how long a change is worth telling when it can't be sent.
	newsFor = 3 * 24 * time.Hour
)

// AlertsDue says that there may be something to tell a member.
type AlertsDue struct {
	Owner inventory.Subject `json:"owner"`
}

// Kind names the event.
func (AlertsDue) Kind() string { return "message.alerts_due" }

// An alert is a row: one change that its watcher may want to hear of.
type alert struct {
	watch    watch.ID
	parcel   parcel.ID
	revision int64
	status   status.Sub
	created  int64
	message  string
}

// ParcelChanged writes down for everybody who watches a parcel that it has
// another status, in each region's own database. Twice is once.
func (m *Messages) ParcelChanged(ctx context.Context, c parcel.Changed) error {
	if !telling(c.From, c.To) {
		return nil
	}
	var all error
	for _, s := range m.stores {
		all = errors.Join(all, s.parcelChanged(ctx, c))
	}
	return all
}

// telling reports whether a change of status is one that people want to hear of:
// another main status, or another trouble.
func telling(from, to status.Sub) bool {
	switch {
	case from == to || to == "":
		return false
	case from.Main() != to.Main():
		return true
	}
	return to.Main() == status.Exception || to.Main() == status.DeliveryFailure
}

func (s *Store) parcelChanged(ctx context.Context, c parcel.Changed) error {
	for after := inventory.Subject(""); ; {
		watchers, err := s.watches.Watchers(ctx, c.Parcel, after)
		if err != nil || len(watchers) == 0 {
			return err
		}
		restricted := map[inventory.Subject]bool{}
		for _, w := range watchers {
			if restricted[w.Owner], err = s.all.restricted.Is(ctx, w.Owner); err != nil {
				return err
			}
		}
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			for _, w := range watchers {
				if w.Alerts.Own && !slices.Contains(w.Alerts.On, c.To.Main()) || restricted[w.Owner] {
					continue
				}
				if err := s.write(ctx, tx, w, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("alerts of parcel %s: %w", c.Parcel, err)
		}
		after = watchers[len(watchers)-1].Owner
	}
}

// write writes an alert down, and has its owner told, unless it is there.
func (s *Store) write(ctx context.Context, tx *db.Tx, w watch.Watcher, c parcel.Changed) error {
	now := ms(s.all.now())
	done, err := tx.ExecContext(ctx, `
		INSERT INTO alert (owner, watch_id, parcel_id, revision, status, created_ms, due_ms, message, done_ms, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $6, '', 0, '') ON CONFLICT DO NOTHING`,
		string(w.Owner), string(w.Watch), string(c.Parcel), c.Revision, string(c.To), now)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.jobs.Add(ctx, tx, AlertsDue{Owner: w.Owner})
}

// AlertsDue tells a member what is due, in one message, unless they want to be
// left alone just now. A repeat by a job that is run again is the same message.
func (m *Messages) AlertsDue(ctx context.Context, e AlertsDue) error {
	s, err := m.in(regionOf(e.Owner))
	if err != nil {
		return nil //nolint:nilerr // the region has gone, and its people with it
	}
	profile, reads, err := m.reads(ctx, e.Owner)
	if err != nil {
		return err
	}
	if !reads {
		return s.drop(ctx, e.Owner, "nobody")
	}
	restricted, err := m.restricted.Is(ctx, e.Owner)
	if err != nil {
		return err
	}
	if restricted {
		return s.drop(ctx, e.Owner, "restricted")
	}
	settings, err := s.Settings(ctx, e.Owner)
	if err != nil {
		return err
	}
	if !settings.Mail {
		return s.drop(ctx, e.Owner, "off")
	}
	now := m.now()
	if free := settings.free(now, settings.zone(profile.Country)); free.After(now) {
		return s.hold(ctx, e.Owner, now, free)
	}
	for {
		alerts, err := s.take(ctx, e.Owner, now)
		if err != nil || len(alerts) == 0 {
			return err
		}
		if err := s.deliver(ctx, e.Owner, profile, settings, alerts); err != nil {
			return err
		}
	}
}

// hold has what is due wait.
func (s *Store) hold(ctx context.Context, owner inventory.Subject, now, until time.Time) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE alert SET due_ms = $1 WHERE owner = $2 AND done_ms = 0 AND due_ms <= $3`, ms(until), string(owner), ms(now))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.jobs.AddAt(ctx, tx, until, AlertsDue{Owner: owner})
	})
	if err != nil {
		return fmt.Errorf("hold alerts of %s: %w", owner, err)
	}
	return nil
}

// take takes what is due of one message: one that was begun and not finished,
// else all that is in none yet. It is the caller's for a while, and due again
// then, should the caller be killed.
func (s *Store) take(ctx context.Context, owner inventory.Subject, now time.Time) (taken []alert, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		due, err := db.Rows(ctx, tx, scanAlert, `
			SELECT watch_id, parcel_id, revision, status, created_ms, message FROM alert
			WHERE owner = $1 AND done_ms = 0 AND due_ms <= $2 ORDER BY message DESC, created_ms, watch_id, revision`+tx.Lock(), string(owner), ms(now))
		if err != nil || len(due) == 0 {
			taken = nil
			return err
		}
		id := due[0].message
		taken = slices.DeleteFunc(due, func(a alert) bool { return a.message != id })
		name := id
		if name == "" {
			name = uuid.NewString()
		}
		_, err = tx.ExecContext(ctx, `UPDATE alert SET message = $1, due_ms = $2 WHERE owner = $3 AND done_ms = 0 AND due_ms <= $4 AND message = $5`,
			name, ms(now.Add(sending)), string(owner), ms(now), id)
		for i := range taken {
			taken[i].message = name
		}
		if err != nil {
			return err
		}
		return s.jobs.AddAt(ctx, tx, now.Add(sending), AlertsDue{Owner: owner})
	})
	if err != nil {
		return nil, fmt.Errorf("take alerts of %s: %w", owner, err)
	}
	return taken, nil
}

func scanAlert(row *sql.Rows) (a alert, err error) {
	return a, row.Scan(&a.watch, &a.parcel, &a.revision, &a.status, &a.created, &a.message)
}

// drop ends all of a member's alerts.
func (s *Store) drop(ctx context.Context, owner inventory.Subject, why string) error {
	return s.end(ctx, owner, why, "")
}

// end ends the alerts of a message, or all with "".
func (s *Store) end(ctx context.Context, owner inventory.Subject, why, message string) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE alert SET done_ms = $1, outcome = $2 WHERE owner = $3 AND done_ms = 0 AND (message = $4 OR $4 = '')`,
			ms(s.all.now()), why, string(owner), message)
		return err
	})
	if err != nil {
		return fmt.Errorf("end alerts of %s: %w", owner, err)
	}
	return nil
}

// later has a message that can't be sent now tried again, as long as it is news.
func (s *Store) later(ctx context.Context, owner inventory.Subject, alerts []alert) error {
	now := s.all.now()
	age := now.Sub(time.UnixMilli(alerts[0].created))
	if age > newsFor {
		return s.end(ctx, owner, "too_late", alerts[0].message)
	}
	at := now.Add(max(sending, age/4))
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE alert SET due_ms = $1 WHERE owner = $2 AND message = $3 AND done_ms = 0`, ms(at), string(owner), alerts[0].message); err != nil {
			return err
		}
		return s.jobs.AddAt(ctx, tx, at, AlertsDue{Owner: owner})
	})
	if err != nil {
		return fmt.Errorf("put alerts of %s off: %w", owner, err)
	}
	return nil
}
