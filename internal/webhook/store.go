package webhook

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// Parcels is what the room needs of the tracking core. *parcel.Store has it.
type Parcels interface {
	Get(ctx context.Context, ids ...parcel.ID) ([]parcel.Parcel, error)
}

// Items is who keeps a parcel.
type Items interface {
	// Keeping lists, for one region, who keeps a parcel, after a place in the list
	// ("" from its beginning), and the next place, "" at its end. Tags and Detail
	// may be left for Open.
	Keeping(ctx context.Context, region string, id parcel.ID, after string) (all []Item, next string, err error)
	// Open returns an item with its tags and detail; a fault of kind NotFound when
	// it is kept no more.
	Open(ctx context.Context, i Item) (Item, error)
}

// A Told is how an item's owner was told of it: whether a receiver took an event.
type Told struct {
	Item  Item // without tags and detail
	At    time.Time
	Taken bool
	Code  int // the receiver's HTTP status, 0 none
}

// Keys are an account's keys to the compatible API, one of which can sign.
type Keys interface {
	// Signing is the secret of a key, as programs send it. It fails with a
	// fault of kind NotFound for a key that is gone or may not sign.
	Signing(ctx context.Context, owner inventory.Subject, key string) (string, error)
}

// Jobs is where work is put that a change makes necessary. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the people live, with their keys and jobs.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
}

// Options are what an operator or a test decides.
type Options struct {
	Regions    []Region // one or more, of different names
	Parcels    Parcels
	Items      Items
	Keys       Keys // nil: there are none that sign
	Write      func(Form, Event) (Message, error)
	Told       func(ctx context.Context, all []Told) error // nil: nobody wants to know
	Restricted inventory.Restricted                        // whose data is: nothing is written down for them, and what waits isn't delivered

	Allow       []string      // HOST or HOST:PORT that may be private, and be called without encryption
	PlainHTTP   bool          // any endpoint may be called without encryption
	Timeout     time.Duration // of one attempt, default 10 s (17TRACK's receivers are said to have as long)
	Lease       time.Duration // who delivers to an endpoint has it alone, default a minute; longer than Timeout
	Concurrency int           // attempts at the same time at one endpoint, default 16
	Endpoints   int           // that are delivered to at the same time, default 64
	Pace        float64       // how long waits are, as a part of what they say; default 1

	Log     *slog.Logger          // nil discards
	Metrics prometheus.Registerer // nil for none
}

// Defaults of Options.
const (
	defaultTimeout     = 10 * time.Second
	defaultLease       = time.Minute
	defaultConcurrency = 16
	defaultEndpoints   = 64
)

// Hooks is all regions.
type Hooks struct {
	region.Set[*Store]
	o       Options
	client  caller
	fresh   fresh
	log     *slog.Logger
	metrics *metrics
}

// A caller calls receivers. *outbound.Client is one.
type caller interface {
	Do(ctx context.Context, r *http.Request) (outbound.Answer, error)
}

// A Store is the events and endpoints of one region's accounts. Safe for
// concurrent use, also by several programs that share the database. Each method
// that names an owner sees that owner's rows only; whether the caller may act
// for the owner is the caller's to know. An owner whose key was never made, or
// destroyed, is not found.
type Store struct {
	region string
	db     *db.DB
	vault  *vault.Vault
	jobs   Jobs
	all    *Hooks
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

var errRegion = fault.New(fault.NotFound, "webhook_region", "There is no such account here.")

// Open brings the tables of every region up to date and returns the webhooks.
func Open(ctx context.Context, o Options) (*Hooks, error) {
	o = o.complete()
	h := &Hooks{o: o, log: o.Log, metrics: newMetrics(o.Metrics), client: outbound.New(outbound.Options{
		Timeout: o.Timeout, Limit: answerRead, Allow: o.Allow, UserAgent: userAgent,
		Stay: true, Cut: true,
	})}
	var err error
	h.Set, err = region.Open(o.Regions, errRegion, func(r Region) (string, *Store, error) {
		return r.Name, &Store{region: r.Name, db: r.DB, vault: r.Vault, jobs: r.Jobs, all: h}, Migrate(ctx, r.DB)
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

func (o Options) complete() Options {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	if o.Concurrency == 0 {
		o.Concurrency = defaultConcurrency
	}
	if o.Endpoints == 0 {
		o.Endpoints = defaultEndpoints
	}
	if o.Pace == 0 {
		o.Pace = 1
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "webhook", files)
}

// Region is the store's.
func (s *Store) Region() string { return s.region }
