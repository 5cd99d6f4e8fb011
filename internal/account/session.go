package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

const (
	sessionLife = 180 * 24 * time.Hour // however often it is used
	sessionIdle = 30 * 24 * time.Hour
	sessionKept = 7 * 24 * time.Hour // after it ended, so that its device isn't new
	seenStep    = 24 * time.Hour     // how exactly it is known when a device was last used
	freshFor    = 10 * time.Minute   // how long something dangerous may come after a proof
)

var (
	errSession = fault.New(fault.Denied, "session_over", "You are signed out. Please sign in again.")
	errStale   = fault.New(fault.Denied, "prove_again", "Please show once more that it is you.")
	errDevice  = fault.New(fault.NotFound, "device_missing", "There is no such device any more.")
)

// A Session is a device that is signed in.
type Session struct {
	ID      string
	Account ID
	Shown   map[Factor]time.Time // which factors were shown, and when
	Proved  time.Time            // UTC; when all that was asked for had been shown
	Created time.Time            // UTC
	Seen    time.Time            // UTC, to the day
	Ends    time.Time            // UTC, if it isn't used
	read    time.Time
}

// Fresh reports whether its owner showed who they are within the last ten
// minutes, as changes of addresses and ways in want it.
func (s Session) Fresh() bool { return s.read.Sub(s.Proved) < freshFor }

func (s Session) fresh() error {
	if !s.Fresh() {
		return errStale
	}
	return nil
}

// Session returns what a browser's token stands for; a fault of kind Denied
// when it is over.
func (m *Members) Session(ctx context.Context, token Token) (Session, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return Session{}, errSession
	}
	now := s.now()
	var found Session
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		found, err = scanSession(tx.QueryRowContext(ctx, `
			SELECT s.id, s.account_id, s.shown, s.proved_ms, s.created_ms, s.seen_ms, s.ends_ms
			FROM session s JOIN account a ON a.id = s.account_id
			WHERE s.token = $1 AND s.ends_ms > $2 AND s.revoked_ms = 0 AND a.state = $3`, token.hash(), ms(now), Active))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, errSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("read session: %w", err)
	}
	found.read = now
	if now.Sub(found.Seen) < seenStep {
		return found, nil
	}
	return found, s.seen(ctx, &found, now)
}

// seen notes that a device was used, and so lives on.
func (s *Store) seen(ctx context.Context, d *Session, now time.Time) error {
	d.Seen, d.Ends = now.Truncate(seenStep), d.until(now)
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE session SET seen_ms = $1, ends_ms = $2 WHERE id = $3 AND revoked_ms = 0`,
			ms(d.Seen), ms(d.Ends), d.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("session %s: %w", d.ID, err)
	}
	return nil
}

// until is when a session ends that is used now and then no more. What is
// known of its use is a day old at most, which it gets on top.
func (s Session) until(now time.Time) time.Time {
	idle, last := now.Add(sessionIdle+seenStep), s.Created.Add(sessionLife)
	if idle.After(last) {
		return last
	}
	return idle
}

func scanSession(row interface{ Scan(...any) error }) (s Session, err error) {
	var shown string
	var proved, created, seen, ends int64
	if err = row.Scan(&s.ID, &s.Account, &shown, &proved, &created, &seen, &ends); err != nil {
		return Session{}, err
	}
	s.Proved, s.Created, s.Seen, s.Ends = db.At(proved), db.At(created), db.At(seen), db.At(ends)
	return s, json.Unmarshal([]byte(shown), &s.Shown)
}

// signIn starts a session at the end of a flow, in an account whose state it
// was. Of a device that the account
// doesn't know its owner is told.
func (s *Store) signIn(ctx context.Context, f *flow, was State, from From) (Step, error) {
	known, err := s.knows(ctx, f.account, from)
	if err != nil {
		return Step{}, err
	}
	k, err := s.vault.Key(ctx, f.account.Subject())
	if err != nil {
		return Step{}, err
	}
	step := Step{Account: f.account, Back: was != Active}
	err = s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		if err := s.finish(ctx, tx, f); err != nil {
			return err
		}
		if step.Back {
			if err := s.setState(ctx, tx, f.account, was, Active); err != nil {
				return err
			}
		}
		if step.Session, err = s.startSession(ctx, tx, k, f.account, f.state.Shown, from); err != nil || known {
			return err
		}
		return s.notice(ctx, tx, k, f.account, change{what: NewDevice, device: Label(from.Agent)})
	})
	if err != nil {
		return Step{}, fmt.Errorf("sign in: %w", err)
	}
	return step, nil
}

// alive fails with errSession when a session, in which something was begun, is
// over: whoever began it may have been signed out for good reason.
func (s *Store) alive(ctx context.Context, tx *db.Tx, session string) error {
	var n int64
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM session WHERE id = $1 AND revoked_ms = 0 AND ends_ms > $2`, session, ms(s.now())).Scan(&n)
	if err == nil && n == 0 {
		return errSession
	}
	return err
}

// startSession writes a new session and returns its token.
func (s *Store) startSession(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, shown map[Factor]time.Time, from From) (Token, error) {
	now := s.now()
	how, err := json.Marshal(shown)
	if err != nil {
		return "", err
	}
	token, hash := newToken(s.region)
	_, err = tx.ExecContext(ctx, `
		INSERT INTO session (id, account_id, token, device, label, shown, proved_ms, created_ms, seen_ms, ends_ms, revoked_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, 0)`,
		uuid.Must(uuid.NewV7()).String(), id, hash, s.device(id, from), k.SealText(fieldLabel, Label(from.Agent)),
		string(how), ms(now), ms(now.Truncate(seenStep)), ms(Session{Created: now}.until(now)))
	return token, err
}

// device is by what an account knows a browser again; accounts that share one
// don't know that they do.
func (s *Store) device(id ID, from From) string {
	by := "browser " + from.Browser
	if from.Browser == "" {
		by = "network " + from.network() + " " + Label(from.Agent)
	}
	return s.vault.Lookup(fieldDevice, strings.Join([]string{string(id), by}, " "))
}

// knows reports whether an account was signed in on this device before.
func (s *Store) knows(ctx context.Context, id ID, from From) (bool, error) {
	var n int64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM session WHERE account_id = $1 AND device = $2`, id, s.device(id, from)).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("known devices: %w", err)
	}
	return n > 0, nil
}

// renew gives a session another token and notes that its owner has shown who
// they are; the old token is void.
func (s *Store) renew(ctx context.Context, f *flow) (Step, error) {
	token, hash := newToken(s.region)
	how, err := json.Marshal(f.state.Shown)
	if err != nil {
		return Step{}, err
	}
	now := s.now()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.finish(ctx, tx, f); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `
			UPDATE session SET token = $1, proved_ms = $2, shown = $3
			WHERE id = $4 AND account_id = $5 AND revoked_ms = 0 AND ends_ms > $2`, hash, ms(now), string(how), f.session, f.account)
		return one(done, err, errSession)
	})
	if err != nil {
		return Step{}, fmt.Errorf("renew session: %w", err)
	}
	return Step{Account: f.account, Session: token}, nil
}
