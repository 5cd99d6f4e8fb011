package health

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// What is counted beside the kinds of problems.
const (
	Found    = "found"    // numbers whose history was read
	Same     = "same"     // numbers whose answer was the one before
	Calls    = "calls"    // calls that were made
	Unmapped = "unmapped" // codes that the status map lacks, once an answer
	took     = "took:"    // calls that took up to so many milliseconds
)

// bounds are up to which latencies are counted together, in milliseconds: steps
// of two fifths, so that a percentile is that exact.
var bounds = []int64{10, 25, 35, 50, 70, 100, 140, 200, 280, 400, 560, 800, 1100, 1600, 2200, 3200, 4500, 6400, 9000, 13_000, 18_000, 25_000, 36_000, 50_000, 300_000}

// A Call is one call of a source and what it brought.
type Call struct {
	Account carrier.AccountCode
	At      time.Time // when the answer was there
	Took    time.Duration
	Numbers int              // that were asked
	Reports []carrier.Report // where Problem is nil
	Problem *carrier.Problem // of the whole answer
}

// A counter is one number in health_hour.
type counter struct {
	account carrier.AccountCode
	hour    int64
	what    string
}

type count struct{ n, last int64 }

func (c count) plus(more count) count { return count{c.n + more.n, max(c.last, more.last)} }

// Answered notes a call.
func (b *Book) Answered(c Call) {
	hour := c.At.Truncate(time.Hour).UnixMilli()
	b.mu.Lock()
	defer b.mu.Unlock()
	add := func(what string, n int) {
		key := counter{c.Account, hour, what}
		b.counts[key] = b.counts[key].plus(count{int64(n), c.At.UnixMilli()})
	}
	add(Calls, 1)
	add(took+strconv.FormatInt(bound(c.Took), 10), 1)
	if c.Problem != nil {
		add(string(c.Problem.Kind), max(c.Numbers, 1))
		return
	}
	for _, r := range c.Reports {
		add(outcome(r), 1)
		if n := len(r.Unknown); n > 0 {
			add(Unmapped, n)
		}
	}
}

func outcome(r carrier.Report) string {
	switch {
	case r.Problem != nil:
		return string(r.Problem.Kind)
	case r.Same:
		return Same
	}
	return Found
}

func bound(d time.Duration) int64 {
	i, _ := slices.BinarySearch(bounds, d.Milliseconds())
	return bounds[min(i, len(bounds)-1)]
}

// saveCounts adds counts to those that are there, everybody in the same order.
func saveCounts(ctx context.Context, tx *db.Tx, counts map[counter]count) error {
	order := slices.SortedFunc(maps.Keys(counts), func(a, b counter) int {
		return cmp.Or(strings.Compare(string(a.account), string(b.account)), cmp.Compare(a.hour, b.hour), strings.Compare(a.what, b.what))
	})
	for _, c := range order {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO health_hour (account, hour_ms, what, n, last_ms) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account, hour_ms, what) DO UPDATE SET
				n       = health_hour.n + excluded.n,
				last_ms = CASE WHEN excluded.last_ms > health_hour.last_ms THEN excluded.last_ms ELSE health_hour.last_ms END`,
			string(c.account), c.hour, c.what, counts[c].n, counts[c].last)
		if err != nil {
			return err
		}
	}
	return nil
}
