package health

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// Figures are how often something happened.
type Figures map[string]int64

// Of is how often something happened: Found, Same, Calls, Unmapped, or a kind
// of problem.
func (f Figures) Of(what ...string) (n int64) {
	for _, w := range what {
		n += f[w]
	}
	return n
}

// Counts are the figures without how long calls took.
func (f Figures) Counts() Figures {
	counts := Figures{}
	for what, n := range f {
		if !strings.HasPrefix(what, took) {
			counts[what] = n
		}
	}
	return counts
}

// Asked is how often numbers were asked.
func (f Figures) Asked() int64 {
	n := f.Of(Found, Same)
	for _, kind := range carrier.ProblemKinds {
		n += f[string(kind)]
	}
	return n
}

// Latency is within what time that part of the calls was answered, 0 without calls.
func (f Figures) Latency(part float64) time.Duration {
	calls, before := float64(f[Calls]), 0.0
	for _, bound := range bounds {
		if before += float64(f[took+strconv.FormatInt(bound, 10)]); before > 0 && before >= part*calls {
			return time.Duration(bound) * time.Millisecond
		}
	}
	return 0
}

// An Account is how an account is doing.
type Account struct {
	Hour, Day Figures   // since the beginning of the hour before, and for a day before that
	Success   time.Time // when it last answered with a history, or that there is none
}

// Since is when the Figures of Account.Hour and of Account.Day begin.
func Since(now time.Time) (hour, day time.Time) {
	hour = now.Truncate(time.Hour).Add(-time.Hour)
	return hour, hour.Add(-23 * time.Hour)
}

// Accounts are those that were asked of late.
func (b *Book) Accounts(ctx context.Context, now time.Time) (map[carrier.AccountCode]Account, error) {
	all := map[carrier.AccountCode]Account{}
	hour, day := Since(now)
	scan := func(at *sql.Rows) (struct{}, error) {
		var code carrier.AccountCode
		var what string
		var inHour, inDay, last int64
		if err := at.Scan(&code, &what, &inHour, &inDay, &last); err != nil {
			return struct{}{}, err
		}
		a, ok := all[code]
		if !ok {
			a = Account{Hour: Figures{}, Day: Figures{}}
		}
		a.Hour[what], a.Day[what] = inHour, inDay
		if t := db.At(last); succeeds(what) && t.After(a.Success) {
			a.Success = t
		}
		all[code] = a
		return struct{}{}, nil
	}
	err := b.db.Read(ctx, func(tx *db.Tx) error {
		clear(all)
		_, err := db.Rows(ctx, tx, scan, `
			SELECT account, what,
				SUM(CASE WHEN hour_ms >= $1 THEN n ELSE 0 END),
				SUM(CASE WHEN hour_ms >= $2 THEN n ELSE 0 END),
				MAX(last_ms)
			FROM health_hour GROUP BY account, what`, db.Ms(hour), db.Ms(day))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read carriers' health: %w", err)
	}
	return all, nil
}

func succeeds(what string) bool {
	return what == Found || what == Same || what == string(carrier.Missing)
}

// A ShapeChange is a path of a source's answers that is not as it was.
type ShapeChange struct {
	Source carrier.SourceCode
	Kind   carrier.ProblemKind // of answers: "" with a history, Missing without
	Path   string              // "" is the answer itself
	Change Change
	At     time.Time     // the poll that it was seen by
	Seen   time.Time     // when somebody of the staff had looked at it, zero nobody has
	Forms  carrier.Forms // all that has stood there
	Used   bool          // the source's reading names it
}

// Loud reports whether parcels may be told wrongly until somebody looks.
func (c ShapeChange) Loud() bool {
	return c.Used && (c.Change == Gone || c.Change == Retyped) && c.Seen.IsZero()
}

func (r row) shapeChange() ShapeChange {
	return ShapeChange{r.source, r.kind, r.path, r.change, r.changed, r.seen, r.forms, r.used}
}

// quietFor is how long a change is told of that spoils nothing.
const quietFor = 30 * day

// Changes are those that matter until somebody looks, and others of late:
// newest first, of one source or of all.
func (b *Book) Changes(ctx context.Context, code carrier.SourceCode, now time.Time) ([]ShapeChange, error) {
	var rows []row
	err := b.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, scanRow, selectRows+` WHERE change <> '' AND (source = $1 OR $1 = '') ORDER BY change_ms DESC, source, path`, string(code))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read changes of answers: %w", err)
	}
	var all []ShapeChange
	for _, r := range rows {
		if c := r.shapeChange(); c.Loud() || now.Sub(c.At) < quietFor || now.Sub(c.Seen) < quietFor {
			all = append(all, c)
		}
	}
	return all, nil
}

// SourceOf is the source that an account is at.
func SourceOf(code carrier.AccountCode) carrier.SourceCode {
	source, _, _ := strings.Cut(string(code), "/")
	return carrier.SourceCode(source)
}

// See notes that somebody of the staff has looked at the loud changes of a source
// that were there until a time, which the page that they saw told of. They are
// quiet from then on, on every page and in the metrics, until something there
// changes again.
func (b *Book) See(ctx context.Context, code carrier.SourceCode, until, at time.Time) error {
	_, err := b.db.Exec(ctx, `
		UPDATE health_path SET seen_ms = $1 WHERE source = $2 AND change IN ($3, $4) AND used AND change_ms <= $5 AND seen_ms = 0`,
		db.Ms(at), string(code), string(Gone), string(Retyped), db.Ms(until))
	if err != nil {
		return fmt.Errorf("note that changes of %s were looked at: %w", code, err)
	}
	return nil
}
