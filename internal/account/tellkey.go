package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A KeyNews is a key for programs that has a new secret.
type KeyNews struct {
	Owner   inventory.Subject // a member's or business account
	Secret  string            // a UUID that names it: who is told twice of one gets one message
	Name    string            // of the key
	Rotated bool              // the key had one before
}

// TellKey tells those who own an account of a new secret: the member, or the
// owners of the business account. Where there is no such account any more, nobody.
func (m *Members) TellKey(ctx context.Context, n KeyNews) error {
	owners, called, err := m.ownersOf(ctx, n.Owner)
	if err != nil {
		return fmt.Errorf("owners of %s: %w", n.Owner, err)
	}
	if called != "" {
		n.Name += " · " + called
	}
	for _, id := range owners {
		if err := m.tellKey(ctx, id, n); err != nil {
			return fmt.Errorf("tell %s of a key: %w", id, err)
		}
	}
	return nil
}

func (m *Members) tellKey(ctx context.Context, id ID, n KeyNews) error {
	s, err := m.Of(id)
	if err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if fault.KindOf(err) == fault.NotFound {
		return nil // erased
	}
	if err != nil {
		return err
	}
	secret, err := uuid.Parse(n.Secret)
	if err != nil {
		return err
	}
	c := change{id: s.region + "-" + uuid.NewSHA1(secret, []byte(id)).String(), what: KeyMade, detail: n.Name}
	if n.Rotated {
		c.what = KeyRotated
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error { return s.notice(ctx, tx, k, id, c) })
}

// ownersOf returns the member that a subject is, or the owners of the business
// account, with what that is called.
func (m *Members) ownersOf(ctx context.Context, who inventory.Subject) (owners []ID, called string, err error) {
	s, err := m.in(regionOf(string(who)))
	if err != nil {
		return nil, "", nil //nolint:nilerr // no such region, no such account
	}
	var name []byte
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		var member bool
		if err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM account WHERE id = $1)`, string(who)).Scan(&member); err != nil {
			return err
		}
		if member {
			owners = []ID{ID(who)}
			return nil
		}
		err = tx.QueryRowContext(ctx, `SELECT name FROM team WHERE id = $1`, string(who)).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		owners, err = db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) },
			`SELECT account_id FROM membership WHERE team_id = $1 AND role = $2 ORDER BY account_id`, string(who), RoleOwner)
		return err
	})
	if err == nil && len(name) > 0 {
		called, err = s.teamCalled(ctx, TeamID(who), name)
	}
	return owners, called, err
}
