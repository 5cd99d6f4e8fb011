package account

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
)

// An entry is a row of the log.
type entry struct {
	staff StaffID
	duty  Duty
	of    string // an account, one of the staff, "" nobody
	did   Deed
	why   Why
	shown []Power
	at    time.Time // zero now
}

func (s *Store) record(ctx context.Context, tx *db.Tx, e entry) error {
	why := ""
	if e.why != (Why{}) {
		why = e.why.String()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO access_log (id, staff_id, account_id, what, purpose, at_ms, role, shown) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		uuid.Must(uuid.NewV7()).String(), e.staff, e.of, e.did, why, ms(cmp.Or(e.at, s.now())), e.duty, listed(e.shown))
	return err
}

// An Entry is one look of the staff, or what they did, as the log has it.
type Entry struct {
	At   time.Time // UTC
	By   StaffID   // "" at the console
	Name string    // of who it was, "" gone or at the console
	Duty Duty      // by which they could
	Of   string    // an account's id, or one of the staff's; "" nobody was found
	Did  Deed
	Why  string // ticket T-4711; "" of what concerns the staff alone

	Shown []Power // of a look: what of the account it shows
}

// Log is what the staff did, as far as regions can be reached, newest first, before
// a time and no more than 200 entries. Without the power to read it, a clerk reads their own.
func (t Staff) Log(ctx context.Context, c Clerk, before time.Time) ([]Entry, error) {
	if c.untrained {
		return nil, errUntrained
	}
	var all []Entry
	names, err := t.names(ctx)
	if err != nil {
		return nil, err
	}
	_, err = t.m.each(ctx, func(ctx context.Context, s *Store) error {
		where, args := `at_ms < $1`, []any{ms(before)}
		if !c.Can(ReadLog) {
			where, args = `at_ms < $1 AND staff_id = $2`, []any{ms(before), c.ID}
		}
		entries, err := s.entries(ctx, where, args...)
		all = append(all, entries...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return b.At.Compare(a.At) })
	all = all[:min(len(all), mostEntries)]
	for i := range all {
		all[i].Name = names[all[i].By]
	}
	return all, nil
}

// names are what those of the staff are called who are still among them.
func (t Staff) names(ctx context.Context) (map[StaffID]string, error) {
	names := map[StaffID]string{}
	_, err := t.m.each(ctx, func(ctx context.Context, s *Store) error {
		rows, err := s.staff(ctx, `state <> ''`)
		for _, r := range rows {
			names[r.id] = r.name
		}
		return err
	})
	return names, err
}

func (s *Store) entries(ctx context.Context, where string, args ...any) (entries []Entry, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		entries, err = db.Rows(ctx, tx, func(row *sql.Rows) (e Entry, err error) {
			var when int64
			var shown string
			err = row.Scan(&e.By, &e.Duty, &e.Of, &e.Did, &e.Why, &when, &shown)
			e.At, e.Shown = db.At(when), unlisted(shown)
			return e, err
		}, `SELECT staff_id, role, account_id, what, purpose, at_ms, shown FROM access_log WHERE `+where+fmt.Sprintf(` ORDER BY at_ms DESC, id DESC LIMIT %d`, mostEntries), args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	return entries, nil
}

// Looks are when somebody of the staff looked at an account or did something to
// it, by which duty, what for and what it showed, newest first: what its owner
// may know of it. Who it was is left out, and all that law forbids to tell of.
func (s *Store) Looks(ctx context.Context, id ID) ([]Entry, error) {
	entries, err := s.entries(ctx, `account_id = $1 AND `+s.loggedHeard(), id)
	for i := range entries {
		entries[i].By = ""
	}
	return entries, err
}

// listed are powers as a row holds them.
func listed(powers []Power) string {
	texts := make([]string, len(powers))
	for i, p := range powers {
		texts[i] = string(p)
	}
	return strings.Join(texts, " ")
}

func unlisted(text string) (powers []Power) {
	for _, p := range strings.Fields(text) {
		powers = append(powers, Power(p))
	}
	return powers
}
