package parcel

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// A Subscription is how it stands with a number that a source is told to send news
// of by itself. There is one while somebody keeps a parcel of that number.
type Subscription struct {
	Account  carrier.AccountCode
	Carrier  carrier.Code // on whose behalf
	Number   string
	State    SubscriptionState
	Remote   string    // the source's own id of it, "" none
	Until    time.Time // UTC; when it lapses, zero if it doesn't
	Failures int       // in a row
	Lease    string    // proof that it is ours still
	Ending   bool      // nobody wants it any more: it is to be ended
}

// A SubscriptionState is how a subscription stands.
type SubscriptionState string

// States.
const (
	Wished  SubscriptionState = "wished"  // to be made
	Held    SubscriptionState = "held"    // the source sends news
	Refused SubscriptionState = "refused" // the source takes none to this number
)

const (
	// subscriptionLook is how often it is looked whether somebody still keeps the
	// parcel of a subscription.
	subscriptionLook = 24 * time.Hour

	// refusedFor is how long a refused subscription isn't tried again.
	refusedFor = 7 * 24 * time.Hour

	// subscriptionsEnd is how long those are kept that nobody sees to any more,
	// because their account is gone.
	subscriptionsEnd = 30 * 24 * time.Hour
)

// A SubscriptionClaim is a request for subscriptions to see to.
type SubscriptionClaim struct {
	Account carrier.AccountCode
	Terms   carrier.Terms
	Lease   time.Duration
	Budget  Budget // each call is one of it
}

// ClaimSubscriptions takes subscriptions to see to in one call, and draws on the
// account's budget: those of one carrier to be made or renewed, or to be ended. None come
// while the account is left alone or has no calls left. What needn't be seen to after
// all is put off, or forgotten.
func (s *Store) ClaimSubscriptions(ctx context.Context, c SubscriptionClaim) ([]Subscription, error) {
	now := millis(s.now())
	var all []Subscription
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		all = nil
		a, err := account(ctx, tx, c.Account)
		if err != nil {
			return err
		}
		a.roll(c.Budget, now)
		if calls, _ := a.left(c.Budget); calls == 0 || a.Open.After(now) {
			return nil
		}
		if err := c.wish(ctx, tx, now); err != nil {
			return err
		}
		if all, err = c.due(ctx, tx, now); err != nil || len(all) == 0 {
			return err
		}
		single := c.Budget
		single.Batch = 1
		a.draw(single, 1, 0, now)
		return a.save(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("claim subscriptions of %s: %w", c.Account, err)
	}
	return all, nil
}

// wish notes numbers that somebody keeps and that nobody has subscribed to.
func (c SubscriptionClaim) wish(ctx context.Context, tx *db.Tx, now time.Time) error {
	type key struct{ carrier, number string }
	wished, err := db.Rows(ctx, tx, func(at *sql.Rows) (k key, err error) { return k, at.Scan(&k.carrier, &k.number) }, `
		SELECT DISTINCT a.carrier, a.number FROM ask AS a JOIN parcel AS p ON p.id = a.parcel_id
		WHERE a.account = $1 AND a.visitor = $2 AND a.due_ms > 0 AND a.state = $3
			AND p.kept_ms > $4 AND p.found = a.carrier AND p.number = a.number
			AND NOT EXISTS (SELECT 1 FROM subscription AS s WHERE s.account = a.account AND s.carrier = a.carrier AND s.number = a.number)
		ORDER BY a.carrier, a.number LIMIT $5`,
		string(c.Account), false, string(Waiting), db.Ms(now), max(c.Terms.Most, 100))
	if err != nil {
		return err
	}
	for _, k := range wished {
		state, due, reason := Wished, now, ""
		if c.refuses(k.number) {
			state, due, reason = Refused, now.Add(refusedFor), "the source takes no such numbers"
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO subscription (account, carrier, number, state, remote, until_ms, due_ms, lease, failures, problem, reason)
			VALUES ($1, $2, $3, $4, '', 0, $5, '', 0, '', $6) ON CONFLICT DO NOTHING`,
			string(c.Account), k.carrier, k.number, string(state), db.Ms(due), reason)
		if err != nil {
			return err
		}
	}
	return nil
}

// refuses reports whether the source takes no such numbers.
func (c SubscriptionClaim) refuses(number string) bool {
	return c.Terms.Takes != nil && !c.Terms.Takes.MatchString(number)
}

// A looked subscription is one that is due, and whether its parcel is kept.
type looked struct {
	Subscription
	kept bool
}

// due takes what is due, all of one kind: to be made, or to be ended.
func (c SubscriptionClaim) due(ctx context.Context, tx *db.Tx, now time.Time) ([]Subscription, error) {
	found, err := db.Rows(ctx, tx, scanLooked, `
		SELECT s.account, s.carrier, s.number, s.state, s.remote, s.until_ms, s.failures,
			(SELECT COUNT(*) FROM parcel AS p JOIN ask AS a ON a.parcel_id = p.id
			WHERE p.number = s.number AND p.kept_ms > $2 AND a.account = s.account AND a.carrier = s.carrier AND a.number = s.number AND a.state = $3)
		FROM subscription AS s WHERE s.account = $1 AND s.due_ms <= $2 ORDER BY s.due_ms LIMIT $4`,
		string(c.Account), db.Ms(now), string(Waiting), 4*max(c.Terms.Most, 25))
	if err != nil {
		return nil, err
	}
	var taken []Subscription
	for _, one := range found {
		mine := len(taken) < c.Terms.Most
		switch {
		case !one.kept && (one.State != Held || !c.Terms.Ends):
			err = one.forget(ctx, tx)
		case one.kept && c.refuses(one.Number):
			err = one.putOff(ctx, tx, now.Add(refusedFor))
		case one.kept && one.State == Held && now.Before(one.renewal(c.Terms, now)):
			err = one.putOff(ctx, tx, sooner(now.Add(subscriptionLook), one.renewal(c.Terms, now)))
		case mine && (len(taken) == 0 || taken[0].Ending == !one.kept && taken[0].Carrier == one.Carrier):
			one.Ending, one.Lease = !one.kept, rand.Text()
			taken = append(taken, one.Subscription)
			err = one.lease(ctx, tx, now.Add(c.Lease))
		}
		if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

func scanLooked(at *sql.Rows) (looked, error) {
	var l looked
	var until, kept int64
	err := at.Scan(&l.Account, &l.Carrier, &l.Number, &l.State, &l.Remote, &until, &l.Failures, &kept)
	l.Until, l.kept = db.At(until), kept > 0
	return l, err
}

// renewal is when a held subscription is made again: a tenth of its time before it
// lapses; never where it lasts.
func (s Subscription) renewal(t carrier.Terms, now time.Time) time.Time {
	if t.Lasts == 0 || s.Until.IsZero() {
		return now.Add(subscriptionLook)
	}
	return s.Until.Add(-t.Lasts / 10)
}

const subscriptionKey = " WHERE account = $1 AND carrier = $2 AND number = $3"

func (s Subscription) key(more ...any) []any {
	return append([]any{string(s.Account), string(s.Carrier), s.Number}, more...)
}

func (s Subscription) forget(ctx context.Context, tx *db.Tx) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM subscription"+subscriptionKey, s.key()...)
	return err
}

func (s Subscription) putOff(ctx context.Context, tx *db.Tx, due time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE subscription SET due_ms = $4"+subscriptionKey, s.key(db.Ms(due))...)
	return err
}

func (s Subscription) lease(ctx context.Context, tx *db.Tx, until time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE subscription SET due_ms = $4, lease = $5"+subscriptionKey, s.key(db.Ms(until), s.Lease)...)
	return err
}

// A SubscriptionOutcome is what came of seeing to a subscription.
type SubscriptionOutcome struct {
	Subscription
	Problem *carrier.Problem // nil: it is made, or ended
	Again   time.Time        // UTC; when it is tried again where there is one
}

// RecordSubscriptions takes outcomes in. One whose lease was given to somebody else
// is ignored.
func (s *Store) RecordSubscriptions(ctx context.Context, t carrier.Terms, outcomes []SubscriptionOutcome) error {
	now := millis(s.now())
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, o := range outcomes {
			if err := o.record(ctx, tx, t, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record subscriptions: %w", err)
	}
	return nil
}

func (o SubscriptionOutcome) record(ctx context.Context, tx *db.Tx, t carrier.Terms, now time.Time) error {
	const mine = subscriptionKey + " AND lease = $4"
	if o.Problem == nil && o.Ending {
		_, err := tx.ExecContext(ctx, "DELETE FROM subscription"+mine, o.key(o.Lease)...)
		return err
	}
	state, until, failures, kind, reason := Held, time.Time{}, 0, "", ""
	due := now.Add(subscriptionLook)
	switch p := o.Problem; {
	case p == nil && t.Lasts > 0:
		until = now.Add(t.Lasts)
		due = sooner(due, until.Add(-t.Lasts/10))
	case p == nil:
	case p.Kind == carrier.BadNumber:
		state, due, kind, reason = Refused, now.Add(refusedFor), string(p.Kind), p.Text
	default:
		state, until, due, failures, kind, reason = o.State, o.Until, o.Again, o.Failures+1, string(p.Kind), p.Text
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE subscription SET state = $5, remote = $6, until_ms = $7, due_ms = $8, lease = '', failures = $9, problem = $10, reason = $11`+mine,
		o.key(o.Lease, string(state), clip(o.Remote, maxField), db.Ms(until), db.Ms(millis(due)), failures, kind, clip(reason, maxWords))...)
	return err
}

// Subscribed is how it stands with an account's subscriptions.
type Subscribed struct {
	Account carrier.AccountCode
	Held    int
	Wished  int                 // to be made
	Refused int                 // that the source doesn't take
	Failing int                 // of those held or wished that couldn't be made, renewed or ended last time
	Lapse   time.Time           // UTC; when the first of those held lapses, zero if none does
	Problem carrier.ProblemKind // of one that is failing
	Reason  string              // the same in words, for the operator
}

// Subscriptions say how it stands with subscriptions, by account.
func (s *Store) Subscriptions(ctx context.Context) (map[carrier.AccountCode]Subscribed, error) {
	all := map[carrier.AccountCode]Subscribed{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := tx.QueryContext(ctx, `
			SELECT account, state, CASE WHEN failures > 0 THEN problem ELSE '' END, COUNT(*),
				MIN(CASE WHEN until_ms > 0 THEN until_ms END), MAX(reason)
			FROM subscription GROUP BY account, state, CASE WHEN failures > 0 THEN problem ELSE '' END`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var code carrier.AccountCode
			var state SubscriptionState
			var problem carrier.ProblemKind
			var n int
			var lapse sql.NullInt64
			var reason string
			if err := rows.Scan(&code, &state, &problem, &n, &lapse, &reason); err != nil {
				return err
			}
			one := all[code]
			one.Account = code
			switch state {
			case Held:
				one.Held += n
				one.Lapse = sooner(one.Lapse, db.At(lapse.Int64))
			case Wished:
				one.Wished += n
			case Refused:
				one.Refused += n
			}
			if problem != "" {
				one.Failing, one.Problem, one.Reason = one.Failing+n, problem, reason
			}
			all[code] = one
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("count subscriptions: %w", err)
	}
	return all, nil
}
