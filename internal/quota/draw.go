package quota

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Matter is what something is drawn for.
type Matter string

// Matters, and what they cost. Source: the compatible API's quota,
// tracking-api-17track.md section 6.
const (
	Registration Matter = "registration" // a number with a carrier: 1
	Translation  Matter = "translation"  // of a registration, the first that is delivered: 1
	Standard     Matter = "realtime"     // a carrier's answer that may be a moment old: 1
	Instant      Matter = "instant"      // a carrier asked at once: 10
)

// Costs is what a matter draws.
func (m Matter) Costs() int64 {
	if m == Instant {
		return 10
	}
	return 1
}

// A Line is what is drawn once: an id of the drawer's choice, for a matter. The
// same id and matter are the same line for LineKept.
type Line struct {
	ID     string
	Matter Matter
}

// LineKept is for how long a line that was drawn isn't drawn again.
const LineKept = 40 * 24 * time.Hour

// step is how many lines one statement takes.
const step = 100

// Draw draws lines for an owner in a transaction of the region's database: what
// else the transaction does and the draw are both there after it, or neither.
// It returns why each line isn't drawn: nil it is, or was before, else ErrDaily
// or ErrUsedUp. Lines are granted in their order for as long as there is room.
// The transaction has the owner's draws to itself from here on, so Draw comes
// late in it.
func (s *Store) Draw(ctx context.Context, tx *db.Tx, owner inventory.Subject, lines []Line) ([]error, error) {
	refused := make([]error, len(lines))
	if len(lines) == 0 {
		return refused, nil
	}
	now := s.all.now()
	d, err := lockDrawn(ctx, tx, owner)
	if err != nil {
		return nil, fmt.Errorf("quota of %s: %w", owner, err)
	}
	d.turn(now)
	left, why := d.state(s.all.plan).room()
	fresh := lines
	if left < costs(lines) {
		if fresh, err = undrawn(ctx, tx, owner, lines); err != nil {
			return nil, fmt.Errorf("ledger of %s: %w", owner, err)
		}
		fresh = grant(fresh, left, why, lines, refused)
	}
	amounts, err := write(ctx, tx, owner, fresh, now)
	if err != nil {
		return nil, fmt.Errorf("ledger of %s: %w", owner, err)
	}
	if err := d.add(ctx, tx, owner, amounts); err != nil {
		return nil, fmt.Errorf("quota of %s: %w", owner, err)
	}
	tx.AfterCommit(func() { s.all.metrics.drew(amounts, refused) })
	return refused, nil
}

func costs(lines []Line) (sum int64) {
	for _, l := range lines {
		sum += l.Matter.Costs()
	}
	return sum
}

// lockDrawn returns an owner's counts, and keeps others from drawing.
func lockDrawn(ctx context.Context, tx *db.Tx, owner inventory.Subject) (d drawn, err error) {
	read := `SELECT ` + drawnColumns + ` FROM quota_account WHERE owner = $1` + tx.Lock()
	err = d.scan(tx.QueryRowContext(ctx, read, string(owner)))
	if !errors.Is(err, sql.ErrNoRows) {
		return d, err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO quota_account (owner, `+drawnColumns+`) VALUES ($1, $2, 0, $2, 0, 0, 0, 0, 0, 0)
		ON CONFLICT (owner) DO NOTHING`, string(owner), false)
	if err != nil {
		return d, err
	}
	return d, d.scan(tx.QueryRowContext(ctx, read, string(owner)))
}

// undrawn returns those lines that aren't in the ledger, each once.
func undrawn(ctx context.Context, tx *db.Tx, owner inventory.Subject, lines []Line) ([]Line, error) {
	seen := map[Line]bool{}
	for some := range slices.Chunk(lines, step) {
		ids := make([]string, len(some))
		for i, l := range some {
			ids[i] = l.ID
		}
		among, args := db.In(tx, "id", ids, 1)
		there, err := db.Rows(ctx, tx, func(row *sql.Rows) (l Line, err error) { return l, row.Scan(&l.ID, &l.Matter) },
			`SELECT id, matter FROM quota_line WHERE owner = $1 AND `+among, append([]any{string(owner)}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, l := range there {
			seen[l] = true
		}
	}
	var fresh []Line
	for _, l := range lines {
		if !seen[l] {
			seen[l] = true
			fresh = append(fresh, l)
		}
	}
	return fresh, nil
}

// grant returns those of the fresh lines for which there is room, and says of
// all lines why they are refused.
func grant(fresh []Line, left int64, why error, lines []Line, refused []error) []Line {
	var granted []Line
	no := map[Line]bool{}
	for _, l := range fresh {
		if left < l.Matter.Costs() {
			no[l] = true
			continue
		}
		left -= l.Matter.Costs()
		granted = append(granted, l)
	}
	for i, l := range lines {
		if no[l] {
			refused[i] = why
		}
	}
	return granted
}

// write adds lines to the ledger, and returns what those cost that weren't in
// it, by matter.
func write(ctx context.Context, tx *db.Tx, owner inventory.Subject, lines []Line, now time.Time) (map[Matter]int64, error) {
	amounts := map[Matter]int64{}
	for some := range slices.Chunk(lines, step) {
		b := db.NewBatch("new", "id", "matter")
		for _, l := range some {
			b.Add(l.ID, string(l.Matter))
		}
		added, err := db.BatchRows(ctx, tx, func(row *sql.Rows) (m Matter, err error) { return m, row.Scan(&m) }, b, `
			INSERT INTO quota_line (owner, id, matter, created_ms) SELECT $1, id, matter, $2 FROM new WHERE TRUE
			ON CONFLICT (owner, id, matter) DO NOTHING RETURNING matter`, string(owner), db.Ms(now))
		if err != nil {
			return nil, err
		}
		for _, m := range added {
			amounts[m] += m.Costs()
		}
	}
	return amounts, nil
}

// add counts what was drawn.
func (d *drawn) add(ctx context.Context, tx *db.Tx, owner inventory.Subject, amounts map[Matter]int64) error {
	var sum int64
	for _, amount := range amounts {
		sum += amount
	}
	if sum == 0 {
		return nil
	}
	d.ever, d.inMonth, d.onDay = d.ever+sum, d.inMonth+sum, d.onDay+sum
	_, err := tx.ExecContext(ctx, `UPDATE quota_account SET used = $1, month_ms = $2, month_used = $3, day_ms = $4, day_used = $5 WHERE owner = $6`,
		d.ever, d.month, d.inMonth, d.day, d.onDay, string(owner))
	if err != nil {
		return err
	}
	for matter, amount := range amounts {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO quota_day (owner, day_ms, matter, amount, used) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (owner, day_ms, matter) DO UPDATE SET amount = quota_day.amount + excluded.amount, used = excluded.used`,
			string(owner), d.day, string(matter), amount, d.ever)
		if err != nil {
			return err
		}
	}
	return nil
}
