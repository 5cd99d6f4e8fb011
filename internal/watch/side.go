package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/purge"
	"waypost/internal/vault"
)

// exports is what it takes to write what the room holds of somebody: of watched
// parcels, which are nobody's, those that are theirs to see.
func (s *Store) exports() export.Room {
	rows := export.Owned("watch", "registration", "watch_undo", "watch_view", "watch_import")
	rows["watched"] = `id IN (SELECT watched_id FROM watch WHERE owner = $1 UNION SELECT watched_id FROM registration WHERE owner = $1)`
	return export.Room{
		Name: "watch", DB: s.db, Vault: s.vault, Fields: s.Fields(), Rows: rows,
		Read: map[string]export.Reader{
			"watch.words": export.JSON, "registration.details": export.JSON, "watch_view.detail": export.JSON,
			"watch_import.content": export.JSON, "watch_import.preview": export.JSON, "watch_undo.before": readBefore,
		},
	}
}

// An exportedUndo is a watch as it was before a change that can be undone.
type exportedUndo struct {
	ID    ID    `json:"id"`
	Words Words `json:"words"`
}

func readBefore(k *vault.Sealer, plain []byte) (any, error) {
	var before []earlier
	if err := json.Unmarshal(plain, &before); err != nil {
		return nil, err
	}
	all := []exportedUndo{}
	for _, e := range before {
		u := exportedUndo{ID: e.ID}
		if err := k.OpenJSON(fieldWords, e.Words, &u.Words); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
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
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, s.db, p,
		purge.Rule{Table: "watch_undo", Since: "ends_ms", Owner: "owner"},
		purge.Rule{Table: "watch_import", Since: "ends_ms", Owner: "owner"},
		purge.Rule{Table: "registration", Since: "due_ms", Where: "stopped_ms > 0", Owner: "owner"},
		purge.Rule{Table: "watched", Since: "read_ms", For: watchedEnd.For, Where: `NOT EXISTS (SELECT 1 FROM watch w WHERE w.watched_id = watched.id)
			AND NOT EXISTS (SELECT 1 FROM registration r WHERE r.watched_id = watched.id)`},
	)
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "watch.owner", "registration.owner", "watch_undo.owner", "watch_view.owner", "watch_import.owner")
}
