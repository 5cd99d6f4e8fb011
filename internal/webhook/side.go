package webhook

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/vault"
)

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "webhook", DB: s.db, Vault: s.vault, Fields: s.Fields(),
		Rows:   export.Owned("webhook_account", "webhook_event", "webhook_endpoint", "webhook_delivery", "webhook_attempt"),
		Guards: []string{"webhook_endpoint.secrets"},
		Read: map[string]export.Reader{
			"webhook_event.detail": export.JSON, "webhook_event.history": readHistory, "webhook_endpoint.detail": export.JSON,
			"webhook_delivery.answer": export.JSON, "webhook_attempt.answer": export.JSON,
		},
		Places: map[string]vault.Field{"webhook_attempt.answer": fieldAnswer},
	}
}

func readHistory(_ *vault.Sealer, plain []byte) (any, error) { return parcel.Decode(plain) }

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one. Secrets stay inside.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Erase deletes all that the room holds of a member or business account. Their
// key is the account's to destroy.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, table := range []string{"webhook_endpoint", "webhook_account", "webhook_delivery", "webhook_attempt", "webhook_event"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE owner = $1`, string(who)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase webhooks of %s: %w", who, err)
	}
	s.all.fresh.forget(who)
	return nil
}

// expireStep is how many events are deleted at once.
const expireStep = 1000

// Expire deletes events that are older than a month, with their deliveries.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	for total := 0; ; {
		n, err := s.expireSome(ctx, eventsEnd.Before(now))
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}

// expireSome deletes the oldest events of some accounts. An account's numbers
// grow with time, so all up to one are old.
func (s *Store) expireSome(ctx context.Context, before time.Time) (total int, err error) {
	type upTo struct {
		owner string
		seq   int64
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		total = 0
		old, err := db.Rows(ctx, tx, func(rows *sql.Rows) (u upTo, err error) { return u, rows.Scan(&u.owner, &u.seq) }, `
			SELECT owner, MAX(seq) FROM (SELECT owner, seq FROM webhook_event WHERE made_ms <= $1 ORDER BY made_ms LIMIT $2) AS old GROUP BY owner ORDER BY owner`,
			ms(before), expireStep)
		if err != nil {
			return err
		}
		for _, u := range old {
			for _, table := range []string{"webhook_delivery", "webhook_attempt", "webhook_event"} {
				done, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE owner = $1 AND seq <= $2`, u.owner, u.seq)
				if err != nil {
					return err
				}
				n, err := done.RowsAffected()
				if total += int(n); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return total, fmt.Errorf("expire events: %w", err)
	}
	return total, nil
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "webhook_account.owner", "webhook_endpoint.owner", "webhook_event.owner", "webhook_delivery.owner", "webhook_attempt.owner")
}
