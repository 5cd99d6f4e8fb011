package watch

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// An Edit is what changes of one watch; nil leaves a field as it is.
type Edit struct {
	Name, Note, Order *string
	Tags              *[]string
	Alerts            *Alerts
}

// A Change is what is done to several watches at once.
type Change struct {
	Do     Action
	Tag    string // of AddTag and RemoveTag
	Alerts Alerts // of SetAlerts
}

// An Action is one of a closed list.
type Action string

// Actions.
const (
	Archive   Action = "archive"
	Unarchive Action = "unarchive"
	Delete    Action = "delete"
	AddTag    Action = "add_tag"
	RemoveTag Action = "remove_tag"
	SetAlerts Action = "set_alerts"
)

// A Done says what a change did, and how to take it back.
type Done struct {
	Changed int       // watches that are no longer as they were
	Undo    UndoID    // "" when nothing was changed
	Until   time.Time // UTC; until when it can be undone
}

var (
	errNoWatch  = fault.New(fault.NotFound, "watch_not_found", "There is no such parcel in your list.")
	errNoAction = fault.New(fault.Invalid, "action", "%q is nothing that can be done to parcels.")
	errNoTag    = fault.New(fault.Invalid, "tag_empty", "Name a tag.")
)

// Edit changes one watch.
func (s *Store) Edit(ctx context.Context, owner inventory.Subject, id ID, e Edit) (Done, error) {
	var alerts *Alerts
	if e.Alerts != nil {
		checked, err := e.Alerts.clean()
		if err != nil {
			return Done{}, err
		}
		alerts = &checked
	}
	return s.change(ctx, owner, []ID{id}, func(r *stored, w *Words) error {
		for _, f := range []struct {
			to    *string
			given *string
		}{{&w.Name, e.Name}, {&w.Note, e.Note}, {&w.Order, e.Order}} {
			if f.given != nil {
				*f.to = *f.given
			}
		}
		if e.Tags != nil {
			w.Tags = *e.Tags
		}
		if alerts != nil {
			r.Alerts = alerts.stored()
		}
		return nil
	})
}

// Apply does the same to several watches. Those that there are no longer are
// passed over; it fails with not found when there is none of them.
func (s *Store) Apply(ctx context.Context, owner inventory.Subject, c Change, ids ...ID) (Done, error) {
	now := db.Ms(s.all.now())
	switch c.Do {
	case Archive:
		return s.change(ctx, owner, ids, func(r *stored, _ *Words) error {
			if r.Archived == 0 {
				r.Archived = now
			}
			return nil
		})
	case Unarchive:
		if err := s.revive(ctx, owner, ids); err != nil {
			return Done{}, err
		}
		return s.change(ctx, owner, ids, func(r *stored, _ *Words) error { r.Archived = 0; return nil })
	case Delete:
		return s.change(ctx, owner, ids, nil)
	case SetAlerts:
		alerts, err := c.Alerts.clean()
		if err != nil {
			return Done{}, err
		}
		return s.change(ctx, owner, ids, func(r *stored, _ *Words) error { r.Alerts = alerts.stored(); return nil })
	case AddTag, RemoveTag:
		return s.retag(ctx, owner, c, ids)
	}
	return Done{}, errNoAction.With(string(c.Do))
}

func (s *Store) retag(ctx context.Context, owner inventory.Subject, c Change, ids []ID) (Done, error) {
	tags, err := cleanTags([]string{c.Tag})
	if err != nil {
		return Done{}, err
	}
	if len(tags) == 0 {
		return Done{}, errNoTag
	}
	tag, key := tags[0], fold(tags[0])
	return s.change(ctx, owner, ids, func(_ *stored, w *Words) error {
		has := slices.ContainsFunc(w.Tags, func(t string) bool { return fold(t) == key })
		switch {
		case c.Do == AddTag && !has:
			w.Tags = append(slices.Clone(w.Tags), tag)
		case c.Do == RemoveTag && has:
			w.Tags = slices.DeleteFunc(slices.Clone(w.Tags), func(t string) bool { return fold(t) == key })
		}
		return nil
	})
}

// change has do change an owner's watches, deletes them when do is nil, and
// keeps what takes it back.
func (s *Store) change(ctx context.Context, owner inventory.Subject, ids []ID, do func(r *stored, w *Words) error) (Done, error) {
	if len(ids) > mostAtOnce {
		return Done{}, errMany.With(mostAtOnce)
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Done{}, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var done Done
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		rows, err := lockWatches(ctx, tx, owner, ids)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return errNoWatch
		}
		before, err := applyTo(ctx, tx, owner, k, rows, s.all.now(), do)
		if err != nil {
			return err
		}
		done, err = s.undoable(ctx, tx, owner, k, before)
		tx.Notify(Topic(owner))
		return err
	})
	if err != nil {
		return Done{}, fmt.Errorf("change watches of %s: %w", owner, err)
	}
	return done, nil
}

// applyTo writes what do makes of rows, and returns how those were that are no
// longer the same.
func applyTo(ctx context.Context, tx *db.Tx, owner inventory.Subject, k *vault.Sealer, rows []stored, now time.Time,
	do func(r *stored, w *Words) error,
) ([]earlier, error) {
	if do == nil {
		return deleteWatches(ctx, tx, owner, rows, now)
	}
	var before []earlier
	var changed []stored
	for _, was := range rows {
		var words Words
		if err := k.OpenJSON(fieldWords, was.Words, &words); err != nil {
			return nil, err
		}
		next, said := was, words
		if err := do(&next, &said); err != nil {
			return nil, err
		}
		said, err := said.clean()
		if err != nil {
			return nil, err
		}
		if !said.equal(words) {
			if next.Words, err = sealWords(k, said); err != nil {
				return nil, err
			}
		} else if next.Alerts == was.Alerts && next.Archived == was.Archived && next.Watched == was.Watched {
			continue
		}
		next.Edition++
		changed = append(changed, next)
		before = append(before, earlier{stored: was, After: next.Edition})
	}
	return before, writeWatches(ctx, tx, owner, changed)
}

func (w Words) equal(v Words) bool {
	return w.Name == v.Name && w.Note == v.Note && w.Order == v.Order && w.Expected == v.Expected && slices.Equal(w.Tags, v.Tags)
}

// writeWatches writes rows that lockWatches read and that have changed.
func writeWatches(ctx context.Context, tx *db.Tx, owner inventory.Subject, rows []stored) error {
	for some := range slices.Chunk(rows, step) {
		_, err := tx.ExecBatch(ctx, batchOf(some), insertWatch+`
			ON CONFLICT (owner, id) DO UPDATE SET words = excluded.words, alerts = excluded.alerts,
				watched_id = excluded.watched_id, archived_ms = excluded.archived_ms, edition = excluded.edition`, string(owner))
		if err != nil {
			return fmt.Errorf("write watches: %w", err)
		}
	}
	return nil
}

// deleteWatches deletes rows. What they watched stays for a day at least, so
// that it is there when they come back.
func deleteWatches(ctx context.Context, tx *db.Tx, owner inventory.Subject, rows []stored, now time.Time) ([]earlier, error) {
	before := make([]earlier, 0, len(rows))
	for some := range slices.Chunk(rows, step) {
		ids, parcels := make([]ID, len(some)), make([]string, len(some))
		for i, r := range some {
			ids[i], parcels[i] = r.ID, r.Watched
			before = append(before, earlier{stored: r})
		}
		among, args := db.In(tx, "id", parcels, 1)
		if _, err := tx.ExecContext(ctx, `UPDATE watched SET read_ms = $1 WHERE `+among, append([]any{db.Ms(now)}, args...)...); err != nil {
			return nil, err
		}
		among, args = db.In(tx, "id", ids, 1)
		if _, err := tx.ExecContext(ctx, `DELETE FROM watch WHERE owner = $1 AND `+among, append([]any{string(owner)}, args...)...); err != nil {
			return nil, err
		}
	}
	return before, nil
}

// lockWatches reads an owner's watches so that nobody else changes them meanwhile.
func lockWatches(ctx context.Context, tx *db.Tx, owner inventory.Subject, ids []ID) ([]stored, error) {
	var all []stored
	for some := range slices.Chunk(ids, step) {
		among, args := db.In(tx, "id", some, 1)
		rows, err := db.Rows(ctx, tx, func(row *sql.Rows) (r stored, err error) {
			return r, row.Scan(&r.ID, &r.Watched, &r.Source, &r.Words, &r.Alerts, &r.Archived, &r.Created, &r.Edition)
		}, `
			SELECT id, watched_id, source, words, alerts, archived_ms, created_ms, edition FROM watch
			WHERE owner = $1 AND `+among+` ORDER BY id`+tx.Lock(), append([]any{string(owner)}, args...)...)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}
