package account

import (
	"context"
	"time"

	"waypost/internal/fault"
)

var errWrongPassword = fault.New(fault.Denied, "password_wrong", "That is not your password. Check it, or have a code sent to you.")

// Proving is what the owner of a session can show to prove that it is theirs.
func (s *Store) Proving(ctx context.Context, d Session) ([]Factor, error) {
	w, err := s.waysOf(ctx, d.Account)
	if err != nil {
		return nil, err
	}
	return w.need(nil), nil
}

// Prove takes the password of a session's owner. With it, and the second factor
// if there is one, the session has a new token and is fresh.
func (s *Store) Prove(ctx context.Context, d Session, password string, from From) (Step, error) {
	w, err := s.waysOf(ctx, d.Account)
	if err != nil {
		return Step{}, err
	}
	counted := bucket{limitProve, string(d.Account) + " " + d.ID}
	if err := s.spend(ctx, counted); err != nil {
		return Step{}, err
	}
	right, again, err := s.passwords.check(ctx, w.phc, password)
	if err != nil {
		return Step{}, err
	}
	if !right {
		return Step{}, errWrongPassword
	}
	if err := s.rightPassword(ctx, d.Account, again, []bucket{counted}); err != nil {
		return Step{}, err
	}
	return s.proved(ctx, s.proving(d, from), ByPassword, "", from)
}

// ProveByCode sends the owner of a session a code to their main address, or the
// other one of theirs; what Enter returns for it is what Prove does.
func (s *Store) ProveByCode(ctx context.Context, d Session, kind ContactKind, from From) (Token, error) {
	p, err := s.Profile(ctx, d.Account)
	if err != nil {
		return "", err
	}
	to := p.Main()
	for _, a := range p.Contacts {
		if a.Kind == kind {
			to = a.Contact
		}
	}
	if to.IsZero() {
		return "", errContact
	}
	if err := s.spendCode(ctx, d.Account, to, from); err != nil {
		return "", err
	}
	f := s.proving(d, from)
	f.coded, f.state.Contact, f.state.Letter, f.state.Language = true, to, LetterProve, p.Language
	return s.begin(ctx, f)
}

// proving is a new flow in which a session's owner shows who they are.
func (s *Store) proving(d Session, from From) *flow {
	return &flow{purpose: Proving, account: d.Account, session: d.ID, state: flowState{Language: from.Language, Shown: map[Factor]time.Time{}}}
}
