// Package site is the website: home, the list of parcels, the carriers. It
// turns addresses and forms into questions to the rooms below, and what they
// answer into words and pages. It has no rules about parcels of its own, and
// knows nothing of how carriers are asked.
package site

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/live"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/recognise"
	"waypost/internal/web/ui"
)

// Limits of one page.
const (
	maxNumbers = 40
	maxText    = 256 << 10          // bytes of a pasted text
	wantFor    = 7 * 24 * time.Hour // how long a page view keeps a parcel's asks due
)

// Options are what the site is made of.
type Options struct {
	Kit       *ui.Kit
	Knowledge func() Knowledge // what is known of carriers; asked once a request, so it may be replaced
	Parcels   Parcels
	Live      Broker
	Toll      Toll                         // what many look-ups cost; nil nothing
	Kept      Kept                         // nil where there are no members
	Known     Known                        // nil: nothing but the number can be given
	Country   func(r *http.Request) string // region preference of who asks, ISO 3166-1 alpha-2, "" none; nil nobody has one
	Examples  []Example                    // of a demonstration; nil where real carriers are asked
	Streams   int                          // live pages at the same time; 0 means 1024
	Log       *slog.Logger
}

// An Example is what a demonstration offers to fill in.
type Example struct {
	Label string // a carrier's name, or what there is to see
	Text  string
}

// Knowledge is what the pages need to know of carriers.
type Knowledge struct {
	Catalogue Catalogue
	Index     Index
	// Plan says what would be asked about a number, at a carrier if one is named,
	// given what is known besides the number.
	Plan func(n recognise.Number, named carrier.Code, given carrier.Given) poll.Plan
	// Connected says whether a source can be asked, and whether by simulation only.
	Connected func(carrier.SourceCode) (connected, simulated bool)
	// Simulated reports whether what an account answers is made up.
	Simulated func(carrier.AccountCode) bool
}

// Catalogue is what the pages need of the carrier files. *carrier.Catalogue has it.
type Catalogue interface {
	Carriers() []*carrier.Carrier
	Carrier(carrier.Code) (*carrier.Carrier, bool)
	ByKey(int) (*carrier.Carrier, bool)
	Source(carrier.SourceCode) (*carrier.Source, bool)
}

// Index finds numbers. *recognise.Index has it.
type Index interface {
	Text(text string, h recognise.Hints) recognise.Found
	Number(text string, h recognise.Hints) recognise.Number
}

// Parcels is what the pages need of the tracking core. *parcel.Store has it.
type Parcels interface {
	Want(ctx context.Context, wants []parcel.Want) ([]parcel.Parcel, error)
	Get(ctx context.Context, ids ...parcel.ID) ([]parcel.Parcel, error)
	Find(ctx context.Context, keys ...parcel.Key) ([]parcel.Parcel, error)
}

// Broker tells which parcels have news. *live.Broker has it.
type Broker interface {
	Subscribe(topics ...string) *live.Subscription
}

// A Site serves the website. It is safe for concurrent use.
type Site struct {
	kit      *ui.Kit
	know     func() Knowledge
	parcels  Parcels
	live     Broker
	toll     Toll
	kept     Kept
	known    Known
	country  func(r *http.Request) string
	examples []Example
	log      *slog.Logger
	routes   *http.ServeMux
	served   []string
	streams  *ui.Streams

	home     *ui.Page[homeView]
	results  *ui.Page[resultsView]
	carriers *ui.Page[catalogueView]
	carrier  *ui.Page[carrierView]
	cookies  *ui.Page[cookiesView]
	proof    *ui.Page[proofView]
	failure  *ui.Page[failureView]
}

//go:embed pages
var pages embed.FS

// New builds the site. It fails only when a template or a table of words is wrong.
func New(o Options) (*Site, error) {
	s := &Site{
		kit: o.Kit, know: o.Knowledge, parcels: o.Parcels, live: o.Live, toll: o.Toll, kept: o.Kept, known: o.Known, country: o.Country, examples: o.Examples, log: o.Log,
		routes: http.NewServeMux(), streams: ui.NewStreams(o.Streams),
	}
	if err := s.readPages(); err != nil {
		return nil, fmt.Errorf("make the site: %w", err)
	}
	s.route()
	return s, nil
}

func (s *Site) readPages() (err error) {
	read := func(e error) {
		if err == nil {
			err = e
		}
	}
	var e error
	s.home, e = ui.NewPage[homeView](s.kit, pages, "pages/home.html")
	read(e)
	s.results, e = ui.NewPage[resultsView](s.kit, pages, "pages/results.html", "pages/card.html")
	read(e)
	s.carriers, e = ui.NewPage[catalogueView](s.kit, pages, "pages/carriers.html")
	read(e)
	s.carrier, e = ui.NewPage[carrierView](s.kit, pages, "pages/carrier.html")
	read(e)
	s.cookies, e = ui.NewPage[cookiesView](s.kit, pages, "pages/cookies.html")
	read(e)
	s.proof, e = ui.NewPage[proofView](s.kit, pages, "pages/proof.html")
	read(e)
	s.failure, e = ui.NewPage[failureView](s.kit, pages, "pages/failure.html")
	read(e)
	return err
}

// route is the list of all addresses.
func (s *Site) route() {
	s.handle("GET /{$}", s.serveHome)
	s.handle("GET /track", s.serveTrack)
	s.handle("POST /track", s.serveText)
	s.handle("POST /track/needs", s.serveNeeds)
	s.handle("GET /track/live", s.serveLive)
	s.handle("POST /proof", s.serveProof)
	s.handle("GET /carriers", s.serveCatalogue)
	s.handle("GET /carriers/{code}", s.serveCarrier)
	s.handle("GET /cookies", s.serveCookies)
	s.handle("GET /robots.txt", serveRobots)
	s.handle("GET /assets/", func(w http.ResponseWriter, r *http.Request) error {
		s.kit.Assets().ServeHTTP(w, r)
		return nil
	})
}
