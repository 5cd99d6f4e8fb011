package webhook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// A house is what the webhooks see of other rooms: parcels and who keeps them.
type house struct {
	mu      sync.Mutex
	parcels map[parcel.ID]parcel.Parcel
	keeping map[parcel.ID][]webhook.Item
	noticed []webhook.Noticed
}

func (h *house) Get(_ context.Context, ids ...parcel.ID) (all []parcel.Parcel, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if p, ok := h.parcels[id]; ok {
			all = append(all, p)
		}
	}
	return all, nil
}

func (h *house) Keeping(_ context.Context, _ string, id parcel.ID, _ string) ([]webhook.Item, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.keeping[id]), "", nil
}

func (h *house) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		h.noticed = append(h.noticed, e.(webhook.Noticed))
	}
	return nil
}

func (h *house) Signing(_ context.Context, owner inventory.Subject, key string) (string, error) {
	if key == "signs" {
		return "K3Y", nil
	}
	return "", fault.New(fault.NotFound, "no_key", "There is no such key.")
}

func (h *house) Open(_ context.Context, i webhook.Item) (webhook.Item, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return i, nil
}

// keep has an owner register a number with tags.
func (h *house) keep(owner inventory.Subject, number string, source watch.Source, tags ...string) parcel.ID {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := parcel.ID("parcel-" + number)
	if _, ok := h.parcels[id]; !ok {
		h.parcels[id] = parcel.Parcel{ID: id, Key: parcel.Key{Number: number}, Created: time.Now().UTC().Add(-2 * time.Hour).Truncate(time.Second)}
	}
	h.keeping[id] = append(h.keeping[id], webhook.Item{
		Owner: owner, ID: string(owner) + number, Source: source, Tags: tags, Detail: json.RawMessage(`{"remark":"blue box"}`),
	})
	return id
}

// happen adds an event to a parcel's history.
func (h *house) happen(id parcel.ID, sub status.Sub) parcel.Changed {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.parcels[id]
	p.Revision++
	when := p.Created.Add(time.Duration(p.Revision) * time.Second)
	p.History.Legs = []parcel.Leg{{Source: "test", Number: p.Number, Role: parcel.Origin}}
	p.History.Events = append(slices.Clone(p.History.Events), parcel.Event{
		Event:  carrier.Event{Time: carrier.Time{Local: when.Format("2006-01-02T15:04:05"), UTC: when}, Status: sub, Words: fmt.Sprintf("Event %d", p.Revision)},
		Source: "test", Number: p.Number, Seen: when, List: int(p.Revision), Rank: when.UnixMilli(),
	})
	h.parcels[id] = p
	return parcel.Changed{Parcel: id, Revision: p.Revision, To: sub}
}

func (h *house) notices() []webhook.What {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []webhook.What
	for _, n := range h.noticed {
		all = append(all, n.What)
	}
	return all
}

// A world is webhooks and what they need.
type world struct {
	*webhook.Hooks
	*house
	t    *testing.T
	d    *db.DB
	keys *vault.Vault

	restricted atomic.Bool // mia's data
	asked      func()      // called when it was looked up, before the answer is heard; nil nothing
}

// ring is the region's key, the same in every program of a test.
var ring = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))

// each runs test with webhooks of one region on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		test(t, newWorld(t, d, dbtest.Open(t, dbtest.SQLite(t)), webhook.Options{Allow: []string{"127.0.0.1"}, Pace: 0.002}))
	})
}

func newWorld(t *testing.T, d, keys *db.DB, o webhook.Options) *world {
	t.Helper()
	w := &world{t: t, d: d, house: &house{parcels: map[parcel.ID]parcel.Parcel{}, keeping: map[parcel.ID][]webhook.Item{}}}
	w.keys = must(vault.Open(t.Context(), keys, must(vault.ParseRing("test", ring))(t)))(t)
	for _, who := range []inventory.Subject{mia, noah} {
		if err := w.keys.Create(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	w.Hooks = w.replica(o)
	return w
}

// replica is another program that shares the database.
func (w *world) replica(o webhook.Options) *webhook.Hooks {
	w.t.Helper()
	o.Regions = []webhook.Region{{Name: "eu", DB: w.d, Vault: w.keys, Jobs: w.house}}
	o.Parcels, o.Items, o.Keys, o.Write = w.house, w.house, w.house, write
	o.Restricted = func(_ context.Context, who inventory.Subject) (bool, error) {
		restricted := who == mia && w.restricted.Load()
		if w.asked != nil {
			w.asked()
		}
		return restricted, nil
	}
	o.Log = slog.New(slog.NewTextHandler(w.t.Output(), nil))
	return must(webhook.Open(w.t.Context(), o))(w.t)
}

// write is a simple form of events: with it, receivers know which parcel they hear
// of, and which of its revisions.
func write(f webhook.Form, e webhook.Event) (webhook.Message, error) {
	data, err := json.Marshal(told{e.Parcel.Number, e.Parcel.Revision, e.Seq, string(e.Detail), len(e.Parcel.History.Events)})
	return webhook.Body(data), err
}

type told struct {
	Number   string
	Revision int64
	Seq      int64
	Detail   string
	Events   int
}

func (w *world) store() *webhook.Store { return w.Stores()[0] }

// run delivers until the test ends, or what it returns is called.
func (w *world) run() (stop func()) {
	w.t.Helper()
	end := w.begin()
	stop = sync.OnceFunc(func() {
		if err := <-end(); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// begin delivers until what it returns is called, which doesn't wait for the end.
func (w *world) begin() (end func() <-chan error) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	return func() <-chan error { cancel(); return done }
}

// tell has something happen to a parcel, and the webhooks hear of it.
func (w *world) tell(id parcel.ID, sub status.Sub) {
	w.t.Helper()
	if err := w.ParcelChanged(w.t.Context(), w.happen(id, sub)); err != nil {
		w.t.Fatal(err)
	}
}

// endpoint makes one for mia.
func (w *world) endpoint(set webhook.Settings) webhook.Endpoint {
	w.t.Helper()
	return must(w.store().Create(w.t.Context(), mia, set))(w.t)
}

// after are mia's events after a number.
func (w *world) after(seq int64) []webhook.Event {
	w.t.Helper()
	return must(w.store().After(w.t.Context(), mia, seq, 500))(w.t)
}

// soon waits until ok.
func (w *world) soon(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("there never was %s", what)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-w.t.Context().Done():
			w.t.Fatal(w.t.Context().Err())
		}
	}
}

// A got is a request that a receiver got.
type got struct {
	header http.Header
	body   []byte
	told
}

func (g got) seq() int64 {
	n, err := strconv.ParseInt(g.header.Get("Waypost-Sequence"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// A receiver is a client's server, which answers as it is told.
type receiver struct {
	mu     sync.Mutex
	got    []got // that it took
	asked  int   // requests, also those that it didn't take
	answer func(got, http.ResponseWriter) (taken bool)
	linger func(got) // before the answer to what it took goes out; nil not at all
	URL    string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	g := got{header: req.Header.Clone(), body: body}
	if err := json.Unmarshal(body, &g.told); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	answer := r.answer
	r.asked++
	r.mu.Unlock()
	if answer != nil && !answer(g, w) {
		return
	}
	r.mu.Lock()
	r.got = append(r.got, g)
	r.mu.Unlock()
	if r.linger != nil {
		r.linger(g)
	}
}

func (r *receiver) answers(answer func(got, http.ResponseWriter) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) all() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// inOrder fails unless what was received is complete and in order for each parcel.
func inOrder(t *testing.T, received []got, want []webhook.Event) {
	t.Helper()
	last, seen := map[string]int64{}, map[int64]bool{}
	for _, g := range received {
		if g.seq() < last[g.Number] {
			t.Errorf("%s: event %d came after %d", g.Number, g.seq(), last[g.Number])
		}
		last[g.Number], seen[g.seq()] = g.seq(), true
	}
	for i, e := range want {
		if int64(i+1) != e.Seq {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
		if !seen[e.Seq] {
			t.Errorf("event %d, of %s, was never received", e.Seq, e.Parcel.Number)
		}
	}
}

// must ends the test on an error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantFault fails the test unless err is a fault of the code.
func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	got := ""
	if errors.As(err, &f) {
		got = f.Code
	}
	if got != code {
		t.Errorf("got error %v, want %s", err, code)
	}
}
