package account

import (
	"context"
	"database/sql"
	"slices"

	"waypost/internal/account/provider"
	"waypost/internal/db"
)

// ForLink, followed by the provider's code, is what the ledger calls a link: a
// member agrees to be known by an account at a provider, and takes that back.
const ForLink = "link "

// How a link is taken back, as the ledger notes it.
const (
	byOwner    = "unlinked in the account"
	byProvider = "removed at the provider"
	byUndoing  = "a change was undone from the message about it"
)

func (s *Store) agreeLink(ctx context.Context, tx *db.Tx, id ID, who *identity) error {
	return s.consent(ctx, tx, id, Consent{
		Purpose: ForLink + string(who.Provider), Version: who.Agreed.Version, Wording: who.Agreed.Wording, How: who.Agreed.How, Given: true,
	})
}

// noteLinks writes down which links somebody has no longer, or has again, since
// they had those before.
func (s *Store) noteLinks(ctx context.Context, tx *db.Tx, id ID, before []provider.Code) error {
	now, err := linksOf(ctx, tx, id)
	if err != nil {
		return err
	}
	var entries []Consent
	note := func(these, those []provider.Code, given bool) {
		for _, code := range these {
			if !slices.Contains(those, code) {
				entries = append(entries, Consent{Purpose: ForLink + string(code), How: byUndoing, Given: given})
			}
		}
	}
	note(before, now, false)
	note(now, before, true)
	return s.consent(ctx, tx, id, entries...)
}

// linksOf are the providers that an account is linked to.
func linksOf(ctx context.Context, tx *db.Tx, id ID) ([]provider.Code, error) {
	return db.Rows(ctx, tx, func(row *sql.Rows) (code provider.Code, err error) {
		err = row.Scan(&code)
		return code, err
	}, `SELECT provider FROM link WHERE account_id = $1 ORDER BY provider`, id)
}
