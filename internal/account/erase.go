package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
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
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
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
	})
	if err != nil {
		return fmt.Errorf("erase %s: %w", who, err)
	}
	return s.vault.Destroy(ctx, who)
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

// Expire deletes what has been kept as long as it may: what was begun and is
// over, ended sessions, counts, old notices and log entries, children's accounts
// for which no guardian answered, and business accounts that were closed.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	total, err := s.expireChildren(ctx, now)
	if err != nil {
		return total, err
	}
	closed, err := s.expireTeams(ctx, now)
	if total += closed; err != nil {
		return total, err
	}
	for _, old := range []struct {
		statement string
		before    time.Time
	}{
		{`DELETE FROM flow WHERE ends_ms <= $1`, now},
		{`DELETE FROM session WHERE ends_ms <= $1 OR (revoked_ms > 0 AND revoked_ms <= $1)`, sessionsEnd.Before(now)},
		{`DELETE FROM awaited WHERE asked_ms <= $1`, awaitedEnd.Before(now)},
		{`DELETE FROM rate WHERE ends_ms <= $1`, now},
		{`DELETE FROM notice WHERE created_ms <= $1`, noticesEnd.Before(now)},
		{`DELETE FROM invitation WHERE created_ms <= $1`, invitationsEnd.Before(now)},
		{`DELETE FROM handover WHERE ends_ms <= $1`, now},
		{`DELETE FROM staff_session WHERE ends_ms <= $1`, now},
		{`DELETE FROM access_log WHERE at_ms <= $1`, logsEnd.Before(now)},
	} {
		var n int64
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			done, err := tx.ExecContext(ctx, old.statement, ms(old.before))
			if err == nil {
				n, err = done.RowsAffected()
			}
			return err
		})
		if err != nil {
			return total, fmt.Errorf("expire: %w", err)
		}
		total += int(n)
	}
	return total, s.expireFlowsKeys(ctx, now)
}

// expireChildren erases accounts that waited for a guardian in vain.
func (s *Store) expireChildren(ctx context.Context, now time.Time) (int, error) {
	var waiting []ID
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		waiting, err = db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) }, `
			SELECT g.account_id FROM guardian g JOIN account a ON a.id = g.account_id
			WHERE g.answered_ms = 0 AND g.ends_ms <= $1 AND a.state = $2`, ms(now), Waiting)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("expire children: %w", err)
	}
	for n, id := range waiting {
		if err := s.whole(ctx, id.Subject()); err != nil {
			return n, err
		}
	}
	return len(waiting), nil
}

// expireTeams erases business accounts that were closed a while ago, or to which
// nobody belongs any more.
func (s *Store) expireTeams(ctx context.Context, now time.Time) (int, error) {
	var closed []TeamID
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		closed, err = db.Rows(ctx, tx, func(row *sql.Rows) (id TeamID, err error) { return id, row.Scan(&id) }, `
			SELECT t.id FROM team t WHERE t.closed_ms > 0 AND
				(t.closed_ms <= $1 OR NOT EXISTS (SELECT 1 FROM membership m WHERE m.team_id = t.id))`, ms(teamsEnd.Before(now)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("expire business accounts: %w", err)
	}
	for n, id := range closed {
		if err := s.whole(ctx, id.Subject()); err != nil {
			return n, err
		}
	}
	return len(closed), nil
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
