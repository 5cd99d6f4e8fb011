package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// A Passkey is one of an account's, as its owner sees it.
type Passkey struct {
	ID       string
	Name     string
	BackedUp bool      // kept by its maker's cloud too, so that losing a device doesn't lose it
	Created  time.Time // UTC
	Used     time.Time // UTC, zero never
}

const (
	maxPasskeys    = 20 // of an account
	maxPasskeyName = 40 // characters
)

var (
	errPasskeys     = fault.New(fault.Conflict, "passkeys_many", "This account has 20 passkeys. Remove one first.")
	errPasskeyThere = fault.New(fault.Conflict, "passkey_there", "That passkey was added already.")
	errNoPasskey    = fault.New(fault.NotFound, "passkey_missing", "There is no such passkey any more.")
	errPasskeyName  = fault.New(fault.Invalid, "passkey_name", "The passkey's name needs 1 to 40 characters that can be written.")
)

// An Ask is a question to a browser.
type Ask struct {
	Options json.RawMessage // for navigator.credentials, as its parse…FromJSON takes it, under "publicKey"
	Flow    Token           // what the browser carries until it answers
}

// BeginPasskey begins to give an account a passkey. The session has to be fresh.
func (s *Store) BeginPasskey(ctx context.Context, d Session, from From) (Ask, error) {
	if s.relying == nil {
		return Ask{}, errNoSite
	}
	if err := d.fresh(); err != nil {
		return Ask{}, err
	}
	if err := s.spend(ctx, bucket{limitNetwork, from.network()}); err != nil {
		return Ask{}, err
	}
	h, err := s.holder(ctx, d.Account)
	if err != nil {
		return Ask{}, err
	}
	if len(h.credentials) >= maxPasskeys {
		return Ask{}, errPasskeys
	}
	options, question, err := s.relying.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return Ask{}, fmt.Errorf("ask for a new passkey: %w", err)
	}
	f := &flow{purpose: NewPasskey, account: d.Account, session: d.ID, state: flowState{Language: from.Language}}
	return s.asking(ctx, f, question, options)
}

// asking begins a flow with a question in it.
func (s *Store) asking(ctx context.Context, f *flow, question *webauthn.SessionData, options any) (Ask, error) {
	if err := f.ask(question, s.now()); err != nil {
		return Ask{}, err
	}
	text, err := json.Marshal(options)
	if err != nil {
		return Ask{}, err
	}
	token, err := s.begin(ctx, f)
	return Ask{text, token}, err
}

// AddPasskey takes the browser's answer to BeginPasskey's question. name is what
// the member calls it, "" the browser and system. The session has to be fresh.
func (s *Store) AddPasskey(ctx context.Context, d Session, token Token, name string, answer []byte, from From) (Passkey, error) {
	if err := d.fresh(); err != nil {
		return Passkey{}, err
	}
	name, err := passkeyName(name, from)
	if err != nil {
		return Passkey{}, err
	}
	f, err := s.flow(ctx, token)
	if err != nil {
		return Passkey{}, err
	}
	if f.purpose != NewPasskey || f.account != d.Account || f.session != d.ID {
		return Passkey{}, errNotNeeded
	}
	credential, err := s.created(ctx, f, answer)
	if err != nil {
		return Passkey{}, err
	}
	return s.insertPasskey(ctx, f, credential, name, from)
}

func passkeyName(name string, from From) (string, error) {
	name, err := line(name, maxPasskeyName, errPasskeyName)
	switch {
	case err != nil:
		return "", err
	case name != "":
		return name, nil
	case Label(from.Agent) != "":
		return Label(from.Agent), nil
	}
	return "Passkey", nil
}

// created checks a browser's answer to the question that a flow has.
func (s *Store) created(ctx context.Context, f *flow, answer []byte) (*webauthn.Credential, error) {
	question, err := f.question(s.now())
	if err != nil {
		return nil, err
	}
	parsed, err := parseCreated(answer)
	if err != nil {
		return nil, err
	}
	h, err := s.holder(ctx, f.account)
	if err != nil {
		return nil, err
	}
	credential, err := s.relying.CreateCredential(h, question, parsed)
	if err != nil {
		return nil, errAnswer.Because(err)
	}
	credential.Attestation = webauthn.CredentialAttestation{} // not wanted, and a browser may send it all the same
	return credential, nil
}

func (s *Store) insertPasskey(ctx context.Context, f *flow, credential *webauthn.Credential, name string, from From) (Passkey, error) {
	k, err := s.vault.Key(ctx, f.account.Subject())
	if err != nil {
		return Passkey{}, err
	}
	sealed, err := k.SealJSON(fieldCredential, credential)
	if err != nil {
		return Passkey{}, err
	}
	p := Passkey{ID: uuid.Must(uuid.NewV7()).String(), Name: name, BackedUp: credential.Flags.BackupState, Created: s.now().UTC()}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		w, err := lockWays(ctx, tx, f.account)
		if err != nil {
			return err
		}
		if w.passkeys >= maxPasskeys {
			return errPasskeys
		}
		if err := s.finish(ctx, tx, f); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, k, f.account, change{what: PasskeyAdded, detail: name, device: Label(from.Agent)}); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `
			INSERT INTO passkey (id, account_id, lookup, credential, name, backed_up, created_ms, used_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
			ON CONFLICT (lookup) DO NOTHING`,
			p.ID, f.account, s.passkeyLookup(credential.ID), sealed, k.SealText(fieldPasskey, name), p.BackedUp, ms(p.Created))
		return one(done, err, errPasskeyThere)
	})
	if err != nil {
		return Passkey{}, fmt.Errorf("add passkey to %s: %w", f.account, err)
	}
	return p, nil
}

// passkeyLookup is by what a passkey is found that a browser shows.
func (s *Store) passkeyLookup(credential []byte) string {
	return s.vault.Lookup(fieldCredential, string(credential))
}

// Passkeys are an account's, the oldest first.
func (s *Store) Passkeys(ctx context.Context, d Session) ([]Passkey, error) {
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return nil, err
	}
	var all []Passkey
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (p Passkey, err error) {
			var name []byte
			var created, used int64
			if err := row.Scan(&p.ID, &name, &p.BackedUp, &created, &used); err != nil {
				return Passkey{}, err
			}
			p.Created, p.Used = db.At(created), db.At(used)
			p.Name, err = k.OpenText(fieldPasskey, name)
			return p, err
		}, `SELECT id, name, backed_up, created_ms, used_ms FROM passkey WHERE account_id = $1 ORDER BY created_ms, id`, d.Account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys of %s: %w", d.Account, err)
	}
	return all, nil
}

// RenamePasskey calls a passkey something else.
func (s *Store) RenamePasskey(ctx context.Context, d Session, id, name string) error {
	name, err := line(name, maxPasskeyName, errPasskeyName)
	if err != nil || name == "" {
		return errPasskeyName
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE passkey SET name = $1 WHERE id = $2 AND account_id = $3`, k.SealText(fieldPasskey, name), id, d.Account)
		return one(done, err, errNoPasskey)
	})
	if err != nil {
		return fmt.Errorf("rename passkey %s: %w", id, err)
	}
	return nil
}

// RemovePasskey takes a passkey off an account, unless its owner could not sign
// in any more. The session has to be fresh.
func (s *Store) RemovePasskey(ctx context.Context, d Session, id string, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.lessen(ctx, tx, d.Account, func() error {
			name, err := s.passkeyCalled(ctx, tx, k, d.Account, id)
			if err != nil {
				return err
			}
			if err := s.notice(ctx, tx, k, d.Account, change{what: PasskeyRemoved, detail: name, device: Label(from.Agent)}); err != nil {
				return err
			}
			done, err := tx.ExecContext(ctx, `DELETE FROM passkey WHERE id = $1 AND account_id = $2`, id, d.Account)
			return one(done, err, errNoPasskey)
		})
	})
	if err != nil {
		return fmt.Errorf("remove passkey %s: %w", strconv.Quote(id), err)
	}
	return nil
}

func (s *Store) passkeyCalled(ctx context.Context, tx *db.Tx, k *vault.Sealer, account ID, id string) (string, error) {
	var sealed []byte
	err := tx.QueryRowContext(ctx, `SELECT name FROM passkey WHERE id = $1 AND account_id = $2`, id, account).Scan(&sealed)
	if err != nil {
		return "", noRow(err, errNoPasskey)
	}
	return k.OpenText(fieldPasskey, sealed)
}

// holder reads an account's owner and their passkeys.
func (s *Store) holder(ctx context.Context, id ID) (holder, error) {
	p, err := s.Profile(ctx, id)
	if err != nil {
		return holder{}, err
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return holder{}, err
	}
	h := holder{name: p.called(), nickname: p.Nickname}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT handle FROM account WHERE id = $1`, id).Scan(&h.handle); err != nil {
			return err
		}
		h.credentials, err = db.Rows(ctx, tx, func(row *sql.Rows) (c webauthn.Credential, err error) {
			var sealed []byte
			if err := row.Scan(&sealed); err != nil {
				return c, err
			}
			return c, k.OpenJSON(fieldCredential, sealed, &c)
		}, `SELECT credential FROM passkey WHERE account_id = $1`, id)
		return err
	})
	if err != nil {
		return holder{}, fmt.Errorf("passkeys of %s: %w", id, err)
	}
	return h, nil
}
