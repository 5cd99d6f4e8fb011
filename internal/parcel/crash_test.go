package parcel_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// A worker is this test binary, started again, which wants, claims and records
// until it is killed. What it has got done it says on standard output.
const (
	workerURL   = "WAYPOST_TEST_WORKER_URL"
	workerName  = "WAYPOST_TEST_WORKER_NAME"
	workerLease = 200 * time.Millisecond
	allEvents   = 10
)

func TestMain(m *testing.M) {
	if url := os.Getenv(workerURL); url != "" {
		fmt.Fprintln(os.Stderr, work(url, os.Getenv(workerName)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// work never ends by itself, except by an error.
func work(url, name string) error {
	ctx, began := context.Background(), time.Now()
	d, err := db.Open(ctx, url, db.Options{Connections: 4})
	if err != nil {
		return err
	}
	s := parcel.New(d, slog.New(slog.DiscardHandler))
	jobs, err := toldJobs(ctx, d)
	if err != nil {
		return err
	}
	s.Tell(jobs)
	next := func(_ parcel.History, st parcel.Standing, _ parcel.Outcome) time.Time {
		return st.Now.Add(time.Millisecond)
	}
	for i := 0; ; i++ {
		w := simple(fmt.Sprintf("%s%d", name, i))
		w.Until = time.Now().Add(time.Hour)
		made, err := s.Want(ctx, []parcel.Want{w})
		if err != nil {
			return err
		}
		fmt.Printf("wanted %s 0\n", made[0].ID)
		taken, err := s.Claim(ctx, parcel.Claim{Account: acme, Most: 20, Lease: workerLease})
		if err != nil {
			return err
		}
		var outcomes []parcel.Outcome
		for _, a := range taken.Asks {
			told := min(allEvents, 1+int(time.Since(began)/(20*time.Millisecond)))
			outcomes = append(outcomes, way(a, told))
		}
		changes, err := s.Record(ctx, outcomes, next)
		if err != nil {
			return err
		}
		for _, c := range changes {
			fmt.Printf("changed %s %d\n", c.Parcel, c.Revision)
		}
	}
}

// way is an answer that tells the first events of a story that is always the same.
func way(a parcel.Claimed, events int) parcel.Outcome {
	subs := make([]status.Sub, events)
	for i := range subs {
		subs[i] = status.InTransitOther
	}
	o := answer(a, time.Now(), start, subs...)
	o.Report.Latest = true // an answer that tells less takes nothing away
	return o
}

// However often workers are killed, what they said is there, nothing is told
// twice, and every parcel is asked on once the leases are over.
func TestACrashLosesNothing(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK")); err == nil {
		kills = n
	}
	seed := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("WAYPOST_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("%d kills, WAYPOST_SEED=%d", kills, seed)
	dbtest.EachURL(t, func(t *testing.T, url string) {
		random := rand.New(rand.NewPCG(seed, 0))
		d := dbtest.Open(t, url)
		ahead := &clock{now: time.Now()}
		s := newStore(t, d, ahead)
		if _, err := toldJobs(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		revisions := map[parcel.ID]int64{} // that a worker said are there
		for i := range kills {
			runAndKill(t, url, fmt.Sprintf("W%dN", i), 1+random.IntN(60), revisions)
		}
		if len(revisions) < kills {
			t.Fatalf("the workers made only %d parcels", len(revisions))
		}
		for id, revision := range revisions {
			if p := get(t, s, id); p.Revision < revision {
				t.Errorf("%s: revision %d is lost, it has %d", p.Number, revision, p.Revision)
			}
		}
		if told, want := count(t, d, "river_job"), sum(t, d, "SELECT COALESCE(SUM(revision), 0) FROM history"); told != want {
			t.Errorf("%d changes were told, and %d made", told, want)
		}

		ahead.pass(time.Since(ahead.now) + workerLease + time.Second)
		asked := map[parcel.ID]bool{}
		for {
			claimed := claim(t, s, acme)
			if len(claimed) == 0 {
				break
			}
			var outcomes []parcel.Outcome
			for _, a := range claimed {
				asked[a.Parcel] = true
				outcomes = append(outcomes, way(a, allEvents))
			}
			record(t, s, in(day), outcomes...)
		}
		if total := count(t, d, "parcel"); len(asked) != total {
			t.Errorf("%d of %d parcels are asked on", len(asked), total)
		}
		for id := range asked {
			p := get(t, s, id)
			seen := map[carrier.Time]bool{}
			for _, e := range p.History.Events {
				if seen[e.Time] {
					t.Errorf("%s: the event of %s is told twice", p.Number, e.Time.Local)
				}
				seen[e.Time] = true
			}
			if len(seen) != allEvents {
				t.Errorf("%s: %d events, want %d", p.Number, len(seen), allEvents)
			}
		}
		t.Logf("%d parcels, nothing lost", len(asked))
	})
}

// runAndKill starts a worker and kills it in the middle of whatever it does
// after so many lines; what it said goes into revisions.
func runAndKill(t *testing.T, url, name string, lines int, revisions map[parcel.ID]int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.CommandContext(t.Context(), self)
	worker.Env = append(os.Environ(), workerURL+"="+url, workerName+"="+name)
	var complaints strings.Builder
	worker.Stderr = &complaints
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 1; said.Scan(); n++ {
		var verb string
		var id parcel.ID
		var revision int64
		if _, err := fmt.Sscan(said.Text(), &verb, &id, &revision); err == nil {
			revisions[id] = max(revisions[id], revision)
		}
		if n == lines {
			if err := worker.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := worker.Wait(); err == nil || complaints.Len() > 0 {
		t.Fatalf("the worker ended by itself: %v %s", err, complaints.String())
	}
}
