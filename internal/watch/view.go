package watch

import (
	"context"
	"database/sql"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A ViewID names a view of an owner. It says nothing without the owner.
type ViewID string

// A View is a query that its owner gave a name.
type View struct {
	ID    ViewID `json:"-"`
	Name  string
	Query Query
}

// mostViews is how many views an owner can have.
const mostViews = 50

var (
	errNoView   = fault.New(fault.NotFound, "view_not_found", "There is no such view.")
	errViewName = fault.New(fault.Invalid, "view_name", "Give the view a name.")
	errViews    = fault.New(fault.Limited, "views_full", "%d views can be kept. Delete one that is no longer needed.")
)

// SaveView keeps a view, and returns its id: a new one where v has none.
func (s *Store) SaveView(ctx context.Context, owner inventory.Subject, v View) (ViewID, error) {
	var err error
	if v.Name, err = line("name", v.Name, mostName); err != nil {
		return "", err
	}
	if v.Name == "" {
		return "", errViewName
	}
	if err := v.Query.check(); err != nil {
		return "", err
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return "", err
	}
	sealed, err := k.SealJSON(fieldView, v)
	if err != nil {
		return "", err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if v.ID != "" {
			done, err := tx.ExecContext(ctx, `UPDATE watch_view SET detail = $1 WHERE owner = $2 AND id = $3`, sealed, string(owner), string(v.ID))
			return one(done, err, errNoView)
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM watch_view WHERE owner = $1`, string(owner)).Scan(&n); err != nil {
			return err
		}
		if n >= mostViews {
			return errViews.With(mostViews)
		}
		id := newID()
		_, err := tx.ExecContext(ctx, `INSERT INTO watch_view (owner, id, detail, created_ms) VALUES ($1, $2, $3, $4)`,
			string(owner), id, sealed, db.Ms(s.all.now()))
		tx.AfterCommit(func() { v.ID = ViewID(id) })
		return err
	})
	if err != nil {
		return "", fmt.Errorf("save view of %s: %w", owner, err)
	}
	return v.ID, nil
}

// Views lists an owner's views, the oldest first.
func (s *Store) Views(ctx context.Context, owner inventory.Subject) ([]View, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	var views []View
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		views, err = db.Rows(ctx, tx, func(row *sql.Rows) (v View, err error) {
			var sealed []byte
			if err := row.Scan(&v.ID, &sealed); err != nil {
				return v, err
			}
			return v, k.OpenJSON(fieldView, sealed, &v)
		}, `SELECT id, detail FROM watch_view WHERE owner = $1 ORDER BY created_ms, id`, string(owner))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("views of %s: %w", owner, err)
	}
	return views, nil
}

// DeleteView deletes a view; the watches stay.
func (s *Store) DeleteView(ctx context.Context, owner inventory.Subject, id ViewID) error {
	if _, err := s.vault.Key(ctx, owner); err != nil {
		return err
	}
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM watch_view WHERE owner = $1 AND id = $2`, string(owner), string(id))
		return one(done, err, errNoView)
	})
	if err != nil {
		return fmt.Errorf("delete view of %s: %w", owner, err)
	}
	return nil
}

// one returns missing unless a statement changed a row.
func one(done sql.Result, err error, missing error) error {
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return missing
	}
	return err
}
