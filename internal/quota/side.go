package quota

import (
	"context"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "quota", DB: s.db, Vault: s.vault, Fields: s.Fields(),
		Rows:   export.Owned("api_key", "api_secret", "quota_account", "quota_line", "quota_day"),
		Guards: []string{"api_secret.hash", "api_secret.copy"},
		Read:   map[string]export.Reader{"api_key.detail": export.JSON},
	}
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

// Erase deletes all that the room holds of a member or business account.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		s.changed(tx)
		for _, statement := range []string{
			`DELETE FROM api_secret WHERE owner = $1`,
			`DELETE FROM api_key WHERE owner = $1`,
			`DELETE FROM quota_account WHERE owner = $1`,
			`DELETE FROM quota_line WHERE owner = $1`,
			`DELETE FROM quota_day WHERE owner = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, string(who)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase keys and quota of %s: %w", who, err)
	}
	return nil
}

// Expire deletes what has been kept as long as it may: keys that were revoked,
// secrets that ended, the older part of the ledger, and counts of calls.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	counts, err := s.count.Expire(ctx, p)
	if err != nil {
		return counts, err
	}
	gone, err := purge.Run(ctx, s.db, p,
		purge.Rule{Table: "api_key", Since: "revoked_ms", For: keysEnd.For, Where: "revoked_ms > 0", Owner: "owner"},
		purge.Rule{Table: "api_secret", Since: "ends_ms", For: secretsEnd.For, Where: "ends_ms > 0", Owner: "owner"},
		purge.Rule{Table: "quota_line", Since: "created_ms", For: linesEnd.For, Owner: "owner"},
		purge.Rule{Table: "quota_day", Since: "day_ms", For: daysEnd.For, Owner: "owner"},
	)
	return counts.And(gone...), err
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "api_key.owner", "api_secret.owner", "quota_account.owner", "quota_line.owner", "quota_day.owner")
}
