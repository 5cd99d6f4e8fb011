// Package vault keeps a data key for every person and business account, and
// seals their fields with it. The keys lie in a store of their own, wrapped by
// a regional key that lies outside of it; so whoever holds a copy of the data
// alone, a backup for instance, reads nobody, and destroying one key erases one
// person from every copy there is. It knows no room's fields and no data's
// database, and cannot tell whose a key is without being told the subject.
package vault

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// Errors that callers tell apart.
var (
	// ErrNoKey is for a subject for whom no key was made.
	ErrNoKey = fault.New(fault.NotFound, "key_missing", "There is no key for this account, so its data can't be read.")
	// ErrDestroyed is for a subject whose key was destroyed: there is none and there will be none.
	ErrDestroyed = fault.New(fault.NotFound, "key_destroyed", "This account's data was erased.")
)

var errNobody = fault.New(fault.Invalid, "subject_empty", "No account was named.")

// A Vault is the key store of one region. Safe for concurrent use, also by
// several programs that share the store.
type Vault struct {
	db    *db.DB
	ring  Ring
	root  atomic.Pointer[root] // nil until the store was reached once
	cache cache
	now   func() time.Time // time.Now but in tests
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the store's tables up to date and opens it with the region's
// keys. A new store belongs from then on to this ring; an old one refuses any
// ring that lacks the key it was wrapped with, so that nothing is ever sealed
// that the right key could not open.
//
// d must be a database of its own, in no backup of the data: see docs/operations.md.
func Open(ctx context.Context, d *db.DB, ring Ring) (*Vault, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "vault", files); err != nil {
		return nil, err
	}
	v := &Vault{db: d, ring: ring, now: time.Now}
	err = d.First(ctx, func(ctx context.Context) error {
		r, err := openRoot(ctx, d, ring)
		if err == nil {
			v.root.Store(&r)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Ready fails with db.ErrAway while the store can't be reached. It comes before
// whatever is sealed or looked up with its keys.
func (v *Vault) Ready(ctx context.Context) error { return v.db.Ping(ctx) }

// Reachable reports whether the store can be reached now, as far as is known.
func (v *Vault) Reachable() bool { return v.db.Reachable() }

// name is what the store calls a subject.
func (v *Vault) name(s inventory.Subject) (string, error) {
	if s == "" {
		return "", errNobody
	}
	r := v.root.Load()
	if r == nil {
		return "", db.ErrAway
	}
	return r.name(s), nil
}

// Create makes the subject's data key unless there is one. It comes before the
// first row of the subject's data is written: a crash in between leaves a key
// that opens nothing. It fails with ErrDestroyed for a subject that was erased.
func (v *Vault) Create(ctx context.Context, s inventory.Subject) error {
	name, err := v.name(s)
	if err != nil {
		return err
	}
	wrapped := v.ring.wrap(purposeSubject, name, newSecret())
	var regional KeyID
	err = v.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO subject_key (name, regional, wrapped, destroyed_ms) VALUES ($1, $2, $3, 0)
			ON CONFLICT (name) DO NOTHING`, name, v.ring.current, wrapped)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT regional FROM subject_key WHERE name = $1`, name).Scan(&regional)
	})
	if err != nil {
		return fmt.Errorf("create key: %w", err)
	}
	if regional == "" {
		return ErrDestroyed
	}
	return nil
}

// Key returns what seals and opens the subject's fields; ErrNoKey or
// ErrDestroyed when there is no key. Keys are remembered for cacheLife, so
// after a Destroy on another machine this one stops within that time. A Sealer
// is for one request or job: whoever keeps it longer keeps the key.
func (v *Vault) Key(ctx context.Context, s inventory.Subject) (*Sealer, error) {
	name, err := v.name(s)
	if err != nil {
		return nil, err
	}
	began := v.now()
	found, destroyed := v.cache.get(name, began)
	if found != nil {
		return found, nil
	}
	key, err := v.read(ctx, name)
	if err != nil {
		return nil, err
	}
	sealer := &Sealer{subject: s, aead: key}
	v.cache.put(name, sealer, began, destroyed)
	return sealer, nil
}

func (v *Vault) read(ctx context.Context, name string) (cipher.AEAD, error) {
	var regional KeyID
	var wrapped []byte
	err := v.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT regional, wrapped FROM subject_key WHERE name = $1`, name).Scan(&regional, &wrapped)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNoKey
	case err != nil:
		return nil, fmt.Errorf("read key: %w", err)
	case regional == "":
		return nil, ErrDestroyed
	}
	secret, err := v.ring.unwrap(regional, purposeSubject, name, wrapped)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	return newAEAD(secret), nil
}

// Lookup returns the keyed hash by which a room finds a row by the exact value
// of a sealed field. It is the same for the store's whole life, also when the
// regional key changes, and differs from field to field and from region to
// region. The caller brings the value into its one form (an address in lower
// case) first. Of an empty value it is empty: nothing was given. Before the store
// was ever reached it is a hash that nothing has.
func (v *Vault) Lookup(f Field, value string) string {
	if value == "" {
		return ""
	}
	r := v.root.Load()
	if r == nil {
		return rand.Text()
	}
	return r.lookup(f, value)
}

// Destroy destroys the subject's key for good, whether there is one or not, and
// leaves a tombstone: the keyed hash of the subject and the time, which proves
// the erasure to whoever names the subject and says nothing to anybody else.
// Twice is once; an error asks to be called again. What the files still held of
// the key is written over on SQLite; docs/operations.md says what PostgreSQL needs.
func (v *Vault) Destroy(ctx context.Context, s inventory.Subject) error {
	name, err := v.name(s)
	if err != nil {
		return err
	}
	err = v.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO subject_key (name, regional, wrapped, destroyed_ms) VALUES ($1, '', $2, $3)
			ON CONFLICT (name) DO UPDATE SET regional = '', wrapped = excluded.wrapped, destroyed_ms = excluded.destroyed_ms
			WHERE subject_key.destroyed_ms = 0`, name, []byte{}, v.now().UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("destroy key: %w", err)
	}
	v.cache.drop(name)
	if err := v.db.Scrub(ctx); err != nil {
		return fmt.Errorf("destroy key: %w", err)
	}
	return nil
}

// Destroyed returns when the subject's key was destroyed, the zero time if it
// was not: the tombstone, for a proof and for a restored backup.
func (v *Vault) Destroyed(ctx context.Context, s inventory.Subject) (time.Time, error) {
	name, err := v.name(s)
	if err != nil {
		return time.Time{}, err
	}
	var ms int64
	err = v.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT destroyed_ms FROM subject_key WHERE name = $1`, name).Scan(&ms)
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && ms == 0 {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read tombstone: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}
