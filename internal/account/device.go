package account

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"waypost/internal/db"
)

// A Device is a session as its owner sees it.
type Device struct {
	ID      string
	Label   string    // browser and system, "" unknown
	Created time.Time // UTC; when it was signed in
	Seen    time.Time // UTC, to the day
	This    bool      // the one that asks
}

// Devices are all that are signed in, the one used last first.
func (s *Store) Devices(ctx context.Context, d Session) ([]Device, error) {
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return nil, err
	}
	var devices []Device
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		devices, err = db.Rows(ctx, tx, func(row *sql.Rows) (one Device, err error) {
			var label []byte
			var created, seen int64
			if err := row.Scan(&one.ID, &label, &created, &seen); err != nil {
				return Device{}, err
			}
			one.Created, one.Seen, one.This = db.At(created), db.At(seen), one.ID == d.ID
			one.Label, err = k.OpenText(fieldLabel, label)
			return one, err
		}, `
			SELECT id, label, created_ms, seen_ms FROM session
			WHERE account_id = $1 AND revoked_ms = 0 AND ends_ms > $2 ORDER BY seen_ms DESC, created_ms DESC`, d.Account, ms(s.now()))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("devices of %s: %w", d.Account, err)
	}
	return devices, nil
}

// Revoke signs one device out, which may be the one that asks. It is a new one
// when it comes again.
func (s *Store) Revoke(ctx context.Context, d Session, device string) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE session SET revoked_ms = $1, device = '' WHERE id = $2 AND account_id = $3 AND revoked_ms = 0`,
			ms(s.now()), device, d.Account)
		return one(done, err, errDevice)
	})
	if err != nil {
		return fmt.Errorf("revoke device %s: %w", device, err)
	}
	return nil
}

// RevokeOthers signs every device out but the one that asks.
func (s *Store) RevokeOthers(ctx context.Context, d Session) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error { return s.revokeAll(ctx, tx, d.Account, d.ID) })
	if err != nil {
		return fmt.Errorf("revoke devices of %s: %w", d.Account, err)
	}
	return nil
}

// SignOut ends a session; of one that is over already too.
func (m *Members) SignOut(ctx context.Context, token Token) error {
	s, err := m.in(token.Region())
	if err != nil {
		return nil //nolint:nilerr // it is no session of ours, so nobody is signed in by it
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE session SET revoked_ms = $1 WHERE token = $2 AND revoked_ms = 0`, ms(s.now()), token.hash())
		return err
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// revokeAll signs out every device of an account but one, "" none. They are
// new ones when they come again.
func (s *Store) revokeAll(ctx context.Context, tx *db.Tx, id ID, but string) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE session SET revoked_ms = $1, device = '' WHERE account_id = $2 AND id <> $3 AND revoked_ms = 0`, ms(s.now()), id, but)
	return err
}

// dropFlows ends what was begun for an account, but for one flow: also the wait
// for an address.
func (s *Store) dropFlows(ctx context.Context, tx *db.Tx, id ID, but string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM awaited WHERE account_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE flow SET ends_ms = 0, state = $1, code = '' WHERE account_id = $2 AND id <> $3`, []byte{}, id, but)
	return err
}
