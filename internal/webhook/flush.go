package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Noticed says that an endpoint's owner should hear of it.
type Noticed struct {
	Owner    inventory.Subject `json:"owner"`
	Endpoint EndpointID        `json:"endpoint"`
	What     What              `json:"what"`
	At       time.Time         `json:"at"` // UTC
}

// Kind names the event.
func (Noticed) Kind() string { return "webhook.noticed" }

// A What is what an owner should hear.
type What string

// Whats.
const (
	Failing   What = "failing"   // since an hour
	Recovered What = "recovered" // after they were told that it fails
	SaidGone  What = "gone"      // it is told nothing any more
)

// flush writes what came of attempts, and keeps the lease.
func (d *drain) flush(ctx context.Context, outcomes []outcome) error {
	now := time.Now().UTC()
	c := d.judge(outcomes, now)
	var edition int64
	var state State
	until := now.Add(d.all.o.Lease)
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE webhook_endpoint SET lease_ms = $1 WHERE owner = $2 AND id = $3 AND lease = $4 RETURNING edition, state`,
			db.Ms(until), string(d.Owner), string(d.ID), d.lease).Scan(&edition, &state)
		if errors.Is(err, sql.ErrNoRows) {
			return errLost
		}
		if err != nil {
			return err
		}
		if err := d.settle(ctx, tx, outcomes, now); err != nil {
			return err
		}
		if edition != d.edition || c.condition == d.condition() {
			return nil
		}
		return d.change(ctx, tx, c, now)
	})
	if err != nil {
		return fmt.Errorf("write outcomes: %w", err)
	}
	d.holds(until)
	if err := d.report(ctx, outcomes); err != nil {
		return err
	}
	for _, o := range outcomes {
		delete(d.busy, o.stream)
		if !o.skipped {
			d.all.metrics.count(o)
		}
	}
	d.more = d.more || len(outcomes) > 0
	d.apply(c.condition)
	if edition != d.edition || state != On || c.gone || d.Open.After(now) {
		d.stop()
	}
	d.begin.Store(!d.stopping)
	return nil
}

// report says how the owners of items were told. A program that is killed before
// it does says less than it could.
func (d *drain) report(ctx context.Context, outcomes []outcome) error {
	if d.all.o.Told == nil {
		return nil
	}
	var all []Told
	for _, o := range outcomes {
		if e := o.event; !o.skipped && e.Kind != Test {
			all = append(all, Told{Item: e.Item, At: o.at, Taken: o.taken(), Code: o.code})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return d.all.o.Told(ctx, all)
}

// A condition is how an endpoint does.
type condition struct {
	failures            int
	failing, open, told time.Time
	opens               int
}

func (d *drain) condition() condition {
	return condition{d.Failures, d.Failing, d.Open, d.told, d.opens}
}

func (d *drain) apply(c condition) {
	d.Failures, d.Failing, d.Open, d.told, d.opens = c.failures, c.failing, c.open, c.told, c.opens
}

// A conclusion is what outcomes mean for their endpoint.
type conclusion struct {
	condition
	gone      bool
	recovered bool // it works again after it was left alone
	tell      []What
}

// judge says what outcomes mean for the endpoint, in the order in which they came.
func (d *drain) judge(outcomes []outcome, now time.Time) conclusion {
	c := conclusion{condition: d.condition()}
	for _, o := range outcomes {
		switch {
		case o.skipped:
		case o.taken():
			c.works()
		default:
			c.fails(o, d.all.o.Pace, now)
		}
	}
	if !c.failing.IsZero() && c.told.IsZero() && now.Sub(c.failing) >= time.Duration(float64(tellFailing)*d.all.o.Pace) {
		c.told = now
		c.tell = append(c.tell, Failing)
	}
	if c.gone {
		c.tell = []What{SaidGone}
	}
	return c
}

func (c *conclusion) works() {
	c.recovered = c.recovered || !c.open.IsZero()
	if !c.told.IsZero() {
		c.tell = append(c.tell, Recovered)
	}
	c.condition = condition{}
}

func (c *conclusion) fails(o outcome, pace float64, now time.Time) {
	c.failures++
	if c.failing.IsZero() {
		c.failing = o.at.Truncate(time.Millisecond)
	}
	c.gone = c.gone || o.code == http.StatusGone
	trips := c.open.IsZero() && c.failures >= breakAfter
	if probed := !c.open.IsZero() && !o.at.Before(c.open); trips || probed {
		c.opens++
		c.open = now.Add(openFor(c.opens, pace)).Truncate(time.Millisecond)
		c.recovered = false
	}
}

// change writes how the endpoint does now.
func (d *drain) change(ctx context.Context, tx *db.Tx, c conclusion, now time.Time) error {
	state := On
	if c.gone {
		state = Gone
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE webhook_endpoint SET failures = $1, failing_ms = $2, opens = $3, open_ms = $4, told_ms = $5, state = CASE WHEN state = 'on' THEN $6 ELSE state END
		WHERE owner = $7 AND id = $8`, c.failures, db.Ms(c.failing), c.opens, db.Ms(c.open), db.Ms(c.told), string(state), string(d.Owner), string(d.ID))
	if err != nil {
		return err
	}
	if c.recovered { // what was put off because the endpoint was away needn't wait any longer
		_, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET due_ms = $1 WHERE endpoint = $2 AND waits > 0 AND due_ms > $1`, db.Ms(now), string(d.ID))
		if err != nil {
			return err
		}
	}
	for _, what := range c.tell {
		if err := d.jobs.Add(ctx, tx, Noticed{Owner: d.Owner, Endpoint: d.ID, What: what, At: now}); err != nil {
			return err
		}
	}
	return nil
}

// settle writes what became of deliveries, and the attempts that failed. What is
// replayed meanwhile goes on waiting.
func (d *drain) settle(ctx context.Context, tx *db.Tx, outcomes []outcome, now time.Time) error {
	attempt := []string{"seq", "turn", "at_ms", "took_ms", "code", "answer"}
	taken := db.NewBatch("done", attempt...)
	missed := db.NewBatch("done", append(attempt, "problem", "state", "waits", "due_ms", "attempts")...)
	var among span
	var over []string // streams whose first is settled
	for _, o := range outcomes {
		if o.skipped {
			continue
		}
		among = among.with(o.seq)
		answer, err := d.sealer.SealJSON(fieldAnswer, o.answer)
		if err != nil {
			return err
		}
		if o.taken() {
			over = append(over, o.stream)
			taken.Add(o.seq, o.turn, db.Ms(o.at), o.took.Milliseconds(), o.code, answer)
			continue
		}
		state, due, attempts := d.next(o, now)
		waits := 2
		if state == Failed {
			waits, over = 0, append(over, o.stream)
		}
		missed.Add(o.seq, o.turn, db.Ms(o.at), o.took.Milliseconds(), o.code, answer, string(o.problem), string(state), waits, due, attempts)
	}
	if taken.Len()+missed.Len() == 0 {
		return nil
	}
	tx.Notify(Topic(d.Owner))
	err := d.update(ctx, tx, taken, among, `state = 'taken', waits = 0, due_ms = 0, problem = ''`)
	if err == nil {
		err = d.update(ctx, tx, missed, among, `
			state = done.state, waits = CASE WHEN done.waits > 0 THEN webhook_delivery.waits ELSE 0 END,
			due_ms = done.due_ms, attempts = done.attempts, problem = done.problem`)
	}
	if err == nil {
		err = d.promote(ctx, tx, over)
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecBatch(ctx, missed, `
		INSERT INTO webhook_attempt (endpoint, seq, at_ms, owner, took_ms, code, problem, answer)
		SELECT $1, seq, at_ms, $2, took_ms, code, problem, answer FROM done WHERE TRUE ON CONFLICT DO NOTHING`, string(d.ID), string(d.Owner))
	return err
}

// A span is from one event's number to another's. The zero value is none.
type span struct{ first, last int64 }

func (s span) with(seq int64) span {
	if s.last == 0 {
		return span{seq, seq}
	}
	return span{min(s.first, seq), max(s.last, seq)}
}

// update writes an attempt into each of the deliveries, which are among some, and
// what more is set. Without the span PostgreSQL reads all that was ever delivered to
// the endpoint, as long as that seems less than to look for each; with it SQLite
// reads the whole span, for each part of the rows.
func (d *drain) update(ctx context.Context, tx *db.Tx, rows *db.Batch, among span, set string) error {
	query, args := tx.Update()+` webhook_delivery SET at_ms = done.at_ms, took_ms = done.took_ms, code = done.code, answer = done.answer, `+set+`
		FROM done WHERE endpoint = $1 AND webhook_delivery.seq = done.seq AND webhook_delivery.turn = done.turn`, []any{string(d.ID)}
	if tx.Dialect() == db.Postgres {
		query, args = query+` AND webhook_delivery.seq >= $2 AND webhook_delivery.seq <= $3`, append(args, among.first, among.last)
	}
	_, err := tx.ExecBatch(ctx, rows, query, args...)
	return err
}

// promote lets the next of each stream be sent, unless an earlier one is to be again:
// it was replayed while it was under way.
func (d *drain) promote(ctx context.Context, tx *db.Tx, streams []string) error {
	if len(streams) == 0 {
		return nil
	}
	var behind bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM webhook_delivery WHERE endpoint = $1 AND waits = 1)`, string(d.ID)).Scan(&behind)
	if err != nil || !behind {
		return err
	}
	now := db.Ms(time.Now())
	among, args := db.In(tx, "stream", streams, 1)
	next, err := db.Rows(ctx, tx, func(rows *sql.Rows) (seq int64, err error) { return seq, rows.Scan(&seq) }, `
		SELECT MIN(seq) FROM webhook_delivery WHERE endpoint = $1 AND `+among+` AND waits > 0 GROUP BY stream HAVING MAX(waits) = 1`, append([]any{string(d.ID)}, args...)...)
	if err != nil || len(next) == 0 {
		return err
	}
	among, args = db.In(tx, "seq", next, 2)
	_, err = tx.ExecContext(ctx, `
		UPDATE webhook_delivery SET waits = 2, due_ms = CASE WHEN due_ms < $2 THEN $2 ELSE due_ms END
		WHERE endpoint = $1 AND waits = 1 AND `+among, append([]any{string(d.ID), now}, args...)...)
	return err
}

// next is how a delivery stands after an attempt that failed.
func (d *drain) next(o outcome, now time.Time) (state DeliveryState, due int64, attempts int) {
	if o.early { // it costs no try
		return Waiting, o.due, o.attempts
	}
	wait, again := d.endpoint.Schedule.again(o.attempts+1, d.all.o.Pace)
	if !again {
		return Failed, 0, o.attempts + 1
	}
	return Waiting, db.Ms(now.Add(wait)), o.attempts + 1
}

// giveBack ends the lease, and says when there is something to do again. Who
// writes an event down meanwhile waits for this, and says so after it.
func (d *drain) giveBack(ctx context.Context) error {
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		var lease string
		var open int64
		err := tx.QueryRowContext(ctx, `SELECT lease, open_ms FROM webhook_endpoint WHERE owner = $1 AND id = $2`+tx.Lock(), string(d.Owner), string(d.ID)).Scan(&lease, &open)
		if errors.Is(err, sql.ErrNoRows) || err == nil && lease != d.lease {
			return errLost
		}
		if err != nil {
			return err
		}
		due := open
		if d.held {
			due = max(open, db.Ms(time.Now().Add(heldFor)))
		} else if open <= db.Ms(time.Now()) {
			if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(due_ms), 0) FROM webhook_delivery WHERE endpoint = $1 AND waits = 2`, string(d.ID)).Scan(&due); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE webhook_endpoint SET lease = '', lease_ms = 0, due_ms = $1 WHERE owner = $2 AND id = $3`, due, string(d.Owner), string(d.ID))
		return err
	})
	if err == nil && d.held {
		err = d.resumeIfLifted(ctx)
	}
	if err != nil {
		return fmt.Errorf("give endpoint back: %w", err)
	}
	return nil
}
