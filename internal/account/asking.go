package account

import (
	"context"

	"waypost/internal/db"
)

// A Proven is somebody, with or without an account, who has shown that they read
// what goes to an address.
type Proven struct {
	Flow     string // names it, the same when it is told again
	Region   string // where it was begun
	Contact  Contact
	Language string // BCP 47
	Said     []byte // what Ask was given
}

// Ask begins something that doesn't take an account: a code goes to the address,
// and what was said is kept, sealed, until the code was entered. Whether an account
// has the address makes no difference to anything.
func (m *Members) Ask(ctx context.Context, c Contact, said []byte, from From) (Token, error) {
	if c.IsZero() {
		return "", errContact
	}
	s := m.near(from)
	err := s.spend(ctx, bucket{limitSignUp, from.network()}, bucket{limitCodeHere, c.key() + " " + from.network()}, bucket{limitCode, c.key()})
	if err != nil {
		return "", err
	}
	return s.begin(ctx, &flow{purpose: Asking, coded: true, state: flowState{Contact: c, Language: from.Language, Letter: LetterAsk, Extra: said}})
}

// Asked takes the code that Ask had sent, and has keep keep what was said; then
// the flow is over. Where a crash comes in between it is told again.
func (m *Members) Asked(ctx context.Context, token Token, code string, from From, keep func(context.Context, Proven) error) error {
	s, err := m.in(token.Region())
	if err != nil {
		return errFlow
	}
	if err := s.spend(ctx, bucket{limitEnter, from.network()}); err != nil {
		return err
	}
	f, err := s.enter(ctx, token, code)
	if err != nil {
		return err
	}
	if f.purpose != Asking {
		return errNotNeeded
	}
	if err := keep(ctx, Proven{Flow: f.id, Region: s.region, Contact: f.state.Contact, Language: f.state.Language, Said: f.state.Extra}); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error { return s.finish(ctx, tx, f) })
}

// Key is what two spellings of one address have in common, to find it by.
func (c Contact) Key() string { return c.key() }
