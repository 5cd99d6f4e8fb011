// Package track17 is the door for programs that speak 17TRACK's public Tracking
// API: its versions, envelopes, codes and spellings, so that such a program works
// here when it is given another address and key. It reads requests leniently, as
// the clients in the world write them, and answers exactly. It knows no rules of
// registrations, quotas or parcels: each request asks their rooms.
package track17

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/watch"
)

// Routes are the patterns that are served. They need no guard against other
// sites' pages: a browser has no key.
var Routes = []string{"POST " + Path, "GET " + carrierList}

// Path is where all endpoints are; also other methods are told there in JSON
// that there is nothing for them.
const Path = "/track/{version}/{endpoint}"

// maxBody bounds what is read of a request: forty items with every field full.
const maxBody = 1 << 20

// A Wish is a question that is to be asked of a carrier now.
type Wish struct {
	parcel.Want
	Lang  string // BCP 47; "" any
	Fresh bool   // nothing that was heard before will do
}

// Options are what the door is made of.
type Options struct {
	Keys      *quota.Stores
	Watches   *watch.Watches
	Catalogue func() *carrier.Catalogue // as it is now; it may change while the program runs

	// Draw draws a line on an owner's quota by itself.
	Draw func(ctx context.Context, owner inventory.Subject, line quota.Line) error

	// Ask has a carrier asked. It fails with a *carrier.Problem, a *fault.Error,
	// or context.DeadlineExceeded.
	Ask func(ctx context.Context, w Wish) (parcel.Parcel, error)

	// Push sends a registration's owner the state it is in, once more. It fails
	// with ErrNoReceiver where there is nobody to send to.
	Push func(ctx context.Context, owner inventory.Subject, id watch.RegistrationID) error

	Log *slog.Logger
}

// ErrNoReceiver is for pushes of owners that have no webhook.
var ErrNoReceiver = fault.New(fault.Conflict, "no_receiver", "There is no webhook that could be told.")

// A Door answers. It is safe for concurrent use.
type Door struct {
	Options
	mux *http.ServeMux
	now func() time.Time // time.Now but in tests
}

// New makes the door.
func New(o Options) *Door {
	d := &Door{Options: o, mux: http.NewServeMux(), now: time.Now}
	d.mux.HandleFunc(Path, d.serve)
	d.mux.HandleFunc(Routes[1], d.serveCarriers)
	return d
}

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// Plain brings the paths of this API into their one form, before anything looks
// at them: clients double slashes, and write endpoints in any case. A mux would
// send them elsewhere, and turn their POST into a GET.
func Plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, ok := plain(r.URL.Path); ok && path != r.URL.Path {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = path, ""
		}
		next.ServeHTTP(w, r)
	})
}

func plain(path string) (string, bool) {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	if len(parts) != 3 || !strings.EqualFold(parts[0], "track") {
		return "", false
	}
	return "/track/" + strings.ToLower(parts[1]) + "/" + strings.ToLower(parts[2]), true
}

// A call is one request, and who makes it.
type call struct {
	*Door
	ctx     context.Context
	version Version
	caller  quota.Caller
	store   *watch.Store
	body    []byte
}

// An endpoint answers a call: a whole answer, or an error for the whole request.
type endpoint struct {
	scope  quota.Scope
	answer func(c *call) (*text, error)
}

// endpoints are those of every version.
var endpoints = map[string]endpoint{
	"register":             {quota.Write, (*call).register},
	"changecarrier":        {quota.Write, (*call).changeCarrier},
	"changeinfo":           {quota.Write, (*call).changeInfo},
	"stoptrack":            {quota.Write, (*call).stop},
	"retrack":              {quota.Write, (*call).retrack},
	"deletetrack":          {quota.Write, (*call).delete},
	"gettracklist":         {quota.Read, (*call).list},
	"gettrackinfo":         {quota.Read, (*call).info},
	"push":                 {quota.Write, (*call).push},
	"getquota":             {quota.Read, (*call).quota},
	"getrealtimetrackinfo": {quota.RealTime, (*call).realTime},
}

// serve answers one request: known path, key, rate, body, endpoint.
func (d *Door) serve(w http.ResponseWriter, r *http.Request) {
	version := Version(r.PathValue("version"))
	e, known := endpoints[r.PathValue("endpoint")]
	switch {
	case !known || !version.known():
		fail(w, http.StatusNotFound, http.StatusNotFound, "There is no such address.")
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		fail(w, http.StatusMethodNotAllowed, http.StatusMethodNotAllowed, "Only POST is answered.")
		return
	}
	c, ok := d.enter(w, r, version, e)
	if !ok {
		return
	}
	answer, err := e.answer(c)
	if err != nil {
		d.refuse(w, err)
		return
	}
	send(w, http.StatusOK, answer)
}

// enter lets a request in, or answers why it may not.
func (d *Door) enter(w http.ResponseWriter, r *http.Request, version Version, e endpoint) (*call, bool) {
	c := &call{Door: d, ctx: r.Context(), version: version}
	var err error
	if c.caller, err = d.Keys.Enter(r.Context(), r.Header.Get("17token"), addressOf(r)); err != nil {
		d.refuse(w, err)
		return nil, false
	}
	wait, err := d.Keys.Rate(r.Context(), c.caller, quota.Compatible)
	if err != nil {
		d.refuse(w, err)
		return nil, false
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		fail(w, http.StatusTooManyRequests, http.StatusTooManyRequests, "Too many requests.")
		return nil, false
	}
	switch err := c.caller.Must(e.scope); {
	case err != nil && e.scope == quota.RealTime:
		fail(w, http.StatusUnauthorized, errNotRealTime.code, errNotRealTime.message)
		return nil, false
	case err != nil:
		d.refuse(w, err)
		return nil, false
	}
	if c.store, err = d.Watches.Of(c.caller.Owner); err != nil {
		d.refuse(w, err)
		return nil, false
	}
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		d.refuse(w, errBody)
		return nil, false
	}
	return c, true
}

func addressOf(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}

// refuse answers what goes wrong with a request as a whole.
func (d *Door) refuse(w http.ResponseWriter, err error) {
	status, why := wholly(err)
	switch {
	case status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "30")
	case status == http.StatusInternalServerError && !errors.Is(err, context.Canceled):
		d.Log.Error("a request of the compatible API failed", "err", err)
	}
	fail(w, status, why.code, why.message)
}

func fail(w http.ResponseWriter, status, code int, message string) {
	t := newText()
	t.object("", func() {
		t.num("code", int64(code))
		t.object("data", func() {
			t.array("errors", func() { t.problem("", problem{code, message}) })
		})
	})
	send(w, status, t)
}

// send sends an answer, which is nobody's any more after it.
func send(w http.ResponseWriter, status int, t *text) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(t.b)))
	w.WriteHeader(status)
	w.Write(t.b) //nolint:errcheck // nobody is left to tell
	texts.Put(t)
}

// Endpoints are the names of all endpoints, sorted.
func Endpoints() []string { return slices.Sorted(maps.Keys(endpoints)) }
