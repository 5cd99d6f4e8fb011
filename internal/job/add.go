package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"waypost/internal/db"
)

// Add tells events to their listeners, in the order given but each listener at
// its own pace, once tx is committed. An event that nobody listens to is no error.
func (q *Queue) Add(ctx context.Context, tx *db.Tx, events ...Args) error {
	return q.AddAt(ctx, tx, time.Time{}, events...)
}

// AddAt is Add, not before a time. A time that has passed is now.
func (q *Queue) AddAt(ctx context.Context, tx *db.Tx, at time.Time, events ...Args) error {
	if !at.After(time.Now()) {
		at = time.Time{}
	}
	var params []river.InsertManyParams
	queues := map[string]bool{}
	for _, event := range events {
		body, err := encode(event)
		if err != nil {
			return err
		}
		for _, l := range q.told(event.Kind()) {
			params = append(params, river.InsertManyParams{
				Args:       raw{kind: l.name, body: body},
				InsertOpts: &river.InsertOpts{Queue: l.queue(), ScheduledAt: at},
			})
			queues[l.queue()] = true
		}
	}
	if len(params) == 0 {
		return nil
	}
	err := tx.Lend(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := q.adding.InsertManyTx(ctx, tx, params)
		return err
	})
	if err != nil {
		return fmt.Errorf("add jobs: %w", err)
	}
	for queue := range queues {
		tx.Notify(topic(queue))
	}
	return nil
}

// unfinished are the states in which a job keeps another one like it out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// AddOnce is Add for nudges ("there is something to deliver to X"): a listener
// that is still to be told the same need not be told again. One that is being
// told just now is, because it may have looked before tx is committed.
func (q *Queue) AddOnce(ctx context.Context, tx *db.Tx, events ...Args) error {
	for _, event := range events {
		body, err := encode(event)
		if err != nil {
			return err
		}
		for _, l := range q.told(event.Kind()) {
			err := tx.Lend(ctx, func(ctx context.Context, tx *sql.Tx) error {
				return q.once(ctx, tx, l, body)
			})
			if err != nil {
				return fmt.Errorf("add job: %w", err)
			}
			tx.Notify(topic(l.queue()))
		}
	}
	return nil
}

// once adds a job behind those like it that run. The database locks the row
// that it finds, so that a job which waits can't begin before tx is committed.
func (q *Queue) once(ctx context.Context, tx *sql.Tx, l listener, body []byte) error {
	for turn := 0; ; turn++ {
		r, err := q.adding.InsertTx(ctx, tx, raw{kind: l.name, body: body, turn: turn}, &river.InsertOpts{
			Queue: l.queue(), UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished},
		})
		if err != nil {
			return err
		}
		if !r.UniqueSkippedAsDuplicate || r.Job.State != rivertype.JobStateRunning {
			return nil
		}
	}
}

// raw are arguments as they are stored, and the name of whom they are for.
type raw struct {
	kind string
	body []byte // a JSON object
	turn int    // tells a job from those like it that run already
}

func (r raw) Kind() string { return r.kind }

// MarshalJSON returns the object, with its turn when that isn't the first.
func (r raw) MarshalJSON() ([]byte, error) {
	if r.turn == 0 {
		return r.body, nil
	}
	comma := ","
	if len(r.body) == len("{}") {
		comma = ""
	}
	return []byte(string(r.body[:len(r.body)-1]) + comma + `"_turn":` + strconv.Itoa(r.turn) + "}"), nil
}

// UnmarshalJSON keeps the object for the listener to read.
func (r *raw) UnmarshalJSON(b []byte) error {
	r.body = append([]byte(nil), b...)
	return nil
}

func encode(event Args) ([]byte, error) {
	body, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", event.Kind(), err)
	}
	if body[0] != '{' {
		return nil, fmt.Errorf("event %s is no struct", event.Kind())
	}
	return body, nil
}
