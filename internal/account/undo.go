package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

var errUndo = fault.New(fault.NotFound, "undo_over", "That was undone already, or it is too long ago. If you can't get in, ask for a new password.")

// An Undoing is what an undo token stands for.
type Undoing struct {
	Account ID
	What    What
	At      time.Time // UTC; when it was changed
	Ends    time.Time // UTC; until when it can be undone
}

// WentBack says that an account is as it was before a change that its owner
// didn't make: what else gives power over it and was made since isn't theirs.
type WentBack struct {
	Account ID    `json:"account"`
	Since   int64 `json:"since"` // ms; when that was changed
}

// Kind names the event.
func (WentBack) Kind() string { return "account.went_back" }

// Undoing returns what a token from a notice would undo; a fault of kind
// NotFound when it can't be undone any more. It changes nothing, so that a
// program that follows a message's links doesn't either.
func (m *Members) Undoing(ctx context.Context, token Token) (Undoing, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return Undoing{}, errUndo
	}
	u, _, _, err := s.undoing(ctx, token)
	return u, err
}

func (s *Store) undoing(ctx context.Context, token Token) (u Undoing, id string, before []byte, err error) {
	var created, ends int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT id, account_id, what, before, created_ms, ends_ms FROM notice WHERE undo = $1 AND ends_ms > $2 AND undone_ms = 0`,
			token.hash(), ms(s.now())).Scan(&id, &u.Account, &u.What, &before, &created, &ends)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Undoing{}, "", nil, errUndo
	}
	if err != nil {
		return Undoing{}, "", nil, fmt.Errorf("undo: %w", err)
	}
	u.At, u.Ends = db.At(created), db.At(ends)
	return u, id, before, nil
}

// Undo puts an account's addresses and ways in back as they stood before the
// change that a token from a notice tells of, and with it everything that was
// changed since: whoever got in may have changed several things. Every device
// is signed out and the password is gone, so that its owner sets another by a
// code to the address that they have again. It needs no sign-in.
func (m *Members) Undo(ctx context.Context, token Token) (Undoing, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return Undoing{}, errUndo
	}
	u, id, sealed, err := s.undoing(ctx, token)
	if err != nil {
		return Undoing{}, err
	}
	k, err := s.vault.Key(ctx, u.Account.Subject())
	if err != nil {
		return Undoing{}, err
	}
	var before snapshot
	if err := k.OpenJSON(fieldBefore, sealed, &before); err != nil {
		return Undoing{}, err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE notice SET undone_ms = $1 WHERE id = $2 AND undone_ms = 0`, ms(s.now()), id)
		if err := one(done, err, errUndo); err != nil {
			return err
		}
		if err := s.putBack(ctx, tx, &before, u); err != nil {
			return err
		}
		if err := s.jobs.Add(ctx, tx, WentBack{u.Account, ms(u.At)}); err != nil {
			return err
		}
		return s.notice(ctx, tx, k, u.Account, change{what: Undone, detail: string(u.What)})
	})
	if err != nil {
		return Undoing{}, fmt.Errorf("undo %s: %w", u.What, err)
	}
	return u, nil
}

// putBack does what Undo says, in its transaction.
func (s *Store) putBack(ctx context.Context, tx *db.Tx, before *snapshot, u Undoing) error {
	links, err := linksOf(ctx, tx, u.Account)
	if err != nil {
		return err
	}
	if err := before.restore(ctx, tx, u.Account); err != nil {
		return err
	}
	if err := dropKeyless(ctx, tx, u.Account); err != nil {
		return err
	}
	if err := s.noteLinks(ctx, tx, u.Account, links); err != nil {
		return err
	}
	if err := s.voidSteps(ctx, tx, u.Account); err != nil {
		return err
	}
	if err := s.revokeAll(ctx, tx, u.Account, ""); err != nil {
		return err
	}
	if err := s.dropFlows(ctx, tx, u.Account, ""); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM password WHERE account_id = $1`, u.Account); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE notice SET undone_ms = $1 WHERE account_id = $2 AND created_ms >= $3 AND undone_ms = 0`, ms(s.now()), u.Account, ms(u.At))
	return err
}
