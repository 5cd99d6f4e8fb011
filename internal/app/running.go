package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	_ "time/tzdata" // machines that have no zones of their own

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/errgroup"

	"waypost/internal/account/provider"
	"waypost/internal/api/inbound"
	"waypost/internal/api/track17"
	v1 "waypost/internal/api/v1"
	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/config"
	"waypost/internal/copies"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/figure"
	"waypost/internal/health"
	"waypost/internal/incident"
	"waypost/internal/lawful"
	"waypost/internal/live"
	"waypost/internal/memory"
	"waypost/internal/message"
	"waypost/internal/once"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
	"waypost/internal/policy"
	"waypost/internal/poll"
	"waypost/internal/recipient"
	"waypost/internal/request"
	"waypost/internal/retention"
	"waypost/internal/rhythm"
	"waypost/internal/rights"
	"waypost/internal/watch"
	"waypost/internal/web/legal"
	"waypost/internal/web/member"
	"waypost/internal/web/reference"
	"waypost/internal/web/site"
	"waypost/internal/web/staff"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
	"waypost/internal/webhook"
)

const (
	// demoPace makes intervals suit a simulator whose clock runs fast: what is
	// asked every three hours is asked every eleven seconds.
	demoPace = 0.001
)

// A server is one running Waypost.
type server struct {
	cfg          config.Config
	log          *slog.Logger
	registry     *prometheus.Registry
	databases    *db.Set
	people       *people
	store        *parcel.Store
	rhythms      *rhythm.Book
	memory       *memory.Book
	health       *health.Book
	sim          *simulation // nil unless in demo
	known        atomic.Pointer[site.Knowledge]
	files        atomic.Pointer[knowledge]
	receivers    atomic.Pointer[map[carrier.AccountCode]*engine.Receiver]
	pushed       atomic.Pointer[map[carrier.AccountCode]*engine.Program]
	folders      atomic.Pointer[map[carrier.AccountCode]string]
	poller       *poll.Poller
	kit          *ui.Kit
	door         *visit.Door
	site         *site.Site
	member       *member.Pages
	watches      *watch.Watches
	staff        *staff.Pages
	versions     *policy.Book
	policy       *policy.Policy
	rights       *rights.Rights
	copies       *copies.Copies
	notices      *recipient.Recipients
	offered      *provider.Set     // the operator's own, without simulated ones
	dataRequests *request.Requests // about people's data
	purges       *retention.Book
	lawful       *lawful.Requests
	incidents    *incident.Incidents
	legal        *legal.Pages
	inbound      *inbound.Door
	requests     *once.Requests // of programs, which they may repeat
	api          *v1.Door
	compat       *track17.Door
	reference    *reference.Pages
	senders      senders
	messages     *message.Messages
	hooks        *webhook.Hooks
	stopping     atomic.Bool
}

// newServer opens the databases, reads the carrier files, and connects the
// accounts. Nothing runs yet but the demo's simulator, which ends with ctx.
func newServer(ctx context.Context, cfg config.Config, log *slog.Logger) (*server, error) {
	return newServerOn(ctx, cfg, log, openDatabases)
}

// newServerOn is newServer on databases that are opened in another way.
func newServerOn(ctx context.Context, cfg config.Config, log *slog.Logger, open func(context.Context, config.Database, db.Options) (*db.Set, error)) (*server, error) {
	s := &server{cfg: cfg, log: log, registry: prometheus.NewRegistry()}
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "data_folder", "Can't make the data folder %s. Name another with --data.").With(cfg.Data).Because(err)
	}
	var err error
	if s.senders, err = newSenders(cfg, s.registry); err != nil {
		return nil, err
	}
	if cfg.Demo {
		if s.sim, err = startSimulation(ctx); err != nil {
			return nil, err
		}
		cfg.Providers = s.sim.providers(cfg.Providers, cfg.URL)
	}
	known, connected, err := s.read(cfg)
	if err != nil {
		return nil, err
	}
	broker := live.New()
	if s.databases, err = open(ctx, cfg.Database, db.Options{Live: broker, Log: log}); err != nil {
		return nil, err
	}
	if s.store, err = parcel.Open(ctx, s.databases.Parcels, log); err != nil {
		s.close()
		return nil, err
	}
	if s.rhythms, err = rhythm.Open(ctx, s.databases.Parcels, log); err != nil {
		s.close()
		return nil, err
	}
	if s.memory, err = memory.Open(ctx, s.databases.Parcels, figure.New(cfg.Publish.Least), log); err != nil {
		s.close()
		return nil, err
	}
	if s.health, err = health.Open(ctx, s.databases.Parcels, log); err != nil {
		s.close()
		return nil, err
	}
	if s.versions, err = policy.Open(ctx, s.databases.Parcels); err != nil {
		s.close()
		return nil, err
	}
	if s.purges, err = retention.Open(ctx, s.databases.Parcels, s.registry); err != nil {
		s.close()
		return nil, err
	}
	s.registry.MustRegister(s.health)
	s.poller = poll.New(s.store, known.catalogue, poll.Options{
		Accounts: connected.accounts, Health: s.health, VisitorShare: cfg.Poll.VisitorShare, Pace: s.pace(), Timeout: cfg.Poll.Timeout, Program: program(), Rhythms: s.rhythms, Memory: s.memory, Live: broker,
	}, s.registry, log)
	if err := s.use(ctx, known, connected); err != nil {
		s.close()
		return nil, err
	}
	if s.people, err = openPeople(ctx, cfg, s.databases, s.registry, log); err != nil {
		s.close()
		return nil, err
	}
	s.store.SealWith(s.people.home)
	if err := s.openWatches(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openCopies(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openDataRequests(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openRequests(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openHooks(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openMessages(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openRecipients(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openIncidents(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openLawful(ctx); err != nil {
		s.close()
		return nil, err
	}
	s.searchForIncidents()
	s.listen()
	if err := s.openMailboxes(); err != nil {
		s.close()
		return nil, err
	}
	if err := s.openDoors(broker, known); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// openDoors makes everything that people see.
func (s *server) openDoors(broker *live.Broker, known *knowledge) (err error) {
	if s.kit, err = ui.New(s.cfg.URL); err != nil {
		return err
	}
	s.announceClosing()
	s.door = visit.New(visit.Options{URL: s.cfg.URL, Members: s.people.members, Sign: s.people.sign, Count: s.people.count, Log: s.log})
	s.site, err = site.New(site.Options{
		Kit: s.kit, Knowledge: func() site.Knowledge { return *s.known.Load() }, Parcels: s.store, Live: broker, Toll: s.door,
		Kept: s.kept, Country: s.door.Country, Known: s.door, Examples: s.examples(known), Log: s.log,
	})
	if err != nil {
		return err
	}
	if err := s.openRights(); err != nil {
		return err
	}
	s.member, err = member.New(member.Options{
		Kit: s.kit, Door: s.door, Members: s.people.members, URL: s.cfg.URL, Outbox: s.senders.outbox, Messages: s.messages, Watches: s.watches, Quotas: s.people.quotas, Webhooks: s.hooks, Live: broker, Rights: s.rights, Copies: s.copies, Told: s.toldOf, Closing: s.people.closing, Requests: s.dataRequests, Incidents: s.incidents, Reviews: reviews{s}, Holds: s.people.holds,
		Carriers: func() tell.Carriers { return s.files.Load().catalogue }, Sign: s.people.sign, Fail: s.site.Fail, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.staff, err = staff.New(staff.Options{Kit: s.kit, Door: s.door, Members: s.people.members, Health: s.states, Seen: s.health.See, Unmapped: s.unmapped, Files: eventFiles{s}, Recipients: s.notices, Requests: s.staffRequests(), Incidents: s.incidents, Holds: s.people.holds, Purges: s.purges, Business: staff.Business{Closing: s.people.closing, Notice: s.cfg.Closing.Notice}, Lawful: s.staffLawful(), Training: s.people.training, Fail: s.site.Fail, Log: s.log})
	if err != nil {
		return err
	}
	s.kit.ShowConcern(s.unseen)
	if err := s.openLegal(); err != nil {
		return err
	}
	s.inbound = inbound.New(inbound.Options{Receiver: s.receiver, Hear: s.hear, Registry: s.registry, Log: s.log})
	s.openCompatible()
	return s.openAPI(broker)
}

func (s *server) hear(ctx context.Context, code carrier.AccountCode, reports []carrier.Report) error {
	_, err := s.poller.Hear(ctx, code, reports)
	return err
}

// receiver is what takes what is sent to an account that is in use.
func (s *server) receiver(code carrier.AccountCode) (*engine.Receiver, bool) {
	r, ok := (*s.receivers.Load())[code]
	return r, ok
}

func (s *server) states(ctx context.Context) ([]health.State, error) {
	return states(ctx, s.health, s.store, s.poller.Accounts())
}

func openDatabases(ctx context.Context, c config.Database, o db.Options) (*db.Set, error) {
	people := map[string]string{}
	for region, address := range c.People {
		people[region] = string(address)
	}
	return db.OpenSet(ctx, string(c.Parcels), people, o)
}

func (s *server) pace() float64 {
	if s.cfg.Demo {
		return min(s.cfg.Poll.Pace, demoPace)
	}
	return s.cfg.Poll.Pace
}

// read reads the carrier files and connects the accounts; what is wrong in the
// overlay is logged and left out.
func (s *server) read(cfg config.Config) (*knowledge, connections, error) {
	known, err := loadKnowledge(cfg.Carriers)
	if err != nil {
		return nil, connections{}, err
	}
	configured := cfg.Accounts
	if s.sim != nil {
		configured = s.sim.accounts(known.catalogue)
		for source, own := range cfg.Accounts {
			configured[source] = own
		}
	}
	client := outbound.New(outbound.Options{Timeout: cfg.Poll.Timeout, Allow: ownHosts(configured)})
	shaped := func(code carrier.SourceCode, shape carrier.Shape) { s.health.Shaped(code, shape) }
	connected, err := connect(known.catalogue, configured, client, shaped)
	if err != nil {
		return nil, connections{}, err
	}
	for _, m := range append(known.mistakes, connected.broken...) {
		s.log.Error("carrier file has a mistake, left out", "file", m.File, "line", m.Line, "mistake", m.Text)
	}
	return known, connected, nil
}

// use takes knowledge into use, for the pages and for asking.
func (s *server) use(ctx context.Context, known *knowledge, c connections) error {
	if err := s.health.Use(ctx, c.sources); err != nil {
		return err
	}
	connected := map[carrier.SourceCode]bool{} // true: by simulation only
	simulated := map[carrier.AccountCode]bool{}
	for _, a := range c.accounts {
		real, seen := connected[a.Source.Code]
		connected[a.Source.Code] = a.Simulated && (!seen || real)
		simulated[a.Code] = a.Simulated
	}
	known.index = known.index.Remembering(s.memory)
	s.poller.Replace(known.catalogue, c.accounts)
	s.files.Store(known)
	s.receivers.Store(&c.receivers)
	s.pushed.Store(&c.pushed)
	s.folders.Store(&c.folders)
	s.known.Store(&site.Knowledge{
		Catalogue: known.catalogue,
		Index:     known.index,
		Plan:      s.plan,
		Connected: func(code carrier.SourceCode) (bool, bool) {
			only, ok := connected[code]
			return ok, only
		},
		Simulated: func(code carrier.AccountCode) bool { return simulated[code] },
	})
	return nil
}

// reload reads the configuration's accounts and the overlay again. What can't
// be used leaves everything as it is.
func (s *server) reload(ctx context.Context, load func() (config.Config, error)) {
	cfg, err := load()
	if err != nil {
		s.log.Error("reload failed, everything stays as it was", "err", err)
		return
	}
	known, connected, err := s.read(cfg)
	if err == nil {
		err = s.use(ctx, known, connected)
	}
	if err != nil {
		s.log.Error("reload failed, everything stays as it was", "err", err)
		return
	}
	s.log.Info("reloaded", "carriers", len(known.catalogue.Carriers()), "accounts", len(connected.accounts))
}

// run serves and asks until ctx ends, then finishes what is under way.
func (s *server) run(ctx context.Context, out io.Writer, load func() (config.Config, error)) error {
	listener, err := listen(ctx, s.cfg.Addr)
	if err != nil {
		return err
	}
	address := s.cfg.URL
	if strings.HasSuffix(s.cfg.Addr, ":0") {
		address = "http://" + listener.Addr().String()
	}
	fmt.Fprintf(out, "Waypost is at %s\n", address)
	if s.cfg.Demo {
		fmt.Fprintf(out, "Everything is simulated, at %s/_sim/\n", s.sim.base)
	}
	if err := s.tellFirstLink(ctx, out, address); err != nil {
		return err
	}
	s.log.Info("started", "version", version(), "carriers", len(s.known.Load().Catalogue.Carriers()))

	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return s.poller.Run(ctx) })
	work.Go(func() error { return s.health.Run(ctx) })
	work.Go(func() error { return s.hooks.Run(ctx) })
	for _, queue := range s.people.queues {
		work.Go(func() error { return queue.Run(ctx) })
	}
	work.Go(func() error { return s.watchFolders(ctx) })
	work.Go(func() error { return s.reloadOnHangup(ctx, load) })
	work.Go(func() error {
		httpServer := &http.Server{
			Handler: s.handler(), TLSConfig: s.tls(),
			ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
			ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		}
		httpServer.RegisterOnShutdown(s.site.Close)
		httpServer.RegisterOnShutdown(s.member.Close)
		httpServer.RegisterOnShutdown(s.api.Close)
		context.AfterFunc(ctx, func() { s.stopping.Store(true) })
		return serveUntil(ctx, httpServer, listener)
	})
	err = work.Wait()
	if err := s.health.Flush(context.WithoutCancel(ctx)); err != nil {
		s.log.Error("carriers' health can't be written", "err", err)
	}
	s.log.Info("stopped")
	return err
}

func (s *server) reloadOnHangup(ctx context.Context, load func() (config.Config, error)) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			s.reload(ctx, load)
		}
	}
}

// tls is nil for plain HTTP.
func (s *server) tls() *tls.Config {
	c := s.cfg.TLS
	switch {
	case len(c.ACME) > 0:
		manager := &autocert.Manager{
			Prompt: autocert.AcceptTOS, Email: c.Mail, HostPolicy: autocert.HostWhitelist(c.ACME...),
			Cache: autocert.DirCache(filepath.Join(s.cfg.Data, "certificates")),
		}
		config := manager.TLSConfig()
		config.MinVersion = tls.VersionTLS12
		return config
	case c.Cert != "":
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(c.Cert, c.Key) // read anew, so that a renewed one is taken
			return &pair, err
		}}
	}
	return nil
}

func (s *server) close() {
	if s.people != nil {
		if err := s.people.close(); err != nil {
			s.log.Error("close key stores", "err", err)
		}
	}
	if s.databases == nil {
		return
	}
	if err := s.databases.Close(); err != nil {
		s.log.Error("close databases", "err", err)
	}
}

// examples are what a demonstration offers: numbers that the carrier files
// invented, of carriers that are connected.
func (s *server) examples(known *knowledge) []site.Example {
	if s.sim == nil {
		return nil
	}
	var all []site.Example
	var mixed []string
	for _, code := range []carrier.Code{"ups", "dhl-express", "canada-post", "inpost", "nova-poshta", "usps", "royal-mail", "gls"} {
		c, ok := known.catalogue.Carrier(code)
		if !ok || len(c.Formats) == 0 || len(c.Formats[0].Good) == 0 {
			continue
		}
		number := c.Formats[0].Good[0]
		mixed = append(mixed, c.Name()+": "+number)
		if len(all) < 3 {
			all = append(all, site.Example{Label: c.Name(), Text: number})
		}
	}
	mail := "Hello,\n\nyour orders of last week are on their way (order 2026-0311, 49.90 EUR):\n\n" + strings.Join(mixed, "\n") + "\n\nKind regards"
	return append(all, site.Example{Label: "E-mail", Text: mail})
}
