// Package v1 is Waypost's own API: what programs ask and are told of parcels,
// carriers and the parcels that an account keeps. Its routes, types and errors
// are described by an OpenAPI 3.1 document that is made of the Go types here, so
// that it says what the program does. It has no rules of its own, and shares no
// type with the pages or with the compatible API.
package v1

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"waypost/internal/carrier"
	"waypost/internal/inventory"
	"waypost/internal/live"
	"waypost/internal/once"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/quota"
	"waypost/internal/recognise"
	"waypost/internal/rehearse"
	"waypost/internal/watch"
	"waypost/internal/web/ui"
	"waypost/internal/webhook"
)

// Options are what the door is made of.
type Options struct {
	URL       string // the address that people use, without a slash at its end
	Version   string // of the program
	Keys      Keys
	Rate      int // how many requests a key may make in a second
	Once      *once.Requests
	Knowledge func() Knowledge // what is known of carriers; asked once a request, so it may be replaced
	Parcels   Parcels
	Watches   *watch.Watches
	Hooks     *webhook.Hooks
	Happening func(webhook.Event) (Happening, error) // an event as programs see it
	Live      Broker
	Streams   int // open at the same time; 0 means 1024
	Log       *slog.Logger
}

// Keys is what the door needs of the keys' room. *quota.Stores has it.
type Keys interface {
	Enter(ctx context.Context, secret string, from netip.Addr) (quota.Caller, error)
	Rate(ctx context.Context, who quota.Caller, of quota.API) (wait time.Duration, err error)
	Of(owner inventory.Subject) (*quota.Store, error)
}

// Knowledge is what the door needs to know of carriers.
type Knowledge struct {
	Catalogue *carrier.Catalogue
	Index     *recognise.Index
	// Plan says what would be asked about a number, at a carrier if one is named,
	// given what is known besides.
	Plan func(n recognise.Number, named carrier.Code, given carrier.Given) poll.Plan
}

// Parcels is what the door needs of the tracking core. *parcel.Store has it.
type Parcels interface {
	Want(ctx context.Context, wants []parcel.Want) ([]parcel.Parcel, error)
	Get(ctx context.Context, ids ...parcel.ID) ([]parcel.Parcel, error)
	rehearse.Parcels
}

// Broker tells what has news. *live.Broker has it.
type Broker interface {
	Subscribe(topics ...string) *live.Subscription
}

// A Door serves /v1/. It is safe for concurrent use.
type Door struct {
	Options
	api        huma.API
	mux        *http.ServeMux
	operations []operation
	document   []byte // the OpenAPI document
	streams    *ui.Streams
}

// New makes the door.
func New(o Options) (*Door, error) {
	d := &Door{Options: o, mux: http.NewServeMux(), streams: ui.NewStreams(o.Streams)}
	d.describe()
	d.recognising()
	d.catalogue()
	d.parcels()
	d.watches()
	d.events()
	d.streaming()
	d.hooks()
	d.keys()
	d.account()
	d.tests()
	return d, d.publish()
}

// Close ends the streams; programs come back when they can.
func (d *Door) Close() { d.streams.Close() }

// Routes are the patterns that are served.
func (d *Door) Routes() []string {
	routes := []string{documentRoute}
	for _, op := range d.operations {
		routes = append(routes, op.route)
	}
	return routes
}

// Document is the OpenAPI document, as JSON.
func (d *Door) Document() []byte { return d.document }

// ServeHTTP answers every address below /v1/.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refusal, pattern := d.mux.Handler(r)
	if pattern != "" {
		d.mux.ServeHTTP(w, r)
		return
	}
	var seen refused
	refusal.ServeHTTP(&seen, r)
	if allow := seen.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		d.refuse(w, errMethod.With(r.Method, allow))
		return
	}
	d.refuse(w, errRoute.With(r.Method, strings.ToValidUTF8(r.URL.Path, "?")))
}

// refused takes the answer that a list of routes gives to an address it doesn't
// serve, for its Allow header.
type refused struct{ header http.Header }

func (w *refused) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}
func (w *refused) WriteHeader(int)             {}
func (w *refused) Write(b []byte) (int, error) { return len(b), nil }
