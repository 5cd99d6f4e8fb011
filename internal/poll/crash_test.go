package poll

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/sim"
	"waypost/internal/status"
)

// What a child process of the crash test is told.
const (
	crashDatabase  = "WAYPOST_CRASH_DATABASE"
	crashSimulator = "WAYPOST_CRASH_SIMULATOR"
)

// crashOptions make a poller busy: everything is asked again within seconds,
// and what a crash leaves behind is due again soon.
func crashOptions(accounts []Account) Options {
	return Options{Accounts: accounts, Pace: 0.00005, Timeout: 2 * time.Second, Lease: 3 * time.Second}
}

// TestCrashChild is no test: it polls until it is killed.
func TestCrashChild(t *testing.T) {
	url := os.Getenv(crashDatabase)
	if url == "" {
		t.Skip("only for the crash test")
	}
	d := newDesk(t, url)
	d.cat = shipped(t)
	p := d.poller(crashOptions(connected(t, d.cat, sim.New(sim.Options{}), os.Getenv(crashSimulator))))
	fmt.Println("polling")
	d.run(p)
	select {}
}

// TestCrashesLoseNothing kills a polling program again and again, while the
// parcels of a quick world move, and looks whether all of them come to the end
// that the simulator tells of: none lost, none stuck, no event twice.
func TestCrashesLoseNothing(t *testing.T) {
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK")); err == nil {
		kills = n
	}
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		d.cat = shipped(t)
		world := sim.New(sim.Options{Clock: sim.NewClock(time.Now().Add(-20*day), 20*86400/float64(kills))})
		server := httptest.NewServer(world.Handler())
		defer server.Close()
		accounts := connected(t, d.cat, world, server.URL)
		p := d.poller(crashOptions(accounts))
		ids, keys := wantWorld(t, d, p, world)

		for range kills {
			child := startCrashChild(t, url, server.URL)
			time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) //nolint // the moment is what varies
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			child.Wait() //nolint:errcheck // it was killed
		}
		world.Clock().Set(time.Now())
		defer d.run(p)()
		d.until("at their end", ids, func(p parcel.Parcel) bool { return p.Standing(time.Now()).Status.Main() == status.Delivered })
		checkWorld(t, d, accounts, ids, keys)
	})
}

// wantWorld wants every example number of the shipped carriers, on a way that
// takes a fortnight.
func wantWorld(t *testing.T, d *desk, p *Poller, world *sim.Server) ([]parcel.ID, map[parcel.ID]recognise.Number) {
	t.Helper()
	index := recognise.New(d.cat.Carriers())
	kinds := []sim.Kind{sim.Announced, sim.PickedUp, sim.Departed, sim.Arrived, sim.Departed, sim.Arrived, sim.OutForDelivery, sim.Delivered}
	story := sim.Story{Born: time.Now().Add(-21 * day)}
	for i, kind := range kinds {
		story.Steps = append(story.Steps, sim.Step{After: time.Duration(i) * 2 * day, Kind: kind})
	}
	var ids []parcel.ID
	numbers := map[parcel.ID]recognise.Number{}
	for _, keys := range examples(d.cat, p.state.Load().accounts) {
		for _, key := range keys {
			n := index.Number(key.Number, recognise.Hints{Carriers: []carrier.Code{key.Carrier}})
			plan := p.Plan(n, key.Carrier, nil)
			if len(plan.Askings) == 0 {
				continue
			}
			world.Set(plan.Askings[0].Number, story)
			id := d.wantPlan(plan, false)
			ids = append(ids, id)
			numbers[id] = n
		}
	}
	return ids, numbers
}

// startCrashChild starts a program that polls, and waits until it does.
func startCrashChild(t *testing.T, database, simulator string) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	child.Env = append(os.Environ(), crashDatabase+"="+database, crashSimulator+"="+simulator)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "polling" {
			return child
		}
	}
	t.Fatal("the child ended before it polled")
	return nil
}

// checkWorld compares every parcel with what its carrier tells when it is asked
// directly.
func checkWorld(t *testing.T, d *desk, accounts []Account, ids []parcel.ID, numbers map[parcel.ID]recognise.Number) {
	t.Helper()
	parcels, err := d.store.Get(t.Context(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	if len(parcels) != len(ids) {
		t.Errorf("%d of %d parcels are left", len(parcels), len(ids))
	}
	for _, p := range parcels {
		want, err := Ask(t.Context(), d.cat, accounts, numbers[p.ID], p.Carrier, nil)
		if err != nil {
			t.Errorf("%s of %s: %v", p.Number, p.Carrier, err)
			continue
		}
		got, now := told(p.History), told(want)
		if len(got) != len(p.History.Events)+len(p.History.Doubles) {
			t.Errorf("%s of %s has an event twice: %v", p.Number, p.Carrier, got)
		}
		for e := range now {
			if !got[e] {
				t.Errorf("%s of %s lacks %s", p.Number, p.Carrier, e)
			}
		}
		if source, _ := d.cat.Source(p.Asks[0].Source); source.Read.History != "latest" && len(got) > len(now) {
			t.Errorf("%s of %s has %d events, its carrier tells %d", p.Number, p.Carrier, len(got), len(now))
		}
		for _, a := range p.Asks {
			if a.State == parcel.Waiting && a.Due.IsZero() {
				t.Errorf("%s of %s is stuck: %+v", p.Number, p.Carrier, a)
			}
		}
	}
}

// told is the set of a history's events.
func told(h parcel.History) map[string]bool {
	all := map[string]bool{}
	for _, events := range [][]parcel.Event{h.Events, h.Doubles} {
		for _, e := range events {
			all[fmt.Sprint(e.Carrier, e.Number, e.Time, e.Code, e.Words, e.Place)] = true
		}
	}
	return all
}
