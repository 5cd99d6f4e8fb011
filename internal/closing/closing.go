// Package closing keeps that the business ends, or is handed over: what the operator
// declares, who was told what of it and when, and what members say to it. Until its
// day it can be taken back. It erases nobody and sends nothing: app asks whom to tell
// and whose time is over.
package closing

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// A Kind is what happens to the business.
type Kind string

// Kinds.
const (
	Closure  Kind = "closure"  // it ends: everybody is erased
	Transfer Kind = "transfer" // somebody else takes it over: who doesn't want that is erased
)

// A Step is something that members are told of a declaration.
type Step string

// Steps, in their order.
const (
	Declared  Step = "declared"
	Reminder  Step = "reminder" // a week before the end
	Last      Step = "last"     // a day before it
	Cancelled Step = "cancelled"
)

// A Choice is what a member says to their data being handed over.
type Choice string

// Choices.
const (
	Agrees  Choice = "agrees"
	Objects Choice = "objects"
)

const (
	remindBefore = 7 * 24 * time.Hour
	lastBefore   = 24 * time.Hour
	maxShort     = 200   // characters
	maxChanges   = 2_000 // characters
)

// What can be wrong.
var (
	ErrNone     = fault.New(fault.NotFound, "closing_none", "Nothing is declared: the business goes on.")
	ErrClosed   = fault.New(fault.Conflict, "joining_closed", "This site will be closed, so it takes no new members any more.")
	errKind     = fault.New(fault.Invalid, "closing_kind", "Say what happens: that the business ends, or to whom it is handed over.")
	errTo       = fault.New(fault.Invalid, "closing_to", "Say to whom it is handed over and what changes by that, in 1 to 200 and 1 to 2000 characters.")
	errContact  = fault.New(fault.Invalid, "closing_contact", "Say who answers questions, in 1 to 200 characters: an e-mail address or a phone number.")
	errEnds     = fault.New(fault.Invalid, "closing_ends", "It can't end before %s: members are told %s before (closing.notice).")
	errDeclared = fault.New(fault.Conflict, "closing_declared", "Something is declared already. Cancel it first.")
	errOver     = fault.New(fault.Conflict, "closing_over", "It can't be taken back any more: its day has come.")
	errChoice   = fault.New(fault.Invalid, "closing_choice", "Please say whether your data may be handed over.")
	errNoChoice = fault.New(fault.Conflict, "closing_no_choice", "There is nothing to choose: the business isn’t handed over, or it was already.")
)

// A Declaration is what an operator says of the business.
type Declaration struct {
	ID        string
	Kind      Kind
	To        string // who takes it over
	Contact   string // who answers questions
	Changes   string // what changes
	Consent   bool   // only those go over who agree, because what is handed over rests on consent
	Declared  time.Time
	Ends      time.Time // UTC
	Ending    time.Time // since when it can't be taken back; zero it can
	Cancelled time.Time
	Done      time.Time
}

// Due are the steps of which members are to be told at a time.
func (d Declaration) Due(now time.Time) []Step {
	switch {
	case !d.Cancelled.IsZero():
		return []Step{Cancelled}
	case !d.Done.IsZero():
		return nil
	}
	all := []Step{Declared}
	if !now.Before(d.Ends.Add(-remindBefore)) && now.Before(d.Ends) {
		all = append(all, Reminder)
	}
	if !now.Before(d.Ends.Add(-lastBefore)) && now.Before(d.Ends) {
		all = append(all, Last)
	}
	return all
}

// Erases reports whether somebody is erased at the end who made a choice, "" none.
func (d Declaration) Erases(c Choice) bool {
	return d.Kind == Closure || c == Objects || d.Consent && c != Agrees
}

// A Region is where some of the members live.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
}

// A Closing is the declarations, and all regions' members' part in them. Safe for
// concurrent use, also by several programs that share the databases.
type Closing struct {
	inventory.OfNobody
	region.Set[*Store]
	db  *db.DB
	now func() time.Time
}

// A Store is one region's.
type Store struct {
	Region
	all *Closing
}

//go:embed migrations/*.sql people/*.sql
var migrations embed.FS

// Open brings the tables up to date: the declarations' in the first database, and
// each region's.
func Open(ctx context.Context, d *db.DB, regions ...Region) (*Closing, error) {
	c := &Closing{db: d, now: time.Now}
	if err := migrate(ctx, d, "closing", "migrations"); err != nil {
		return nil, err
	}
	var err error
	c.Set, err = region.Open(regions, ErrNone, func(r Region) (string, *Store, error) {
		return r.Name, &Store{r, c}, migrate(ctx, r.DB, "closing_people", "people")
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

func migrate(ctx context.Context, d *db.DB, room, folder string) error {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return err
	}
	return d.Migrate(ctx, room, files)
}

// Drafted is a declaration in its form, or what is wrong with it: its words, that it
// is notice from now at least, or that something is declared already.
func (c *Closing) Drafted(ctx context.Context, d Declaration, notice time.Duration) (Declaration, error) {
	if err := d.check(); err != nil {
		return d, err
	}
	if earliest := c.now().UTC().Add(notice); d.Ends.Before(earliest) {
		return d, errEnds.With(earliest.Format("2006-01-02 15:04 UTC"), notice)
	}
	d.Ends = d.Ends.UTC()
	_, err := c.Current(ctx)
	switch {
	case err == nil:
		return d, errDeclared
	case !errors.Is(err, ErrNone):
		return d, err
	}
	return d, nil
}

// Declare says what happens to the business at a time, notice from now at least.
func (c *Closing) Declare(ctx context.Context, d Declaration, notice time.Duration) (Declaration, error) {
	d, err := c.Drafted(ctx, d, notice)
	if err != nil {
		return d, err
	}
	d.ID, d.Declared = uuid.Must(uuid.NewV7()).String(), c.now().UTC()
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			INSERT INTO closing (id, kind, to_whom, contact, changes, consent, declared_ms, ends_ms, ending_ms, cancelled_ms, done_ms)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM closing WHERE cancelled_ms = 0 AND (done_ms = 0 OR kind = 'closure'))`,
			d.ID, string(d.Kind), d.To, d.Contact, d.Changes, d.Consent, db.Ms(d.Declared), db.Ms(d.Ends))
		return changed(done, err, errDeclared)
	})
	if err != nil {
		return d, fmt.Errorf("declare: %w", err)
	}
	return d, nil
}

func (d *Declaration) check() error {
	d.To, d.Contact, d.Changes = strings.TrimSpace(d.To), strings.TrimSpace(d.Contact), strings.TrimSpace(d.Changes)
	switch {
	case d.Kind != Closure && d.Kind != Transfer, d.Kind == Closure && (d.To != "" || d.Consent):
		return errKind
	case d.Kind == Transfer && (!written(d.To, maxShort) || !written(d.Changes, maxChanges)):
		return errTo
	case !written(d.Contact, maxShort), d.Changes != "" && !written(d.Changes, maxChanges):
		return errContact
	}
	return nil
}

func written(text string, most int) bool {
	n := utf8.RuneCountInString(text)
	return n > 0 && n <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\r' && unicode.IsControl(r) })
}

// Cancel takes the declaration back; whoever was told of it is told that, too. Once
// its day has come it can't be.
func (c *Closing) Cancel(ctx context.Context) (Declaration, error) {
	d, err := c.Current(ctx)
	if err != nil {
		return d, err
	}
	d.Cancelled = c.now().UTC()
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE closing SET cancelled_ms = $1 WHERE id = $2 AND ending_ms = 0 AND ends_ms > $1`, db.Ms(d.Cancelled), d.ID)
		return changed(done, err, errOver)
	})
	if err != nil {
		return d, fmt.Errorf("cancel: %w", err)
	}
	return d, nil
}

func changed(done sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = none
	}
	return err
}

// End notes that a declaration's day has come, from which on it can't be taken back;
// false when it hasn't, or was taken back.
func (c *Closing) End(ctx context.Context, d Declaration) (bool, error) {
	now := db.Ms(c.now())
	n, err := c.db.Exec(ctx, `UPDATE closing SET ending_ms = CASE WHEN ending_ms = 0 THEN $1 ELSE ending_ms END WHERE id = $2 AND cancelled_ms = 0 AND ends_ms <= $1`, now, d.ID)
	if err != nil {
		return false, fmt.Errorf("end: %w", err)
	}
	return n > 0, nil
}

// Done notes that everybody was erased who had to be.
func (c *Closing) Done(ctx context.Context, d Declaration) error {
	if _, err := c.db.Exec(ctx, `UPDATE closing SET done_ms = $1 WHERE id = $2 AND done_ms = 0 AND ending_ms > 0`, db.Ms(c.now()), d.ID); err != nil {
		return fmt.Errorf("done: %w", err)
	}
	return nil
}

// Last is the newest declaration, whatever came of it; ErrNone when there is none.
func (c *Closing) Last(ctx context.Context) (d Declaration, err error) {
	var declared, ends, ending, cancelled, done int64
	err = c.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT id, kind, to_whom, contact, changes, consent, declared_ms, ends_ms, ending_ms, cancelled_ms, done_ms FROM closing ORDER BY id DESC LIMIT 1`).
			Scan(&d.ID, &d.Kind, &d.To, &d.Contact, &d.Changes, &d.Consent, &declared, &ends, &ending, &cancelled, &done)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return d, ErrNone
	}
	if err != nil {
		return d, fmt.Errorf("what is declared: %w", err)
	}
	d.Declared, d.Ends, d.Ending, d.Cancelled, d.Done = db.At(declared), db.At(ends), db.At(ending), db.At(cancelled), db.At(done)
	return d, nil
}

// Current is what is declared now; ErrNone when the business goes on: nothing was
// declared, it was taken back, or it was handed over. A closure stays.
func (c *Closing) Current(ctx context.Context) (Declaration, error) {
	d, err := c.Last(ctx)
	if err == nil && (!d.Cancelled.IsZero() || !d.Done.IsZero() && d.Kind == Transfer) {
		return Declaration{}, ErrNone
	}
	return d, err
}

// Admit is nil when somebody may sign up; ErrClosed from when on it is declared that
// the business ends.
func (c *Closing) Admit(ctx context.Context) error {
	d, err := c.Current(ctx)
	switch {
	case errors.Is(err, ErrNone) || err == nil && d.Kind == Transfer:
		return nil
	case err != nil:
		return err
	}
	return ErrClosed
}
