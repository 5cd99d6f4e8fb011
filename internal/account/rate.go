package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// A limit is how often something may be tried within a window, and how long
// one waits after the n-th time. Windows begin with the first try.
type limit struct {
	name   string
	most   int64
	window time.Duration
	wait   func(n int64) time.Duration // nil: not at all
}

// The limits. Who guesses is slowed first where they guess from (an address
// and a network), so that its owner elsewhere notices nothing; the count over
// all networks is far wider and doesn't hold for a browser that the account
// knows. None lasts longer than its window.
var (
	limitHere     = limit{"sign_in_here", 30, 24 * time.Hour, doubling(5, 15*time.Second, 15*time.Minute)}
	limitAccount  = limit{"sign_in", 100, 24 * time.Hour, doubling(50, 5*time.Second, 5*time.Minute)}
	limitNetwork  = limit{"network", 300, 10 * time.Minute, nil}
	limitCodeHere = limit{"code_here", 8, time.Hour, nil}
	limitCode     = limit{"code", 12, time.Hour, nil}
	limitEnter    = limit{"enter", 300, 10 * time.Minute, nil}
	limitSignUp   = limit{"sign_up", 60, time.Hour, nil}
	limitSecond   = limit{"second", 30, 24 * time.Hour, doubling(5, 15*time.Second, 15*time.Minute)}
	limitProve    = limit{"prove", 20, time.Hour, doubling(5, 15*time.Second, 15*time.Minute)}
)

// doubling waits not at all up to n times, then once the first time, twice as
// long the next, and never longer than most.
func doubling(n int64, first, most time.Duration) func(int64) time.Duration {
	return func(count int64) time.Duration {
		if count < n {
			return 0
		}
		wait := first
		for ; count > n && wait < most; count-- {
			wait *= 2
		}
		return min(wait, most)
	}
}

// A bucket is what is counted under a limit.
type bucket struct {
	limit
	of string // whom, keyed by the caller's choice of words
}

var errLimited = fault.New(fault.Limited, "too_often", "That was tried too often. Please try again in %s.")

// Wait is the cause of a fault of kind Limited: how long to wait.
type Wait time.Duration

func (w Wait) Error() string { return "wait " + time.Duration(w).String() }

// spend counts a try in each bucket and fails with errLimited when one has no
// room. It counts in all of them, also when the first is full, and commits, so
// a caller doesn't roll back.
func (s *Store) spend(ctx context.Context, buckets ...bucket) error {
	var wait time.Duration
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		wait = 0
		for _, b := range buckets {
			w, err := s.count(ctx, tx, b)
			if err != nil {
				return err
			}
			wait = max(wait, w)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count tries: %w", err)
	}
	if wait > 0 {
		return errLimited.With(spoken(wait)).Because(Wait(wait))
	}
	return nil
}

// count counts a try, or returns how long to wait for the next.
func (s *Store) count(ctx context.Context, tx *db.Tx, b bucket) (time.Duration, error) {
	now, key := s.now(), s.bucketKey(b)
	var n, ends int64
	err := tx.QueryRowContext(ctx, `
		INSERT INTO rate (bucket, count, wait_ms, ends_ms) VALUES ($1, 1, 0, $2)
		ON CONFLICT (bucket) DO UPDATE SET
			count   = CASE WHEN rate.ends_ms <= $3 THEN 1 ELSE rate.count + 1 END,
			ends_ms = CASE WHEN rate.ends_ms <= $3 THEN excluded.ends_ms ELSE rate.ends_ms END,
			wait_ms = 0
		WHERE rate.ends_ms <= $3 OR (rate.count < $4 AND rate.wait_ms <= $3)
		RETURNING count, ends_ms`, key, ms(now.Add(b.window)), ms(now), b.most).Scan(&n, &ends)
	if errors.Is(err, sql.ErrNoRows) {
		return s.waiting(ctx, tx, b, now)
	}
	if err != nil || b.wait == nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE rate SET wait_ms = $1 WHERE bucket = $2`, ms(now.Add(b.wait(n))), key)
	return 0, err
}

// waiting returns how long a full bucket stays so.
func (s *Store) waiting(ctx context.Context, tx *db.Tx, b bucket, now time.Time) (time.Duration, error) {
	var n, wait, ends int64
	err := tx.QueryRowContext(ctx, `SELECT count, wait_ms, ends_ms FROM rate WHERE bucket = $1`, s.bucketKey(b)).Scan(&n, &wait, &ends)
	if err != nil {
		return 0, err
	}
	if n >= b.most {
		wait = ends
	}
	return max(db.At(wait).Sub(now), time.Second), nil
}

// forget empties buckets, after the right answer.
func (s *Store) forget(ctx context.Context, tx *db.Tx, buckets ...bucket) error {
	for _, b := range buckets {
		if _, err := tx.ExecContext(ctx, `DELETE FROM rate WHERE bucket = $1`, s.bucketKey(b)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) bucketKey(b bucket) string { return s.vault.Lookup(fieldBucket, b.name+" "+b.of) }

// network is what an address is counted as: one subscriber, or one office.
func (f From) network() string {
	a := f.Address.Unmap()
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return netip.PrefixFrom(p.Addr(), bits).String()
}

// spoken is a duration as a sentence has it.
func spoken(d time.Duration) string {
	switch {
	case d <= time.Minute:
		return strconv.Itoa(int((d+time.Second-1)/time.Second)) + " seconds"
	case d <= time.Hour:
		return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + " minutes"
	}
	return strconv.Itoa(int((d+time.Hour-1)/time.Hour)) + " hours"
}

func ms(t time.Time) int64 { return t.UnixMilli() }
