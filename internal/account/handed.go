package account

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"waypost/internal/account/provider"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// A person is what a provider knows the owner of a link by.
type person struct {
	Keys    []string `json:"keys"`              // ids, the strongest first
	Refresh string   `json:"refresh,omitempty"` // see provider.Identity
}

// keepPerson keeps what a provider knows somebody by, as it said last. A token
// that it doesn't give again stays.
func (s *Store) keepPerson(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, who provider.Identity) error {
	var sealed []byte
	err := tx.QueryRowContext(ctx, `SELECT person FROM link WHERE account_id = $1 AND provider = $2`, id, who.Provider).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept person
	if err := k.OpenJSON(fieldPerson, sealed, &kept); err != nil {
		return err
	}
	now := person{who.Keys(), cmp.Or(who.Refresh, kept.Refresh)}
	if slices.Equal(kept.Keys, now.Keys) && kept.Refresh == now.Refresh {
		return nil
	}
	if sealed, err = k.SealJSON(fieldPerson, now); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE link SET person = $1 WHERE account_id = $2 AND provider = $3`, sealed, id, who.Provider)
	return err
}

// Handed is what of somebody this room had services outside do something with, by
// what these know them by.
type Handed struct {
	Mail   []string // addresses that e-mail was sent to
	Phones []string // numbers that text messages were sent to, +41…
	Links  []HandedLink
}

// A HandedLink is an account at a provider.
type HandedLink struct {
	Provider provider.Code
	Name     string   // the provider's, for people
	Keys     []string // the person's ids there, the strongest first; none of a link from before they were kept
	Refresh  string   // see provider.Identity
}

// Handed says what services outside got of a member. Of a business account, one
// of the staff, or somebody who is gone it is nothing: theirs gets nobody here.
func (m *Members) Handed(ctx context.Context, who inventory.Subject) (Handed, error) {
	s, err := m.Of(ID(who))
	if err != nil {
		return Handed{}, err
	}
	k, err := s.vault.Key(ctx, who)
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		return Handed{}, nil
	}
	if err != nil {
		return Handed{}, err
	}
	var h Handed
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		h = Handed{}
		if err := s.handedContacts(ctx, tx, k, who, &h); err != nil {
			return err
		}
		h.Links, err = db.Rows(ctx, tx, func(row *sql.Rows) (HandedLink, error) {
			var l HandedLink
			var sealed []byte
			if err := row.Scan(&l.Provider, &sealed); err != nil {
				return HandedLink{}, err
			}
			var p person
			err := k.OpenJSON(fieldPerson, sealed, &p)
			l.Name, l.Keys, l.Refresh = m.providerName(l.Provider), p.Keys, p.Refresh
			return l, err
		}, `SELECT provider, person FROM link WHERE account_id = $1 ORDER BY provider`, string(who))
		return err
	})
	if err != nil {
		return Handed{}, fmt.Errorf("what was handed of %s: %w", who, err)
	}
	return h, nil
}

// handedContacts adds the addresses that messages about somebody go or went to:
// their own, one that is awaited, and that of a child's guardian.
func (s *Store) handedContacts(ctx context.Context, tx *db.Tx, k *vault.Sealer, who inventory.Subject, h *Handed) error {
	for _, from := range []struct {
		field     vault.Field
		statement string
	}{
		{fieldContact, `SELECT kind, value FROM contact WHERE account_id = $1 ORDER BY kind`},
		{fieldAwaited, `SELECT kind, value FROM awaited WHERE account_id = $1 ORDER BY kind`},
		{fieldGuardian, `SELECT 'mail', contact FROM guardian WHERE account_id = $1`},
	} {
		all, err := db.Rows(ctx, tx, func(row *sql.Rows) (c Contact, err error) {
			var sealed []byte
			if err := row.Scan(&c.Kind, &sealed); err != nil {
				return Contact{}, err
			}
			c.Value, err = k.OpenText(from.field, sealed)
			return c, err
		}, from.statement, string(who))
		if err != nil {
			return err
		}
		for _, c := range all {
			to := &h.Mail
			if c.Kind == Phone {
				to = &h.Phones
			}
			if !slices.Contains(*to, c.Value) {
				*to = append(*to, c.Value)
			}
		}
	}
	return nil
}
