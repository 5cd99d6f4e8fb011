package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/vault"
)

// Profile returns what an account says of its owner; a fault of kind NotFound
// when there is none.
func (s *Store) Profile(ctx context.Context, id ID) (Profile, error) {
	k, err := s.vault.Key(ctx, id.Subject())
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		return Profile{}, errNoAccount
	}
	if err != nil {
		return Profile{}, err
	}
	var p Profile
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = readProfile(ctx, tx, k, id)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Profile{}, errNoAccount
	}
	if err != nil {
		return Profile{}, fmt.Errorf("profile of %s: %w", id, err)
	}
	return p, nil
}

func readProfile(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID) (Profile, error) {
	p := Profile{ID: id}
	var age, nickname, country, lang, company []byte
	var picture, passwords, created, restricted int64
	err := tx.QueryRowContext(ctx, `
		SELECT a.state, a.age_range, a.nickname, a.country, a.language, a.company, LENGTH(a.picture), a.created_ms, a.restricted_ms,
			(SELECT COUNT(*) FROM password p WHERE p.account_id = a.id)
		FROM account a WHERE a.id = $1`, id).
		Scan(&p.State, &age, &nickname, &country, &lang, &company, &picture, &created, &restricted, &passwords)
	if err != nil {
		return Profile{}, err
	}
	p.Picture, p.Password, p.Created, p.Restricted = picture > 0, passwords > 0, db.At(created), db.At(restricted)
	if p.Age, err = openAge(k, age); err != nil {
		return Profile{}, err
	}
	for _, f := range []struct {
		field  vault.Field
		sealed []byte
		to     *string
	}{
		{fieldNickname, nickname, &p.Nickname},
		{fieldCountry, country, &p.Country},
		{fieldLanguage, lang, &p.Language},
		{fieldCompany, company, &p.Company},
	} {
		if *f.to, err = k.OpenText(f.field, f.sealed); err != nil {
			return Profile{}, err
		}
	}
	p.Contacts, err = readContacts(ctx, tx, k, id)
	return p, err
}

func readContacts(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID) ([]Address, error) {
	return db.Rows(ctx, tx, func(row *sql.Rows) (a Address, err error) {
		var sealed []byte
		var verified int64
		if err := row.Scan(&a.Kind, &sealed, &verified, &a.Main); err != nil {
			return Address{}, err
		}
		a.Verified = db.At(verified)
		a.Value, err = k.OpenText(fieldContact, sealed)
		return a, err
	}, `SELECT kind, value, verified_ms, main FROM contact WHERE account_id = $1 ORDER BY kind`, id)
}

// An Edit is what a member changes of their profile; nil leaves it as it is.
type Edit struct {
	Nickname *string
	Country  *string // the account stays in the region where it was made
	Language *string
	Company  *string
}

// Edit changes an account's profile.
func (s *Store) Edit(ctx context.Context, id ID, e Edit) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	columns, err := e.columns()
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, c := range columns {
			done, err := tx.ExecContext(ctx, `UPDATE account SET `+c.column+` = $1 WHERE id = $2`, k.SealText(c.field, c.value), id)
			if err := one(done, err, errNoAccount); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("edit %s: %w", id, err)
	}
	return nil
}

// An edited is a column and its new value.
type edited struct {
	column string
	field  vault.Field
	value  string
}

// columns are what an edit changes, checked.
func (e Edit) columns() (all []edited, err error) {
	for _, f := range []struct {
		edited
		given *string
		read  func(string) (string, error)
	}{
		{edited{"nickname", fieldNickname, ""}, e.Nickname, nicknameOf},
		{edited{"country", fieldCountry, ""}, e.Country, countryOf},
		{edited{"language", fieldLanguage, ""}, e.Language, languageOf},
		{edited{"company", fieldCompany, ""}, e.Company, companyOf},
	} {
		if f.given == nil {
			continue
		}
		if f.value, err = f.read(*f.given); err != nil {
			return nil, err
		}
		all = append(all, f.edited)
	}
	return all, nil
}

// Deactivate closes an account until its owner signs in again, and signs out
// every device. The session has to be fresh.
func (s *Store) Deactivate(ctx context.Context, d Session, from From) error {
	return s.close(ctx, d, Deactivated, change{what: AccountOff, device: Label(from.Agent)})
}

// close brings an account into a state in which nobody is signed in, and tells
// its owner.
func (s *Store) close(ctx context.Context, d Session, to State, told change) error {
	if err := d.fresh(); err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.setState(ctx, tx, d.Account, Active, to); err != nil {
			return err
		}
		return s.shut(ctx, tx, k, d.Account, told)
	})
	if err != nil {
		return fmt.Errorf("close %s, %s: %w", d.Account, to, err)
	}
	return nil
}

// shut tells the owner of an account that was closed, and signs out every device.
func (s *Store) shut(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, told change) error {
	if err := s.notice(ctx, tx, k, id, told); err != nil {
		return err
	}
	if err := s.dropFlows(ctx, tx, id, ""); err != nil {
		return err
	}
	return s.revokeAll(ctx, tx, id, "")
}
