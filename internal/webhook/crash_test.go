package webhook_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// A worker is this test binary, started again, which has things happen, writes
// them down and delivers them, until it is killed.
const (
	workerURL  = "WAYPOST_TEST_WORKER_URL"
	workerKeys = "WAYPOST_TEST_WORKER_KEYS"

	crashParcels = 10
	crashPace    = 1.0 / 3600 // an hour is a second
)

func TestMain(m *testing.M) {
	if url := os.Getenv(workerURL); url != "" {
		fmt.Fprintln(os.Stderr, work(url, os.Getenv(workerKeys)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// crashOptions are those of workers: what isn't an interval of the schedule is
// shortened so that a lease is over soon.
func crashOptions() webhook.Options {
	return webhook.Options{Allow: []string{"127.0.0.1"}, Timeout: 300 * time.Millisecond, Lease: time.Second, Pace: crashPace}
}

// A town is parcels in a table, which workers share: how much has happened to each.
type town struct {
	d     *db.DB
	owner inventory.Subject
}

func (c town) Get(ctx context.Context, ids ...parcel.ID) (all []parcel.Parcel, err error) {
	err = c.d.Read(ctx, func(tx *db.Tx) error {
		all = nil
		for _, id := range ids {
			p := parcel.Parcel{ID: id, Key: parcel.Key{Number: strings.TrimPrefix(string(id), "parcel-")}}
			if err := tx.QueryRowContext(ctx, `SELECT revision FROM happened WHERE id = $1`, string(id)).Scan(&p.Revision); err != nil {
				return err
			}
			p.History.Legs = []parcel.Leg{{Source: "test", Number: p.Number}}
			for i := range p.Revision {
				p.History.Events = append(p.History.Events, parcel.Event{
					Event: carrier.Event{Status: status.InTransitOther, Words: fmt.Sprint("Event ", i+1)}, Source: "test", Number: p.Number, List: int(i), Rank: i,
				})
			}
			all = append(all, p)
		}
		return nil
	})
	return all, err
}

func (c town) Keeping(_ context.Context, _ string, id parcel.ID, _ string) ([]webhook.Item, string, error) {
	return []webhook.Item{{Owner: c.owner, ID: "item of " + string(id), Source: watch.ByAPI}}, "", nil
}

func (c town) Open(_ context.Context, i webhook.Item) (webhook.Item, error) { return i, nil }

func (c town) Add(context.Context, *db.Tx, ...job.Args) error { return nil }

func crashParcel(i int) parcel.ID { return parcel.ID(fmt.Sprintf("parcel-TEST%d", i%crashParcels)) }

func openTown(ctx context.Context, d, keys *db.DB) (*webhook.Hooks, town, error) {
	c := town{d, mia}
	r, err := vault.ParseRing("test", ring)
	if err != nil {
		return nil, c, err
	}
	v, err := vault.Open(ctx, keys, r)
	if err != nil {
		return nil, c, err
	}
	o := crashOptions()
	o.Regions = []webhook.Region{{Name: "eu", DB: d, Vault: v, Jobs: c}}
	o.Parcels, o.Items, o.Write, o.Log = c, c, write, slog.New(slog.DiscardHandler)
	h, err := webhook.Open(ctx, o)
	return h, c, err
}

// work never ends by itself, except by an error. What was told by nobody because
// its worker was killed is told when the next begins, as jobs are.
func work(url, keyURL string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{Connections: 6})
	if err != nil {
		return err
	}
	keys, err := db.Open(ctx, keyURL, db.Options{})
	if err != nil {
		return err
	}
	h, _, err := openTown(ctx, d, keys)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Run(ctx) }()
	for i := 0; ; i++ {
		id := crashParcel(i)
		if i >= crashParcels { // first what was left undone
			id = crashParcel(rand.IntN(crashParcels))
			if _, err := d.Exec(ctx, `UPDATE happened SET revision = revision + 1 WHERE id = $1`, string(id)); err != nil {
				return err
			}
		}
		if err := h.ParcelChanged(ctx, parcel.Changed{Parcel: id}); err != nil {
			return err
		}
		select {
		case err := <-failed:
			return err
		case <-time.After(time.Duration(rand.IntN(30)) * time.Millisecond):
		}
	}
}

// However a receiver behaves, and whoever of those who deliver is killed, every
// event has a number and is received, in order for each parcel. An hour of the
// schedule is a second: in make soak the receiver behaves badly for twenty.
func TestACrashLosesNoEventAndKeepsTheirOrder(t *testing.T) {
	bad, kills := 5*time.Second, 4
	if n, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK")); err == nil {
		bad, kills = 20*time.Second, n
	}
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d, keyURL := dbtest.Open(t, url), dbtest.SQLite(t)
		keys := dbtest.Open(t, keyURL)
		h, c, err := openTown(t.Context(), d, keys)
		if err != nil {
			t.Fatal(err)
		}
		s := h.Stores()[0]
		r := newReceiver(t)
		prepare(t, d, keys, s, r)

		began, good := time.Now(), atomic.Bool{}
		r.linger = func(got) {
			if !good.Load() && phase(time.Since(began)) == slow {
				time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) // some beyond what one waits
			}
		}
		r.answers(func(g got, out http.ResponseWriter) bool {
			return good.Load() || behaves(g, phase(time.Since(began)), out)
		})
		replicas := 2
		if strings.HasPrefix(url, "sqlite:") { // several machines need a server
			replicas = 1
		}
		workers := make([]*exec.Cmd, replicas)
		for i := range workers {
			workers[i] = startWorker(t, url, keyURL)
		}
		for i := range kills {
			sleep(t, bad/time.Duration(kills))
			at := i % replicas
			endWorker(t, workers[at])
			workers[at] = startWorker(t, url, keyURL)
		}
		good.Store(true)
		sleep(t, time.Second)
		for _, w := range workers {
			endWorker(t, w)
		}

		// What was on its way is finished by another.
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- h.Run(ctx) }()
		for i := range crashParcels {
			if err := h.ParcelChanged(t.Context(), parcel.Changed{Parcel: crashParcel(i)}); err != nil {
				t.Fatal(err)
			}
		}
		events := allEvents(t, s)
		waitUntil(t, func() bool {
			e, err := s.Endpoints(t.Context(), mia)
			return err == nil && e[0].Waiting == 0
		})
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		inOrder(t, r.all(), events)
		revisions(t, c, events)
		t.Logf("%d kills, %d events, %d received, of %d calls", kills, len(events), len(r.all()), r.calls())
	})
}

// What a receiver does, one after another.
const (
	down = iota
	redirecting
	flapping
	slow
	well
	phases
)

func phase(since time.Duration) int { return int(since / (700 * time.Millisecond) % phases) }

// behaves is whether a receiver takes an event. One parcel it never does.
func behaves(g got, phase int, out http.ResponseWriter) bool {
	switch {
	case g.Number == "TEST3":
		out.WriteHeader(http.StatusInternalServerError)
	case phase == down:
		out.WriteHeader(http.StatusServiceUnavailable)
	case phase == redirecting:
		out.Header().Set("Location", "http://127.0.0.1:1/")
		out.WriteHeader(http.StatusFound)
	case phase == flapping && rand.IntN(2) == 0:
		out.WriteHeader(http.StatusBadGateway)
	default:
		return true
	}
	return false
}

// prepare makes the parcels' table, an owner with a key, and an endpoint.
func prepare(t *testing.T, d, keys *db.DB, s *webhook.Store, r *receiver) {
	t.Helper()
	if _, err := d.Exec(t.Context(), `CREATE TABLE happened (id TEXT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	for i := range crashParcels {
		if _, err := d.Exec(t.Context(), `INSERT INTO happened (id, revision) VALUES ($1, 0)`, string(crashParcel(i))); err != nil {
			t.Fatal(err)
		}
	}
	v := must(vault.Open(t.Context(), keys, must(vault.ParseRing("test", ring))(t)))(t)
	if err := v.Create(t.Context(), mia); err != nil {
		t.Fatal(err)
	}
	must(s.Create(t.Context(), mia, webhook.Settings{URL: r.URL}))(t)
}

// allEvents are mia's, read by the cursor in pages.
func allEvents(t *testing.T, s *webhook.Store) (all []webhook.Event) {
	t.Helper()
	for {
		page := must(s.After(t.Context(), mia, int64(len(all)), 100))(t)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

// revisions fails unless each parcel's events grow, and end with all that happened.
func revisions(t *testing.T, c town, events []webhook.Event) {
	t.Helper()
	last := map[parcel.ID]int64{}
	for _, e := range events {
		if e.Parcel.Revision <= last[e.Parcel.ID] {
			t.Errorf("%s: revision %d comes after %d", e.Parcel.ID, e.Parcel.Revision, last[e.Parcel.ID])
		}
		last[e.Parcel.ID] = e.Parcel.Revision
	}
	for i := range crashParcels {
		p := must(c.Get(t.Context(), crashParcel(i)))(t)[0]
		if last[p.ID] != p.Revision {
			t.Errorf("%s: revision %d was never told, the last is %d", p.ID, p.Revision, last[p.ID])
		}
	}
}

func startWorker(t *testing.T, url, keyURL string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.CommandContext(t.Context(), self)
	worker.Env = append(os.Environ(), workerURL+"="+url, workerKeys+"="+keyURL)
	worker.Stderr = &strings.Builder{}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	return worker
}

// endWorker kills a worker, which must not have ended by itself.
func endWorker(t *testing.T, worker *exec.Cmd) {
	t.Helper()
	if err := worker.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := worker.Wait(); err == nil || worker.Stderr.(*strings.Builder).Len() > 0 {
		t.Fatalf("the worker ended by itself: %v %s", err, worker.Stderr)
	}
}

func sleep(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

func waitUntil(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); sleep(t, 20*time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to an end")
		}
	}
}
