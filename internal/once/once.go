// Package once has what a program asks for done once, however often it asks:
// the answer is kept for a day under the name that the program gave the request,
// and given again to whoever repeats it. It knows nothing of what is asked for.
package once

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/region"
	"waypost/internal/vault"
)

const (
	// keepFor is how long an answer is kept.
	keepFor = 24 * time.Hour

	// leaseFor is how long who is at a request has it to themselves. Whose program
	// died in the middle can repeat it afterwards.
	leaseFor = time.Minute
)

// The places of what is hashed and sealed. None is ever renamed.
const (
	fieldHash    vault.Field = "once.once_request.hash"
	fieldRequest vault.Field = "once.once_request.request"
	fieldAnswer  vault.Field = "once.once_request.answer"
)

// Why a request isn't done.
var (
	ErrOther = fault.New(fault.Invalid, "idempotency_key_used", "This Idempotency-Key was used for another request within a day.")
	ErrBusy  = fault.New(fault.Conflict, "idempotency_key_busy", "A request with this Idempotency-Key is being answered just now.")
)

var errRegion = fault.New(fault.NotFound, "once_region", "There is no such account here.")

// A Region is where some of the owners live, with their keys.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
}

// Requests are all regions.
type Requests struct {
	region.Set[*Store]
	now func() time.Time
}

// A Store is the requests of one region's owners. Safe for concurrent use, also
// by several programs that share the database.
type Store struct {
	region string
	db     *db.DB
	vault  *vault.Vault
	all    *Requests
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the tables of every region up to date. There is one or more, of
// different names.
func Open(ctx context.Context, regions ...Region) (*Requests, error) {
	all := &Requests{now: time.Now}
	var err error
	all.Set, err = region.Open(regions, errRegion, func(r Region) (string, *Store, error) {
		return r.Name, &Store{region: r.Name, db: r.DB, vault: r.Vault, all: all}, Migrate(ctx, r.DB)
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
	return d.Migrate(ctx, "once", files)
}

// Region is the store's.
func (s *Store) Region() string { return s.region }

// A Request is something that a program asks for and may ask for again.
type Request struct {
	Owner inventory.Subject
	Name  string // that the program gave it: its Idempotency-Key
	Asked string // what it asks for; the same name for something else is ErrOther
}

// An Answer is what became of a request.
type Answer struct {
	Status int
	Body   []byte
}

// Do has do done, and returns its answer; or the answer that it had before, and
// again is true. It fails with ErrOther, with ErrBusy while somebody is at it,
// and with what do fails with. Only an answer that keep lets through is kept: after
// another one, or a failure, the request can be repeated. Where the program dies
// between doing and keeping, do is done again when the request is repeated.
func (q *Requests) Do(ctx context.Context, home string, r Request, keep func(Answer) bool, do func() (Answer, error)) (a Answer, again bool, err error) {
	s, err := q.In(home)
	if err != nil {
		return Answer{}, false, err
	}
	k, err := s.vault.Key(ctx, r.Owner)
	if err != nil {
		return Answer{}, false, err
	}
	entry := entry{owner: r.Owner, hash: s.vault.Lookup(fieldHash, r.Name), request: s.vault.Lookup(fieldRequest, r.Asked), lease: uuid.Must(uuid.NewV7()).String()}
	sealed, status, err := s.begin(ctx, entry)
	if err != nil {
		return Answer{}, false, fmt.Errorf("begin a request of %s: %w", r.Owner, err)
	}
	if status != 0 {
		body, err := k.Open(fieldAnswer, sealed)
		return Answer{status, body}, true, err
	}
	a, err = do()
	ctx = context.WithoutCancel(ctx) // it is done, whether or not anybody still waits
	if err != nil || !keep(a) {
		return a, false, errors.Join(err, s.drop(ctx, entry))
	}
	return a, false, s.keep(ctx, entry, a.Status, k.Seal(fieldAnswer, a.Body))
}

// An entry is a request as it stands in the database.
type entry struct {
	owner                inventory.Subject
	hash, request, lease string
}

// begin takes a request for who asks, or returns the answer that it had.
func (s *Store) begin(ctx context.Context, e entry) (sealed []byte, status int, err error) {
	now := s.all.now()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		sealed, status = nil, 0
		done, err := tx.ExecContext(ctx, `
			INSERT INTO once_request (owner, hash, request, lease, status, answer, ends_ms) VALUES ($1, $2, $3, $4, 0, $5, $6)
			ON CONFLICT (owner, hash) DO UPDATE SET
				request = excluded.request, lease = excluded.lease, status = 0, answer = excluded.answer, ends_ms = excluded.ends_ms
			WHERE once_request.ends_ms <= $7`,
			string(e.owner), e.hash, e.request, e.lease, []byte{}, now.Add(leaseFor).UnixMilli(), now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 1 {
			return err
		}
		var request string
		err = tx.QueryRowContext(ctx, `SELECT request, status, answer FROM once_request WHERE owner = $1 AND hash = $2`, string(e.owner), e.hash).
			Scan(&request, &status, &sealed)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrBusy // it was dropped this moment
		case err != nil:
			return err
		case request != e.request:
			return ErrOther
		case status == 0:
			return ErrBusy
		}
		return nil
	})
	return sealed, status, err
}

// keep keeps an answer, unless the lease is somebody else's by now.
func (s *Store) keep(ctx context.Context, e entry, status int, sealed []byte) error {
	_, err := s.db.Exec(ctx, `
		UPDATE once_request SET lease = '', status = $1, answer = $2, ends_ms = $3 WHERE owner = $4 AND hash = $5 AND lease = $6`,
		status, sealed, s.all.now().Add(keepFor).UnixMilli(), string(e.owner), e.hash, e.lease)
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}

// drop forgets a request whose answer isn't kept.
func (s *Store) drop(ctx context.Context, e entry) error {
	_, err := s.db.Exec(ctx, `DELETE FROM once_request WHERE owner = $1 AND hash = $2 AND lease = $3`, string(e.owner), e.hash, e.lease)
	if err != nil {
		return fmt.Errorf("drop a request: %w", err)
	}
	return nil
}
