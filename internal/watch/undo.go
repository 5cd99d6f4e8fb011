package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

const (
	// undoFor is how long a change can be undone.
	undoFor = 15 * time.Minute

	// mostUndo is how many changes of one owner can be undone; older ones go.
	mostUndo = 10
)

// An UndoID names a change that can be undone. It says nothing without the owner.
type UndoID string

// An Undone says what an undoing did.
type Undone struct {
	Restored int // watches that are as they were
	Left     int // watches that were changed since, and stay so
}

// An earlier is a watch as it was before a change.
type earlier struct {
	stored
	After int64 `json:",omitempty"` // its edition after the change; 0: it was deleted
	Made  bool  `json:",omitempty"` // the change made it
}

var errNoUndo = fault.New(fault.NotFound, "undo_not_found", "This can't be undone any more.")

// undoable keeps what takes a change back.
func (s *Store) undoable(ctx context.Context, tx *db.Tx, owner inventory.Subject, k *vault.Sealer, before []earlier) (Done, error) {
	if len(before) == 0 {
		return Done{}, nil
	}
	sealed, err := k.SealJSON(fieldBefore, before)
	if err != nil {
		return Done{}, err
	}
	id, ends := newID(), s.in(undoFor)
	_, err = tx.ExecContext(ctx, `INSERT INTO watch_undo (owner, id, before, ends_ms) VALUES ($1, $2, $3, $4)`, string(owner), id, sealed, ends)
	if err != nil {
		return Done{}, err
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM watch_undo WHERE owner = $1 AND id NOT IN (
			SELECT id FROM watch_undo WHERE owner = $1 ORDER BY ends_ms DESC, id DESC LIMIT $2)`, string(owner), mostUndo)
	return Done{Changed: len(before), Undo: UndoID(id), Until: db.At(ends)}, err
}

// Undo takes a change back, once: each watch is exactly as it was, unless it
// was changed again since.
func (s *Store) Undo(ctx context.Context, owner inventory.Subject, id UndoID) (Undone, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Undone{}, err
	}
	var done Undone
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done = Undone{}
		var sealed []byte
		err := tx.QueryRowContext(ctx, `DELETE FROM watch_undo WHERE owner = $1 AND id = $2 AND ends_ms > $3 RETURNING before`,
			string(owner), string(id), db.Ms(s.all.now())).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoUndo
		}
		if err != nil {
			return err
		}
		var before []earlier
		if err := k.OpenJSON(fieldBefore, sealed, &before); err != nil {
			return err
		}
		if done.Restored, err = restore(ctx, tx, owner, before, s.all.now()); err != nil {
			return err
		}
		done.Left = len(before) - done.Restored
		tx.Notify(Topic(owner))
		return s.room(ctx, tx, owner)
	})
	if err != nil {
		return Undone{}, fmt.Errorf("undo for %s: %w", owner, err)
	}
	return done, nil
}

// restore puts watches back as they were, but for those that were changed
// since, and returns how many.
func restore(ctx context.Context, tx *db.Tx, owner inventory.Subject, before []earlier, now time.Time) (int, error) {
	ids := make([]ID, len(before))
	for i, e := range before {
		ids[i] = e.ID
	}
	rows, err := lockWatches(ctx, tx, owner, ids)
	if err != nil {
		return 0, err
	}
	there := make(map[ID]stored, len(rows))
	for _, r := range rows {
		there[r.ID] = r
	}
	var deleted, changed, made []stored
	for _, e := range before {
		r, ok := there[e.ID]
		switch was := e.stored; {
		case !ok && e.After == 0:
			was.Edition++
			deleted = append(deleted, was)
		case !ok || r.Edition != e.After:
		case e.Made:
			made = append(made, r)
		default:
			was.Edition = r.Edition + 1
			changed = append(changed, was)
		}
	}
	back, err := insertWatches(ctx, tx, owner, deleted)
	if err == nil {
		err = writeWatches(ctx, tx, owner, changed)
	}
	if err == nil {
		_, err = deleteWatches(ctx, tx, owner, made, now)
	}
	return back + len(changed) + len(made), err
}
