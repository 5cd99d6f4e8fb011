package account

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"waypost/internal/db"
	"waypost/internal/fault"
)

const (
	recoveryCodes = 10
	recoveryBytes = 10 // 80 bits: nobody guesses one, and 16 characters are typed
)

// recoveryText are the digits and letters that nobody takes for each other:
// Crockford's base 32, in which o is 0, and i and l are 1.
var recoveryText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

var errRecovery = fault.New(fault.Denied, "recovery_wrong", "That is none of your recovery codes, or it was used already.")

// MakeRecoveryCodes returns ten codes, each of which stands in for the
// authenticator app once. They are shown this time only; the ones that were
// made before are void. The session has to be fresh.
func (s *Store) MakeRecoveryCodes(ctx context.Context, d Session, from From) ([]string, error) {
	if err := d.fresh(); err != nil {
		return nil, err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return nil, err
	}
	var codes []string
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		w, err := lockWays(ctx, tx, d.Account)
		if err != nil {
			return err
		}
		if !w.app {
			return errNoApp
		}
		if err := s.notice(ctx, tx, k, d.Account, change{what: RecoveryMade, device: Label(from.Agent)}); err != nil {
			return err
		}
		if err := voidRecovery(ctx, tx, d.Account); err != nil {
			return err
		}
		codes, err = s.insertRecovery(ctx, tx, d.Account)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recovery codes of %s: %w", d.Account, err)
	}
	return codes, nil
}

func (s *Store) insertRecovery(ctx context.Context, tx *db.Tx, id ID) ([]string, error) {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		b := make([]byte, recoveryBytes)
		rand.Read(b) //nolint:errcheck // it never fails
		text := recoveryText.EncodeToString(b)
		_, err := tx.ExecContext(ctx, `INSERT INTO recovery_code (account_id, hash, created_ms, used_ms) VALUES ($1, $2, $3, 0)`,
			id, s.recoveryHash(id, text), ms(s.now()))
		if err != nil {
			return nil, err
		}
		codes[i] = strings.ReplaceAll(grouped(text), " ", "-")
	}
	return codes, nil
}

// voidRecovery makes an account's codes void. Those that were used stay, so
// that they are known for used whatever is put back.
func voidRecovery(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM recovery_code WHERE account_id = $1 AND used_ms = 0`, id)
	return err
}

func (s *Store) recoveryHash(id ID, code string) string {
	return s.vault.Lookup(fieldRecovery, string(id)+" "+plainCode(code))
}

// plainCode is a recovery code in its one form, however it was typed.
func plainCode(code string) string {
	const most = 64
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r == 'o':
			return '0'
		case r == 'i', r == 'l':
			return '1'
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, code[:min(len(code), most)])
}

// useRecovery uses a code up and tells the account's owner, with how many are
// left. Of two at the same time one gets errRecovery.
func (s *Store) useRecovery(ctx context.Context, id ID, code string, from From) error {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		w, err := lockWays(ctx, tx, id)
		if err != nil {
			return err
		}
		left := strconv.FormatInt(max(w.recovery-1, 0), 10)
		if err := s.notice(ctx, tx, k, id, change{what: RecoveryUsed, detail: left, device: Label(from.Agent)}); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE recovery_code SET used_ms = $1 WHERE account_id = $2 AND hash = $3 AND used_ms = 0`,
			ms(s.now()), id, s.recoveryHash(id, code))
		return one(done, err, errRecovery)
	})
	if err != nil {
		return fmt.Errorf("recovery code of %s: %w", id, err)
	}
	return nil
}
