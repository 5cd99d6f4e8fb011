package account

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"waypost/internal/db"
)

// SetPassword gives an account another password, or its first, and signs out
// every other device. What was begun by whoever knew the old one is over. The
// session has to be fresh.
func (s *Store) SetPassword(ctx context.Context, d Session, password string, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	return s.setPassword(ctx, d.Account, password, spared{session: d.ID}, from)
}

// spared is what a change of the password doesn't end: the session or the flow
// in which it is made.
type spared struct{ session, flow string }

// setPassword signs out every device and ends every flow but what is spared.
// An account that nobody may use keeps what it has.
func (s *Store) setPassword(ctx context.Context, id ID, password string, but spared, from From) error {
	p, err := s.Profile(ctx, id)
	if err != nil {
		return err
	}
	about := []string{p.Nickname, p.Company}
	for _, a := range p.Contacts {
		about = append(about, a.Value)
	}
	stored, err := s.passwords.hash(ctx, password, about...)
	if err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	what := PasswordSet
	if p.Password {
		what = PasswordChanged
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		w, err := lockWays(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := w.usable(); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, k, id, change{what: what, device: Label(from.Agent)}); err != nil {
			return err
		}
		if err := putPassword(ctx, tx, id, stored, s.now()); err != nil {
			return err
		}
		if err := s.dropFlows(ctx, tx, id, but.flow); err != nil {
			return err
		}
		return s.revokeAll(ctx, tx, id, but.session)
	})
	if err != nil {
		return fmt.Errorf("set password of %s: %w", id, err)
	}
	return nil
}

func putPassword(ctx context.Context, tx *db.Tx, id ID, stored string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO password (account_id, phc, set_ms) VALUES ($1, $2, $3)
		ON CONFLICT (account_id) DO UPDATE SET phc = excluded.phc, set_ms = excluded.set_ms`, id, stored, ms(now))
	return err
}

// setState changes how an account stands, from one of the states that it may be in.
func (s *Store) setState(ctx context.Context, tx *db.Tx, id ID, from, to State) error {
	var done sql.Result
	done, err := tx.ExecContext(ctx, `UPDATE account SET state = $1, state_ms = $2 WHERE id = $3 AND state = $4`, to, ms(s.now()), id, from)
	return one(done, err, errNoAccount)
}
