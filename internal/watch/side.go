package watch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// An exported is all that the room holds of somebody, as they are given it.
type exported struct {
	Watches       []exportedWatch        `json:"watch,omitempty"`
	Registrations []exportedRegistration `json:"registration,omitempty"`
	Views         []View                 `json:"watch_view,omitempty"`
	Undo          []exportedUndo         `json:"watch_undo,omitempty"`
	Imports       []json.RawMessage      `json:"watch_import,omitempty"`
}

type exportedRegistration struct {
	ID         RegistrationID `json:"id"`
	Number     string         `json:"number"`
	Carrier    carrier.Code   `json:"carrier"`
	Final      carrier.Code   `json:"carrier_last_mile,omitempty"`
	Status     string         `json:"status"`
	Details    Details        `json:"details"`
	Created    time.Time      `json:"created"`
	Stopped    *time.Time     `json:"stopped,omitempty"`
	Why        StopReason     `json:"stopped_why,omitempty"`
	Pushed     *time.Time     `json:"pushed,omitempty"`
	PushStatus PushStatus     `json:"push_status,omitempty"`
}

type exportedWatch struct {
	ID       ID           `json:"id"`
	Number   string       `json:"number"`
	Carrier  carrier.Code `json:"carrier,omitempty"`
	Found    carrier.Code `json:"carrier_found,omitempty"`
	Status   string       `json:"status"`
	Source   Source       `json:"source"`
	Words    Words        `json:"words"`
	Alerts   string       `json:"alerts,omitempty"`
	Created  time.Time    `json:"created"`
	Archived *time.Time   `json:"archived,omitempty"`
}

// An exportedUndo is a watch as it was before a change that can be undone.
type exportedUndo struct {
	ID    ID    `json:"id"`
	Words Words `json:"words"`
}

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	k, err := s.vault.Key(ctx, who)
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		_, err := io.WriteString(w, "{}\n")
		return err
	}
	if err != nil {
		return err
	}
	var all exported
	if all.Views, err = s.Views(ctx, who); err != nil {
		return err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if all.Watches, err = exportWatches(ctx, tx, k, who); err != nil {
			return err
		}
		if all.Registrations, err = exportRegistrations(ctx, tx, k, who); err != nil {
			return err
		}
		if all.Undo, err = exportUndo(ctx, tx, k, who); err != nil {
			return err
		}
		all.Imports, err = db.Rows(ctx, tx, func(row *sql.Rows) (plain json.RawMessage, err error) {
			var sealed []byte
			if err := row.Scan(&sealed); err != nil {
				return nil, err
			}
			return plain, openJSON(k, fieldContent, sealed, &plain)
		}, `SELECT content FROM watch_import WHERE owner = $1 ORDER BY id`, string(who))
		return err
	})
	if err != nil {
		return fmt.Errorf("export %s: %w", who, err)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(all)
}

func exportWatches(ctx context.Context, tx *db.Tx, k *vault.Sealer, who inventory.Subject) ([]exportedWatch, error) {
	rows, err := rowsOf(ctx, tx, who, ` ORDER BY w.id`)
	if err != nil {
		return nil, err
	}
	var all []exportedWatch
	for _, r := range rows {
		if err := r.open(k); err != nil {
			return nil, err
		}
		w := exportedWatch{
			ID: r.ID, Number: r.Number, Carrier: r.Carrier, Found: r.Found, Status: string(r.Status),
			Source: r.Source, Words: r.Words, Alerts: r.Alerts.stored(), Created: r.Created,
		}
		if !r.Archived.IsZero() {
			w.Archived = &r.Archived
		}
		all = append(all, w)
	}
	return all, nil
}

func exportRegistrations(ctx context.Context, tx *db.Tx, k *vault.Sealer, who inventory.Subject) ([]exportedRegistration, error) {
	rows, err := registrationsOf(ctx, tx, k, who, ` ORDER BY r.id`)
	if err != nil {
		return nil, err
	}
	var all []exportedRegistration
	for _, r := range rows {
		out := exportedRegistration{
			ID: r.ID, Number: r.Number, Carrier: r.Carrier, Final: r.Final, Status: string(r.Summary.Status),
			Details: r.Details, Created: r.Created, Why: r.Why, PushStatus: r.Push.Status,
		}
		if !r.Tracking() {
			out.Stopped = &r.Stopped
		}
		if !r.Push.At.IsZero() {
			out.Pushed = &r.Push.At
		}
		all = append(all, out)
	}
	return all, nil
}

func exportUndo(ctx context.Context, tx *db.Tx, k *vault.Sealer, who inventory.Subject) ([]exportedUndo, error) {
	sealed, err := db.Rows(ctx, tx, func(row *sql.Rows) (b []byte, err error) { return b, row.Scan(&b) },
		`SELECT before FROM watch_undo WHERE owner = $1 ORDER BY id`, string(who))
	if err != nil {
		return nil, err
	}
	var all []exportedUndo
	for _, b := range sealed {
		var before []earlier
		if err := openJSON(k, fieldBefore, b, &before); err != nil {
			return nil, err
		}
		for _, e := range before {
			u := exportedUndo{ID: e.ID}
			if err := openJSON(k, fieldWords, e.Words, &u.Words); err != nil {
				return nil, err
			}
			all = append(all, u)
		}
	}
	return all, nil
}

// Erase deletes all that the room holds of a member or business account. Their
// key is the account's to destroy.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{
			`DELETE FROM watch WHERE owner = $1`,
			`DELETE FROM registration WHERE owner = $1`,
			`DELETE FROM watch_undo WHERE owner = $1`,
			`DELETE FROM watch_view WHERE owner = $1`,
			`DELETE FROM watch_import WHERE owner = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, string(who)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase watches of %s: %w", who, err)
	}
	return nil
}

// Expire deletes what has been kept as long as it may: undos and imports that
// are over, registrations that were stopped 90 days ago, and parcels that nobody
// watches any more.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, old := range []struct {
		statement string
		before    time.Time
	}{
		{`DELETE FROM watch_undo WHERE ends_ms <= $1`, now},
		{`DELETE FROM watch_import WHERE ends_ms <= $1`, now},
		{`DELETE FROM registration WHERE stopped_ms > 0 AND due_ms <= $1`, now},
		{`DELETE FROM watched WHERE read_ms <= $1 AND NOT EXISTS (SELECT 1 FROM watch w WHERE w.watched_id = watched.id)
			AND NOT EXISTS (SELECT 1 FROM registration r WHERE r.watched_id = watched.id)`, watchedEnd.Before(now)},
	} {
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, old.statement, ms(old.before))
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			total += int(n)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("expire watches: %w", err)
		}
	}
	return total, nil
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "watch.owner", "registration.owner", "watch_undo.owner", "watch_view.owner", "watch_import.owner")
}
