package incident

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/vault"
)

// The places of what is sealed with the installation's key. None is ever renamed.
const (
	fieldFacts    vault.Field = "incident.incident.facts"
	fieldCriteria vault.Field = "incident.incident.criteria"
	fieldSought   vault.Field = "incident.incident.sought"
	fieldStep     vault.Field = "incident.incident_step.words"
	fieldDuty     vault.Field = "incident.incident_duty.words"
	fieldDraft    vault.Field = "incident.incident_draft.words"
	fieldNotice   vault.Field = "incident.incident_notice.words"
)

// fieldDetail is the place of what is sealed with a person's own key.
const fieldDetail vault.Field = "incident.incident_person.detail"

// clean is f without spaces around its texts, or what is wrong with it.
func (f Facts) clean() (Facts, error) {
	for _, text := range []*string{&f.Title, &f.Happened, &f.Effects, &f.Measures, &f.Lessons} {
		if *text = strings.TrimSpace(*text); utf8.RuneCountInString(*text) > maxText {
			return Facts{}, errText
		}
	}
	switch {
	case f.Title == "" || utf8.RuneCountInString(f.Title) > maxTitle || strings.ContainsAny(f.Title, "\r\n"):
		return Facts{}, errTitle
	case f.Happened == "":
		return Facts{}, errHappened
	}
	f.Records = max(f.Records, 0)
	return f, nil
}

func (t Times) check(now time.Time) error {
	switch {
	case t.Noticed.IsZero() || t.Noticed.After(now), t.Began.After(now), t.Ended.After(now),
		!t.Ended.IsZero() && !t.Began.IsZero() && t.Ended.Before(t.Began):
		return errTimes
	}
	return nil
}

// Declare writes an incident down, with the authorities that are to be told and
// until when, and has the staff who handle incidents told of it.
func (i *Incidents) Declare(ctx context.Context, c account.Clerk, severity Severity, f Facts, t Times) (ID, error) {
	if err := c.Must(account.HandleIncidents); err != nil {
		return "", err
	}
	f, err := f.clean()
	if err != nil {
		return "", err
	}
	now := i.now()
	if err := errors.Join(t.check(now), severity.check()); err != nil {
		return "", err
	}
	k, err := i.house.House(ctx)
	if err != nil {
		return "", err
	}
	var id ID
	err = i.book().DB.Tx(ctx, func(tx *db.Tx) error {
		for range 5 { // others may take the number
			var last int64
			if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM incident`).Scan(&last); err != nil {
				return err
			}
			id = ID("I-" + strconv.FormatInt(last+1, 10))
			done, err := tx.ExecContext(ctx, `
				INSERT INTO incident (id, number, severity, state, facts, criteria, sought, noticed_ms, began_ms, ended_ms, contained_ms, list, frozen, asked_ms, approved, approved_list, spared, declared_ms, closed_ms)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0, 0, 0, $11, $12, 0) ON CONFLICT (number) DO NOTHING`,
				id, last+1, severity, Ongoing, sealJSON(k, fieldFacts, f), sealJSON(k, fieldCriteria, []Criterion{}), sealJSON(k, fieldSought, []Criterion{}), db.Ms(t.Noticed), db.Ms(t.Began), db.Ms(t.Ended), false, db.Ms(now))
			if err != nil {
				return err
			}
			if n, err := done.RowsAffected(); err != nil || n == 1 {
				if err == nil {
					err = i.owe(ctx, tx, k, id)
				}
				if err != nil {
					return err
				}
				if err := i.book().Jobs.Add(ctx, tx, Declared{id}); err != nil {
					return err
				}
				return i.step(ctx, tx, k, id, c, DidDeclare, f.Title)
			}
		}
		return errAgain
	})
	if err != nil {
		return "", fmt.Errorf("declare an incident: %w", err)
	}
	return id, nil
}

func (s Severity) check() error {
	if !slices.Contains(Severities, s) {
		return errSeverity
	}
	return nil
}

// Edit changes what is known of an incident. What it said before stays in the
// history.
func (i *Incidents) Edit(ctx context.Context, c account.Clerk, id ID, severity Severity, f Facts, t Times) error {
	f, err := f.clean()
	if err != nil {
		return err
	}
	if err := errors.Join(t.check(i.now()), severity.check()); err != nil {
		return err
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		if was.State == Closed {
			return errClosed
		}
		_, err := tx.ExecContext(ctx, `UPDATE incident SET severity = $1, facts = $2, noticed_ms = $3, began_ms = $4, ended_ms = $5 WHERE id = $6`,
			severity, sealJSON(k, fieldFacts, f), db.Ms(t.Noticed), db.Ms(t.Began), db.Ms(t.Ended), id)
		if err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidEdit, before(was, severity, f, t))
	})
}

// before says what a change replaces.
func before(was Incident, severity Severity, f Facts, t Times) string {
	var lines []string
	for _, one := range []struct{ name, was, is string }{
		{"severity", string(was.Severity), string(severity)},
		{"title", was.Facts.Title, f.Title},
		{"happened", was.Facts.Happened, f.Happened},
		{"effects", was.Facts.Effects, f.Effects},
		{"measures", was.Facts.Measures, f.Measures},
		{"records", strconv.FormatInt(was.Facts.Records, 10), strconv.FormatInt(f.Records, 10)},
		{"noticed", stamp(was.Times.Noticed), stamp(t.Noticed)},
		{"began", stamp(was.Times.Began), stamp(t.Began)},
		{"ended", stamp(was.Times.Ended), stamp(t.Ended)},
	} {
		if one.was != one.is {
			lines = append(lines, one.name+": "+one.was+" → "+one.is)
		}
	}
	return strings.Join(lines, "\n")
}

// stamp is a time as records have it, "–" none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// Note adds what was done, in words, also to one that is closed.
func (i *Incidents) Note(ctx context.Context, c account.Clerk, id ID, words string) error {
	words = strings.TrimSpace(words)
	if words == "" || utf8.RuneCountInString(words) > maxText {
		return errNote
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, _ Incident) error {
		return i.step(ctx, tx, k, id, c, DidNote, words)
	})
}

// Contain says that it goes no further, and since when.
func (i *Incidents) Contain(ctx context.Context, c account.Clerk, id ID, since time.Time) error {
	if since.IsZero() || since.After(i.now()) {
		return errTimes
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		if was.State == Closed {
			return errClosed
		}
		_, err := tx.ExecContext(ctx, `UPDATE incident SET contained_ms = $1, state = CASE WHEN state = $2 THEN $3 ELSE state END WHERE id = $4`, db.Ms(since), Ongoing, Contained, id)
		if err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidContain, stamp(since))
	})
}

// Spare decides that nobody whom it concerns has to be told, and why (GDPR,
// Article 34(3)). It wants a fresh session and holds only while nobody was told.
func (i *Incidents) Spare(ctx context.Context, c account.Clerk, id ID, why string) error {
	why = strings.TrimSpace(why)
	if why == "" || utf8.RuneCountInString(why) > maxText {
		return errNote
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		switch {
		case was.State == Closed:
			return errClosed
		case was.Approved > 0:
			return errTold
		}
		_, err := tx.ExecContext(ctx, `UPDATE incident SET spared = $1, asked_ms = 0, state = CASE WHEN state = $2 THEN $3 ELSE state END WHERE id = $4`, true, Contained, Told, id)
		if err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidSpare, why)
	})
}

// Close ends an incident with what was learned of it. Everything else has to be
// done before.
func (i *Incidents) Close(ctx context.Context, c account.Clerk, id ID, lessons string) error {
	lessons = strings.TrimSpace(lessons)
	if lessons == "" || utf8.RuneCountInString(lessons) > maxText {
		return errLessons
	}
	return i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, was Incident) error {
		settled := !slices.ContainsFunc(was.Duties, func(d Duty) bool { return !d.Settled() })
		switch {
		case was.State == Closed:
			return errClosed
		case was.Contained.IsZero():
			return errUncontained
		case !settled:
			return errUnsettled
		case was.State != Told:
			return errUntold
		}
		was.Facts.Lessons = lessons
		_, err := tx.ExecContext(ctx, `UPDATE incident SET state = $1, closed_ms = $2, facts = $3 WHERE id = $4`, Closed, db.Ms(i.now()), sealJSON(k, fieldFacts, was.Facts), id)
		if err != nil {
			return err
		}
		return i.step(ctx, tx, k, id, c, DidClose, lessons)
	})
}

// change does something to an incident for a clerk who handles them, in one
// transaction, with the incident locked.
func (i *Incidents) change(ctx context.Context, c account.Clerk, id ID, do func(tx *db.Tx, k *vault.Sealer, was Incident) error) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	return i.alter(ctx, id, do)
}

func (i *Incidents) alter(ctx context.Context, id ID, do func(tx *db.Tx, k *vault.Sealer, was Incident) error) error {
	k, err := i.house.House(ctx)
	if err != nil {
		return err
	}
	err = i.book().DB.Tx(ctx, func(tx *db.Tx) error {
		all, err := i.read(ctx, tx, k, `WHERE id = $1`+tx.Lock(), id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrNone
		}
		return do(tx, k, all[0])
	})
	if err != nil {
		return fmt.Errorf("incident %s: %w", id, err)
	}
	return nil
}

// Get returns an incident to a clerk who may read them; ErrNone when there is none.
func (i *Incidents) Get(ctx context.Context, c account.Clerk, id ID) (Incident, error) {
	if err := c.Must(account.ReadIncidents); err != nil {
		return Incident{}, err
	}
	return i.get(ctx, id)
}

func (i *Incidents) get(ctx context.Context, id ID) (Incident, error) {
	all, err := i.some(ctx, `WHERE id = $1`, id)
	if err != nil {
		return Incident{}, err
	}
	if len(all) == 0 {
		return Incident{}, ErrNone
	}
	return all[0], nil
}

// List is all incidents, the newest 200: what is overdue first, then what is
// due next, then what is closed.
func (i *Incidents) List(ctx context.Context, c account.Clerk) ([]Incident, error) {
	if err := c.Must(account.ReadIncidents); err != nil {
		return nil, err
	}
	all, err := i.some(ctx, fmt.Sprintf(`ORDER BY number DESC LIMIT %d`, mostOpen))
	slices.SortStableFunc(all, func(a, b Incident) int {
		if (a.State == Closed) != (b.State == Closed) {
			if a.State == Closed {
				return 1
			}
			return -1
		}
		return a.Next().Compare(b.Next())
	})
	return all, err
}

// never is after all times that something is due.
var never = time.UnixMilli(1<<53 - 1)

// Next is by when the next authority is to be told; a time far ahead when none is.
func (one Incident) Next() time.Time {
	next := never
	for _, d := range one.Duties {
		if !d.Settled() && d.Due.Before(next) {
			next = d.Due
		}
	}
	return next
}

// Open reports whether there is an incident of that name that isn't closed: for
// whom the staff look for it.
func (i *Incidents) Open(ctx context.Context, id string) (bool, error) {
	var n int
	err := i.book().DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM incident WHERE id = $1 AND state <> $2`, id, Closed).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("incident %s: %w", id, err)
	}
	return n > 0, nil
}

// some reads incidents with their duties.
func (i *Incidents) some(ctx context.Context, rest string, args ...any) (all []Incident, err error) {
	k, err := i.house.House(ctx)
	if err != nil {
		return nil, err
	}
	err = i.book().DB.Read(ctx, func(tx *db.Tx) error {
		all, err = i.read(ctx, tx, k, rest, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	return all, nil
}

func (i *Incidents) read(ctx context.Context, tx *db.Tx, k *vault.Sealer, rest string, args ...any) ([]Incident, error) {
	all, err := db.Rows(ctx, tx, func(row *sql.Rows) (one Incident, err error) {
		var facts, criteria, sought []byte
		var noticed, began, ended, contained, asked, declared, closed int64
		err = row.Scan(&one.ID, &one.Severity, &one.State, &facts, &criteria, &sought, &noticed, &began, &ended, &contained, &one.List, &one.Frozen, &asked, &one.Approved, &one.agreed, &one.Spared, &declared, &closed)
		if err != nil {
			return one, err
		}
		one.Times = Times{db.At(noticed), db.At(began), db.At(ended)}
		one.Contained, one.Asked, one.Declared, one.Closed = db.At(contained), db.At(asked), db.At(declared), db.At(closed)
		return one, errors.Join(openJSON(k, fieldFacts, facts, &one.Facts), openJSON(k, fieldCriteria, criteria, &one.Criteria), openJSON(k, fieldSought, sought, &one.sought))
	}, `SELECT id, severity, state, facts, criteria, sought, noticed_ms, began_ms, ended_ms, contained_ms, list, frozen, asked_ms, approved, approved_list, spared, declared_ms, closed_ms FROM incident `+rest, args...)
	if err != nil {
		return nil, err
	}
	for n := range all {
		if all[n].Duties, err = i.duties(ctx, tx, k, all[n]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// sealJSON seals a value that goes through JSON.
func sealJSON(k *vault.Sealer, f vault.Field, v any) []byte {
	plain, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("incident: %s: %v", f, err)) // a bug: all of them are structs of texts and numbers
	}
	return k.Seal(f, plain)
}

func openJSON(k *vault.Sealer, f vault.Field, sealed []byte, v any) error {
	plain, err := k.Open(f, sealed)
	if err != nil || len(plain) == 0 {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return nil
}
