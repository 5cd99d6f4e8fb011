package webhook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// An exported is all that the room holds of somebody, as they are given it.
type exported struct {
	Endpoints  []exportedEndpoint `json:"webhook_endpoint,omitempty"`
	Events     []exportedEvent    `json:"webhook_event,omitempty"`
	Deliveries []exportedDelivery `json:"webhook_delivery,omitempty"`
}

type exportedEndpoint struct {
	ID EndpointID `json:"id"`
	Settings
	State State     `json:"state"`
	Made  time.Time `json:"made"`
}

type exportedEvent struct {
	Seq    int64           `json:"seq"`
	ID     EventID         `json:"id"`
	Kind   Kind            `json:"kind"`
	Number string          `json:"number"`
	Status string          `json:"status"`
	Tags   []string        `json:"tags,omitempty"`
	Detail json.RawMessage `json:"detail,omitempty"`
	At     time.Time       `json:"at"`
}

type exportedDelivery struct {
	Endpoint EndpointID    `json:"endpoint"`
	Seq      int64         `json:"seq"`
	State    DeliveryState `json:"state"`
	At       time.Time     `json:"at,omitzero"`
	Code     int           `json:"code,omitempty"`
	Answer   string        `json:"answer,omitempty"`
}

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one. Secrets stay inside.
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
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		endpoints, err := s.endpoints(ctx, tx, k, who, ` ORDER BY id`)
		if err != nil {
			return err
		}
		for _, e := range endpoints {
			all.Endpoints = append(all.Endpoints, exportedEndpoint{e.ID, e.Settings, e.State, e.Made})
		}
		events, err := readEvents(ctx, tx, k, who, ` ORDER BY e.seq`)
		if err != nil {
			return err
		}
		for _, e := range events {
			all.Events = append(all.Events, exportedEvent{e.Seq, e.ID, e.Kind, e.Parcel.Number, string(e.Status()), e.Tags, e.Detail, e.At})
		}
		all.Deliveries, err = db.Rows(ctx, tx, func(rows *sql.Rows) (d exportedDelivery, err error) {
			var tried int64
			var sealed []byte
			var answer Answer
			if err := rows.Scan(&d.Endpoint, &d.Seq, &d.State, &tried, &d.Code, &sealed); err != nil {
				return d, err
			}
			err = openJSON(k, fieldAnswer, sealed, &answer)
			d.At, d.Answer = at(tried), answer.Body
			return d, err
		}, `SELECT endpoint, seq, state, at_ms, code, answer FROM webhook_delivery WHERE owner = $1 ORDER BY seq, endpoint`, string(who))
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
