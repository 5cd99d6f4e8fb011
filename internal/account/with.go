package account

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"waypost/internal/account/provider"
	"waypost/internal/db"
	"waypost/internal/fault"
)

// Providers are the services to sign in with. *provider.Set has it.
type Providers interface {
	All() []provider.Provider
	Find(code provider.Code) (provider.Provider, error)
	Picture(ctx context.Context, address string) ([]byte, error)
}

const maxPosted = 16 << 10 // bytes of a form that a provider has posted

var (
	errNoProviders = fault.New(fault.NotFound, "sign_in_provider", "There is no such way to sign in here.")
	errPosted      = fault.New(fault.Invalid, "sign_in_form", "What the provider sent is larger than it should be.")
)

// A sent is what a flow keeps of somebody who was sent to a provider.
type sent struct {
	Provider provider.Code `json:"provider"`
	Nonce    string        `json:"nonce"`
	Verifier string        `json:"verifier"`
	Redirect string        `json:"redirect"`
	Form     url.Values    `json:"form,omitempty"` // what the provider posted
	Back     *identity     `json:"back,omitempty"` // who came back
}

// How often a flow's browser may still come back: the posted form is once, and
// what follows it is.
const (
	backPosted = 1
	backAny    = 2
)

// BeginProvider sends somebody to a provider to sign in: their browser is
// redirected to address, and carries flow until it is back at FinishProvider.
func (m *Members) BeginProvider(ctx context.Context, code provider.Code, from From) (address string, flow Token, err error) {
	return m.send(ctx, m.near(from), newWith(""), code, from)
}

// BeginLink sends the owner of a session to a provider, to link their account
// there to the one here. The session has to be fresh.
func (m *Members) BeginLink(ctx context.Context, d Session, code provider.Code, from From) (address string, flow Token, err error) {
	if err := d.fresh(); err != nil {
		return "", "", err
	}
	s, err := m.Of(d.Account)
	if err != nil {
		return "", "", err
	}
	f := newWith(d.Account)
	f.session = d.ID
	return m.send(ctx, s, f, code, from)
}

// ProveByProvider sends the owner of a session to a provider, to show that it
// is theirs, where nothing better can be shown: see Proving.
func (m *Members) ProveByProvider(ctx context.Context, d Session, code provider.Code, from From) (address string, flow Token, err error) {
	s, err := m.Of(d.Account)
	if err != nil {
		return "", "", err
	}
	can, err := s.Proving(ctx, d)
	if err != nil {
		return "", "", err
	}
	if !slices.Contains(can, ByProvider) {
		return "", "", errNotNeeded
	}
	return m.send(ctx, s, s.proving(d, from), code, from)
}

func newWith(id ID) *flow { return &flow{purpose: WithProvider, account: id} }

// send begins a flow of somebody who goes to a provider.
func (m *Members) send(ctx context.Context, s *Store, f *flow, code provider.Code, from From) (string, Token, error) {
	p, err := m.provider(code)
	if err != nil {
		return "", "", err
	}
	if err := s.spend(ctx, bucket{limitNetwork, from.network()}); err != nil {
		return "", "", err
	}
	at := sent{Provider: code, Redirect: s.site.Origins[0] + provider.CallbackPath(code)}
	at.Nonce, at.Verifier = provider.Fresh()
	f.tries, f.state.Language = backAny, from.Language
	if f.state.Extra, err = json.Marshal(at); err != nil {
		return "", "", err
	}
	token, err := s.begin(ctx, f)
	if err != nil {
		return "", "", err
	}
	address, err := p.Begin(ctx, provider.Begin{
		State: provider.State{Flow: f.id, Provider: code, Expires: f.ends}.Sign(m.stateKey()),
		Nonce: at.Nonce, Verifier: at.Verifier, Redirect: at.Redirect, Lang: from.Language, UserAgent: from.Agent,
	})
	if err != nil {
		return "", "", fmt.Errorf("send to %s: %w", code, err)
	}
	return address, token, nil
}

func (m *Members) provider(code provider.Code) (provider.Provider, error) {
	if m.providers == nil || len(m.stores[0].site.Origins) == 0 {
		return nil, errNoProviders
	}
	return m.providers.Find(code)
}

// An Offer is a provider that can be signed in with.
type Offer struct {
	Provider provider.Code
	Name     string // for people
}

// Offers are all that there are, in the order of their buttons.
func (m *Members) Offers() []Offer {
	if m.providers == nil || len(m.stores[0].site.Origins) == 0 {
		return nil
	}
	var all []Offer
	for _, p := range m.providers.All() {
		all = append(all, Offer{p.Code(), p.Name()})
	}
	return all
}

// Offer returns a provider that can be signed in with, or a fault of kind NotFound.
func (m *Members) Offer(code provider.Code) (Offer, error) {
	p, err := m.provider(code)
	if err != nil {
		return Offer{}, err
	}
	return Offer{p.Code(), p.Name()}, nil
}

// providerName is what people call a provider, also one that isn't offered any more.
func (m *Members) providerName(code provider.Code) string {
	if p, err := m.provider(code); err == nil {
		return p.Name()
	}
	return string(code)
}

// stateKey signs what travels to providers. Every replica has the same.
func (m *Members) stateKey() []byte {
	return []byte(m.sign("key of signed states"))
}

// KeepPosted keeps the form that a provider posts to its callback, where a
// browser sends no cookie. The browser is redirected to GET the callback with
// nothing but the state that is returned: there FinishProvider finds the form.
func (m *Members) KeepPosted(ctx context.Context, code provider.Code, form url.Values) (state string, err error) {
	if len(form.Encode()) > maxPosted {
		return "", errPosted
	}
	state = form.Get("state")
	signed, err := provider.VerifyState(m.stateKey(), state, code, m.now())
	if err != nil {
		return "", err
	}
	s, err := m.in(regionOf(signed.Flow))
	if err != nil {
		return "", errFlow
	}
	f, err := s.readFlow(ctx, `SELECT `+flowColumns+` FROM flow WHERE id = $1 AND ends_ms > $2 AND tries = $3`, signed.Flow, ms(s.now()), backAny)
	if err != nil {
		return "", err
	}
	at, err := f.sent()
	if err != nil {
		return "", err
	}
	at.Form = form
	return state, s.keepSent(ctx, f, at)
}

// keepSent writes down what a provider posted, once.
func (s *Store) keepSent(ctx context.Context, f *flow, at sent) (err error) {
	if f.state.Extra, err = json.Marshal(at); err != nil {
		return err
	}
	k, err := s.flowsKey(ctx, f.day)
	if err != nil {
		return err
	}
	state, err := k.SealJSON(fieldFlow, f.state)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE flow SET state = $1, tries = $2 WHERE id = $3 AND tries = $4`, state, backPosted, f.id, backAny)
		return one(done, err, errFlow)
	})
}

// sent returns what a flow keeps; errFlow when nobody was sent anywhere in it.
func (f *flow) sent() (at sent, err error) {
	if len(f.state.Extra) == 0 {
		return sent{}, errFlow
	}
	if err := json.Unmarshal(f.state.Extra, &at); err != nil {
		return sent{}, fmt.Errorf("what a flow keeps of a provider: %w", err)
	}
	if at.Provider == "" {
		return sent{}, errFlow
	}
	return at, nil
}
