package account

import (
	"context"
	"fmt"
	"slices"

	"waypost/internal/db"
	"waypost/internal/fault"
)

var errLastContact = fault.New(fault.Conflict, "contact_last", "That is the only address we can reach you at. Add another one first.")

// ChangeContact begins to give an account another e-mail address or phone
// number, instead of the one of its kind that it has. Both ends agree: a code
// goes to an address that the account has, and when that was entered another to
// the new one. The session has to be fresh.
func (m *Members) ChangeContact(ctx context.Context, d Session, c Contact, from From) (Token, error) {
	if err := d.fresh(); err != nil {
		return "", err
	}
	s, err := m.Of(d.Account)
	if err != nil {
		return "", err
	}
	p, err := s.Profile(ctx, d.Account)
	if err != nil {
		return "", err
	}
	waited, err := s.waited(ctx, d.Account, c)
	if err != nil {
		return "", err
	}
	f := &flow{purpose: NewContact, account: d.Account, session: d.ID, coded: true, state: flowState{Contact: c, Language: p.Language}}
	old := p.Agrees(c.Kind)
	if old.IsZero() || waited {
		return m.askNew(ctx, s, f, from)
	}
	if err := s.spendCode(ctx, d.Account, old, from); err != nil {
		return "", err
	}
	f.state.Contact, f.state.Next, f.state.Letter = old, c, LetterMove
	return s.begin(ctx, f)
}

// Agrees returns the address that has to agree to another one of a kind: the
// one that goes, else the main one, so that taking one off first helps nobody.
// It is zero when there is none.
func (p Profile) Agrees(kind ContactKind) Contact {
	for _, a := range p.Contacts {
		if a.Kind == kind {
			return a.Contact
		}
	}
	return p.Main()
}

// askNew begins a flow whose code goes to the new address. Whether that is
// somebody else's already, only its owner is told.
func (m *Members) askNew(ctx context.Context, s *Store, f *flow, from From) (Token, error) {
	owner, err := m.owner(ctx, f.state.Contact)
	if err != nil {
		return "", err
	}
	if err := s.spendCode(ctx, f.account, f.state.Contact, from); err != nil {
		return "", err
	}
	f.state.Letter = LetterContact
	if owner.account != "" && owner.account != f.account {
		f.state.Letter = LetterHasAccount
	}
	return s.begin(ctx, f)
}

// oldAgreed goes on to the new address, when the code of the one before was entered.
func (m *Members) oldAgreed(ctx context.Context, s *Store, f *flow, from From) (Step, error) {
	next := &flow{purpose: NewContact, account: f.account, session: f.session, coded: true,
		state: flowState{Contact: f.state.Next, Language: f.state.Language}}
	token, err := m.askNew(ctx, s, next, from)
	if err != nil {
		return Step{}, err
	}
	if err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.finish(ctx, tx, f) }); err != nil {
		return Step{}, fmt.Errorf("change contact of %s: %w", f.account, err)
	}
	return Step{Account: f.account, Flow: token, Code: true}, nil
}

// contactProved gives an account the address whose code was entered, and tells
// the old address, where it can be undone.
func (m *Members) contactProved(ctx context.Context, s *Store, f *flow, from From) (Step, error) {
	owner, err := m.owner(ctx, f.state.Contact)
	if err != nil {
		return Step{}, err
	}
	if owner.account != "" && owner.account != f.account {
		return Step{}, errTaken
	}
	k, err := s.vault.Key(ctx, f.account.Subject())
	if err != nil {
		return Step{}, err
	}
	p, err := s.Profile(ctx, f.account)
	if err != nil {
		return Step{}, err
	}
	told, main := replaced(p, f.state.Contact)
	told.device = Label(from.Agent)
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.finish(ctx, tx, f); err != nil {
			return err
		}
		if err := s.alive(ctx, tx, f.session); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, k, f.account, told); err != nil {
			return err
		}
		if err := dropAwaited(ctx, tx, f.account, f.state.Contact.Kind); err != nil {
			return err
		}
		return s.putContact(ctx, tx, k, f.account, f.state.Contact, main)
	})
	if err != nil {
		return Step{}, fmt.Errorf("change contact of %s: %w", f.account, err)
	}
	return Step{Account: f.account}, nil
}

// replaced says what the owner of an account is told when c comes in, and
// whether c is where messages go from then on.
func replaced(p Profile, c Contact) (change, bool) {
	old := slices.IndexFunc(p.Contacts, func(a Address) bool { return a.Kind == c.Kind })
	if old < 0 {
		return change{what: ContactAdded, detail: c.Masked()}, len(p.Contacts) == 0
	}
	what := MailChanged
	if c.Kind == Phone {
		what = PhoneChanged
	}
	return change{what: what, to: p.Contacts[old].Contact, detail: c.Masked()}, p.Contacts[old].Main
}

// RemoveContact takes an address off an account, not the last one. The session
// has to be fresh.
func (s *Store) RemoveContact(ctx context.Context, d Session, kind ContactKind, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	p, err := s.Profile(ctx, d.Account)
	if err != nil {
		return err
	}
	gone := slices.IndexFunc(p.Contacts, func(a Address) bool { return a.Kind == kind })
	if gone < 0 {
		return nil
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	address := p.Contacts[gone].Contact
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.lessen(ctx, tx, d.Account, func() error {
			told := change{what: ContactRemoved, to: address, detail: address.Masked(), device: Label(from.Agent)}
			if err := s.notice(ctx, tx, k, d.Account, told); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM contact WHERE account_id = $1 AND kind = $2`, d.Account, kind); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE contact SET main = TRUE WHERE account_id = $1`, d.Account)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("remove contact of %s: %w", d.Account, err)
	}
	return nil
}

// SetMain says which of an account's addresses messages go to.
func (s *Store) SetMain(ctx context.Context, d Session, kind ContactKind) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			UPDATE contact SET main = (kind = $2) WHERE account_id = $1
			AND EXISTS (SELECT 1 FROM contact chosen WHERE chosen.account_id = $1 AND chosen.kind = $2)`, d.Account, kind)
		return one(done, err, errContact)
	})
	if err != nil {
		return fmt.Errorf("main contact of %s: %w", d.Account, err)
	}
	return nil
}
