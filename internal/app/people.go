package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/closing"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/quota"
	"waypost/internal/training"
	"waypost/internal/vault"
)

// people is what is there for people: their keys, their jobs and their
// accounts, by region. Their data is in the databases of the set.
type people struct {
	regions  []account.Region // by name
	keys     []*db.DB         // the databases of key stores, none of them in the set
	stores   []keyStore       // the same as what they hold
	queues   map[*db.DB]*job.Queue
	breached *account.Breached
	members  *account.Members
	training *training.Training // that the staff take
	cases    account.Cases      // by which the staff's matters are checked, filled by who opens the rooms that have them
	count    *counters          // of who looks up parcels
	home     *vault.Vault       // has the installation's own keys
	quotas   *quota.Stores      // what accounts' programs may do
	closing  *closing.Closing
	holds    *hold.Holds // whose data has to stay
}

// A keyStore is a region's, or the installation's own.
type keyStore struct {
	name string
	keys *vault.Vault
}

// openPeople opens the key stores, the queues and the accounts of every region.
func openPeople(ctx context.Context, cfg config.Config, databases *db.Set, registry prometheus.Registerer, log *slog.Logger) (*people, error) {
	p := &people{queues: map[*db.DB]*job.Queue{}, cases: account.Cases{}}
	if _, err := p.queue(ctx, databases.Parcels, registry, log); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(databases.People)) {
		if err := p.open(ctx, account.Region{Name: name, DB: databases.People[name], Days: cfg.Calendar(name)}, cfg.Keys[name], registry, log); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	var err error
	if p.home, err = p.openHouse(ctx, cfg, log); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if p.breached, err = account.OpenBreached(cfg.Members.Breached); err != nil {
		return nil, errors.Join(err, p.close())
	}
	providers, err := provider.New(cfg.Providers)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	if err := p.openHolds(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if err := p.openClosing(ctx, databases.Parcels); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if p.training, err = training.Read(cfg.Staff.Training); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.members, err = account.Open(ctx, account.Options{
		Held: p.holds.Held, Admit: p.closing.Admit,
		Tickets: tickets(cfg.Staff), Cases: p.cases, Training: account.Training{Version: p.training.Version, Every: cfg.Staff.TrainingEvery},
		Regions: p.regions, House: p.home, Home: cfg.Database.Home, Known: p.breached,
		Site: account.SiteAt("", cfg.URL), Providers: providers, Log: log,
	})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	if p.count, err = openCounters(ctx, p.regions); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if err := p.measure(registry); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if err := p.openQuotas(ctx, cfg.Quota, registry); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// tickets is what an operator says that the number of a ticket looks like, nil
// where they say nothing.
func tickets(c config.Staff) *regexp.Regexp {
	if c.Tickets == "" {
		return nil
	}
	return account.TicketPattern(c.Tickets)
}

// open opens the key store and the queue of a region.
func (p *people) open(ctx context.Context, region account.Region, c config.Keys, registry prometheus.Registerer, log *slog.Logger) (err error) {
	region.Vault, err = p.openKeys(ctx, region.Name, c, db.Options{Log: log, Wait: region.DB.MayBeAway()})
	if err != nil {
		return err
	}
	if err := region.DB.First(ctx, region.Vault.Ready); err != nil {
		return err
	}
	if region.Jobs, err = p.queue(ctx, region.DB, registry, log); err != nil {
		return err
	}
	p.regions = append(p.regions, region)
	return nil
}

// openHolds opens who is held, each in their region.
func (p *people) openHolds(ctx context.Context) (err error) {
	var regions []hold.Region
	for _, r := range p.regions {
		regions = append(regions, hold.Region{Name: r.Name, DB: r.DB, Vault: r.Vault})
	}
	p.holds, err = hold.Open(ctx, regions...)
	return err
}

// openKeys opens a key store.
func (p *people) openKeys(ctx context.Context, region string, c config.Keys, o db.Options) (*vault.Vault, error) {
	ring, err := readRing(region, c)
	if err != nil {
		return nil, err
	}
	if c.Folder() != "" {
		if err := os.MkdirAll(c.Folder(), 0o700); err != nil {
			return nil, fault.New(fault.Unavailable, "keys_folder", "Can't make the folder %s for the keys of region %s.").With(c.Folder(), region).Because(err)
		}
	}
	store, err := db.Open(ctx, string(c.Store), o)
	if err != nil {
		return nil, err
	}
	p.keys = append(p.keys, store)
	keys, err := vault.Open(ctx, store, ring)
	p.stores = append(p.stores, keyStore{region, keys})
	return keys, err
}

// queue returns the jobs of a database.
func (p *people) queue(ctx context.Context, data *db.DB, registry prometheus.Registerer, log *slog.Logger) (*job.Queue, error) {
	if q, ok := p.queues[data]; ok {
		return q, nil
	}
	q, err := job.New(ctx, data, job.Options{Log: log, Metrics: registry})
	if err == nil {
		p.queues[data] = q
	}
	return q, err
}

// queueOf returns the jobs of a region.
func (p *people) queueOf(region string) *job.Queue {
	at := slices.IndexFunc(p.regions, func(r account.Region) bool { return r.Name == region })
	return p.queues[p.regions[at].DB]
}

// destroyed is when somebody's key was destroyed, in the region that they live in;
// zero if it wasn't.
func (p *people) destroyed(ctx context.Context, who inventory.Subject) (time.Time, error) {
	for _, r := range p.regions {
		if r.Name == account.ID(who).Region() {
			return r.Vault.Destroyed(ctx, who)
		}
	}
	return time.Time{}, nil
}

var errHouseAway = fault.New(fault.Unavailable, "house_away", "The key store of region %s can't be reached, and without it there are no keys of the installation's own. Start once it can be, or give them a store that is no region's: keys.house.")

// openHouse opens the key store that has the installation's own keys: the one that
// was made for them, else that of the first region, unless another had them before
// there was such a one.
func (p *people) openHouse(ctx context.Context, cfg config.Config, log *slog.Logger) (*vault.Vault, error) {
	var own *vault.Vault
	if c, ok := cfg.Keys[config.House]; ok {
		var err error
		if own, err = p.openKeys(ctx, config.House, c, db.Options{Log: log}); err != nil {
			return nil, err
		}
		if has, err := own.HasHouse(ctx); has || err != nil {
			return own, err
		}
	}
	for _, r := range p.regions {
		has, err := r.Vault.HasHouse(ctx)
		if errors.Is(err, db.ErrAway) {
			return nil, errHouseAway.With(r.Name)
		}
		if has || err != nil {
			return r.Vault, err
		}
	}
	if own != nil {
		_, err := own.House(ctx) // so that the next start needs no region
		return own, err
	}
	return p.regions[0].Vault, nil
}

func readRing(region string, c config.Keys) (vault.Ring, error) {
	if len(c.Key) == 0 {
		return vault.ReadRing(filepath.Clean(c.File))
	}
	texts := make([]string, len(c.Key))
	for i, key := range c.Key {
		texts[i] = string(key)
	}
	return vault.ParseRing("keys."+region+".key", texts...)
}

// sign returns a keyed hash that is the same on every replica, for what a
// cookie must not be made up.
func (p *people) sign(text string) string { return p.home.Lookup("visit.cookie.text", text) }

func (p *people) close() error {
	var all []error
	if p.breached != nil {
		all = append(all, p.breached.Close())
	}
	for _, store := range p.keys {
		all = append(all, store.Close())
	}
	return errors.Join(all...)
}
