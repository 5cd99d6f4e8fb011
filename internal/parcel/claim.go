package parcel

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// A Claim is a wish for asks of one account that are due.
type Claim struct {
	Account carrier.AccountCode
	Most    int           // asks
	Lease   time.Duration // after which they are due again, if nothing was recorded
	Budget  Budget
}

// Taken is what a claim got.
type Taken struct {
	Asks  []Claimed // visitors' first: somebody looks at a page; then longest due first
	Empty Empty     // why there are none; "" when there are
	Again time.Time // UTC; when another claim may get more; zero when only a new want can tell (DueTopic)
	Used  float64   // part of the budget that is used in this window, 0 to 1; 0 without limit
}

// Empty is why a claim got nothing.
type Empty string

// Why a claim got nothing.
const (
	NothingDue  Empty = "nothing_due"
	BudgetUsed  Empty = "budget_used"  // the account's calls, or the visitors' part of them where only theirs are due
	BreakerOpen Empty = "breaker_open" // Trip said to leave the account alone
)

// A Claimed is an ask that is this caller's until the lease ends.
type Claimed struct {
	Parcel ID
	Asking
	Lease    string        // proof that it is ours still
	Visitor  bool          // only visitors want it
	Failures int           // in a row, before this time
	Due      time.Time     // UTC; since when it was due
	Asked    time.Time     // UTC; when it was asked before, zero if never
	Seen     string        // digest of the answer that was taken in last, "" none
	Given    carrier.Given // what the parcel's carriers demand besides the number; nil nothing
}

const (
	// floorMargin is how far behind the last claim an ask may become due and
	// still be seen at once: transactions take time, and clocks differ.
	floorMargin = 10 * time.Minute

	// floorAgain is how often a claim looks from the very beginning.
	floorAgain = time.Minute

	// unwantedRounds bounds how many unwanted asks one claim puts to rest.
	unwantedRounds = 5
)

// Claim takes due asks of an account and draws on its budget, in one
// transaction: ten replicas together take no more than one may. Asks that
// nobody wants any more are put to rest instead.
func (s *Store) Claim(ctx context.Context, c Claim) (Taken, error) {
	var taken Taken
	var given map[ID][]byte
	now := millis(s.now())
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		a, err := account(ctx, tx, c.Account)
		if err != nil {
			return err
		}
		t := &taking{Claim: c, tx: tx, account: a, now: now, lease: rand.Text()}
		if taken, err = t.take(ctx); err != nil {
			return err
		}
		given, err = loadGiven(ctx, tx, parcelsOf(taken.Asks))
		return err
	})
	if err != nil {
		return Taken{}, fmt.Errorf("claim for %s: %w", c.Account, err)
	}
	taken.Asks = s.open(ctx, taken.Asks, given)
	return taken, nil
}

func parcelsOf(asks []Claimed) []ID {
	ids := make([]ID, len(asks))
	for i, c := range asks {
		ids[i] = c.Parcel
	}
	return ids
}

// A taking is one claim at work.
type taking struct {
	Claim
	tx      *db.Tx
	account *accountRow
	now     time.Time
	lease   string
	whole   bool // looks from the beginning this time
}

func (t *taking) take(ctx context.Context) (Taken, error) {
	a, b := t.account, t.Budget
	if a.Open.After(t.now) {
		return Taken{Empty: BreakerOpen, Again: a.Open, Used: a.used(b)}, nil
	}
	a.roll(b, t.now)
	t.whole = t.now.Sub(a.floorAt) >= floorAgain
	calls, visits := a.left(b)

	asks, err := t.due(ctx, true, min(t.Most, visits*b.batch()))
	if err != nil {
		return Taken{}, err
	}
	visitors := len(asks)
	kept, err := t.due(ctx, false, min(t.Most, calls*b.batch())-visitors)
	if err != nil {
		return Taken{}, err
	}
	asks = append(asks, kept...)
	if t.whole {
		a.floorAt = t.now
	}
	if len(asks) > 0 {
		a.draw(b, len(asks), visitors, t.now)
	}
	if len(asks) > 0 || t.whole {
		if err := a.save(ctx, t.tx); err != nil {
			return Taken{}, err
		}
	}
	taken := Taken{Asks: asks, Used: a.used(b)}
	if len(asks) < t.Most {
		taken.Empty, taken.Again, err = t.rest(ctx)
	} else {
		taken.Again = t.now
	}
	if len(asks) > 0 {
		taken.Empty = ""
	}
	return taken, err
}

// due returns up to most due asks, of visitors or of those who keep parcels,
// longest due first. The index keeps what has been claimed until the database
// tidies up; the floor spares walking through that.
func (t *taking) due(ctx context.Context, visitor bool, most int) ([]Claimed, error) {
	if most <= 0 {
		return nil, nil
	}
	floor := &t.account.floors[0]
	if visitor {
		floor = &t.account.floors[1]
	}
	from := *floor
	if t.whole {
		from = time.Time{}
	}
	var asks []Claimed
	for range unwantedRounds {
		found, unwanted, err := t.find(ctx, visitor, from, most-len(asks))
		if err != nil {
			return nil, err
		}
		if err := t.mark(ctx, found, t.now.Add(t.Lease), t.lease); err != nil {
			return nil, err
		}
		if err := t.mark(ctx, unwanted, time.Time{}, ""); err != nil {
			return nil, err
		}
		asks = append(asks, found...)
		if len(unwanted) == 0 || len(asks) == most {
			break
		}
	}
	switch {
	case len(asks) > 0:
		*floor = asks[0].Due.Add(-floorMargin)
	case t.whole:
		*floor = t.now.Add(-floorMargin)
	}
	return asks, nil
}

func (t *taking) find(ctx context.Context, visitor bool, from time.Time, most int) (found, unwanted []Claimed, err error) {
	rows, err := t.tx.QueryContext(ctx, `
		SELECT a.parcel_id, a.source, a.carrier, a.number, a.role, a.rank, a.failures, a.due_ms, a.asked_ms, a.digest,
			(SELECT p.wanted_ms FROM parcel AS p WHERE p.id = a.parcel_id)
		FROM ask AS a
		WHERE a.account = $1 AND a.visitor = $2 AND a.due_ms > 0 AND a.due_ms >= $3 AND a.due_ms <= $4
		ORDER BY a.due_ms LIMIT $5`+t.tx.SkipLocked(),
		string(t.Account), visitor, db.Ms(from), db.Ms(t.now), most)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := Claimed{Asking: Asking{Account: t.Account}, Lease: t.lease, Visitor: visitor}
		var due, asked, wanted int64
		if err := rows.Scan(&c.Parcel, &c.Source, &c.Carrier, &c.Number, &c.Role, &c.Rank, &c.Failures, &due, &asked, &c.Seen, &wanted); err != nil {
			return nil, nil, err
		}
		c.Due, c.Asked = db.At(due), db.At(asked)
		if wanted > db.Ms(t.now) {
			found = append(found, c)
		} else {
			unwanted = append(unwanted, c)
		}
	}
	return found, unwanted, rows.Err()
}

// mark gives asks a lease until then; none and the zero time put them to rest.
func (t *taking) mark(ctx context.Context, asks []Claimed, until time.Time, lease string) error {
	if len(asks) == 0 {
		return nil
	}
	claimed := t.now
	if lease == "" {
		claimed = time.Time{}
	}
	places, args := listAsks(4, asks)
	_, err := t.tx.ExecContext(ctx, `
		UPDATE ask SET due_ms = $1, lease = $2, claimed_ms = $3
		WHERE (parcel_id, source, carrier, number) IN (VALUES `+places+`)`,
		append([]any{db.Ms(until), lease, db.Ms(claimed)}, args...)...)
	return err
}

// rest says why there is no more, and when there may be.
func (t *taking) rest(ctx context.Context) (Empty, time.Time, error) {
	calls, visits := t.account.left(t.Budget)
	end := t.account.Since.Add(t.Budget.Per)
	if calls == 0 {
		return BudgetUsed, end, nil
	}
	var due [2]int64
	err := t.tx.QueryRowContext(ctx, `
		SELECT
			COALESCE((SELECT min(due_ms) FROM ask WHERE account = $1 AND visitor = $2 AND due_ms > 0 AND due_ms > $4), 0),
			COALESCE((SELECT min(due_ms) FROM ask WHERE account = $1 AND visitor = $3 AND due_ms > 0 AND due_ms >= $5), 0)`,
		string(t.Account), false, true, db.Ms(t.now), db.Ms(t.account.floors[1])).Scan(&due[0], &due[1])
	if err != nil {
		return "", time.Time{}, err
	}
	kept, visitor := db.At(due[0]), db.At(due[1])
	why := NothingDue
	if visits == 0 && !visitor.IsZero() {
		if !visitor.After(t.now) {
			why = BudgetUsed
		}
		if visitor = later(visitor, end); t.Budget.VisitorShare <= 0 {
			visitor = time.Time{}
		}
	}
	return why, sooner(kept, visitor), nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// sooner is the earlier of two times, of which the zero one is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Release gives back what was claimed and not asked: it is due at once. The
// budget stays drawn on.
func (s *Store) Release(ctx context.Context, claimed []Claimed) error {
	if len(claimed) == 0 {
		return nil
	}
	byLease := map[string][]Claimed{}
	for _, c := range claimed {
		byLease[c.Lease] = append(byLease[c.Lease], c)
	}
	now := s.now()
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for lease, asks := range byLease {
			places, args := listAsks(3, asks)
			_, err := tx.ExecContext(ctx, `
				UPDATE ask SET due_ms = $1, lease = '', claimed_ms = 0
				WHERE lease = $2 AND (parcel_id, source, carrier, number) IN (VALUES `+places+`)`,
				append([]any{db.Ms(now), lease}, args...)...)
			if err != nil {
				return err
			}
		}
		for _, c := range claimed {
			tx.Notify(DueTopic(c.Account))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("release asks: %w", err)
	}
	return nil
}

// listAsks spells the keys of asks as rows of placeholders, the first of which
// is $from; as many as fill says, the last one repeated.
func listAsks(from int, asks []Claimed) (places string, args []any) {
	asks = slices.Clone(asks)
	for n := fill(len(asks)); len(asks) < n; {
		asks = append(asks, asks[len(asks)-1])
	}
	var b strings.Builder
	for i, c := range asks {
		if i > 0 {
			b.WriteByte(',')
		}
		for j := range 4 {
			b.WriteString([]string{"($", ",$", ",$", ",$"}[j])
			b.WriteString(strconv.Itoa(from + 4*i + j))
		}
		b.WriteByte(')')
		args = append(args, string(c.Parcel), string(c.Source), string(c.Carrier), c.Number)
	}
	return b.String(), args
}
