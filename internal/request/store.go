package request

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/google/uuid"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/region"
	"waypost/internal/vault"
	"waypost/internal/workday"
)

// The places of what is sealed and hashed. None is ever renamed.
const (
	fieldContact vault.Field = "request.request.contact"
	fieldText    vault.Field = "request.request.text"
	fieldToken   vault.Field = "request.request.token"
	fieldHash    vault.Field = "request.request.hash"
	fieldEvent   vault.Field = "request.request_event.text"
)

// Jobs take events of a region's database. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// Trail is where it is written down what the staff do, in the transaction that
// does it. account.Staff has it.
type Trail interface {
	Record(ctx context.Context, tx *db.Tx, region string, c account.Clerk, a account.Act) error
}

// A Region is where some of the people live, with their keys, their days and their law.
type Region struct {
	Name  string // eu; ids and tokens begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
	Days  workday.Calendar
	Law   Law
}

// Requests are all regions'. Safe for concurrent use.
type Requests struct {
	stores region.Set[*Store]
	trail  Trail
	now    func() time.Time // time.Now but in tests
}

// A Store is the requests of one region. Safe for concurrent use, also by several
// programs that share the database.
type Store struct {
	Region
	all *Requests
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the tables of every region up to date. There is one or more, of
// different names.
func Open(ctx context.Context, trail Trail, regions ...Region) (*Requests, error) {
	all := &Requests{trail: trail, now: time.Now}
	var err error
	all.stores, err = region.Open(regions, ErrNone, func(r Region) (string, *Store, error) {
		return r.Name, &Store{r, all}, Migrate(ctx, r.DB)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "request", files)
}

// Stores are all regions' stores, by name: for the side door, and for jobs of
// every region.
func (r *Requests) Stores() []*Store { return r.stores.Stores() }

// in is the store of a region; ErrNone where there is none.
func (r *Requests) in(name string) (*Store, error) { return r.stores.In(name) }

// of is the store in which a request of that number is.
func (r *Requests) of(ctx context.Context, n Number) (*Store, error) {
	return r.find(ctx, `number = $2`, string(n))
}

// find is the store in which a request is that where chooses. db.ErrAway where it may
// be in a region that can't be reached now.
func (r *Requests) find(ctx context.Context, where string, args ...any) (found *Store, err error) {
	away, err := r.stores.Reached(func(s *Store) error {
		if found != nil {
			return nil
		}
		n, err := s.count(ctx, where, args...)
		if n > 0 {
			found = s
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case found != nil:
		return found, nil
	case len(away) > 0:
		return nil, db.ErrAway
	}
	return nil, ErrNone
}

// Exists reports whether there is a request of that number, open or not, as one
// that gives a purpose to look at somebody's data.
func (r *Requests) Exists(ctx context.Context, n Number) (bool, error) {
	return exists(r.of(ctx, n))
}

func exists(_ *Store, err error) (bool, error) {
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil, err
}

// Open reports whether there is a request of that number to which something is
// still to be done: for whom the staff look for it.
func (r *Requests) Open(ctx context.Context, ref string) (bool, error) {
	return exists(r.find(ctx, `number = $2 AND state IN ($3, $4, $5, $6)`, ref, Received, Verifying, Working, Waiting))
}

// count is how many requests where chooses. As in all that reads them, $1 is the
// region: several can share a database, each with keys of its own.
func (s *Store) count(ctx context.Context, where string, args ...any) (n int, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM request WHERE region = $1 AND `+where, s.in(args)...).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	return n, nil
}

// in puts the region before the arguments of a statement.
func (s *Store) in(args []any) []any { return append([]any{s.Name}, args...) }

const columns = `id, number, owner, kind, person, way, reach, state, lang, contact, text, token, clerk, proof, ground,
	received_ms, verified_ms, asked_ms, waited, ended_ms`

// A sealed is a row as it lies there.
type sealed struct {
	Request
	contact, text, token []byte
}

func scan(row interface{ Scan(...any) error }) (r sealed, err error) {
	var received, verified, asked, ended int64
	err = row.Scan(&r.ID, &r.Number, &r.Owner, &r.Kind, &r.Person, &r.Way, &r.Reach, &r.State, &r.Lang, &r.contact, &r.text, &r.token,
		&r.Clerk, &r.Proof, &r.Ground, &received, &verified, &asked, &r.waited, &ended)
	r.Received, r.Verified, r.Asked, r.Ended = db.At(received), db.At(verified), db.At(asked), db.At(ended)
	return r, err
}

// read reads a request that where chooses, within a transaction, with its events.
func (s *Store) read(ctx context.Context, tx *db.Tx, where string, args ...any) (Request, error) {
	row, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM request WHERE region = $1 AND `+where, s.in(args)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Request{}, ErrNone
	}
	if err != nil {
		return Request{}, fmt.Errorf("read a request: %w", err)
	}
	k, err := s.Vault.Key(ctx, row.Owner)
	if err != nil {
		return Request{}, err
	}
	r, err := s.open(k, row)
	if err != nil {
		return Request{}, err
	}
	r.Events, err = s.events(ctx, tx, k, r.ID)
	return r, err
}

// get is read on its own.
func (s *Store) get(ctx context.Context, where string, args ...any) (r Request, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		r, err = s.read(ctx, tx, where, args...)
		return err
	})
	return r, err
}

func (s *Store) open(k *vault.Sealer, row sealed) (r Request, err error) {
	r = row.Request
	if r.Contact, err = k.OpenText(fieldContact, row.contact); err != nil {
		return r, err
	}
	if r.Text, err = k.OpenText(fieldText, row.text); err != nil {
		return r, err
	}
	token, err := k.OpenText(fieldToken, row.token)
	r.token = account.Token(token)
	r.Clock = s.clock(r)
	return r, err
}

// clock is how a request's clock stands: now, or when it ended.
func (s *Store) clock(r Request) Clock {
	now := s.all.now()
	if !r.Ended.IsZero() {
		now = r.Ended
	}
	return clock(s.Days, s.Law, r.Received, r.Asked, now, r.waited)
}

func (s *Store) events(ctx context.Context, tx *db.Tx, k *vault.Sealer, id string) ([]Event, error) {
	all, err := db.Rows(ctx, tx, func(row *sql.Rows) (e Event, err error) {
		var when int64
		var text []byte
		if err := row.Scan(&e.ID, &e.Step, &e.Clerk, &e.Given, &text, &when, &e.Letter); err != nil {
			return e, err
		}
		e.At = db.At(when)
		e.Text, err = k.OpenText(fieldEvent, text)
		return e, err
	}, `SELECT e.id, e.step, e.clerk, e.given, e.text, e.at_ms, COALESCE(l.state, '') FROM request_event e
		LEFT JOIN request_letter l ON l.event_id = e.id WHERE e.request_id = $1 ORDER BY e.at_ms, e.id`, id)
	if err != nil {
		return nil, fmt.Errorf("events of request %s: %w", id, err)
	}
	return all, nil
}

// A happening is a step that is to be written down.
type happening struct {
	step  Step
	clerk account.StaffID
	given account.StaffID
	text  string
}

// add writes a step down, and has the person told of it where it has a letter.
func (s *Store) add(ctx context.Context, tx *db.Tx, k *vault.Sealer, r Request, h happening) error {
	id := uuid.Must(uuid.NewV7()).String()
	_, err := tx.ExecContext(ctx, `
		INSERT INTO request_event (id, request_id, owner, step, clerk, given, text, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, r.ID, string(r.Owner), string(h.step), string(h.clerk), string(h.given), k.SealText(fieldEvent, h.text), db.Ms(s.all.now()))
	if err != nil || !h.step.isTold() {
		return err
	}
	state := LetterDue
	if r.Reach == ToPost {
		state = LetterPrint
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO request_letter (event_id, request_id, owner, state, done_ms) VALUES ($1, $2, $3, $4, 0)`,
		id, r.ID, string(r.Owner), string(state))
	if err != nil || state == LetterPrint {
		return err
	}
	return s.Jobs.Add(ctx, tx, Told{Request: r.ID, Event: id})
}

// A change is what a step makes of a request.
type change struct {
	happening
	from []State                              // in which of these it has to be
	to   State                                // "" stays as it is
	do   func(q *Request, h *happening) error // what else; nil nothing
	by   account.Clerk                        // of a clerk's step
	did  account.Deed                         // likewise; "" the person's or the program's own
}

// change makes a step of a request that where chooses, and returns it as it is then.
func (s *Store) change(ctx context.Context, c change, where string, args ...any) (q Request, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		h := c.happening
		if q, err = s.read(ctx, tx, where+tx.Lock(), args...); err != nil {
			return err
		}
		if c.did != "" {
			if err := s.record(ctx, tx, c.by, q, c.did); err != nil {
				return err
			}
			h.clerk = c.by.ID
		}
		if !slices.Contains(c.from, q.State) {
			return errState
		}
		if c.to != "" {
			q.State = c.to
		}
		if c.do != nil {
			if err := c.do(&q, &h); err != nil {
				return err
			}
		}
		k, err := s.Vault.Key(ctx, q.Owner)
		if err != nil {
			return err
		}
		if err := s.write(ctx, tx, &q); err != nil {
			return err
		}
		return s.add(ctx, tx, k, q, h)
	})
	if err != nil {
		return Request{}, fmt.Errorf("%s: %w", c.step, err)
	}
	return q, nil
}

// write writes a request in the state that a step leads to.
func (s *Store) write(ctx context.Context, tx *db.Tx, q *Request) error {
	now := s.all.now()
	switch {
	case q.State == Waiting && q.Asked.IsZero():
		q.Asked = db.At(db.Ms(now))
	case q.State != Waiting && !q.Asked.IsZero():
		q.waited += s.Days.Count(q.Asked, now)
		q.Asked = time.Time{}
	}
	if q.State.Ended() && q.Ended.IsZero() {
		q.Ended = db.At(db.Ms(now))
	}
	q.Clock = s.clock(*q)
	_, err := tx.ExecContext(ctx, `
		UPDATE request SET state = $1, clerk = $2, proof = $3, ground = $4, verified_ms = $5, asked_ms = $6, waited = $7, due_ms = $8, late_ms = $9, ended_ms = $10
		WHERE id = $11`,
		string(q.State), string(q.Clerk), string(q.Proof), string(q.Ground), db.Ms(q.Verified), db.Ms(q.Asked), q.waited,
		db.Ms(q.Clock.Due), db.Ms(q.Clock.Late), db.Ms(q.Ended), q.ID)
	return err
}

func (s *Store) record(ctx context.Context, tx *db.Tx, c account.Clerk, q Request, did account.Deed) error {
	return s.all.trail.Record(ctx, tx, s.Name, c, account.Act{Power: account.AnswerRequest, Of: string(q.Owner), Did: did, Why: why(q.Number)})
}

// why is the purpose for which the staff act on a request.
func why(n Number) account.Why { return account.Why{Matter: account.ForRequest, Ref: string(n)} }

// crockford is an alphabet without letters that are taken for digits or for each
// other (https://www.crockford.com/base32.html).
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newNumber makes the number of a request: 40 random bits.
func newNumber() Number {
	b := make([]byte, 5)
	rand.Read(b) //nolint:errcheck // it never fails
	return Number("R-" + crockford.EncodeToString(b))
}

// newID makes an id of a region.
func (s *Store) newID() string { return s.Name + "-" + uuid.Must(uuid.NewV7()).String() }
