package quota

import (
	"context"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
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
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	total, err := s.count.Expire(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, old := range []struct {
		statement string
		before    time.Time
	}{
		{`DELETE FROM api_key WHERE revoked_ms > 0 AND revoked_ms <= $1`, keysEnd.Before(now)},
		{`DELETE FROM api_secret WHERE ends_ms > 0 AND ends_ms <= $1`, secretsEnd.Before(now)},
		{`DELETE FROM quota_line WHERE created_ms <= $1`, linesEnd.Before(now)},
		{`DELETE FROM quota_day WHERE day_ms <= $1`, daysEnd.Before(now)},
	} {
		n, err := s.db.Exec(ctx, old.statement, ms(old.before))
		if err != nil {
			return total, fmt.Errorf("expire keys and quota: %w", err)
		}
		total += n
	}
	return total, nil
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "api_key.owner", "api_secret.owner", "quota_account.owner", "quota_line.owner", "quota_day.owner")
}
