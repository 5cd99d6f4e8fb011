package watch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/status"
)

// A RegistrationQuery says which of an owner's registrations are wanted, and in
// which order. The zero value is the newest of all.
type RegistrationQuery struct {
	Numbers    []string // as they were sent; none are all
	Carrier    carrier.Code
	Status     []status.Main // none are all
	Tracking   *bool
	Answered   *bool // a carrier knows it
	Push       *PushStatus
	PushCode   *int
	Registered Span
	Read       Span
	Pushed     Span
	Stopped    Span
	Sort       RegistrationSort
	Page       int // 0 is the first
	Most       int // on a page, 1 to 200; default 40
}

// A Span is a time from one moment to another, both included; zero is open.
type Span struct{ From, To time.Time }

// A RegistrationSort is an order of registrations.
type RegistrationSort string

// RegistrationSorts.
const (
	NewestFirst  RegistrationSort = "" // by when they were registered
	OldestFirst  RegistrationSort = "oldest"
	PushedNewest RegistrationSort = "pushed_newest"
	PushedOldest RegistrationSort = "pushed_oldest"
	ReadNewest   RegistrationSort = "read_newest"
	ReadOldest   RegistrationSort = "read_oldest"
)

// RegistrationPageMost is how many registrations a page has unless a query says so.
const RegistrationPageMost = 40

// mostSearched bounds the numbers of a query.
const mostSearched = 200

// orders are how they sort. An id follows the time of registering.
var orders = map[RegistrationSort]string{
	NewestFirst: `r.id DESC`, OldestFirst: `r.id`,
	PushedNewest: `r.pushed_ms DESC, r.id DESC`, PushedOldest: `r.pushed_ms, r.id`,
	ReadNewest: `p.read_ms DESC, r.id DESC`, ReadOldest: `p.read_ms, r.id`,
}

// A RegistrationPage is part of a list.
type RegistrationPage struct {
	Registrations []Registration // with their parcels
	Total         int            // on all pages
}

var errRegistrationSort = fault.New(fault.Invalid, "sort", "%q is no order of registrations.")

// Registrations returns a page of an owner's registrations.
func (s *Store) Registrations(ctx context.Context, owner inventory.Subject, q RegistrationQuery) (RegistrationPage, error) {
	order, ok := orders[q.Sort]
	if !ok {
		return RegistrationPage{}, errRegistrationSort.With(string(q.Sort))
	}
	if len(q.Numbers) > mostSearched {
		return RegistrationPage{}, ErrTooMany.With(mostSearched)
	}
	if q.Most <= 0 {
		q.Most = RegistrationPageMost
	}
	q.Most, q.Page = min(q.Most, pageMost), max(q.Page, 0)
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return RegistrationPage{}, err
	}
	where, args := q.where(owner)
	var page RegistrationPage
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		err = tx.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM registration r JOIN watched p ON p.id = r.watched_id WHERE r.owner = $1`+where, args...).Scan(&page.Total)
		if err != nil || q.Page*q.Most >= page.Total {
			return err
		}
		limit := fmt.Sprintf(` ORDER BY %s LIMIT %d OFFSET %d`, order, q.Most, q.Page*q.Most)
		page.Registrations, err = registrationsOf(ctx, tx, k, owner, where+limit, args[1:]...)
		return err
	})
	if err == nil {
		err = s.withParcels(ctx, page.Registrations)
	}
	if err != nil {
		return RegistrationPage{}, fmt.Errorf("list registrations of %s: %w", owner, err)
	}
	return page, nil
}

// Registers reports whether an owner has any registration.
func (s *Store) Registers(ctx context.Context, owner inventory.Subject) (bool, error) {
	var n int
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM registration WHERE owner = $1 LIMIT 1) AS one`, string(owner)).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("whether %s has registrations: %w", owner, err)
	}
	return n > 0, nil
}

// where spells the query; its first argument is the owner.
func (q RegistrationQuery) where(owner inventory.Subject) (string, []any) {
	var b strings.Builder
	args := []any{string(owner)}
	add := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		b.WriteString(` AND ` + condition)
	}
	in := func(column string, values []string) {
		all := make([]any, len(values))
		for i, v := range values {
			all[i] = v
		}
		add(column+` IN (`+strings.TrimSuffix(strings.Repeat("?,", len(all)), ",")+`)`, all...)
	}
	if len(q.Numbers) > 0 {
		numbers := []string{""} // nobody's
		for _, n := range q.Numbers {
			if n = bare(n); isPlain(n) {
				numbers = append(numbers, n)
			}
		}
		in(`p.number`, numbers)
	}
	if len(q.Status) > 0 {
		in(`p.status`, subsOf(q.Status))
	}
	if q.Carrier != "" {
		add(`r.carrier = ?`, string(q.Carrier))
	}
	for condition, asked := range map[string]*bool{`r.stopped_ms = 0`: q.Tracking, `p.revision > 0`: q.Answered} {
		if asked != nil && *asked {
			add(condition)
		} else if asked != nil {
			add(`NOT ` + condition)
		}
	}
	if q.Push != nil {
		add(`r.push_status = ?`, string(*q.Push))
	}
	if q.PushCode != nil {
		add(`r.push_code = ?`, *q.PushCode)
	}
	for _, span := range []struct {
		column string
		Span
	}{{`r.created_ms`, q.Registered}, {`p.read_ms`, q.Read}, {`r.pushed_ms`, q.Pushed}, {`r.stopped_ms`, q.Stopped}} {
		if !span.From.IsZero() {
			add(span.column+` >= ?`, max(1, db.Ms(span.From)))
		}
		if !span.To.IsZero() {
			add(span.column+` > 0 AND `+span.column+` <= ?`, db.Ms(span.To))
		}
	}
	return b.String(), args
}

// subsOf are all kinds of the statuses.
func subsOf(mains []status.Main) []string {
	var subs []string
	for _, sub := range status.Subs {
		if slices.Contains(mains, sub.Main()) {
			subs = append(subs, string(sub))
		}
	}
	return subs
}

// Kept counts what an owner keeps: saved parcels, archived ones too, and
// registrations that aren't stopped.
func (s *Store) Kept(ctx context.Context, owner inventory.Subject) (saved, registered int, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM watch WHERE owner = $1), (SELECT COUNT(*) FROM registration WHERE owner = $1 AND stopped_ms = 0)`, string(owner)).
			Scan(&saved, &registered)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count what %s keeps: %w", owner, err)
	}
	return saved, registered, nil
}
