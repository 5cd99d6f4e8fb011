package parcel

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// A Store keeps parcels in a database. Safe for concurrent use, also by
// several programs that share the database.
type Store struct {
	inventory.OfNobody

	db    *db.DB
	log   *slog.Logger
	jobs  Jobs             // nil: nobody wants to hear of changes
	vault *vault.Vault     // nil: no values can be given
	now   func() time.Time // time.Now but in tests: synctest's clock stands still while PostgreSQL's sockets are open
}

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the room's tables up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "parcel", files)
}

// New returns the store of a database that Migrate has brought up to date.
func New(d *db.DB, log *slog.Logger) *Store { return &Store{db: d, log: log, now: time.Now} }

// Open brings the tables up to date and returns the store.
func Open(ctx context.Context, d *db.DB, log *slog.Logger) (*Store, error) {
	if err := Migrate(ctx, d); err != nil {
		return nil, err
	}
	return New(d, log), nil
}

// Topic is what is published when a parcel or one of its asks has changed.
func (id ID) Topic() string { return "parcel:" + string(id) }

// DueTopic is what is published when an account has asks that are due at once.
func DueTopic(account carrier.AccountCode) string { return "due:" + string(account) }

// Get returns the parcels in the order asked for; those that there aren't are
// left out.
func (s *Store) Get(ctx context.Context, ids ...ID) ([]Parcel, error) {
	var found map[ID]*row
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		found, err = load(ctx, tx, ids)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("get parcels: %w", err)
	}
	parcels := make([]Parcel, 0, len(ids))
	for _, id := range ids {
		if r, ok := found[id]; ok {
			parcels = append(parcels, r.parcel())
		}
	}
	return parcels, nil
}

// Find returns the parcels of the newest generation in the order asked for;
// those that nobody has wanted yet are left out.
func (s *Store) Find(ctx context.Context, keys ...Key) ([]Parcel, error) {
	var found map[Key]*row
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		found, err = loadKeys(ctx, tx, keys)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find parcels: %w", err)
	}
	return inOrder(keys, found), nil
}

func inOrder(keys []Key, found map[Key]*row) []Parcel {
	parcels := make([]Parcel, 0, len(keys))
	for _, k := range keys {
		if r, ok := found[k]; ok {
			parcels = append(parcels, r.parcel())
		}
	}
	return parcels
}

// errLost says that what was read is no longer so: somebody else wrote.
var errLost = fault.New(fault.Conflict, "parcel_busy", "The parcel was changed by others meanwhile. Try again.")

// tries is how often a change is decided again because somebody else was
// faster; each time at least one of those who compete gets through.
const tries = 20

// change reads rows, lets decide change them, and writes what has changed, all
// of it or nothing. Nobody is locked out meanwhile: when a row turns out to be
// no longer what was read, everything is read and decided again.
func (s *Store) change(ctx context.Context, read func(tx *db.Tx) ([]*row, error), decide func(rows []*row) ([]*row, error)) ([]*row, error) {
	for try := 1; ; try++ {
		var rows []*row
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			rows, err = read(tx)
			return err
		})
		if err != nil {
			return nil, err
		}
		if rows, err = decide(rows); err != nil {
			return nil, err
		}
		changed := slices.DeleteFunc(slices.Clone(rows), (*row).unchanged)
		if len(changed) == 0 {
			return rows, nil
		}
		slices.SortFunc(changed, (*row).compare) // everybody locks in the same order
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			if err := save(ctx, tx, changed); err != nil {
				return err
			}
			return s.tell(ctx, tx, changed)
		})
		if !errors.Is(err, errLost) || try == tries {
			return rows, err
		}
	}
}
