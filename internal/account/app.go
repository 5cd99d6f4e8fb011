package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// appPeriod is how many seconds a code of an authenticator app holds. With
// SHA-1, six digits and 20 bytes of secret it is what every app can do
// (RFC 6238, 4 and 5.2; RFC 4226, 4 R6).
const appPeriod = 30

var (
	errAppThere = fault.New(fault.Conflict, "totp_there", "This account has an authenticator app already. Remove it first to set up another.")
	errNoApp    = fault.New(fault.Conflict, "totp_missing", "This account has no authenticator app. Set one up first.")
	errAppCode  = fault.New(fault.Denied, "totp_wrong", "That is not the code that the app shows now. If it is, check that the device's clock is right.")
	errAppUsed  = fault.New(fault.Denied, "totp_used", "That code was used already. Wait until the app shows the next one.")
)

// An App is what an authenticator app is set up with. It is shown once.
type App struct {
	Secret string // base32 in groups of four, to be typed
	URI    string // otpauth://totp/…, to be opened on the same device
	QR     []byte // the URI as a PNG
}

// AddApp begins to give an account an authenticator app: it asks for nothing
// until ConfirmApp has seen a code of it. Begun again, what was begun before is
// void. The session has to be fresh.
func (s *Store) AddApp(ctx context.Context, d Session) (App, error) {
	if err := d.fresh(); err != nil {
		return App{}, err
	}
	p, err := s.Profile(ctx, d.Account)
	if err != nil {
		return App{}, err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return App{}, err
	}
	secret, err := newSecret()
	if err != nil {
		return App{}, err
	}
	app, err := appOf(s.site.name(), p.called(), secret)
	if err != nil {
		return App{}, err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			INSERT INTO totp (account_id, secret, step, created_ms, confirmed_ms) VALUES ($1, $2, 0, $3, 0)
			ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, step = 0, created_ms = excluded.created_ms
			WHERE totp.confirmed_ms = 0`, d.Account, k.SealText(fieldSecret, secret), ms(s.now()))
		return one(done, err, errAppThere)
	})
	if err != nil {
		return App{}, fmt.Errorf("authenticator app of %s: %w", d.Account, err)
	}
	return app, nil
}

// called is what an account is told apart by among its owner's own.
func (p Profile) called() string {
	if c := p.Main(); !c.IsZero() {
		return c.Value
	}
	return p.Nickname
}

// grouped writes a space after every fourth letter.
func grouped(text string) string {
	var b strings.Builder
	for i, r := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ConfirmApp takes the first code of an app that was set up. From then on a
// sign-in without a passkey asks for one. The session has to be fresh.
func (s *Store) ConfirmApp(ctx context.Context, d Session, code string, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	counted := bucket{limitProve, string(d.Account) + " " + d.ID}
	if err := s.spend(ctx, counted); err != nil {
		return err
	}
	step, err := s.appStep(ctx, d.Account, code, false)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.notice(ctx, tx, k, d.Account, change{what: AppAdded, device: Label(from.Agent)}); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `
			UPDATE totp SET step = $1, confirmed_ms = $2 WHERE account_id = $3 AND step < $1 AND confirmed_ms = 0`, step, ms(s.now()), d.Account)
		if err := one(done, err, errAppThere); err != nil {
			return err
		}
		return s.forget(ctx, tx, counted)
	})
	if err != nil {
		return fmt.Errorf("confirm authenticator app of %s: %w", d.Account, err)
	}
	return nil
}

// RemoveApp takes the authenticator app off an account, and with it the
// recovery codes that stand in for it. The session has to be fresh.
func (s *Store) RemoveApp(ctx context.Context, d Session, from From) error {
	if err := d.fresh(); err != nil {
		return err
	}
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.notice(ctx, tx, k, d.Account, change{what: AppRemoved, device: Label(from.Agent)}); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM totp WHERE account_id = $1 AND confirmed_ms > 0`, d.Account)
		if err := one(done, err, errNoApp); err != nil {
			return err
		}
		return voidRecovery(ctx, tx, d.Account)
	})
	if err != nil {
		return fmt.Errorf("remove authenticator app of %s: %w", d.Account, err)
	}
	return nil
}

// appStep returns the step whose code was entered.
func (s *Store) appStep(ctx context.Context, id ID, code string, confirmed bool) (int64, error) {
	secret, err := s.appSecret(ctx, id, confirmed)
	if err != nil {
		return 0, err
	}
	step, right := stepOf(secret, digits(code), s.step())
	if !right {
		return 0, errAppCode
	}
	return step, nil
}

// step is the number of the current step.
func (s *Store) step() int64 { return s.now().Unix() / appPeriod }

func (s *Store) appSecret(ctx context.Context, id ID, confirmed bool) (string, error) {
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return "", err
	}
	var sealed []byte
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT secret FROM totp WHERE account_id = $1 AND (confirmed_ms > 0) = $2`, id, confirmed).Scan(&sealed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNoApp
	}
	if err != nil {
		return "", fmt.Errorf("authenticator app of %s: %w", id, err)
	}
	return k.OpenText(fieldSecret, sealed)
}

// useStep takes note that a step's code was used. The row decides, so that it
// can be used once whichever replica is asked; an older one can't be either.
func (s *Store) useStep(ctx context.Context, id ID, step int64) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE totp SET step = $1 WHERE account_id = $2 AND step < $1 AND confirmed_ms > 0`, step, id)
		return one(done, err, errAppUsed)
	})
	if err != nil {
		return fmt.Errorf("authenticator app of %s: %w", id, err)
	}
	return nil
}

// voidSteps makes every code void that the app may have shown by now, after an
// older row was put back.
func (s *Store) voidSteps(ctx context.Context, tx *db.Tx, id ID) error {
	_, err := tx.ExecContext(ctx, `UPDATE totp SET step = $1 WHERE account_id = $2 AND step < $1 AND confirmed_ms > 0`, s.step()+1, id)
	return err
}
