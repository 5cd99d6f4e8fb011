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
	sealed, err := sealJSON(k, fieldBefore, before)
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
	return Done{Changed: len(before), Undo: UndoID(id), Until: at(ends)}, err
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
			string(owner), string(id), ms(s.all.now())).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoUndo
		}
		if err != nil {
			return err
		}
		var before []earlier
		if err := openJSON(k, fieldBefore, sealed, &before); err != nil {
			return err
		}
		for _, e := range before {
			n, err := e.restore(ctx, tx, owner)
			if err != nil {
				return err
			}
			done.Restored += n
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

// restore puts a watch back as it was, and returns 1 if it could.
func (e earlier) restore(ctx context.Context, tx *db.Tx, owner inventory.Subject) (int, error) {
	var done sql.Result
	var err error
	switch {
	case e.Made:
		done, err = tx.ExecContext(ctx, `DELETE FROM watch WHERE owner = $1 AND id = $2 AND edition = $3`, string(owner), string(e.ID), e.After)
	case e.After == 0:
		done, err = tx.ExecContext(ctx, `
			INSERT INTO watch (owner, id, watched_id, source, words, alerts, archived_ms, created_ms, edition)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			string(owner), string(e.ID), e.Watched, string(e.Source), blob(e.Words), e.Alerts, e.Archived, e.Created, e.Edition+1)
	default:
		done, err = tx.ExecContext(ctx, `
			UPDATE watch SET words = $1, alerts = $2, archived_ms = $3, edition = edition + 1 WHERE owner = $4 AND id = $5 AND edition = $6`,
			blob(e.Words), e.Alerts, e.Archived, string(owner), string(e.ID), e.After)
	}
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}
