package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"waypost/internal/account/provider"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/vault"
)

// A ProviderLink is an account at a provider that signs in to one here.
type ProviderLink struct {
	Provider provider.Code
	Name     string    // the provider's, for people
	Nickname string    // what the provider calls its owner, "" nothing
	Created  time.Time // UTC
	Used     time.Time // UTC, zero never
}

var errNoLink = fault.New(fault.NotFound, "link_missing", "There is no such link any more.")

// linked returns whose a provider's keys are, and where they live; "" nobody's. The
// strongest key decides. It fails while that isn't certain, because a region is away.
func (m *Members) linked(ctx context.Context, code provider.Code, keys []string) (*Store, ID, error) {
	var home *Store
	var owner ID
	for _, key := range keys {
		away, err := m.each(ctx, func(ctx context.Context, s *Store) error {
			id, err := s.linked(ctx, code, key)
			if err != nil {
				return fmt.Errorf("find link in %s: %w", s.region, err)
			}
			if id != "" && owner == "" {
				home, owner = s, id
			}
			return nil
		})
		switch {
		case err != nil || owner != "":
			return home, owner, err
		case away:
			return nil, "", errSomeAway
		}
	}
	return nil, "", nil
}

func (s *Store) linked(ctx context.Context, code provider.Code, key string) (id ID, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT account_id FROM link_key WHERE provider = $1 AND lookup = $2`, code, s.linkLookup(code, key)).Scan(&id)
	})
	return id, noRow(err, nil)
}

func (s *Store) linkLookup(code provider.Code, key string) string {
	return s.vault.Lookup(fieldKey, string(code)+" "+key)
}

// Link links who came back from a provider to the account of a session, which
// has to be fresh: its owner has just signed in, or shown who they are. agreed
// is how they said yes.
func (m *Members) Link(ctx context.Context, d Session, token Token, agreed Terms, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	begun, f, who, err := m.received(ctx, token)
	if err != nil {
		return err
	}
	if f.session != "" && f.session != d.ID {
		return errNotNeeded
	}
	switch _, owner, err := m.linked(ctx, who.Provider, who.Keys); {
	case err != nil:
		return err
	case owner == d.Account:
		return errLinkThere.With(who.Name)
	case owner != "":
		return errLinkTaken.With(who.Name)
	}
	s, err := m.Of(d.Account)
	if err != nil {
		return err
	}
	if err := begun.db.Tx(ctx, func(tx *db.Tx) error { return begun.finish(ctx, tx, f) }); err != nil {
		return err
	}
	who.Agreed = agreed
	return s.link(ctx, d.Account, who, from)
}

func (s *Store) link(ctx context.Context, id ID, who *identity, from From) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := lockWays(ctx, tx, id); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, k, id, change{what: Linked, detail: who.Name, device: Label(from.Agent)}); err != nil {
			return err
		}
		return s.putLink(ctx, tx, k, id, who)
	})
	if err != nil {
		return fmt.Errorf("link %s to %s: %w", who.Provider, id, err)
	}
	return nil
}

// putLink writes a new link, with all the keys it is found by, and that its
// owner agreed.
func (s *Store) putLink(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, who *identity) error {
	person, err := k.SealJSON(fieldPerson, person{who.Keys, who.Refresh})
	if err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO link (account_id, provider, nickname, person, created_ms, used_ms) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (account_id, provider) DO NOTHING`, id, who.Provider, k.SealText(fieldLinked, who.Nickname), person, ms(s.now()))
	if err := one(done, err, errLinkThere.With(who.Name)); err != nil {
		return err
	}
	for _, key := range who.Keys {
		done, err := tx.ExecContext(ctx, `INSERT INTO link_key (account_id, provider, lookup) VALUES ($1, $2, $3) ON CONFLICT (provider, lookup) DO NOTHING`,
			id, who.Provider, s.linkLookup(who.Provider, key))
		if err := one(done, err, errLinkTaken.With(who.Name)); err != nil {
			return err
		}
	}
	return s.agreeLink(ctx, tx, id, who)
}

// useLink takes note that a link was used, what its owner is called now, and
// keys that the provider didn't give before.
func (s *Store) useLink(ctx context.Context, id ID, who provider.Identity) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE link SET used_ms = $1, nickname = $2 WHERE account_id = $3 AND provider = $4`,
			ms(s.now()), k.SealText(fieldLinked, nicknameFrom(who.Name)), id, who.Provider)
		if err != nil {
			return err
		}
		if err := s.keepPerson(ctx, tx, k, id, who); err != nil {
			return err
		}
		for _, key := range who.Keys() {
			_, err := tx.ExecContext(ctx, `INSERT INTO link_key (account_id, provider, lookup) VALUES ($1, $2, $3) ON CONFLICT (provider, lookup) DO NOTHING`,
				id, who.Provider, s.linkLookup(who.Provider, key))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("use link of %s: %w", id, err)
	}
	return nil
}

// Links are an account's, the oldest first.
func (m *Members) Links(ctx context.Context, d Session) ([]ProviderLink, error) {
	s, err := m.Of(d.Account)
	if err != nil {
		return nil, err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return nil, err
	}
	var links []ProviderLink
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		links, err = db.Rows(ctx, tx, func(row *sql.Rows) (l ProviderLink, err error) {
			var nickname []byte
			var created, used int64
			if err := row.Scan(&l.Provider, &nickname, &created, &used); err != nil {
				return ProviderLink{}, err
			}
			l.Name, l.Created, l.Used = m.providerName(l.Provider), db.At(created), db.At(used)
			l.Nickname, err = k.OpenText(fieldLinked, nickname)
			return l, err
		}, `SELECT provider, nickname, created_ms, used_ms FROM link WHERE account_id = $1 ORDER BY created_ms, provider`, d.Account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("links of %s: %w", d.Account, err)
	}
	return links, nil
}

// Unlink takes a link off an account, unless its owner could not sign in any
// more. It asks for no proof: it gives nobody anything, and is told with a way
// to undo it.
func (m *Members) Unlink(ctx context.Context, d Session, code provider.Code, from From) error {
	s, err := m.Of(d.Account)
	if err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	told := change{what: Unlinked, detail: m.providerName(code), device: Label(from.Agent)}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.lessen(ctx, tx, d.Account, func() error {
			if err := s.notice(ctx, tx, k, d.Account, told); err != nil {
				return err
			}
			return s.dropLink(ctx, tx, d.Account, code, byOwner)
		})
	})
	if err != nil {
		return fmt.Errorf("unlink %s of %s: %w", code, d.Account, err)
	}
	return nil
}

// dropLink deletes a link, and with it its keys.
func (s *Store) dropLink(ctx context.Context, tx *db.Tx, id ID, code provider.Code, how string) error {
	done, err := tx.ExecContext(ctx, `DELETE FROM link WHERE account_id = $1 AND provider = $2`, id, code)
	if err := one(done, err, errNoLink); err != nil {
		return err
	}
	return s.consent(ctx, tx, id, Consent{Purpose: ForLink + string(code), How: how})
}

// dropKeyless deletes links that nothing finds any more, because what found
// them is somebody else's by now.
func dropKeyless(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := tx.ExecContext(ctx, `
		DELETE FROM link WHERE account_id = $1
		AND NOT EXISTS (SELECT 1 FROM link_key k WHERE k.account_id = link.account_id AND k.provider = link.provider)`, id)
	return err
}

// Revoke takes a provider's word that somebody removed this installation there,
// or wants what came from there deleted: form is what it posted. The link goes;
// where its owner has no other way in, only what the provider said of them
// goes, so that they can come back. Of somebody unknown there is nothing to do.
func (m *Members) Revoke(ctx context.Context, code provider.Code, form url.Values) error {
	p, err := m.provider(code)
	if err != nil {
		return err
	}
	r, ok := p.(provider.Revoker)
	if !ok {
		return errNoProviders
	}
	subject, err := r.Revocation(form)
	if err != nil {
		return err
	}
	s, id, err := m.linked(ctx, code, []string{subject})
	if err != nil || id == "" {
		return err
	}
	return s.revokeLink(ctx, id, code, p.Name())
}

func (s *Store) revokeLink(ctx context.Context, id ID, code provider.Code, name string) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		w, err := lockWays(ctx, tx, id)
		if err != nil {
			return err
		}
		if w.contacts+w.passkeys+w.links == 1 {
			_, err := tx.ExecContext(ctx, `UPDATE link SET nickname = $1 WHERE account_id = $2 AND provider = $3`, k.SealText(fieldLinked, ""), id, code)
			return err
		}
		if err := s.notice(ctx, tx, k, id, change{what: Revoked, detail: name}); err != nil {
			return err
		}
		return s.dropLink(ctx, tx, id, code, byProvider)
	})
	if err != nil && !errors.Is(err, errNoLink) {
		return fmt.Errorf("revoke link of %s: %w", id, err)
	}
	return nil
}
