package watch

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// Parcels is what the room needs of the tracking core. *parcel.Store has it.
type Parcels interface {
	Want(ctx context.Context, wants []parcel.Want) ([]parcel.Parcel, error)
	Unwant(ctx context.Context, ids ...parcel.ID) error
	Keep(ctx context.Context, until time.Time, ids ...parcel.ID) error
	Get(ctx context.Context, ids ...parcel.ID) ([]parcel.Parcel, error)
	Mark(number string, given carrier.Given) parcel.Mark
}

// A Knowledge is what is known of carriers and their numbers.
type Knowledge struct {
	Catalogue *carrier.Catalogue
	Index     *recognise.Index
	// Plan says what to want of a number: key, askings, choice, and what of given
	// its carriers have a use for. chosen is the carrier that somebody named, "" if
	// none. Needs is what a carrier must know besides before anybody can be asked;
	// none when somebody can.
	Plan func(n recognise.Number, chosen carrier.Code, given carrier.Given) (want parcel.Want, needs []carrier.Need)
}

// A Region is where some of the people live, with their keys.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs // of DB; nil tells nobody
}

// Jobs is where those are told who want to hear of changes. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// Options are what an operator or a test decides.
type Options struct {
	Regions    []Region // one or more, of different names
	Parcels    Parcels
	Knowledge  func() Knowledge                                                           // as it is now; it may change while the program runs
	Most       int                                                                        // watches of one owner, archived ones too; default 10,000
	Restricted inventory.Restricted                                                       // whose data is: nothing is wanted for them, nor learned of them
	Objected   func(ctx context.Context, who inventory.Subject, use string) (bool, error) // who objects to a use of their data; nil: nobody
	Ledger     Ledger                                                                     // that registrations draw on; nil lets everybody register
}

// most is the default of Options.Most.
const most = 10_000

// Watches is all regions.
type Watches struct {
	region.Set[*Store]
	parcels    Parcels
	knowledge  func() Knowledge
	most       int
	ledger     Ledger
	objected   func(ctx context.Context, who inventory.Subject, use string) (bool, error)
	restricted inventory.Restricted
	now        func() time.Time // time.Now but in tests
}

// A Store is the watches of one region's people. Safe for concurrent use, also
// by several programs that share the database. Each method that names an owner
// sees that owner's rows only; whether the caller may act for the owner is the
// caller's to know. An owner whose key was never made, or destroyed, is not found.
type Store struct {
	region string
	db     *db.DB
	vault  *vault.Vault
	jobs   Jobs
	all    *Watches
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

var errRegion = fault.New(fault.NotFound, "watch_region", "There is no such account here.")

// Open brings the tables of every region up to date and returns the watches.
func Open(ctx context.Context, o Options) (*Watches, error) {
	w := &Watches{parcels: o.Parcels, knowledge: o.Knowledge, most: o.Most, ledger: o.Ledger, restricted: o.Restricted, objected: o.Objected, now: time.Now}
	if w.most == 0 {
		w.most = most
	}
	var err error
	w.Set, err = region.Open(o.Regions, errRegion, func(r Region) (string, *Store, error) {
		return r.Name, &Store{region: r.Name, db: r.DB, vault: r.Vault, jobs: r.Jobs, all: w}, Migrate(ctx, r.DB)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "watch", files)
}

// Region is the store's.
func (s *Store) Region() string { return s.region }
