package quota

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// Unlimited is a Plan's total that never ends.
const Unlimited = -1

// A Plan is how much an owner may draw. The zero Plan lets nothing be drawn.
type Plan struct {
	Total   int64 // Unlimited, or how much there is
	Monthly bool  // Total is there anew on the first of each month, UTC; else once
	Daily   int64 // most on one day, UTC; 0 no cap
}

var errPlan = fault.New(fault.Invalid, "quota_plan", "The total is a number from 0 on or unlimited, the daily cap a number from 0 on, where 0 is no cap.")

func (p Plan) check() error {
	if p.Total < Unlimited || p.Daily < 0 {
		return errPlan
	}
	return nil
}

// A State is how an owner's quota stands.
type State struct {
	Plan
	Own   bool  // the plan was set for this owner
	Used  int64 // of Total: this month, or ever
	Today int64 // used since midnight, UTC
	Ever  int64 // used
}

// Remain is what is left of the total, below 0 where the plan shrank;
// Unlimited has no use for it.
func (s State) Remain() int64 { return s.Total - s.Used }

// room is how much more can be drawn, and why not more than that.
func (s State) room() (left int64, why error) {
	left, why = 1<<62, ErrUsedUp
	if s.Total != Unlimited {
		left = s.Remain()
	}
	if s.Daily > 0 && s.Daily-s.Today < left {
		left, why = s.Daily-s.Today, ErrDaily
	}
	return max(left, 0), why
}

// drawn is a row of quota_account, with its counts as of a day.
type drawn struct {
	planned bool
	plan    Plan
	ever    int64
	month   int64 // when it began, ms
	inMonth int64
	day     int64 // when it began, ms
	onDay   int64
}

const drawnColumns = `planned, total, monthly, daily, used, month_ms, month_used, day_ms, day_used`

func (d *drawn) scan(row *sql.Row) error {
	return row.Scan(&d.planned, &d.plan.Total, &d.plan.Monthly, &d.plan.Daily, &d.ever, &d.month, &d.inMonth, &d.day, &d.onDay)
}

// turn begins the counts of the month and day anew where they are over. A clock
// that is behind another's counts on the day of that one.
func (d *drawn) turn(now time.Time) {
	year, m, day := now.UTC().Date()
	if month := db.Ms(time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)); month > d.month {
		d.month, d.inMonth = month, 0
	}
	if today := db.Ms(time.Date(year, m, day, 0, 0, 0, 0, time.UTC)); today > d.day {
		d.day, d.onDay = today, 0
	}
}

func (d *drawn) state(unplanned Plan) State {
	s := State{Plan: unplanned, Own: d.planned, Used: d.ever, Today: d.onDay, Ever: d.ever}
	if d.planned {
		s.Plan = d.plan
	}
	if s.Monthly {
		s.Used = d.inMonth
	}
	return s
}

// State returns how an owner's quota stands.
func (s *Store) State(ctx context.Context, owner inventory.Subject) (State, error) {
	var d drawn
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return d.scan(tx.QueryRowContext(ctx, `SELECT `+drawnColumns+` FROM quota_account WHERE owner = $1`, string(owner)))
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return State{}, fmt.Errorf("quota of %s: %w", owner, err)
	}
	d.turn(s.all.now())
	return d.state(s.all.plan), nil
}

// SetPlan gives an owner a plan of their own.
func (s *Store) SetPlan(ctx context.Context, owner inventory.Subject, p Plan) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.plan(ctx, owner, true, p)
}

// UnsetPlan gives an owner the plan of everybody again.
func (s *Store) UnsetPlan(ctx context.Context, owner inventory.Subject) error {
	return s.plan(ctx, owner, false, Plan{})
}

func (s *Store) plan(ctx context.Context, owner inventory.Subject, planned bool, p Plan) error {
	if _, err := s.sealer(ctx, owner); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `
		INSERT INTO quota_account (owner, `+drawnColumns+`) VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0)
		ON CONFLICT (owner) DO UPDATE SET planned = excluded.planned, total = excluded.total, monthly = excluded.monthly, daily = excluded.daily`,
		string(owner), planned, p.Total, p.Monthly, p.Daily)
	if err != nil {
		return fmt.Errorf("plan of %s: %w", owner, err)
	}
	return nil
}
