// Package inbound is where other services' programs tell Waypost something: what
// a carrier or an aggregator sends of its parcels. Every request carries its own
// proof of who sent it; there is no other way in. It knows neither how a source
// signs and writes, which its file says, nor what a parcel is.
package inbound

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
)

// Routes are the patterns that are served. None needs the guard against other
// sites' pages: a browser has no secret to sign with.
var Routes = []string{"POST /push/{source}/{account}"}

// maxBody bounds what is read of a request. Sources send one parcel at a time,
// with its whole history at the most.
const maxBody = 1 << 20

// Options are what the door is made of.
type Options struct {
	Receiver func(carrier.AccountCode) (*engine.Receiver, bool) // of an account that is in use
	Hear     func(context.Context, carrier.AccountCode, []carrier.Report) error
	Registry prometheus.Registerer
	Log      *slog.Logger
}

// A Door takes in what is sent. It is safe for concurrent use.
type Door struct {
	Options
	mux  *http.ServeMux
	sent *prometheus.CounterVec
}

// New makes the door.
func New(o Options) *Door {
	d := &Door{Options: o, mux: http.NewServeMux(), sent: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waypost_push_requests_total",
		Help: "Requests of sources that tell by themselves, by what came of them.",
	}, []string{"account", "outcome"})}
	o.Registry.MustRegister(d.sent)
	d.mux.HandleFunc(Routes[0], d.push)
	return d
}

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// An outcome is what came of a request. Whoever sent it is told the status alone.
type outcome struct {
	name   string // a value of the metric's label
	status int
}

// What can come of a request. A source sends again what isn't answered by 2xx:
// that helps where we fail, and not where the body is none that its file can read.
var (
	taken      = outcome{"taken", http.StatusOK}
	unsigned   = outcome{"unsigned", http.StatusUnauthorized}
	tooLarge   = outcome{"too_large", http.StatusRequestEntityTooLarge}
	cutShort   = outcome{"cut_short", http.StatusBadRequest}
	unreadable = outcome{"unreadable", http.StatusUnprocessableEntity}
	failed     = outcome{"failed", http.StatusServiceUnavailable}
)

// push takes what a source sends to one of the operator's accounts there. An
// account that there isn't is answered as a wrong signature is.
func (d *Door) push(w http.ResponseWriter, r *http.Request) {
	account := carrier.AccountCode(r.PathValue("source") + "/" + r.PathValue("account"))
	receiver, known := d.Receiver(account)
	if !known {
		d.answer(w, "", unsigned, nil)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		came := cutShort
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			came = tooLarge
		}
		d.answer(w, account, came, nil) // the error names addresses
		return
	}
	reports, err := receiver.Receive(r.Header, body)
	switch {
	case errors.Is(err, engine.ErrUnsigned):
		d.answer(w, account, unsigned, err)
		return
	case err != nil:
		d.answer(w, account, unreadable, err)
		return
	}
	if err := d.Hear(r.Context(), account, reports); err != nil {
		d.answer(w, account, failed, err)
		return
	}
	d.answer(w, account, taken, nil)
}

// answer answers with a status, and tells the operator why.
func (d *Door) answer(w http.ResponseWriter, account carrier.AccountCode, came outcome, why error) {
	d.sent.WithLabelValues(string(account), came.name).Inc()
	if account != "" && came != taken {
		d.Log.Warn("what a source sent was not taken in", "account", account, "outcome", came.name, "err", why)
	}
	w.WriteHeader(came.status)
}
