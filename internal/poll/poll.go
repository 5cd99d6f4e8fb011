// Package poll asks carriers about parcels: it claims asks that are due, by
// source account and in batches, within the account's budget, has a connector
// ask them, and records what came of it. It knows when to ask again, when to
// leave a source alone, and whom to ask about a number; it knows nothing of
// wire formats, of SQL, or of who wants to know.
package poll

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/health"
	"waypost/internal/live"
	"waypost/internal/memory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/rhythm"
)

// An Account is one account at a source, ready to be asked with.
type Account struct {
	Code        carrier.AccountCode
	Source      *carrier.Source
	Connector   carrier.Connector  // nil where the source can't be asked
	Subscriber  carrier.Subscriber // nil where no subscriptions are made
	Budget      parcel.Budget      // Calls and Per; no Calls is without limit
	Simulated   bool               // the built-in simulator answers, not the carrier
	Concurrency int                // calls at the same time; 0 means 4
	Trials      []Trial            // that the operator wants made
}

// Options are what an operator may decide.
type Options struct {
	Accounts     []Account
	VisitorShare float64       // of each budget, for parcels that only visitors want; 0 means 0.30
	Pace         float64       // stretches all intervals; 0 means 1; a demo takes far less
	Timeout      time.Duration // of one call; 0 means 30 s
	Lease        time.Duration // after which a crashed program's asks are due again; 0 means twice the timeout and a minute
	Program      string        // tells programs apart that may make something else of an answer
	Rhythms      *rhythm.Book  // when carriers' news comes; nil: as is expected of any
	Memory       *memory.Book  // is told with which carriers numbers were found; nil nobody is
	Health       *health.Book  // is told of every call; nil nobody is
	Live         *live.Broker  // tells of new wants; nil means that they wait for the next look
}

// Bounds of what an operator leaves open.
const (
	defaultVisitorShare = 0.30
	defaultTimeout      = askTimeout
	defaultConcurrency  = 4
)

// A Poller asks for as long as it runs. Safe for concurrent use; any number of
// them may share one database.
type Poller struct {
	store   *parcel.Store
	options Options
	pace    pace
	metrics *metrics
	log     *slog.Logger
	state   atomic.Pointer[state]
	renewed chan struct{} // holds one token after Replace
}

// A state is what a reload replaces.
type state struct {
	catalogue *carrier.Catalogue
	accounts  []Account
	edition   string // of all that decides what is made of an answer
}

const editionBytes = 6

func newState(program string, catalogue *carrier.Catalogue, accounts []Account) *state {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", program, catalogue.Edition())
	for _, a := range accounts {
		fmt.Fprintf(h, "%q\n", a.Code)
	}
	return &state{catalogue, accounts, base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:editionBytes])}
}

// signed is a report whose digest also says by whose reading it is known: after
// a change of program, carrier files or accounts every answer is read again.
func (s *state) signed(r carrier.Report) carrier.Report {
	if r.Digest != "" {
		r.Digest = s.edition + "." + r.Digest
	}
	return r
}

// seen is the digest of an answer that was read as it would be now, "" none.
func (s *state) seen(signed string) string {
	digest, ok := strings.CutPrefix(signed, s.edition+".")
	if !ok {
		return ""
	}
	return digest
}

// New makes a poller; nothing is asked before Run.
func New(store *parcel.Store, catalogue *carrier.Catalogue, o Options, reg prometheus.Registerer, log *slog.Logger) *Poller {
	if o.VisitorShare == 0 {
		o.VisitorShare = defaultVisitorShare
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Lease == 0 {
		o.Lease = 2*o.Timeout + time.Minute
	}
	if o.Live == nil {
		o.Live = live.New()
	}
	p := &Poller{store: store, options: o, pace: newPace(o.Pace), metrics: newMetrics(reg), log: log, renewed: make(chan struct{}, 1)}
	p.state.Store(newState(o.Program, catalogue, o.Accounts))
	return p
}

// Replace takes another catalogue and other accounts into use. Calls that are
// under way end as they began.
func (p *Poller) Replace(catalogue *carrier.Catalogue, accounts []Account) {
	p.state.Store(newState(p.options.Program, catalogue, accounts))
	select {
	case p.renewed <- struct{}{}:
	default: // Run has yet to see an earlier one
	}
}

// Plan says whom to ask about a number; see MakePlan.
func (p *Poller) Plan(n recognise.Number, chosen carrier.Code, given carrier.Given) Plan {
	s := p.state.Load()
	return MakePlan(s.catalogue, s.accounts, n, chosen, given)
}

// Accounts are those in use, by source.
func (p *Poller) Accounts() []Account { return p.state.Load().accounts }

// Account returns an account that is in use.
func (p *Poller) Account(code carrier.AccountCode) (Account, bool) {
	for _, a := range p.state.Load().accounts {
		if a.Code == code {
			return a, true
		}
	}
	return Account{}, false
}

// Run asks until ctx ends, then finishes what was claimed. It returns nil.
func (p *Poller) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer p.exchange(context.WithoutCancel(ctx))
	defer running.Wait()
	running.Go(func() { p.keepExchanging(ctx) })
	for ctx.Err() == nil {
		until, stop := context.WithCancel(ctx)
		s := p.state.Load()
		for _, a := range s.accounts {
			if a.Connector != nil {
				running.Go(func() { newWorker(p, s, a).run(until) })
			}
		}
		for _, a := range s.accounts {
			if a.Subscriber != nil {
				running.Go(func() { newSubscriptions(p, s, a).run(until) })
			}
		}
		running.Go(func() { p.try(until, s) })
		select {
		case <-ctx.Done():
		case <-p.renewed:
		}
		stop()
	}
	return nil
}
