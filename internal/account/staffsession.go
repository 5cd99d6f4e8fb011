package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// SignIn takes what somebody of the staff signs in with: their address, their
// password and the code that their app shows, always all three. What it says is
// the same whichever is wrong.
func (t Staff) SignIn(ctx context.Context, c Contact, password, code string, from From) (Token, error) {
	if _, err := t.home(ctx); err != nil {
		return "", err // the staff's own region is away
	}
	s, who, err := t.byContact(ctx, c)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	counted := []bucket{{limitHere, "staff " + c.key() + " " + from.network()}, {limitAccount, "staff " + c.key()}, {limitNetwork, from.network()}}
	if err := s.spend(ctx, counted...); err != nil {
		return "", err
	}
	right, _, err := s.passwords.check(ctx, who.phc, password)
	if err != nil {
		return "", err
	}
	step, shown := stepOf(who.secret, digits(code), s.step())
	if !right || !shown || who.state != staffActive {
		return "", errStaffWrong
	}
	var token Token
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.useStaffStep(ctx, tx, who.id, step, errStaffWrong); err != nil {
			return err
		}
		if err := s.forget(ctx, tx, counted[:2]...); err != nil {
			return err
		}
		token, err = s.startStaffSession(ctx, tx, who.id, from)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("staff sign-in: %w", err)
	}
	return token, nil
}

// useStaffStep takes note that a step's code was used: once, and no older one after.
func (s *Store) useStaffStep(ctx context.Context, tx *db.Tx, id StaffID, step int64, used error) error {
	done, err := tx.ExecContext(ctx, `UPDATE staff SET totp_step = $1 WHERE id = $2 AND totp_step < $1 AND state = $3`, step, id, staffActive)
	return one(done, err, used)
}

func (s *Store) startStaffSession(ctx context.Context, tx *db.Tx, id StaffID, from From) (Token, error) {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return "", err
	}
	now := s.now()
	token, hash := newToken(s.region)
	_, err = tx.ExecContext(ctx, `
		INSERT INTO staff_session (id, staff_id, token, label, proved_ms, created_ms, seen_ms, ends_ms) VALUES ($1, $2, $3, $4, $5, $5, $5, $6)`,
		uuid.Must(uuid.NewV7()).String(), id, hash, k.SealText(fieldStaffLabel, Label(from.Agent)), ms(now), ms(now.Add(staffLife)))
	return token, err
}

// Session returns who a browser's token stands for; a fault of kind Denied when
// it is over: after 12 hours, or 30 minutes without use.
func (t Staff) Session(ctx context.Context, token Token) (Clerk, error) {
	s, err := t.m.in(token.Region())
	if err != nil {
		return Clerk{}, errStaffOver
	}
	now := s.now()
	c := Clerk{read: now}
	var proved, seen, ends int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT d.id, d.staff_id, d.proved_ms, d.seen_ms, d.ends_ms FROM staff_session d JOIN staff s ON s.id = d.staff_id
			WHERE d.token = $1 AND d.ends_ms > $2 AND d.seen_ms > $3 AND s.state = $4`,
			token.hash(), ms(now), ms(now.Add(-staffIdle)), staffActive).Scan(&c.Session, &c.ID, &proved, &seen, &ends)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Clerk{}, errStaffOver
	}
	if err != nil {
		return Clerk{}, fmt.Errorf("staff session: %w", err)
	}
	c.Proved, c.Ends = db.At(proved), db.At(ends)
	who, err := s.ofStaff(ctx, c.ID)
	if err != nil {
		return Clerk{}, err
	}
	c.Name = who.name
	if c.Duties, err = s.duties(ctx, c.ID); err != nil {
		return Clerk{}, err
	}
	if err := s.train(ctx, &c); err != nil {
		return Clerk{}, err
	}
	if now.Sub(db.At(seen)) < seenStaff {
		return c, nil
	}
	return c, s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE staff_session SET seen_ms = $1 WHERE id = $2`, ms(now), c.Session)
		return err
	})
}

// Prove takes the code that a clerk's app shows now. With it the session has a
// new token and is fresh.
func (t Staff) Prove(ctx context.Context, c Clerk, code string) (Token, error) {
	s, err := t.in(c.ID)
	if err != nil {
		return "", err
	}
	if err := s.spend(ctx, bucket{limitProve, "staff " + string(c.ID)}); err != nil {
		return "", err
	}
	who, err := s.ofStaff(ctx, c.ID)
	if err != nil {
		return "", err
	}
	step, right := stepOf(who.secret, digits(code), s.step())
	if !right {
		return "", errStaffCode
	}
	token, hash := newToken(s.region)
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.useStaffStep(ctx, tx, c.ID, step, errStaffCode); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE staff_session SET token = $1, proved_ms = $2 WHERE id = $3 AND ends_ms > $2`, hash, ms(s.now()), c.Session)
		return one(done, err, errStaffOver)
	})
	if err != nil {
		return "", fmt.Errorf("staff proves: %w", err)
	}
	return token, nil
}

// SignOut ends a session; of one that is over already too.
func (t Staff) SignOut(ctx context.Context, token Token) error {
	s, err := t.m.in(token.Region())
	if err != nil {
		return nil //nolint:nilerr // it is no session of ours, so nobody is signed in by it
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM staff_session WHERE token = $1`, token.hash())
		return err
	})
	if err != nil {
		return fmt.Errorf("staff sign-out: %w", err)
	}
	return nil
}
