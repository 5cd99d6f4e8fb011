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
	"waypost/internal/purge"
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

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
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
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (gone inventory.Purged, err error) {
	if p.Try {
		err = purge.Try(ctx, s.db, func(tx *db.Tx) error {
			for gone = nil; ; {
				some, err := expireSome(ctx, tx, p)
				if gone = gone.And(some...); err != nil || some.Rows() == 0 {
					return err
				}
			}
		})
		return gone, err
	}
	for {
		var some inventory.Purged
		err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
			some, err = expireSome(ctx, tx, p)
			return err
		})
		if gone = gone.And(some...); err != nil || some.Rows() == 0 {
			return gone, err
		}
	}
}

// expireSome deletes the oldest events of some accounts. An account's numbers
// grow with time, so all up to one are old.
func expireSome(ctx context.Context, tx *db.Tx, p inventory.Purge) (gone inventory.Purged, err error) {
	type upTo struct {
		owner string
		seq   int64
	}
	unheld, args := purge.NotHeld(p, "owner", []any{db.Ms(eventsEnd.Before(p.Now)), expireStep})
	old, err := db.Rows(ctx, tx, func(rows *sql.Rows) (u upTo, err error) { return u, rows.Scan(&u.owner, &u.seq) }, `
		SELECT owner, MAX(seq) FROM (SELECT owner, seq FROM webhook_event WHERE made_ms <= $1`+unheld+` ORDER BY made_ms LIMIT $2) AS old GROUP BY owner ORDER BY owner`,
		args...)
	if err != nil {
		return nil, fmt.Errorf("expire events: %w", err)
	}
	for _, table := range []string{"webhook_delivery", "webhook_attempt", "webhook_event"} {
		g := inventory.Gone{Table: table}
		for _, u := range old {
			done, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE owner = $1 AND seq <= $2`, u.owner, u.seq)
			if err != nil {
				return gone, fmt.Errorf("expire events: %w", err)
			}
			n, err := done.RowsAffected()
			if err != nil {
				return gone, fmt.Errorf("expire events: %w", err)
			}
			g.Rows += int(n)
		}
		gone = append(gone, g)
	}
	return gone, nil
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "webhook_account.owner", "webhook_endpoint.owner", "webhook_event.owner", "webhook_delivery.owner", "webhook_attempt.owner")
}
