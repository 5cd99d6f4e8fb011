package parcel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// A Budget is how many calls an account may make. It is shared by all that
// claim from the same database.
type Budget struct {
	Calls        int           // in Per; 0 is without limit
	Per          time.Duration // the window, which begins with its first call
	Batch        int           // asks that one call holds; 0 is one
	VisitorShare float64       // part of Calls that visitors' asks may use, 0 to 1; where it is more than 0, at least one call
}

// AccountHealth is how an account stands.
type AccountHealth struct {
	Account carrier.AccountCode
	Since   time.Time // UTC; when its budget's window began, zero if it never did
	Calls   int       // used in the window
	Visits  int       // of these for visitors
	Open    time.Time // UTC; left alone until then, zero if it isn't
	Trips   int       // in a row, without a Heal
}

// unlimited is more calls than anybody makes.
const unlimited = 1 << 30

// An accountRow is an account's row; the claim that has read it has it for itself.
type accountRow struct {
	AccountHealth
	floors  [2]time.Time // before which no ask is due: of those who keep parcels, of visitors
	floorAt time.Time    // when floors were last looked for from the beginning
}

// account reads an account's row, and makes it if it isn't there.
func account(ctx context.Context, tx *db.Tx, code carrier.AccountCode) (*accountRow, error) {
	const query = `
		SELECT account, window_ms, calls, visits, open_ms, trips, floor_kept_ms, floor_visitor_ms, floor_at_ms
		FROM source_account WHERE account = $1`
	a, err := scanAccount(tx.QueryRowContext(ctx, query+tx.Lock(), string(code)))
	if !errors.Is(err, sql.ErrNoRows) {
		return a, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO source_account (account, window_ms, calls, visits, open_ms, trips, floor_kept_ms, floor_visitor_ms, floor_at_ms)
		VALUES ($1, 0, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING`, string(code))
	if err != nil {
		return nil, err
	}
	return scanAccount(tx.QueryRowContext(ctx, query+tx.Lock(), string(code)))
}

func scanAccount(at interface{ Scan(...any) error }) (*accountRow, error) {
	var a accountRow
	var window, open, kept, visitor, floorAt int64
	err := at.Scan(&a.Account, &window, &a.Calls, &a.Visits, &open, &a.Trips, &kept, &visitor, &floorAt)
	a.Since, a.Open = db.At(window), db.At(open)
	a.floors, a.floorAt = [2]time.Time{db.At(kept), db.At(visitor)}, db.At(floorAt)
	return &a, err
}

func (a *accountRow) save(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE source_account SET window_ms = $1, calls = $2, visits = $3, floor_kept_ms = $4, floor_visitor_ms = $5, floor_at_ms = $6
		WHERE account = $7`,
		db.Ms(a.Since), a.Calls, a.Visits, db.Ms(a.floors[0]), db.Ms(a.floors[1]), db.Ms(a.floorAt), string(a.Account))
	return err
}

// roll ends the window when its time is over.
func (a *accountRow) roll(b Budget, now time.Time) {
	if !a.Since.IsZero() && !now.Before(a.Since.Add(b.Per)) {
		a.Since, a.Calls, a.Visits = time.Time{}, 0, 0
	}
}

// left returns how many calls the account has left, and how many of these
// visitors may use.
func (a *accountRow) left(b Budget) (calls, visits int) {
	if b.Calls <= 0 {
		return unlimited, unlimited
	}
	share := min(max(b.VisitorShare, 0), 1)
	allowed := int(share * float64(b.Calls))
	if share > 0 {
		allowed = max(allowed, 1)
	}
	calls = max(b.Calls-a.Calls, 0)
	return calls, min(max(allowed-a.Visits, 0), calls)
}

// draw takes the calls for asks off the budget.
func (a *accountRow) draw(b Budget, asks, visitors int, now time.Time) {
	if a.Since.IsZero() {
		a.Since = now
	}
	a.Calls += b.calls(asks)
	a.Visits += b.calls(visitors)
}

// Spend takes one call off an account's budget for something other than an
// ask, and reports whether there was one.
func (s *Store) Spend(ctx context.Context, code carrier.AccountCode, b Budget) (paid bool, err error) {
	now := s.now()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		a, err := account(ctx, tx, code)
		if err != nil {
			return err
		}
		a.roll(b, now)
		calls, _ := a.left(b)
		if paid = calls > 0; !paid {
			return nil
		}
		a.draw(b, 1, 0, now)
		return a.save(ctx, tx)
	})
	if err != nil {
		return false, fmt.Errorf("spend a call of %s: %w", code, err)
	}
	return paid, nil
}

// calls is how many calls so many asks take.
func (b Budget) calls(asks int) int { return (asks + b.batch() - 1) / b.batch() }

func (b Budget) batch() int { return max(b.Batch, 1) }

// used is the part of the budget that is used, 0 to 1.
func (a *accountRow) used(b Budget) float64 {
	if b.Calls <= 0 {
		return 0
	}
	return min(float64(a.Calls)/float64(b.Calls), 1)
}

// Trip leaves an account alone until then, on all replicas.
func (s *Store) Trip(ctx context.Context, code carrier.AccountCode, until time.Time) error {
	now := s.now()
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		a, err := account(ctx, tx, code)
		if err != nil {
			return err
		}
		if !a.Open.After(now) { // when several replicas find the same failure it is one
			a.Trips++
		}
		_, err = tx.ExecContext(ctx, "UPDATE source_account SET open_ms = $1, trips = $2 WHERE account = $3",
			db.Ms(until), a.Trips, string(code))
		return err
	})
	if err != nil {
		return fmt.Errorf("trip %s: %w", code, err)
	}
	return nil
}

// Heal says that an account answers. It writes only where that is news.
func (s *Store) Heal(ctx context.Context, code carrier.AccountCode) error {
	health, err := s.Health(ctx)
	if err != nil {
		return err
	}
	for _, h := range health {
		if h.Account != code || h.Open.IsZero() && h.Trips == 0 {
			continue
		}
		err := s.db.Tx(ctx, func(tx *db.Tx) error {
			tx.Notify(DueTopic(code))
			_, err := tx.ExecContext(ctx, "UPDATE source_account SET open_ms = 0, trips = 0 WHERE account = $1", string(code))
			return err
		})
		if err != nil {
			return fmt.Errorf("heal %s: %w", code, err)
		}
	}
	return nil
}

// Health returns all accounts that were ever claimed for, by code.
func (s *Store) Health(ctx context.Context) ([]AccountHealth, error) {
	var all []AccountHealth
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(at *sql.Rows) (AccountHealth, error) {
			a, err := scanAccount(at)
			return a.AccountHealth, err
		}, `
			SELECT account, window_ms, calls, visits, open_ms, trips, floor_kept_ms, floor_visitor_ms, floor_at_ms
			FROM source_account ORDER BY account`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return all, nil
}
