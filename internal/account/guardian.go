package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// GuardianAsked says that a child's guardian is to be asked: ask
// GuardianToSend what and whereto.
type GuardianAsked struct {
	Account ID `json:"account"`
}

// Kind names the event.
func (GuardianAsked) Kind() string { return "account.guardian" }

var errAnswered = fault.New(fault.NotFound, "guardian_over", "There is nothing to answer here any more: it was answered, or took longer than 7 days and was deleted.")

// askGuardian writes down that a child's guardian is asked, and has them asked.
func (s *Store) askGuardian(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, f *flow) error {
	a, now := f.state.SignUp, s.now()
	token, hash := newToken(s.region)
	detail, err := k.SealJSON(fieldGuardianTo, token)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO guardian (account_id, contact, token, detail, version, asked_ms, ends_ms, answered_ms, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '')`,
		id, k.SealText(fieldGuardian, a.Guardian.Value), hash, detail, a.Terms.Version, ms(now), ms(now.Add(guardianFor)))
	if err != nil {
		return err
	}
	return s.jobs.Add(ctx, tx, GuardianAsked{Account: id})
}

// GuardianToSend returns what the job GuardianAsked is about; a fault of kind
// NotFound when nothing is to be sent any more.
func (m *Members) GuardianToSend(ctx context.Context, g GuardianAsked) (Letter, error) {
	s, err := m.Of(g.Account)
	if err != nil {
		return Letter{}, errNoLetter
	}
	var contact, detail []byte
	var asked, ends int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT contact, detail, asked_ms, ends_ms FROM guardian WHERE account_id = $1 AND answered_ms = 0 AND ends_ms > $2`,
			g.Account, ms(s.now())).Scan(&contact, &detail, &asked, &ends)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, fmt.Errorf("guardian of %s: %w", g.Account, err)
	}
	p, err := s.Profile(ctx, g.Account)
	if err != nil {
		return Letter{}, err
	}
	k, err := s.vault.Key(ctx, g.Account.Subject())
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Kind: LetterGuardian, To: Contact{Kind: Mail}, Language: p.Language, Nickname: p.Nickname, At: db.At(asked), Ends: db.At(ends)}
	if l.To.Value, err = k.OpenText(fieldGuardian, contact); err != nil {
		return Letter{}, err
	}
	return l, k.OpenJSON(fieldGuardianTo, detail, &l.Token)
}

// A Question is what a guardian is asked: whether a child may have an account.
type Question struct {
	Account  ID
	Nickname string
	Country  string
	Version  string    // of the terms that the child was shown
	Asked    time.Time // UTC
	Ends     time.Time // UTC; without an answer the account is deleted then
}

// Question returns what a guardian's token asks; a fault of kind NotFound when
// it is answered or over.
func (m *Members) Question(ctx context.Context, token Token) (Question, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return Question{}, errAnswered
	}
	var q Question
	var asked, ends int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT account_id, version, asked_ms, ends_ms FROM guardian WHERE token = $1 AND answered_ms = 0 AND ends_ms > $2`,
			token.hash(), ms(s.now())).Scan(&q.Account, &q.Version, &asked, &ends)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Question{}, errAnswered
	}
	if err != nil {
		return Question{}, fmt.Errorf("guardian: %w", err)
	}
	p, err := s.Profile(ctx, q.Account)
	q.Nickname, q.Country, q.Asked, q.Ends = p.Nickname, p.Country, db.At(asked), db.At(ends)
	return q, err
}

// Answer takes a guardian's answer. Yes is kept as a record of how it was
// given, and the child can sign in; no deletes the child's data at once, or
// what has to stay as soon as it may go.
func (m *Members) Answer(ctx context.Context, token Token, yes bool, terms Terms) error {
	q, err := m.Question(ctx, token)
	if err != nil {
		return err
	}
	s, err := m.Of(q.Account)
	if err != nil {
		return err
	}
	if !yes {
		return m.refuse(ctx, s, q.Account)
	}
	if terms.Version == "" {
		return errTerms
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE guardian SET answered_ms = $1, answer = 'yes' WHERE account_id = $2 AND answered_ms = 0`, ms(s.now()), q.Account)
		if err := one(done, err, errAnswered); err != nil {
			return err
		}
		if err := s.setState(ctx, tx, q.Account, Waiting, Active); err != nil {
			return err
		}
		return s.consent(ctx, tx, q.Account, Consent{Purpose: ForGuardian, Version: terms.Version, Wording: terms.Wording, How: terms.How, Given: true})
	})
	if err != nil {
		return fmt.Errorf("guardian of %s: %w", q.Account, err)
	}
	return nil
}

// refuse notes that a child may have no account, and erases it. What is held stays
// until the hold is lifted, and is erased by Expire then.
func (m *Members) refuse(ctx context.Context, s *Store, id ID) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE guardian SET answered_ms = $1, answer = 'no' WHERE account_id = $2 AND answered_ms = 0`, ms(s.now()), id)
		return one(done, err, errAnswered)
	})
	if err != nil {
		return fmt.Errorf("guardian of %s: %w", id, err)
	}
	if err := m.eraseWhole(ctx, id.Subject()); err != nil && !errors.Is(err, ErrHeld) {
		return err
	}
	return nil
}
