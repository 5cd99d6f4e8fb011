package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
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
			ms(until), string(d.Owner), string(d.ID), d.lease).Scan(&edition, &state)
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
	var all []Told
	for _, o := range outcomes {
		if e := o.event; !o.skipped && e.Kind != Test {
			all = append(all, Told{Item: e.Item, At: o.at, Taken: o.taken(), Code: o.code})
		}
	}
	if d.all.o.Told == nil || len(all) == 0 {
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
		WHERE owner = $7 AND id = $8`, c.failures, ms(c.failing), c.opens, ms(c.open), ms(c.told), string(state), string(d.Owner), string(d.ID))
	if err != nil {
		return err
	}
	if c.recovered { // what was put off because the endpoint was away needn't wait any longer
		_, err := tx.ExecContext(ctx, `UPDATE webhook_delivery SET due_ms = $1 WHERE endpoint = $2 AND waits > 0 AND due_ms > $1`, ms(now), string(d.ID))
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
	var settled, failed inserts
	var over []any // streams whose first is settled
	for _, o := range outcomes {
		if o.skipped {
			continue
		}
		answer, err := sealJSON(d.sealer, fieldAnswer, o.answer)
		if err != nil {
			return err
		}
		state, due, attempts := d.next(o, now)
		waits := 2
		if state != Waiting {
			waits, over = 0, append(over, o.stream)
		}
		settled.row(string(d.ID), o.seq, string(d.Owner), o.stream, string(state), waits, o.turn, due, attempts, ms(o.at), o.took.Milliseconds(), o.code, string(o.problem), answer, 0)
		if !o.taken() {
			failed.row(string(d.ID), o.seq, ms(o.at), string(d.Owner), o.took.Milliseconds(), o.code, string(o.problem), answer)
		}
	}
	if len(settled.args) == 0 {
		return nil
	}
	tx.Notify(Topic(d.Owner))
	err := settled.write(func(values string, args []any) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO webhook_delivery (endpoint, seq, owner, stream, state, waits, turn, due_ms, attempts, at_ms, took_ms, code, problem, answer, made_ms)
			VALUES `+values+` ON CONFLICT (endpoint, seq) DO UPDATE SET state = excluded.state, due_ms = excluded.due_ms,
				waits = CASE WHEN excluded.waits > 0 THEN webhook_delivery.waits ELSE 0 END, attempts = excluded.attempts,
				at_ms = excluded.at_ms, took_ms = excluded.took_ms, code = excluded.code, problem = excluded.problem, answer = excluded.answer
			WHERE webhook_delivery.turn = excluded.turn`, args...)
		return err
	})
	if err == nil {
		err = d.promote(ctx, tx, over)
	}
	if err != nil {
		return err
	}
	return failed.write(func(values string, args []any) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO webhook_attempt (endpoint, seq, at_ms, owner, took_ms, code, problem, answer)
			VALUES `+values+` ON CONFLICT DO NOTHING`, args...)
		return err
	})
}

// promote lets the next of each stream be sent.
func (d *drain) promote(ctx context.Context, tx *db.Tx, streams []any) error {
	if len(streams) == 0 {
		return nil
	}
	now := ms(time.Now())
	streams = padded(streams)
	next, err := db.Rows(ctx, tx, func(rows *sql.Rows) (seq any, err error) { return seq, rows.Scan(&seq) }, `
		SELECT MIN(seq) FROM webhook_delivery WHERE endpoint = $`+strconv.Itoa(len(streams)+1)+` AND stream IN (`+places(len(streams))+`) AND waits = 1 GROUP BY stream`,
		append(streams, string(d.ID))...)
	if err != nil || len(next) == 0 {
		return err
	}
	next = padded(next)
	_, err = tx.ExecContext(ctx, `
		UPDATE webhook_delivery SET waits = 2, due_ms = CASE WHEN due_ms < $`+strconv.Itoa(len(next)+2)+` THEN $`+strconv.Itoa(len(next)+2)+` ELSE due_ms END
		WHERE endpoint = $`+strconv.Itoa(len(next)+1)+` AND waits = 1 AND seq IN (`+places(len(next))+`)`, append(next, string(d.ID), now)...)
	return err
}

// next is how a delivery stands after an attempt.
func (d *drain) next(o outcome, now time.Time) (state DeliveryState, due int64, attempts int) {
	switch {
	case o.taken():
		return Taken, 0, o.attempts
	case o.early: // it costs no try
		return Waiting, o.due, o.attempts
	}
	wait, again := d.endpoint.Schedule.again(o.attempts+1, d.all.o.Pace)
	if !again {
		return Failed, 0, o.attempts + 1
	}
	return Waiting, ms(now.Add(wait)), o.attempts + 1
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
			due = max(open, ms(time.Now().Add(heldFor)))
		} else if open <= ms(time.Now()) {
			if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(due_ms), 0) FROM webhook_delivery WHERE endpoint = $1 AND waits = 2`, string(d.ID)).Scan(&due); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE webhook_endpoint SET lease = '', lease_ms = 0, due_ms = $1 WHERE owner = $2 AND id = $3`, due, string(d.Owner), string(d.ID))
		return err
	})
	if err != nil {
		return fmt.Errorf("give endpoint back: %w", err)
	}
	return nil
}

// inserts collects rows for INSERTs.
type inserts struct {
	args    []any
	columns int
}

func (in *inserts) row(values ...any) {
	in.args, in.columns = append(in.args, values...), len(values)
}

// write has the rows written, as many at once as a power of two: texts of
// statements are kept, so there are few of them.
func (in *inserts) write(do func(values string, args []any) error) error {
	for rest := in.args; len(rest) > 0; {
		n := in.columns << (bits.Len(uint(len(rest)/in.columns)) - 1)
		if err := do(in.values(n), rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// values spells the placeholders of so many arguments.
func (in *inserts) values(n int) string {
	var b strings.Builder
	for i := range n {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%in.columns == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}
