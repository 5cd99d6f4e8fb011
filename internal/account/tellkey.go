package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

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
	what := KeyMade
	if n.Rotated {
		what = KeyRotated
	}
	return m.tellOwners(ctx, n.Owner, n.Secret, change{what: what, detail: n.Name})
}

// A HookNews is how an endpoint for programs does.
type HookNews struct {
	Owner inventory.Subject // a member's or business account
	ID    string            // a UUID that names the news: who is told twice of one gets one message
	Name  string            // of the endpoint
	What  What              // HookFailing, HookWorks or HookGone
}

// TellHook is TellKey for an endpoint.
func (m *Members) TellHook(ctx context.Context, n HookNews) error {
	return m.tellOwners(ctx, n.Owner, n.ID, change{what: n.What, detail: n.Name})
}

// A CopyNews is a copy of their data that a member asked for and that is made.
type CopyNews struct {
	Owner inventory.Subject // a member's account
	ID    string            // a UUID that names it: who is told twice of one gets one message
	Path  string            // fetches it
	Ends  time.Time         // UTC; until when
}

// TellCopy tells a member where their copy is.
func (m *Members) TellCopy(ctx context.Context, n CopyNews) error {
	return m.tellOwners(ctx, n.Owner, n.ID, change{what: CopyMade, link: n.Path, ends: n.Ends})
}

// TellGivenOut tells a member, or the owners of a business account, that something
// of theirs was given to an authority. once is a UUID that names it: who is told
// twice of one gets one message.
func (m *Members) TellGivenOut(ctx context.Context, who inventory.Subject, once, authority string) error {
	return m.tellOwners(ctx, who, once, change{what: GivenOut, detail: authority, link: "my-data"})
}

// tellOwners tells those who own an account of something, once.
func (m *Members) tellOwners(ctx context.Context, who inventory.Subject, once string, c change) error {
	owners, called, err := m.ownersOf(ctx, who)
	if err != nil {
		return fmt.Errorf("owners of %s: %w", who, err)
	}
	if called != "" {
		c.detail += " · " + called
	}
	for _, id := range owners {
		if err := m.tellOwner(ctx, id, once, c); err != nil {
			return fmt.Errorf("tell %s of %s: %w", id, c.what, err)
		}
	}
	return nil
}

func (m *Members) tellOwner(ctx context.Context, id ID, once string, c change) error {
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
	space, err := uuid.Parse(once)
	if err != nil {
		return err
	}
	c.id = s.region + "-" + uuid.NewSHA1(space, []byte(id)).String()
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
