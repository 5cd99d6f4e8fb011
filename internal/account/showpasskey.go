package account

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/db"
	"waypost/internal/vault"
)

// SignInByPasskey begins a sign-in by a passkey, without an address: the
// browser knows whose they are. EnterPasskey takes its answer.
func (m *Members) SignInByPasskey(ctx context.Context, from From) (Ask, error) {
	return m.near(from).askPasskey(ctx, &flow{purpose: SigningIn, state: flowState{Language: from.Language}}, from)
}

// ProveByPasskey asks the owner of a session for a passkey; what EnterPasskey
// returns for it is what Prove does.
func (s *Store) ProveByPasskey(ctx context.Context, d Session, from From) (Ask, error) {
	return s.askPasskey(ctx, s.proving(d, from), from)
}

func (s *Store) askPasskey(ctx context.Context, f *flow, from From) (Ask, error) {
	if s.relying == nil {
		return Ask{}, errNoSite
	}
	if err := s.spend(ctx, bucket{limitNetwork, from.network()}); err != nil {
		return Ask{}, err
	}
	options, question, err := s.relying.BeginDiscoverableLogin()
	if err != nil {
		return Ask{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.asking(ctx, f, question, options)
}

// AskPasskey asks for a passkey in a flow that needs ByPasskey. Which ones the
// account has isn't said: the browser knows.
func (m *Members) AskPasskey(ctx context.Context, token Token, from From) (Ask, error) {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return Ask{}, err
	}
	if s.relying == nil {
		return Ask{}, errNoSite
	}
	if err := s.wants(ctx, f, ByPasskey); err != nil {
		return Ask{}, err
	}
	if err := s.spend(ctx, bucket{limitNetwork, from.network()}); err != nil {
		return Ask{}, err
	}
	options, question, err := s.relying.BeginDiscoverableLogin()
	if err != nil {
		return Ask{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	if err := f.ask(question, s.now()); err != nil {
		return Ask{}, err
	}
	text, err := json.Marshal(options)
	if err != nil {
		return Ask{}, err
	}
	return Ask{text, token}, s.keep(ctx, f)
}

// EnterPasskey takes a browser's answer to the question for a passkey. What is
// wrong with one isn't told apart: it is nobody's, somebody else's, not for
// this site, or not an answer to this question.
func (m *Members) EnterPasskey(ctx context.Context, token Token, answer []byte, from From) (Step, error) {
	s, f, err := m.flow(ctx, token)
	if err != nil {
		return Step{}, err
	}
	if f.coded || (f.purpose != SigningIn && f.purpose != Proving) {
		return Step{}, errNotNeeded
	}
	question, err := f.question(s.now())
	if err != nil {
		return Step{}, err
	}
	if err := s.spend(ctx, bucket{limitNetwork, from.network()}); err != nil {
		return Step{}, err
	}
	parsed, err := parseShown(answer)
	if err != nil {
		return Step{}, err
	}
	home := m.store(handleRegion(parsed.Response.UserHandle))
	if home == nil {
		home = s
	}
	owner, err := home.shown(ctx, f.account, question, parsed)
	if err != nil {
		return Step{}, err
	}
	if f.account != "" {
		return s.proved(ctx, f, ByPasskey, token, from)
	}
	if err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.finish(ctx, tx, f) }); err != nil {
		return Step{}, err
	}
	return home.proved(ctx, &flow{purpose: SigningIn, account: owner, state: flowState{Language: f.state.Language}}, ByPasskey, "", from)
}

// A shownPasskey is a stored passkey that a browser showed.
type shownPasskey struct {
	id         string
	account    ID
	handle     []byte
	sealed     []byte
	credential webauthn.Credential
}

// shown checks an answer, takes note that its passkey was used, and returns
// whose it is; errPasskey when it isn't account's, "" any.
func (s *Store) shown(ctx context.Context, account ID, question webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (ID, error) {
	p, err := s.passkey(ctx, parsed.RawID)
	if err != nil {
		return "", err
	}
	if account != "" && p.account != account {
		return "", errPasskey.Because(errors.New("the passkey is another account's"))
	}
	k, err := s.vault.Key(ctx, p.account.Subject())
	if err != nil {
		return "", err
	}
	if err := k.OpenJSON(fieldCredential, p.sealed, &p.credential); err != nil {
		return "", err
	}
	used, err := s.relying.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) {
		return holder{handle: p.handle, credentials: []webauthn.Credential{p.credential}}, nil
	}, question, parsed)
	if err != nil {
		return "", errPasskey.Because(err)
	}
	if used.Authenticator.CloneWarning {
		return "", errPasskey.Because(fmt.Errorf("passkey %s: %w", p.id, errCloned))
	}
	return p.account, s.usePasskey(ctx, k, p, used)
}

// passkey reads the passkey of a credential's id; errPasskey when it is nobody's.
func (s *Store) passkey(ctx context.Context, credential []byte) (p shownPasskey, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT p.id, p.account_id, p.credential, a.handle FROM passkey p JOIN account a ON a.id = p.account_id WHERE p.lookup = $1`,
			s.passkeyLookup(credential)).Scan(&p.id, &p.account, &p.sealed, &p.handle)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return shownPasskey{}, errPasskey
	}
	if err != nil {
		return shownPasskey{}, fmt.Errorf("passkey: %w", err)
	}
	return p, nil
}

// usePasskey keeps the count that a passkey came with, and whether it is backed
// up. Of two that came with one count, the second is refused.
func (s *Store) usePasskey(ctx context.Context, k *vault.Sealer, p shownPasskey, used *webauthn.Credential) error {
	sealed := p.sealed
	if !sameState(p.credential, *used) {
		var err error
		if sealed, err = k.SealJSON(fieldCredential, used); err != nil {
			return err
		}
	}
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE passkey SET credential = $1, backed_up = $2, used_ms = $3 WHERE id = $4 AND credential = $5`,
			sealed, used.Flags.BackupState, ms(s.now()), p.id, p.sealed)
		return one(done, err, errPasskey.Because(errCloned))
	})
	if err != nil {
		return fmt.Errorf("use passkey %s: %w", p.id, err)
	}
	return nil
}

// sameState reports whether nothing about a passkey changed that is kept.
func sameState(a, b webauthn.Credential) bool {
	return a.Authenticator.SignCount == b.Authenticator.SignCount && a.Flags.ProtocolValue() == b.Flags.ProtocolValue() && bytes.Equal(a.ID, b.ID)
}
