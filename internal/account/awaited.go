package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
)

const (
	contactWait = undoFor                       // so long the one before can object
	awaitedKept = contactWait + 30*24*time.Hour // and so long its owner has to come back for it
)

// An Awaited is an address that an account may be given without a code to the
// one before, because nobody objected there for a week.
type Awaited struct {
	Contact
	From time.Time // UTC
}

// AwaitContact is for who can't read the address that would have to agree to
// another one. That address is told, where it can be undone, and from a week
// later on ChangeContact goes to the new one at once. The session has to be
// fresh.
func (s *Store) AwaitContact(ctx context.Context, d Session, c Contact, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	p, err := s.Profile(ctx, d.Account)
	if err != nil {
		return err
	}
	old := p.Agrees(c.Kind)
	if old.IsZero() {
		return errNotNeeded
	}
	if err := s.spendCode(ctx, d.Account, old, from); err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		told := change{what: ContactAwaited, to: old, detail: c.Masked(), device: Label(from.Agent)}
		if err := s.notice(ctx, tx, k, d.Account, told); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO awaited (account_id, kind, value, asked_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account_id, kind) DO UPDATE SET value = excluded.value, asked_ms = excluded.asked_ms`,
			d.Account, c.Kind, k.SealText(fieldAwaited, c.Value), ms(s.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("await contact of %s: %w", d.Account, err)
	}
	return nil
}

// Awaited returns the address of a kind that an account waits for; a zero
// Contact when there is none.
func (s *Store) Awaited(ctx context.Context, id ID, kind ContactKind) (Awaited, error) {
	var sealed []byte
	var asked int64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT value, asked_ms FROM awaited WHERE account_id = $1 AND kind = $2`, id, kind).Scan(&sealed, &asked)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Awaited{}, nil
	}
	if err != nil {
		return Awaited{}, fmt.Errorf("awaited contact of %s: %w", id, err)
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return Awaited{}, err
	}
	a := Awaited{From: db.At(asked).Add(contactWait)}
	a.Kind = kind
	a.Value, err = k.OpenText(fieldAwaited, sealed)
	return a, err
}

// waited reports whether nobody objected to an address for as long as it takes.
func (s *Store) waited(ctx context.Context, id ID, c Contact) (bool, error) {
	a, err := s.Awaited(ctx, id, c.Kind)
	return a.Contact == c && !s.now().Before(a.From), err
}

// StopAwaiting forgets the address of a kind that an account waits for.
func (s *Store) StopAwaiting(ctx context.Context, d Session, kind ContactKind) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error { return dropAwaited(ctx, tx, d.Account, kind) })
	if err != nil {
		return fmt.Errorf("stop awaiting contact of %s: %w", d.Account, err)
	}
	return nil
}

func dropAwaited(ctx context.Context, tx *db.Tx, id ID, kind ContactKind) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM awaited WHERE account_id = $1 AND kind = $2`, id, kind)
	return err
}
