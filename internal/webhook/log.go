package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/status"
)

// A DeliveryState is how a delivery stands.
type DeliveryState string

// DeliveryStates.
const (
	Waiting DeliveryState = "waiting" // it is to be tried, for the first time or again
	Taken   DeliveryState = "taken"   // the receiver answered with 2xx
	Failed  DeliveryState = "failed"  // it was given up
)

// DeliveryStates are all of them.
var DeliveryStates = []DeliveryState{Waiting, Taken, Failed}

// A Delivery is an event on its way to an endpoint.
type Delivery struct {
	Endpoint EndpointID
	Seq      int64 // the event's
	Event    EventID
	Kind     Kind
	Number   string
	Status   status.Sub
	Made     time.Time // UTC; the event
	State    DeliveryState
	Failures int       // since it last began to wait
	Due      time.Time // UTC; when it is tried next; zero of one that isn't waiting
	Try                // the last; its At is zero when there was none
}

// A Try is one attempt to deliver.
type Try struct {
	At      time.Time // UTC
	Took    time.Duration
	Code    int // HTTP status, 0 none
	Problem Problem
	Answer  Answer
}

// A LogQuery says which deliveries are wanted. The zero value is all.
type LogQuery struct {
	Endpoint EndpointID
	State    DeliveryState
	Number   string
	From, To time.Time // UTC; of the events, To not included

	Before LogCursor // the page before it; "" the newest
	Most   int       // on a page, default 50, at most 200
}

// A LogCursor is a place in the log.
type LogCursor string

// A LogPage is part of the log, the newest events first.
type LogPage struct {
	Deliveries []Delivery
	Next       LogCursor // of the page with older ones, "" none
}

const (
	logPage     = 50
	longestPage = 200
)

var (
	errCursor = fault.New(fault.Invalid, "log_cursor", "There is no such page.")
	// ErrDelivery is for an event that an endpoint was never to be told, or is told no more of.
	ErrDelivery = fault.New(fault.NotFound, "delivery_not_found", "There is no such delivery. The log goes back 30 days.")
)

const deliveryColumns = `d.endpoint, d.seq, d.state, d.attempts, d.due_ms, d.at_ms, d.took_ms, d.code, d.problem, d.answer, e.status, ` + eventColumns

// scanDelivery reads a delivery and its event, both still sealed.
func scanDelivery(rows scanner) (v Delivery, answer []byte, e sealedEvent, err error) {
	var made, due, tried, took int64
	err = rows.Scan(append([]any{&v.Endpoint, &v.Seq, &v.State, &v.Failures, &due, &tried, &took, &v.Code, &v.Problem, &answer, &v.Status}, e.columns(&made)...)...)
	e.At = db.At(made)
	v.Event, v.Kind, v.Made, v.Due, v.At, v.Took = e.ID, e.Kind, e.At, db.At(due), db.At(tried), time.Duration(took)*time.Millisecond
	return v, answer, e, err
}

// Log returns a page of an account's deliveries, without what was answered.
func (s *Store) Log(ctx context.Context, owner inventory.Subject, q LogQuery) (page LogPage, err error) {
	where, args, err := q.where(s, owner)
	if err != nil {
		return page, err
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return page, err
	}
	most := logPage
	if q.Most > 0 {
		most = min(q.Most, longestPage)
	}
	args = append(args, most+1)
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		page.Deliveries, err = db.Rows(ctx, tx, func(rows *sql.Rows) (Delivery, error) {
			v, _, e, err := scanDelivery(rows)
			if err != nil {
				return v, err
			}
			d, err := e.openDetail(k)
			v.Number = d.Number
			return v, err
		}, `SELECT `+deliveryColumns+` FROM webhook_delivery d JOIN webhook_event e ON e.owner = d.owner AND e.seq = d.seq
			WHERE `+where+` ORDER BY d.seq DESC, d.endpoint DESC LIMIT $`+strconv.Itoa(len(args)), args...)
		return err
	})
	if err != nil {
		return LogPage{}, fmt.Errorf("log of %s: %w", owner, err)
	}
	if len(page.Deliveries) > most {
		page.Deliveries = page.Deliveries[:most]
		last := page.Deliveries[most-1]
		page.Next = LogCursor(strconv.FormatInt(last.Seq, 10) + "-" + string(last.Endpoint))
	}
	return page, nil
}

func (q LogQuery) where(s *Store, owner inventory.Subject) (string, []any, error) {
	args := []any{string(owner)}
	var where strings.Builder
	where.WriteString("d.owner = $1")
	also := func(text string, v any) {
		args = append(args, v)
		where.WriteString(" AND " + text + " $" + strconv.Itoa(len(args)))
	}
	if q.Endpoint != "" {
		also("d.endpoint =", string(q.Endpoint))
	}
	if q.State != "" {
		also("d.state =", string(q.State))
	}
	if q.Number != "" {
		also("d.stream =", s.stream(owner, q.Number))
	}
	if !q.From.IsZero() {
		also("e.made_ms >=", db.Ms(q.From))
	}
	if !q.To.IsZero() {
		also("e.made_ms <", db.Ms(q.To))
	}
	if q.Before != "" {
		number, endpoint, _ := strings.Cut(string(q.Before), "-")
		seq, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return "", nil, errCursor
		}
		args = append(args, seq, endpoint)
		fmt.Fprintf(&where, " AND (d.seq, d.endpoint) < ($%d, $%d)", len(args)-1, len(args))
	}
	return where.String(), args, nil
}

// A Record is all that is known of a delivery.
type Record struct {
	Delivery
	Tries []Try // that failed, the newest first

	// The request as it was last sent, or would be now: written anew from the
	// event, since the log keeps no copy of it.
	Header http.Header
	Body   []byte
}

// Record returns one delivery of an account's.
func (s *Store) Record(ctx context.Context, owner inventory.Subject, to EndpointID, seq int64) (Record, error) {
	e, err := s.Endpoint(ctx, owner, to)
	if err != nil {
		return Record{}, err
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Record{}, err
	}
	var r Record
	var sealed []byte
	var event sealedEvent
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		row := tx.QueryRowContext(ctx, `SELECT `+deliveryColumns+` FROM webhook_delivery d JOIN webhook_event e ON e.owner = d.owner AND e.seq = d.seq
			WHERE d.owner = $1 AND d.endpoint = $2 AND d.seq = $3`, string(owner), string(to), seq)
		if r.Delivery, sealed, event, err = scanDelivery(row); err != nil {
			return err
		}
		r.Tries, err = db.Rows(ctx, tx, func(rows *sql.Rows) (t Try, err error) {
			var tried, took int64
			var sealed []byte
			if err := rows.Scan(&tried, &took, &t.Code, &t.Problem, &sealed); err != nil {
				return t, err
			}
			t.At, t.Took = db.At(tried), time.Duration(took)*time.Millisecond
			return t, k.OpenJSON(fieldAnswer, sealed, &t.Answer)
		}, `SELECT at_ms, took_ms, code, problem, answer FROM webhook_attempt WHERE endpoint = $1 AND seq = $2 ORDER BY at_ms DESC`, string(to), seq)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, ErrDelivery
	}
	if err != nil {
		return Record{}, fmt.Errorf("delivery %d to endpoint %s: %w", seq, to, err)
	}
	if err := k.OpenJSON(fieldAnswer, sealed, &r.Answer); err != nil {
		return Record{}, err
	}
	opened, err := event.open(k)
	if err != nil {
		return Record{}, err
	}
	r.Number = opened.Parcel.Number
	return r, s.rewrite(ctx, &r, e, opened)
}

// rewrite fills in the request of a delivery.
func (s *Store) rewrite(ctx context.Context, r *Record, to Endpoint, e Event) error {
	m, err := s.all.o.Write(to.Form, e)
	if err != nil {
		return fmt.Errorf("write event %d: %w", e.Seq, err)
	}
	key, err := s.all.keyOf(ctx, to)
	if err != nil {
		return err
	}
	when := r.At
	if when.IsZero() {
		when = time.Now()
	}
	sent := newSigner(to, key).compose(e, m, when)
	r.Header, r.Body = sent.header, sent.body
	if r.Answer.Signature != "" {
		r.Header[headerTimestamp] = []string{r.Answer.Timestamp}
		r.Header[headerSignature] = []string{r.Answer.Signature}
		r.Header[headerSign] = []string{r.Answer.Sign}
	}
	return nil
}
