package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/purge"
	"waypost/internal/vault"
)

const (
	flowsKeyKept   = 2  // days
	flowsKeyBefore = 30 // days before that in which a key is looked for: the program may have been off
)

// Erase deletes all that the room holds of a member, a business account or one
// of the staff, and destroys their key, so that no copy can be read any more.
// What stays is the staff's log of whom they looked at: ids that stand for
// nobody any more.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	if err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.eraseRows(ctx, tx, who) }); err != nil {
		return fmt.Errorf("erase %s: %w", who, err)
	}
	if regionOf(string(who)) != s.region {
		return nil // their key is in the region that they live in
	}
	return s.vault.Destroy(ctx, who)
}

// eraseRows deletes all that the room holds of somebody.
func (s *Store) eraseRows(ctx context.Context, tx *db.Tx, who inventory.Subject) error {
	for _, statement := range []string{
		`DELETE FROM account WHERE id = $1`, // and all that names it
		`DELETE FROM flow WHERE account_id = $1`,
		`DELETE FROM team WHERE id = $1`,
		`DELETE FROM staff WHERE id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, statement, string(who)); err != nil {
			return err
		}
	}
	return s.partAll(ctx, tx, ID(who))
}

// Erase erases an account, and its memberships in other regions.
func (m *Members) Erase(ctx context.Context, id ID) error {
	home, err := m.Of(id)
	if err != nil {
		return err
	}
	for _, s := range m.stores {
		if s == home {
			continue
		}
		if err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.partAll(ctx, tx, id) }); err != nil {
			return fmt.Errorf("erase %s in %s: %w", id, s.region, err)
		}
	}
	return home.Erase(ctx, id.Subject())
}

// EraseBy has whoever this room itself comes to erase (a business account that
// was closed, a child without consent) erased by do, which is to erase them from
// every room, from this one last. It is called before anybody is erased.
func (m *Members) EraseBy(do func(ctx context.Context, who inventory.Subject) error) {
	m.everyRoom = do
}

// eraseWhole erases somebody from every room.
func (m *Members) eraseWhole(ctx context.Context, who inventory.Subject) error {
	if m.everyRoom != nil {
		return m.everyRoom(ctx, who)
	}
	return m.Erase(ctx, ID(who))
}

// over are the rules by which rows go: what was begun and is over, ended sessions,
// counts, old notices and log entries.
func over() []purge.Rule {
	return []purge.Rule{
		{Table: "flow", Since: "ends_ms"}, // sealed with the key of its day, so no hold could keep it
		{Table: "session", Since: "ends_ms", For: sessionsEnd.For, Owner: "account_id"},
		{Table: "session", Since: "revoked_ms", For: sessionsEnd.For, Where: "revoked_ms > 0", Owner: "account_id"},
		{Table: "awaited", Since: "asked_ms", For: awaitedEnd.For, Owner: "account_id"},
		{Table: "rate", Since: "ends_ms"},
		{Table: "notice", Since: "created_ms", For: noticesEnd.For, Owner: "account_id"},
		{Table: "invitation", Since: "created_ms", For: invitationsEnd.For, Owner: "team_id"},
		{Table: "handover", Since: "ends_ms", Owner: "team_id"},
		{Table: "staff_session", Since: "ends_ms", Owner: "staff_id"},
		{Table: "hush", Since: "until_ms"},
		{Table: "look", Since: "ends_ms", Owner: "account_id"},
		{Table: "access_log", Since: "at_ms", For: logsEnd.For, Owner: "account_id"},
	}
}

// Expire deletes what has been kept as long as it may, and with it children's
// accounts to which no guardian agreed, and business accounts that were closed.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (gone inventory.Purged, err error) {
	if p.Try {
		err = purge.Try(ctx, s.db, func(tx *db.Tx) error {
			ended, err := s.ended(ctx, tx, p)
			if err != nil {
				return err
			}
			gone = nil
			for _, e := range ended {
				if err := s.eraseRows(ctx, tx, e.who); err != nil {
					return err
				}
				gone = gone.And(inventory.Gone{Table: e.table, Rows: 1})
			}
			some, err := purge.In(ctx, tx, p, over()...)
			gone = gone.And(some...)
			return err
		})
		return gone, err
	}
	var ended []ended
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		ended, err = s.ended(ctx, tx, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("expire accounts: %w", err)
	}
	for _, e := range ended {
		if err := s.whole(ctx, e.who); err != nil {
			return gone, err
		}
		gone = gone.And(inventory.Gone{Table: e.table, Rows: 1})
	}
	some, err := purge.Run(ctx, s.db, p, over()...)
	if gone = gone.And(some...); err != nil {
		return gone, err
	}
	return gone, s.expireFlowsKeys(ctx, p.Now)
}

// An ended account is one whose time is over as a whole.
type ended struct {
	table string
	who   inventory.Subject
}

// ended are children's accounts that waited for a guardian in vain, those that were
// refused while their data had to stay, and business
// accounts that were closed a while ago, or to which nobody belongs any more.
func (s *Store) ended(ctx context.Context, tx *db.Tx, p inventory.Purge) (all []ended, err error) {
	for _, one := range []struct {
		table, column, query string
		args                 []any
	}{
		{"account", "a.id", `SELECT a.id FROM guardian g JOIN account a ON a.id = g.account_id
			WHERE g.answered_ms = 0 AND g.ends_ms <= $1 AND a.state = $2`, []any{ms(p.Now), Waiting}},
		{"account", "a.id", `SELECT a.id FROM guardian g JOIN account a ON a.id = g.account_id
			WHERE g.answer = 'no' AND a.state = $1`, []any{Waiting}},
		{"team", "t.id", `SELECT t.id FROM team t WHERE t.closed_ms > 0 AND
			(t.closed_ms <= $1 OR NOT EXISTS (SELECT 1 FROM membership m WHERE m.team_id = t.id))`, []any{ms(teamsEnd.Before(p.Now))}},
	} {
		unheld, args := purge.NotHeld(p, one.column, one.args)
		some, err := db.Rows(ctx, tx, func(row *sql.Rows) (ended, error) {
			e := ended{table: one.table}
			err := row.Scan(&e.who)
			return e, err
		}, one.query+unheld, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// expireFlowsKeys destroys the keys of what was begun two days ago and before.
func (s *Store) expireFlowsKeys(ctx context.Context, now time.Time) error {
	for back := flowsKeyKept; back < flowsKeyKept+flowsKeyBefore; back++ {
		who := s.flowsSubject(now.UTC().AddDate(0, 0, -back).Format(time.DateOnly))
		_, err := s.vault.Key(ctx, who)
		if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.vault.Destroy(ctx, who); err != nil {
			return err
		}
	}
	return nil
}

// Subjects are the members, business accounts and staff of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "account.id", "team.id", "staff.id", "flow.account_id", "membership.account_id")
}
