package poll

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/live"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/sim"
)

const (
	benchSimulator   = "WAYPOST_BENCH_SIMULATOR"
	benchNumbers     = 1000
	benchRounds      = 10
	benchConcurrency = 8
)

// benchNumber is the i-th number whose story the simulator's child knows.
func benchNumber(i int) string { return fmt.Sprintf("1Z999AA1%010d", i) }

// TestSimulatorChild is no test: it serves the simulator to BenchmarkPoll from
// a process of its own, so that its share of the work can be told.
func TestSimulatorChild(t *testing.T) {
	if os.Getenv(benchSimulator) == "" {
		t.Skip("only for the benchmark")
	}
	now := time.Now()
	s := sim.New(sim.Options{Clock: sim.NewClock(now, 0), Prerender: true})
	kinds := []sim.Kind{sim.Announced, sim.PickedUp}
	for range 6 {
		kinds = append(kinds, sim.Departed, sim.Arrived)
	}
	story := sim.Story{Born: now.Add(-10 * day)}
	for i, kind := range kinds {
		story.Steps = append(story.Steps, sim.Step{After: time.Duration(i) * 12 * time.Hour, Kind: kind})
	}
	for i := range benchNumbers {
		s.Set(benchNumber(i), story)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // until it is killed
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("serving http://" + listener.Addr().String())
	t.Fatal(http.Serve(listener, s.Handler())) //nolint:gosec // until it is killed
}

// BenchmarkPoll polls one source as fast as it goes, through engine and store,
// and before and after it makes the same calls in a bare loop that only decodes
// the answers' JSON. One operation is benchRounds of every number; ratio is how
// many parcels are asked and recorded for one call of the bare loop.
func BenchmarkPoll(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPoll(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchPoll(b, dbtest.Postgres(b)) })
}

func benchPoll(b *testing.B, database string) {
	child, base := startSimulatorChild(b)
	cat := shipped(b)
	var ups Account
	for _, a := range connected(b, cat, sim.New(sim.Options{}), base) {
		if a.Source.Code == "ups" {
			ups = a
		}
	}
	calls := recordCalls(b, cat, base)
	began := cpuTime()
	times := b.N * benchRounds * benchNumbers
	if os.Getenv("WAYPOST_BENCH") == "once" { // only to see that it can be run
		times = benchNumbers
	}
	b.ResetTimer()
	before := bareRate(b, calls, times)
	polled := pollRate(b, cat, ups, database, times)
	bare := (before + bareRate(b, calls, times)) / 2
	b.StopTimer()
	b.ReportMetric(polled/bare, "ratio")
	b.ReportMetric(bare, "bare/s")
	own := cpuTime() - began
	if err := child.Process.Kill(); err != nil {
		b.Fatal(err)
	}
	child.Wait() //nolint:errcheck // it was killed
	theirs := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	b.ReportMetric(float64(theirs)/float64(theirs+own), "sim-cpu")
}

func startSimulatorChild(b *testing.B) (*exec.Cmd, string) {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestSimulatorChild$", "-test.v")
	child.Env = append(os.Environ(), benchSimulator+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if base, ok := strings.CutPrefix(lines.Text(), "serving "); ok {
			return child, base
		}
	}
	b.Fatal("the simulator doesn't start")
	return nil, ""
}

// A call is a request as the engine sends it.
type call struct {
	method, url string
	header      http.Header
	body        []byte
}

// recordCalls has the engine ask about every number once, through a proxy that
// writes down what it sends.
func recordCalls(b *testing.B, cat *carrier.Catalogue, base string) []call {
	b.Helper()
	target, err := url.Parse(base)
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	var calls []call
	forward := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if strings.Contains(r.URL.Path, "/track/") {
			mu.Lock()
			calls = append(calls, call{r.Method, base + r.URL.String(), r.Header.Clone(), body})
			mu.Unlock()
		}
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	for _, a := range connected(b, cat, sim.New(sim.Options{}), proxy.URL) {
		for i := range benchNumbers {
			if a.Source.Code != "ups" {
				break
			}
			if _, err := a.Connector.Track(b.Context(), []carrier.Ask{{Number: benchNumber(i)}}); err != nil {
				b.Fatal(err)
			}
		}
	}
	if len(calls) != benchNumbers {
		b.Fatalf("%d calls for %d numbers", len(calls), benchNumbers)
	}
	return calls
}

// pollRate polls until asks asks are recorded, and returns how many a second
// these were.
func pollRate(b *testing.B, cat *carrier.Catalogue, a Account, database string, asks int) float64 {
	b.Helper()
	broker := live.New()
	base, err := db.Open(b.Context(), database, db.Options{Live: broker, Connections: 8})
	if err != nil {
		b.Fatal(err)
	}
	defer base.Close() //nolint:errcheck // nothing is read afterwards
	log := slog.New(slog.DiscardHandler)
	store, err := parcel.Open(b.Context(), base, log)
	if err != nil {
		b.Fatal(err)
	}
	count := &counting{Connector: a.Connector, most: int64(asks + benchNumbers)}
	a.Connector, a.Concurrency = count, benchConcurrency
	p := New(store, cat, Options{Accounts: []Account{a}, Pace: 1e-9, Live: broker}, nil, log)
	var wants []parcel.Want
	for i := range benchNumbers {
		plan := p.Plan(recognise.Number{Text: benchNumber(i)}, "ups", nil)
		wants = append(wants, parcel.Want{Key: plan.Key, Askings: plan.Askings, Choice: plan.Choice, Until: time.Now().AddDate(1, 0, 0)})
		if len(wants) == 40 || i == benchNumbers-1 {
			if _, err := store.Want(b.Context(), wants); err != nil {
				b.Fatal(err)
			}
			wants = wants[:0]
		}
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	count.stop = cancel
	count.warm = benchNumbers          // the first answer of each parcel is not what polling is about
	if err := p.Run(ctx); err != nil { // returns when all is recorded
		b.Fatal(err)
	}
	return float64(count.asked.Load()-count.warm) / time.Since(count.began).Seconds()
}

// counting counts asks, notes when the first round is over, and stops when
// there were enough.
type counting struct {
	carrier.Connector
	asked      atomic.Int64
	warm, most int64
	began      time.Time
	stop       func()
}

func (c *counting) Track(ctx context.Context, asks []carrier.Ask) ([]carrier.Report, error) {
	n := c.asked.Add(int64(len(asks)))
	if n == c.warm {
		c.began = time.Now()
	}
	if n == c.most {
		c.stop()
	}
	return c.Connector.Track(ctx, asks)
}

// bareRate makes the calls over and over and decodes their answers, and
// returns how many a second these were.
func bareRate(b *testing.B, calls []call, times int) float64 {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchConcurrency}}
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make(chan error, benchConcurrency)
	began := time.Now()
	for range benchConcurrency {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= times {
					return
				}
				if err := calls[i%len(calls)].do(b.Context(), client); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	select {
	case err := <-failed:
		b.Fatal(err)
	default:
	}
	return float64(times) / took.Seconds()
}

func (c call) do(ctx context.Context, client *http.Client) error {
	r, err := http.NewRequestWithContext(ctx, c.method, c.url, bytes.NewReader(c.body))
	if err != nil {
		return err
	}
	r.Header = c.header
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var answer any
	return json.Unmarshal(body, &answer)
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
