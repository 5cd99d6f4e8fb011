package account

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/vault"
	"waypost/internal/workday"
)

// Jobs is where work is put that a change makes necessary. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the people live, with their keys and jobs.
type Region struct {
	Name  string // eu; ids and tokens begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
	Days  workday.Calendar // which days are worked there
}

// Options are what an operator or a test decides.
type Options struct {
	Regions   []Region                    // one or more, of different names
	House     *vault.Vault                // the installation's own keys; nil: those of the first region
	Home      func(country string) string // the region where people of a country live; nil: the only one
	Law       Law                         // what the law says about children
	Providers Providers                   // to sign in with; nil none
	Site      Site                        // what the installation is known by outside
	Hashes    int                         // passwords that are hashed at the same time, default 4; each takes 19 MiB
	Known     *Breached                   // stolen passwords; nil has the short list only
	Held      Held                        // whose data has to stay; nil nobody's
	Admit     func(context.Context) error // nil when people may sign up; nil: always
	Log       *slog.Logger                // nil discards
	Tickets   *regexp.Regexp              // what the number of a ticket looks like; nil as any case's
	Cases     Cases                       // by which the staff's other matters are checked; may be filled later, before anybody is served
	Training  Training                    // of the staff
}

// Members is all regions: where it isn't known yet who somebody is, each is
// asked. Safe for concurrent use, also by several programs that share the databases.
type Members struct {
	stores    []*Store // by name
	house     *vault.Vault
	providers Providers // nil: none
	home      func(country string) string
	law       Law
	site      Site
	passwords *passwords
	tickets   *regexp.Regexp
	cases     Cases
	training  Training
	held      Held
	admit     func(context.Context) error
	everyRoom func(ctx context.Context, who inventory.Subject) error // erases somebody; nil: there is no room but this
	now       func() time.Time                                       // time.Now but in tests
}

// A Store is the people of one region. Safe for concurrent use, also by
// several programs that share the database.
type Store struct {
	region       string
	db           *db.DB
	vault        *vault.Vault
	jobs         Jobs
	days         workday.Calendar
	law          Law
	site         Site
	relying      *webauthn.WebAuthn // nil: no passkeys
	passwords    *passwords
	training     Training
	whole        func(ctx context.Context, who inventory.Subject) error // erases somebody from every room
	restrictions restrictions
	now          func() time.Time // time.Now but in tests
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

var (
	errRegions = fault.New(fault.Invalid, "regions", "There has to be a region for people's data, and each needs a name of its own: lower-case letters and digits.")
	errRegion  = fault.New(fault.NotFound, "account_region", "There is no such account here.")
)

// Open brings the tables of every region up to date and returns the members.
func Open(ctx context.Context, o Options) (*Members, error) {
	m := &Members{
		house: o.House, home: o.Home, held: o.Held, admit: o.Admit, providers: o.Providers, law: o.Law, site: o.Site, tickets: o.Tickets, cases: o.Cases, training: o.Training, now: time.Now,
		passwords: newPasswords(o.Hashes, o.Known, o.Log, today),
	}
	relying, err := o.Site.relying()
	if err != nil {
		return nil, err
	}
	for _, r := range o.Regions {
		if !regionName(r.Name) || m.store(r.Name) != nil {
			return nil, errRegions
		}
		if err := Migrate(ctx, r.DB); err != nil {
			return nil, err
		}
		s := &Store{
			region: r.Name, db: r.DB, vault: r.Vault, jobs: r.Jobs, days: r.Days, law: o.Law, site: o.Site, relying: relying, passwords: m.passwords,
			training: o.Training, whole: m.eraseWhole, now: m.clock,
		}
		s.restrictions.topic = "account.restricted:" + r.Name
		s.restrictions.changes = r.DB.Live().Subscribe(s.restrictions.topic)
		if err := r.DB.First(ctx, s.sealAges); err != nil {
			return nil, err
		}
		m.stores = append(m.stores, s)
	}
	if len(m.stores) == 0 {
		return nil, errRegions
	}
	slices.SortFunc(m.stores, func(a, b *Store) int {
		if a.region < b.region {
			return -1
		}
		return 1
	})
	if m.house == nil {
		m.house = m.stores[0].vault
	}
	return m, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "account", files)
}

func (m *Members) clock() time.Time { return m.now() }

// regionName reports whether ids and tokens can begin with a name.
func regionName(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return name != "" && len(name) <= 16
}

// Stores are all regions' stores, by name: for the side door, and for jobs of
// every region.
func (m *Members) Stores() []*Store { return slices.Clone(m.stores) }

// Of returns the store of the region that an account lives in.
func (m *Members) Of(id ID) (*Store, error) { return m.in(id.Region()) }

func (m *Members) in(region string) (*Store, error) {
	if s := m.store(region); s != nil {
		return s, nil
	}
	return nil, errRegion
}

func (m *Members) store(region string) *Store {
	for _, s := range m.stores {
		if s.region == region {
			return s
		}
	}
	return nil
}

// homeOf returns where somebody of a country is to live.
func (m *Members) homeOf(country string) (*Store, error) {
	if m.home == nil || len(m.stores) == 1 {
		return m.stores[0], nil
	}
	s, err := m.in(m.home(country))
	if err != nil {
		return nil, fmt.Errorf("country %s has no region: %w", country, err)
	}
	return s, nil
}

// near returns where something of nobody is begun: where the browser's country
// lives, if it says one that lives somewhere, unless that can't be reached.
func (m *Members) near(from From) *Store {
	reached := m.reached()
	if from.Country != "" {
		if s, err := m.homeOf(from.Country); err == nil && slices.Contains(reached, s) {
			return s
		}
	}
	return reached[0]
}

// Region is the store's.
func (s *Store) Region() string { return s.region }
