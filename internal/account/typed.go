package account

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// KeepTyped keeps what a session's owner typed into a form, by the names of its
// fields, for 15 minutes in which they prove that the account is theirs. What it
// returns says nothing, and opens it to this session alone.
func (s *Store) KeepTyped(ctx context.Context, d Session, typed url.Values) (Token, error) {
	content, err := json.Marshal(typed)
	if err != nil {
		return "", fmt.Errorf("keep what was typed: %w", err)
	}
	return s.begin(ctx, &flow{purpose: Typing, account: d.Account, session: d.ID, state: flowState{Extra: content}})
}

// Typed returns what KeepTyped kept; a fault of kind NotFound when it is over, or
// another session's.
func (s *Store) Typed(ctx context.Context, d Session, token Token) (typed url.Values, err error) {
	f, err := s.flow(ctx, token)
	if err != nil {
		return nil, err
	}
	if f.purpose != Typing || f.account != d.Account || f.session != d.ID {
		return nil, errFlow
	}
	if err := json.Unmarshal(f.state.Extra, &typed); err != nil {
		return nil, fmt.Errorf("read what was typed: %w", err)
	}
	return typed, nil
}
