// Package copies keeps the copies of their data that members asked for, each
// until it is fetched with the secret of a letter, once, or a day is over. It
// knows neither what is in one nor how the letter is sent.
package copies

import (
	"context"
	"crypto/rand"
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
	"waypost/internal/job"
	"waypost/internal/region"
	"waypost/internal/vault"
)

const (
	// KeptFor is how long a copy can be fetched after it was asked for.
	KeptFor = 24 * time.Hour

	// againAfter is how long somebody waits before they can ask for another:
	// each is a letter, and reads every room.
	againAfter = 10 * time.Minute
)

// The places of what is sealed and hashed. None is ever renamed.
const (
	fieldSecret  vault.Field = "copies.copy_asked.secret"
	fieldHash    vault.Field = "copies.copy_asked.hash"
	fieldContent vault.Field = "copies.copy_asked.content"
)

// What can be wrong.
var (
	ErrNone = fault.New(fault.NotFound, "copy_over", "There is no copy here any more: it was fetched already, or a day is over. You can ask for another.")
	errSoon = fault.New(fault.Limited, "copy_soon", "A copy was asked for a few minutes ago, and the letter with its link is on its way. You can ask again ten minutes after.")
)

// Asked says that a member asked for a copy, which is to be made.
type Asked struct {
	Owner inventory.Subject `json:"owner"`
	ID    string            `json:"id"`
}

// Kind names the event.
func (Asked) Kind() string { return "copies.asked" }

// Jobs take events of a region's database. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the members live, with their keys.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
}

// Copies are all regions'. Of fails with ErrNone for who lives in none.
type Copies struct {
	region.Set[*Store]
	now func() time.Time
}

// A Store is the copies of one region's members. Safe for concurrent use, also by
// several programs that share the database.
type Store struct {
	Region
	all *Copies
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the table of every region up to date. There is one or more, of
// different names.
func Open(ctx context.Context, regions ...Region) (*Copies, error) {
	all := &Copies{now: time.Now}
	var err error
	all.Set, err = region.Open(regions, ErrNone, func(r Region) (string, *Store, error) {
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
	return d.Migrate(ctx, "copies", files)
}

// Ask has a copy made whose page is in a language. One that was asked for before
// is void; a fault of kind Limited when that was a few minutes ago.
func (s *Store) Ask(ctx context.Context, who inventory.Subject, lang string) error {
	k, err := s.Vault.Key(ctx, who)
	if err != nil {
		return err
	}
	secret, now := rand.Text(), s.all.now()
	asked := Asked{Owner: who, ID: uuid.Must(uuid.NewV7()).String()}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			INSERT INTO copy_asked (owner, id, lang, secret, hash, content, asked_ms, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
			ON CONFLICT (owner) DO UPDATE SET id = excluded.id, lang = excluded.lang, secret = excluded.secret, hash = excluded.hash,
				content = excluded.content, asked_ms = excluded.asked_ms, made_ms = 0
			WHERE copy_asked.asked_ms <= $8`,
			string(who), asked.ID, lang, k.SealText(fieldSecret, secret), s.Vault.Lookup(fieldHash, secret), []byte{},
			now.UnixMilli(), now.Add(-againAfter).UnixMilli())
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errSoon)
		}
		return s.Jobs.Add(ctx, tx, asked)
	})
	if err != nil {
		return fmt.Errorf("ask for a copy of %s: %w", who, err)
	}
	return nil
}

// A Copy is one that was asked for.
type Copy struct {
	Lang   string // BCP 47
	Secret string // fetches it
	Ends   time.Time
	Made   bool
}

// Get returns a copy that was asked for; ErrNone when it is over or another one
// was asked for since.
func (s *Store) Get(ctx context.Context, a Asked) (Copy, error) {
	var c Copy
	var secret []byte
	var asked, made int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT lang, secret, asked_ms, made_ms FROM copy_asked WHERE owner = $1 AND id = $2 AND asked_ms > $3`,
			string(a.Owner), a.ID, s.oldest()).Scan(&c.Lang, &secret, &asked, &made)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Copy{}, ErrNone
	}
	if err != nil {
		return Copy{}, fmt.Errorf("copy of %s: %w", a.Owner, err)
	}
	k, err := s.Vault.Key(ctx, a.Owner)
	if err != nil {
		return Copy{}, err
	}
	c.Ends, c.Made = time.UnixMilli(asked).Add(KeptFor).UTC(), made > 0
	c.Secret, err = k.OpenText(fieldSecret, secret)
	return c, err
}

// Keep keeps what was made of a copy that was asked for. Where it is over,
// nothing.
func (s *Store) Keep(ctx context.Context, a Asked, content []byte) error {
	k, err := s.Vault.Key(ctx, a.Owner)
	if err != nil {
		return err
	}
	_, err = s.DB.Exec(ctx, `UPDATE copy_asked SET content = $1, made_ms = $2 WHERE owner = $3 AND id = $4`,
		k.Seal(fieldContent, content), s.all.now().UnixMilli(), string(a.Owner), a.ID)
	if err != nil {
		return fmt.Errorf("keep a copy of %s: %w", a.Owner, err)
	}
	return nil
}

// There returns until when a secret fetches a member's copy; ErrNone when it
// doesn't. It changes nothing, so that a program that follows a letter's links
// doesn't either.
func (s *Store) There(ctx context.Context, who inventory.Subject, secret string) (ends time.Time, err error) {
	var asked int64
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT asked_ms FROM copy_asked WHERE owner = $1 AND hash = $2 AND made_ms > 0 AND asked_ms > $3`,
			string(who), s.Vault.Lookup(fieldHash, secret), s.oldest()).Scan(&asked)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, ErrNone
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("copy of %s: %w", who, err)
	}
	return time.UnixMilli(asked).Add(KeptFor).UTC(), nil
}

// Fetch returns a member's copy, once; ErrNone when it was fetched already, or
// is over.
func (s *Store) Fetch(ctx context.Context, who inventory.Subject, secret string) ([]byte, error) {
	k, err := s.Vault.Key(ctx, who)
	if err != nil {
		return nil, err
	}
	var sealed []byte
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `DELETE FROM copy_asked WHERE owner = $1 AND hash = $2 AND made_ms > 0 AND asked_ms > $3 RETURNING content`,
			string(who), s.Vault.Lookup(fieldHash, secret), s.oldest()).Scan(&sealed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("fetch the copy of %s: %w", who, err)
	}
	return k.Open(fieldContent, sealed)
}

// oldest is when what is just over was asked for.
func (s *Store) oldest() int64 { return s.all.now().Add(-KeptFor).UnixMilli() }
