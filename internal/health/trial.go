package health

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// A Trial is what came of asking an account for the operator's sake.
type Trial struct {
	Account carrier.AccountCode
	Number  string    // a canary; "" it was for the credentials
	At      time.Time // when it was asked
	Outcome string    // Found or a kind of problem
	Reason  string    // in English, what was wrong
}

func (t Trial) refused() bool { return t.Outcome == string(carrier.Auth) }

func (t Trial) lost() bool { return t.Number != "" && t.Outcome != Found }

// Begin claims a trial that wasn't made since, nor by another program; with
// again also one that found the credentials refused. It reports whether the
// trial is the caller's to make.
func (b *Book) Begin(ctx context.Context, code carrier.AccountCode, number string, since time.Time, again bool) (mine bool, err error) {
	var asked int64
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			INSERT INTO health_trial (account, number, asked_ms, outcome, reason) VALUES ($1, $2, $3, '', '')
			ON CONFLICT (account, number) DO UPDATE SET asked_ms = excluded.asked_ms
			WHERE health_trial.asked_ms < $4 OR $5 AND health_trial.outcome = $6
			RETURNING asked_ms`,
			string(code), number, time.Now().UnixMilli(), db.Ms(since), again, string(carrier.Auth)).Scan(&asked)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim a trial of %s: %w", code, err)
	}
	return true, nil
}

// PutOff gives a trial back that was claimed and can't be made now.
func (b *Book) PutOff(ctx context.Context, code carrier.AccountCode, number string) error {
	return b.update(ctx, `UPDATE health_trial SET asked_ms = -1 WHERE account = $1 AND number = $2`, string(code), number)
}

// Tried says what came of a trial.
func (b *Book) Tried(ctx context.Context, t Trial) error {
	return b.update(ctx, `UPDATE health_trial SET outcome = $3, reason = $4 WHERE account = $1 AND number = $2`,
		string(t.Account), t.Number, t.Outcome, t.Reason)
}

func (b *Book) update(ctx context.Context, query string, args ...any) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("write a trial: %w", err)
	}
	return nil
}

// Trials are those that were made, by account and number.
func (b *Book) Trials(ctx context.Context) (all []Trial, err error) {
	scan := func(at *sql.Rows) (Trial, error) {
		var t Trial
		var asked int64
		err := at.Scan(&t.Account, &t.Number, &asked, &t.Outcome, &t.Reason)
		t.At = db.At(asked)
		return t, err
	}
	err = b.db.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, scan, `
			SELECT account, number, asked_ms, outcome, reason FROM health_trial
			WHERE outcome <> '' AND asked_ms > 0 ORDER BY account, number`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read trials: %w", err)
	}
	return all, nil
}
