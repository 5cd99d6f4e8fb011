package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
)

// What the ledger's entries that this room makes are about. Others' purposes
// are theirs to name.
const (
	ForTerms       = "terms"
	ForSupervision = "supervision" // somebody of age looks after the account
	ForGuardian    = "guardian"    // a guardian agrees to a child's account
	ForSale        = "sale"        // somebody's data may be sold or shared for others' purposes; only ever refused
)

// ByBrowser is how a browser refuses by itself.
const ByBrowser = "global privacy control"

// A Consent is one entry of the ledger: something was agreed to or taken back.
type Consent struct {
	Purpose string
	Version string // of the document
	Wording string // as it was shown
	How     string // where it was shown, and what they did
	Given   bool   // false: taken back
	At      time.Time
}

// Consent adds entries to an account's ledger; it never changes one.
func (s *Store) Consent(ctx context.Context, id ID, entries ...Consent) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.consent(ctx, tx, id, entries...) })
	if err != nil {
		return fmt.Errorf("consent of %s: %w", id, err)
	}
	return nil
}

func (s *Store) consent(ctx context.Context, tx *db.Tx, id ID, entries ...Consent) error {
	for _, c := range entries {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO consent (id, account_id, purpose, version, wording, given, how, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			uuid.Must(uuid.NewV7()).String(), id, c.Purpose, c.Version, c.Wording, c.Given, c.How, ms(s.now()))
		if err != nil {
			return err
		}
	}
	return nil
}

// Decide adds an entry where it says other than the last one of its purpose, or
// says it of another version, and reports whether it did.
func (s *Store) Decide(ctx context.Context, id ID, c Consent) (added bool, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		added, err = s.decide(ctx, tx, id, c)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("decide of %s: %w", id, err)
	}
	return added, nil
}

// decide does what Decide says, in a transaction.
func (s *Store) decide(ctx context.Context, tx *db.Tx, id ID, c Consent) (added bool, err error) {
	if err := lockAccount(ctx, tx, id); err != nil {
		return false, err
	}
	var given bool
	var version string
	err = tx.QueryRowContext(ctx, `SELECT given, version FROM consent WHERE account_id = $1 AND purpose = $2 ORDER BY at_ms DESC, id DESC LIMIT 1`,
		id, c.Purpose).Scan(&given, &version)
	if added = errors.Is(err, sql.ErrNoRows) || err == nil && (given != c.Given || version != c.Version); !added {
		return false, err
	}
	return true, s.consent(ctx, tx, id, c)
}

// Consents are the ledger of an account, oldest first. The last entry of a
// purpose holds.
func (s *Store) Consents(ctx context.Context, id ID) (entries []Consent, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		entries, err = db.Rows(ctx, tx, func(row *sql.Rows) (c Consent, err error) {
			var when int64
			err = row.Scan(&c.Purpose, &c.Version, &c.Wording, &c.Given, &c.How, &when)
			c.At = db.At(when)
			return c, err
		}, `SELECT purpose, version, wording, given, how, at_ms FROM consent WHERE account_id = $1 ORDER BY at_ms, id`, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("consents of %s: %w", id, err)
	}
	return entries, nil
}
