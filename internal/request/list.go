package request

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
)

// A Filter chooses requests for a list.
type Filter struct {
	State State           // "" all that are open
	Clerk account.StaffID // "" anybody's
	Free  bool            // nobody's only
}

// A Line is a request on a list. It says nothing of a person.
type Line struct {
	Number   Number
	Region   string
	Kind     Kind
	Person   Person
	Way      Way
	State    State
	Clerk    account.StaffID // "" nobody
	Received time.Time       // UTC
	Ended    time.Time       // UTC, zero it is open
	Clock    Clock
}

// List are the requests that a filter chooses, at most 500: late ones first, then
// by when they are due; those that wait for the person and those that ended come
// last. away are the regions that can't be reached now, whose requests are missing.
func (r *Requests) List(ctx context.Context, c account.Clerk, f Filter) (all []Line, away []string, err error) {
	if err := c.Must(account.AnswerRequest); err != nil {
		return nil, nil, err
	}
	away, err = r.stores.Reached(func(s *Store) error {
		some, err := s.list(ctx, f)
		all = append(all, some...)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(all, func(a, b Line) int {
		if x, y := a.rank(), b.rank(); x != y {
			return x - y
		}
		if !a.Ended.IsZero() {
			return b.Ended.Compare(a.Ended)
		}
		return a.Clock.Due.Compare(b.Clock.Due)
	})
	return all[:min(len(all), mostList)], away, nil
}

func (l Line) rank() int {
	switch {
	case !l.Ended.IsZero():
		return 2
	case l.Clock.Stands:
		return 1
	}
	return 0
}

func (s *Store) list(ctx context.Context, f Filter) (all []Line, err error) {
	where, args := `ended_ms = 0`, []any{s.Name}
	if f.State != "" {
		where, args = `state = $2`, append(args, string(f.State))
	}
	if f.Clerk != "" || f.Free {
		args = append(args, string(f.Clerk))
		where += fmt.Sprintf(` AND clerk = $%d`, len(args))
	}
	order := ` ORDER BY due_ms, id`
	if f.State.Ended() {
		order = ` ORDER BY ended_ms DESC, id`
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (Line, error) {
			one, err := scan(row)
			return s.line(one.Request), err
		}, `SELECT `+columns+` FROM request WHERE region = $1 AND `+where+order+fmt.Sprintf(` LIMIT %d`, mostList), args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return all, nil
}

func (s *Store) line(q Request) Line {
	return Line{
		Number: q.Number, Region: s.Name, Kind: q.Kind, Person: q.Person, Way: q.Way, State: q.State, Clerk: q.Clerk, Received: q.Received, Ended: q.Ended, Clock: s.clock(q),
	}
}

// A Tally is how many requests there are.
type Tally struct {
	Open    int // not ended
	Waiting int // of these, for the person
	Due     int // of these, five working days old or more, and not waiting
	Late    int // of these, seven
}

// Tally counts the requests of all regions but those that are away: which can't be
// reached now.
func (r *Requests) Tally(ctx context.Context) (all Tally, away []string, err error) {
	away, err = r.stores.Reached(func(s *Store) error {
		t, err := s.tally(ctx)
		all.Open, all.Waiting, all.Due, all.Late = all.Open+t.Open, all.Waiting+t.Waiting, all.Due+t.Due, all.Late+t.Late
		return err
	})
	if err != nil {
		return Tally{}, nil, err
	}
	return all, away, nil
}

func (s *Store) tally(ctx context.Context) (t Tally, err error) {
	now := db.Ms(s.all.now())
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT COUNT(*), COUNT(CASE WHEN asked_ms > 0 THEN 1 END), COUNT(CASE WHEN asked_ms = 0 AND due_ms <= $2 THEN 1 END),
				COUNT(CASE WHEN asked_ms = 0 AND late_ms <= $2 THEN 1 END)
			FROM request WHERE region = $1 AND ended_ms = 0`, s.Name, now).Scan(&t.Open, &t.Waiting, &t.Due, &t.Late)
	})
	if err != nil {
		return Tally{}, fmt.Errorf("tally requests: %w", err)
	}
	return t, nil
}

// Same are the numbers of other requests from the same address, newest first.
func (r *Requests) Same(ctx context.Context, c account.Clerk, q Request) (all []Number, err error) {
	if err := c.Must(account.AnswerRequest); err != nil {
		return nil, err
	}
	s, err := r.in(regionOf(q.ID))
	if err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (n Number, err error) { return n, row.Scan(&n) }, `
			SELECT o.number FROM request q JOIN request o ON o.id <> q.id AND (o.owner = q.owner OR q.lookup <> '' AND o.lookup = q.lookup)
			WHERE q.id = $1 AND o.region = q.region ORDER BY o.received_ms DESC, o.id LIMIT 50`, q.ID)
		return err
	})
	return all, err
}
