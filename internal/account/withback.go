package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"waypost/internal/account/provider"
	"waypost/internal/db"
	"waypost/internal/fault"
)

// pictureTime is how long somebody who comes back waits for their picture.
const pictureTime = 3 * time.Second

var (
	errLinkThere = fault.New(fault.Conflict, "link_there", "Your account has a link to an account at %s already. Remove it first to link another.")
	errLinkTaken = fault.New(fault.Conflict, "link_taken", "That account at %s signs in to another account here.")
	errLinkOther = fault.New(fault.Denied, "link_other", "That is not the account at %s that signs in to yours.")
)

// An identity is who came back, as a flow keeps it.
type identity struct {
	Provider provider.Code `json:"provider"`
	Name     string        `json:"name"` // the provider's, for people
	Keys     []string      `json:"keys"` // the strongest first
	Nickname string        `json:"nickname,omitempty"`
	Mail     Contact       `json:"mail,omitzero"`
	Refresh  string        `json:"refresh,omitempty"` // see provider.Identity
	Picture  []byte        `json:"picture,omitempty"` // small PNG
	Agreed   Terms         `json:"agreed,omitzero"`   // how its owner said yes to the link
}

// Received is what a provider said of somebody whom nobody here is linked to:
// it is shown to them, and they are asked. The address is no more than a
// suggestion: whoever signs up with it enters a code that is sent there.
type Received struct {
	Provider provider.Code
	Name     string // the provider's, for people
	Nickname string // "" none
	Mail     Contact
	Picture  []byte // a small square PNG, nil none
}

func (i *identity) received() *Received {
	return &Received{Provider: i.Provider, Name: i.Name, Nickname: i.Nickname, Mail: i.Mail, Picture: i.Picture}
}

// FinishProvider takes somebody back from a provider, once: form is what came
// in the address. Who is linked is signed in, or has a second factor to show.
// Of anybody else Step.Received says what was received, and the flow waits for
// SignUpWith, or for Link once they have signed in to an account of theirs.
func (m *Members) FinishProvider(ctx context.Context, token Token, code provider.Code, form url.Values, from From) (Step, error) {
	p, err := m.provider(code)
	if err != nil {
		return Step{}, err
	}
	state := form.Get("state")
	signed, err := provider.VerifyState(m.stateKey(), state, code, m.now())
	if err != nil {
		return Step{}, err
	}
	s, f, at, err := m.takeBack(ctx, token, signed)
	if err != nil {
		return Step{}, err
	}
	if at.Form != nil {
		form = at.Form
	}
	who, err := p.Exchange(ctx, provider.Callback{Form: form, State: state, Nonce: at.Nonce, Verifier: at.Verifier, Redirect: at.Redirect})
	if err != nil {
		return Step{}, fmt.Errorf("back from %s: %w", code, err)
	}
	return m.cameBack(ctx, s, f, token, who, from)
}

// takeBack takes the flow of a signed state: in the browser that it was begun
// in, and once.
func (m *Members) takeBack(ctx context.Context, token Token, signed provider.State) (*Store, *flow, sent, error) {
	s, err := m.in(token.Region())
	if err != nil {
		return nil, nil, sent{}, errFlow
	}
	var f *flow
	var sealed []byte
	err = s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		f, sealed, err = s.scanFlow(tx.QueryRowContext(ctx, `
			UPDATE flow SET tries = 0 WHERE token = $1 AND id = $2 AND ends_ms > $3 AND tries > 0 AND code = '' RETURNING `+flowColumns,
			token.hash(), signed.Flow, ms(s.now())))
		return err
	})
	if err != nil {
		return nil, nil, sent{}, fmt.Errorf("take flow: %w", err)
	}
	if err := s.open(ctx, f, sealed); err != nil {
		return nil, nil, sent{}, err
	}
	at, err := f.sent()
	if err == nil && at.Provider != signed.Provider {
		err = errFlow
	}
	return s, f, at, err
}

// cameBack goes on with who came back.
func (m *Members) cameBack(ctx context.Context, s *Store, f *flow, token Token, who provider.Identity, from From) (Step, error) {
	home, owner, err := m.linked(ctx, who.Provider, who.Keys())
	if err != nil {
		return Step{}, err
	}
	name := m.providerName(who.Provider)
	switch {
	case f.purpose == Proving && owner != f.account:
		return Step{}, errLinkOther.With(name)
	case f.purpose == Proving:
		if err := s.useLink(ctx, owner, who); err != nil {
			return Step{}, err
		}
		return s.proved(ctx, f, ByProvider, token, from)
	case f.session != "" && owner == f.account:
		return Step{}, errLinkThere.With(name)
	case f.session != "" && owner != "":
		return Step{}, errLinkTaken.With(name)
	case owner != "":
		return home.signInWith(ctx, s, f, owner, who, from)
	}
	return m.receive(ctx, s, f, token, who)
}

// signInWith goes on in the store of the account that somebody is linked to.
func (s *Store) signInWith(ctx context.Context, begun *Store, f *flow, owner ID, who provider.Identity, from From) (Step, error) {
	if err := begun.db.Tx(ctx, func(tx *db.Tx) error { return begun.finish(ctx, tx, f) }); err != nil {
		return Step{}, err
	}
	if err := s.useLink(ctx, owner, who); err != nil {
		return Step{}, err
	}
	next := &flow{purpose: SigningIn, account: owner, state: flowState{Language: f.state.Language}}
	return s.proved(ctx, next, ByProvider, "", from)
}

// receive keeps who came back until they have said what they want.
func (m *Members) receive(ctx context.Context, s *Store, f *flow, token Token, who provider.Identity) (Step, error) {
	back := &identity{
		Provider: who.Provider, Name: m.providerName(who.Provider), Keys: who.Keys(),
		Nickname: nicknameFrom(who.Name), Picture: m.picture(ctx, who.Picture), Refresh: who.Refresh,
	}
	if c, err := MailOnly(who.Email); err == nil {
		back.Mail = c
	}
	kept, err := json.Marshal(sent{Provider: who.Provider, Back: back})
	if err != nil {
		return Step{}, err
	}
	f.state.Extra = kept
	if err := s.keep(ctx, f); err != nil {
		return Step{}, err
	}
	return Step{Account: f.account, Flow: token, Received: back.received()}, nil
}

// nicknameFrom is a name at a provider, as long as a nickname may be.
func nicknameFrom(name string) string {
	runes := []rune(name)
	nickname, err := nicknameOf(string(runes[:min(len(runes), maxNickname)]))
	if err != nil {
		return ""
	}
	return nickname
}

// picture is the picture at an address, made small; nil when it can't be had,
// which is no reason to keep somebody waiting.
func (m *Members) picture(ctx context.Context, address string) []byte {
	if address == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pictureTime)
	defer cancel()
	file, err := m.providers.Picture(ctx, address)
	if err != nil {
		return nil
	}
	small, err := redraw(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	return small
}

// received returns a flow in which somebody came back whom nobody is linked to.
func (m *Members) received(ctx context.Context, token Token) (*Store, *flow, *identity, error) {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return nil, nil, nil, err
	}
	at, err := f.sent()
	if errors.Is(err, errFlow) || f.purpose != WithProvider || err == nil && at.Back == nil {
		return nil, nil, nil, errNotNeeded
	}
	return s, f, at.Back, err
}

// SignUpWith makes an account of who came back from a provider, signed up as
// SignUp has it. With a contact a code is sent there, and Enter makes the
// account; without one it is made at once, and its owner signs in by the
// provider alone until they add one.
func (m *Members) SignUpWith(ctx context.Context, token Token, a Application, from From) (Step, error) {
	s, f, who, err := m.received(ctx, token)
	if err != nil {
		return Step{}, err
	}
	if f.session != "" {
		return Step{}, errNotNeeded
	}
	if err := m.admits(ctx); err != nil {
		return Step{}, err
	}
	kept, err := m.check(&a)
	if err != nil {
		return Step{}, err
	}
	if kept.Link, who.Agreed = who, a.Link; !a.Picture {
		who.Picture = nil
	}
	switch _, owner, err := m.linked(ctx, who.Provider, who.Keys); {
	case err != nil:
		return Step{}, err
	case owner != "":
		return Step{}, errLinkTaken.With(who.Name)
	}
	if !a.Contact.IsZero() {
		next, err := m.sendSignUp(ctx, a, kept, from)
		return Step{Flow: next}, err
	}
	return m.joinWith(ctx, s, f, a, kept, from)
}

// joinWith makes an account that has no address.
func (m *Members) joinWith(ctx context.Context, begun *Store, f *flow, a Application, kept *application, from From) (Step, error) {
	s, err := m.homeOf(a.Country)
	if err != nil {
		return Step{}, err
	}
	if a.Password != "" {
		return Step{}, errContact // a password is entered with an address
	}
	if err := s.spend(ctx, bucket{limitSignUp, from.network()}); err != nil {
		return Step{}, err
	}
	if err := begun.db.Tx(ctx, func(tx *db.Tx) error { return begun.finish(ctx, tx, f) }); err != nil {
		return Step{}, err
	}
	next := &flow{purpose: SigningUp, state: flowState{Language: a.Language, SignUp: kept}}
	return s.join(ctx, next, ByProvider, from)
}
