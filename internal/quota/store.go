package quota

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/limit"
	"waypost/internal/live"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// Jobs is where work is put that a change makes necessary. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the owners live, with their keys and jobs.
type Region struct {
	Name  string // eu; ids of its people and secrets of their keys begin with it
	DB    *db.DB
	Vault *vault.Vault
	Count *limit.Counter // of calls, shared by all programs that share the database
	Jobs  Jobs           // told of new secrets; nil: nobody is
}

// Options are what an operator or a test decides.
type Options struct {
	Regions []Region // one or more, of different names
	// Usable reports whether an account may be used: neither locked by the
	// staff nor closed by its owner. nil: all may.
	Usable     func(ctx context.Context, owner inventory.Subject) (bool, error)
	Restricted inventory.Restricted // whose data is: their keys let nobody in
	Plan       Plan                 // of accounts for which none was set
	Rates      map[API]int          // calls a second that a key may make; default 3 of Compatible, 20 of Own

	Metrics prometheus.Registerer // nil: nobody looks
}

// Stores are all regions.
type Stores struct {
	region.Set[*Store]
	usable     func(ctx context.Context, owner inventory.Subject) (bool, error)
	restricted inventory.Restricted
	plan       Plan
	rates      map[API]int
	metrics    *metrics
	now        func() time.Time // time.Now but in tests
}

// A Store is the keys and the ledger of one region's owners. Safe for
// concurrent use, also by several programs that share the database. Each method
// that names an owner sees that owner's rows only; whether the caller may act
// for the owner is the caller's to know. An owner whose vault key was never
// made, or destroyed, is not found.
type Store struct {
	region  string
	db      *db.DB
	vault   *vault.Vault
	count   *limit.Counter
	jobs    Jobs
	all     *Stores
	held    held
	changes *live.Subscription // of keys
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

var errRegion = fault.New(fault.NotFound, "quota_region", "There is no such account here.")

// Open brings the tables of every region up to date and returns the stores.
func Open(ctx context.Context, o Options) (*Stores, error) {
	all := &Stores{usable: o.Usable, restricted: o.Restricted, plan: o.Plan, rates: o.Rates, metrics: newMetrics(o.Metrics), now: time.Now}
	var err error
	all.Set, err = region.Open(o.Regions, errRegion, func(r Region) (string, *Store, error) {
		s := &Store{region: r.Name, db: r.DB, vault: r.Vault, count: r.Count, jobs: r.Jobs, all: all}
		s.changes = r.DB.Live().Subscribe(s.topic())
		return r.Name, s, Migrate(ctx, r.DB)
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
	return d.Migrate(ctx, "quota", files)
}

// Region is the store's.
func (s *Store) Region() string { return s.region }
