package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// Enter takes a code that was sent. What comes after it depends on what was
// begun: somebody is signed up, signed in, may set a new password, has another
// address, or has something else to show.
func (m *Members) Enter(ctx context.Context, token Token, code string, from From) (Step, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return Step{}, errFlow
	}
	if err := s.spend(ctx, bucket{limitEnter, from.network()}); err != nil {
		return Step{}, err
	}
	f, err := s.enter(ctx, token, code)
	if err != nil {
		return Step{}, err
	}
	switch f.purpose {
	case Asking:
		return Step{}, errNotNeeded // it opens no account
	case SigningUp:
		return m.signedUp(ctx, s, f, from)
	case NewContact:
		if !f.state.Next.IsZero() {
			return m.oldAgreed(ctx, s, f, from)
		}
		return m.contactProved(ctx, s, f, from)
	}
	return s.proved(ctx, f, ByCode, token, from)
}

// enter spends one of the code's tries, and returns the flow when it is the
// code. The try is spent before anything is compared, so that many at the same
// time are no more than few.
func (s *Store) enter(ctx context.Context, token Token, code string) (*flow, error) {
	now := ms(s.now())
	var f *flow
	var sealed []byte
	var stored string
	err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		f, sealed, err = s.scanFlow(tx.QueryRowContext(ctx, `
			UPDATE flow SET tries = tries - 1
			WHERE token = $1 AND ends_ms > $2 AND code_ms > $2 AND tries > 0 AND code <> '' RETURNING `+flowColumns, token.hash(), now))
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT code FROM flow WHERE id = $1`, f.id).Scan(&stored)
	})
	if errors.Is(err, errFlow) {
		return nil, s.whyNot(ctx, token)
	}
	if err != nil {
		return nil, fmt.Errorf("enter code: %w", err)
	}
	entered := s.vault.Lookup(fieldCode, f.id+" "+digits(code))
	if subtle.ConstantTimeCompare([]byte(entered), []byte(stored)) == 0 {
		if f.tries == 0 {
			return nil, errCodeOver
		}
		return nil, errCode.With(f.tries)
	}
	return f, s.open(ctx, f, sealed)
}

// whyNot tells a code that is over from a flow that is.
func (s *Store) whyNot(ctx context.Context, token Token) error {
	if _, err := s.flow(ctx, token); err != nil {
		return err
	}
	return errCodeOver
}

// digits is a code as it was sent, however its owner spaced it or their
// keyboard wrote its digits.
func digits(code string) string {
	const most = 64
	var b strings.Builder
	for _, r := range code[:min(len(code), most)] {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		}
	}
	return b.String()
}

// Resend sends another code to the same address, a little later each time.
// The old one is void.
func (m *Members) Resend(ctx context.Context, token Token, from From) error {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return err
	}
	now := s.now()
	switch {
	case !f.coded:
		return errNotNeeded
	case f.resends >= maxResends:
		return errResends
	case now.Before(f.resend):
		wait := f.resend.Sub(now)
		return errResend.With(spoken(wait)).Because(Wait(wait))
	}
	if err := s.spendCode(ctx, f.account, f.state.Contact, from); err != nil {
		return err
	}
	f.state.Code = f.state.Letter.newCode()
	k, err := s.flowsKey(ctx, f.day)
	if err != nil {
		return err
	}
	state, err := k.SealJSON(fieldFlow, f.state)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			UPDATE flow SET state = $1, code = $2, code_ms = $3, tries = $4, resends = resends + 1, resend_ms = $5
			WHERE id = $6 AND resends = $7 AND ends_ms > $8`,
			state, s.codeHash(f), ms(now.Add(codeLife)), codeTries, ms(now.Add(resendWait(f.resends+1))), f.id, f.resends, ms(now))
		if err := one(done, err, errResend.With(spoken(time.Minute))); err != nil {
			return err
		}
		return s.tell(ctx, tx, f)
	})
	if err != nil && fault.KindOf(err) == fault.Internal {
		return fmt.Errorf("send code again: %w", err)
	}
	return err
}
