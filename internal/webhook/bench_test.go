package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	v1 "waypost/internal/api/v1"
	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

const (
	benchEvents      = 4000
	benchNumbers     = benchEvents // that the events are of
	benchConcurrency = 16
	benchHistory     = 12 // events of each parcel
	benchWriters     = 8
)

// A till counts what a receiver got, and when each event came first.
type till struct {
	got  atomic.Int64
	want int64
	all  chan struct{}
	mu   sync.Mutex
	at   map[int64]time.Time
}

func newTill(want int) *till {
	return &till{want: int64(want), all: make(chan struct{}), at: map[int64]time.Time{}}
}

// A benchReceiver is a server that takes everything; what comes is for its till.
type benchReceiver struct {
	url  string
	till atomic.Pointer[till]
}

func startBenchReceiver(b *testing.B) *benchReceiver {
	b.Helper()
	r := &benchReceiver{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		t := r.till.Load()
		if seq, err := strconv.ParseInt(req.Header.Get("Waypost-Sequence"), 10, 64); err == nil {
			now := time.Now()
			t.mu.Lock()
			_, again := t.at[seq]
			t.at[seq] = now
			t.mu.Unlock()
			if again {
				return
			}
		}
		if t.got.Add(1) == t.want {
			close(t.all)
		}
	}))
	b.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// BenchmarkDeliver delivers events that wait to a receiver in the same process,
// and before and after it posts the same messages with a bare client, as many at
// the same time, signed once for all. Ratio is how many events are delivered for one post of that. The
// latencies are from an event's transaction to its receipt, at half the load that
// can be written and delivered at the same time.
func BenchmarkDeliver(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchDeliver(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchDeliver(b, dbtest.Postgres(b)) })
}

func benchDeliver(b *testing.B, url string) {
	events := benchEvents
	if os.Getenv("WAYPOST_BENCH") == "once" { // only to see that it can be run
		events = 200
	}
	r := startBenchReceiver(b)
	h := openBench(b, dbtest.Open(b, url))
	s := h.Stores()[0]
	if _, err := s.Create(b.Context(), mia, webhook.Settings{URL: r.url}); err != nil {
		b.Fatal(err)
	}
	var messages []message
	var ratios, bares, rates []float64
	total := 0
	for b.Loop() {
		writeEvents(b, s, total, events, 0)
		if messages == nil {
			messages = messagesOf(b, s)
		}
		bare := r.posts(b, messages, events)
		delivered := r.delivers(b, h, events, nil)
		bare = (bare + r.posts(b, messages, events)) / 2
		ratios, bares = append(ratios, delivered/bare), append(bares, bare)
		total += events
		rates = append(rates, r.delivers(b, h, events, func() { writeEvents(b, s, total, events, 0) }))
		total += events
	}
	b.ReportMetric(mean(ratios), "ratio")
	b.ReportMetric(mean(bares), "bare/s")
	b.ReportMetric(mean(rates), "written-and-delivered/s")
	half := mean(rates) / 2
	var told map[string]time.Time
	r.delivers(b, h, events, func() { told = writeEvents(b, s, total, events, half) })
	waits := r.waits(b, s, int64(total), told)
	for _, percent := range []int{50, 95, 99} {
		at := waits[len(waits)*percent/100]
		b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("ms-p%d-at-half-load", percent))
	}
}

func mean(all []float64) float64 {
	sum := 0.0
	for _, v := range all {
		sum += v
	}
	return sum / float64(len(all))
}

// openBench opens webhooks that write events as our own API has them.
func openBench(b testing.TB, d *db.DB) *webhook.Hooks {
	b.Helper()
	keys := must(vault.Open(b.Context(), dbtest.Open(b, dbtest.SQLite(b)), must(vault.ParseRing("test", ring))(b)))(b)
	if err := keys.Create(b.Context(), mia); err != nil {
		b.Fatal(err)
	}
	known := v1.Knowledge{Catalogue: &carrier.Catalogue{}}
	c := town{d, mia}
	return must(webhook.Open(b.Context(), webhook.Options{
		Regions: []webhook.Region{{Name: "eu", DB: d, Vault: keys, Jobs: c}}, Parcels: c, Items: c, Allow: []string{"127.0.0.1"},
		Concurrency: benchConcurrency, Log: slog.New(slog.DiscardHandler),
		Write: func(_ webhook.Form, e webhook.Event) (webhook.Message, error) {
			return known.Happening(e, watch.Words{Name: "Kettle"}).Message()
		},
	}))(b)
}

// benchParcel is a parcel with a history.
func benchParcel(i int) parcel.Parcel {
	number := fmt.Sprintf("1Z999AA1%010d", i%benchNumbers)
	now := time.Now().UTC().Truncate(time.Second)
	p := parcel.Parcel{ID: parcel.ID("parcel-" + number), Key: parcel.Key{Number: number}, Revision: int64(i + 1), Created: now.Add(-benchHistory * time.Hour)}
	p.History.Legs = []parcel.Leg{{Source: "test", Number: number, Role: parcel.Origin, Answered: now}}
	for n := range benchHistory {
		at := p.Created.Add(time.Duration(n) * time.Hour)
		p.History.Events = append(p.History.Events, parcel.Event{
			Event:  carrier.Event{Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: "DP", Status: status.InTransitOther, Words: "Departed from facility"},
			Source: "test", Number: number, Seen: at, List: n, Rank: at.UnixMilli(),
		})
	}
	return p
}

// writeEvents writes so many events, as many in a second as that (0: as fast as it
// goes), and says when each was begun, by its item.
func writeEvents(b *testing.B, s *webhook.Store, from, n int, rate float64) map[string]time.Time {
	b.Helper()
	told, began := map[string]time.Time{}, time.Now()
	var mu sync.Mutex
	var writers sync.WaitGroup
	var next atomic.Int64
	for range benchWriters {
		writers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if rate > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
				}
				p := benchParcel(from + i)
				item := webhook.Item{Owner: mia, ID: strconv.Itoa(from + i), Source: watch.ByAPI, Tags: []string{"spring"}}
				at := time.Now()
				if err := s.Tell(b.Context(), webhook.Updated, item, p, strconv.Itoa(from+i)); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				told[item.ID] = at
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	return told
}

// A message is what is delivered of an event, signed and all.
type message struct {
	header http.Header
	body   []byte
}

// messagesOf are messages as they are delivered.
func messagesOf(b *testing.B, s *webhook.Store) (all []message) {
	b.Helper()
	at := must(s.Endpoints(b.Context(), mia))(b)[0]
	for seq := range int64(200) {
		sent := must(s.Record(b.Context(), mia, at.ID, seq+1))(b)
		all = append(all, message{sent.Header, sent.Body})
	}
	return all
}

// posts is how many messages a bare client posts in a second.
func (r *benchReceiver) posts(b *testing.B, messages []message, n int) float64 {
	b.Helper()
	t := newTill(n)
	r.till.Store(t)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchConcurrency}}
	defer client.CloseIdleConnections()
	began := time.Now()
	var clients sync.WaitGroup
	var next atomic.Int64
	for range benchConcurrency {
		clients.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				m := messages[int(i)%len(messages)]
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, r.url, bytes.NewReader(m.body))
				if err != nil {
					b.Error(err)
					return
				}
				req.Header = m.header
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	clients.Wait()
	return float64(n) / time.Since(began).Seconds()
}

// delivers is how many events are delivered in a second, while something is done.
func (r *benchReceiver) delivers(b *testing.B, h *webhook.Hooks, n int, while func()) float64 {
	b.Helper()
	t := newTill(n)
	r.till.Store(t)
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- h.Run(ctx) }()
	if while != nil {
		while()
	}
	<-t.all
	rate := float64(n) / time.Since(began).Seconds()
	stop()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	return rate
}

// waits are how long the events after a number took to come, the shortest first.
func (r *benchReceiver) waits(b *testing.B, s *webhook.Store, after int64, told map[string]time.Time) (all []time.Duration) {
	b.Helper()
	t := r.till.Load()
	for {
		page := must(s.After(b.Context(), mia, after, 500))(b)
		if len(page) == 0 {
			slices.Sort(all)
			return all
		}
		for _, e := range page {
			all = append(all, t.at[e.Seq].Sub(told[e.Item.ID]))
			after = e.Seq
		}
	}
}
