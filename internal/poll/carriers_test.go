package poll

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/engine"
	"waypost/internal/dbtest"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/sim"
	"waypost/internal/status"
)

// shipped is the catalogue as it is shipped.
func shipped(t testing.TB) *carrier.Catalogue {
	t.Helper()
	cat, mistakes := builtin.Catalogue()
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return cat
}

// simulated serves a simulator over HTTP and connects every source that it
// speaks for.
func simulated(t testing.TB, cat *carrier.Catalogue, s *sim.Server) []Account {
	t.Helper()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return connected(t, cat, s, server.URL)
}

// connected makes accounts at a simulator that is served at a base address;
// only its credentials are s's.
func connected(t testing.TB, cat *carrier.Catalogue, s *sim.Server, base string) []Account {
	t.Helper()
	client := outbound.New(outbound.Options{Allow: []string{strings.TrimPrefix(base, "http://")}})
	var accounts []Account
	for _, name := range s.Sources() {
		source, ok := cat.Source(carrier.SourceCode(name))
		if !ok {
			continue // the simulator also speaks a form that no shipped file uses
		}
		program, mistakes := engine.Compile(source)
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		code := carrier.AccountCode(name + "/sim")
		connector, err := program.Connect(engine.Account{Code: code, Values: s.Credentials(name), Base: base + "/" + name}, client)
		if err != nil {
			t.Fatal(err)
		}
		accounts = append(accounts, Account{Code: code, Source: source, Connector: connector, Simulated: true})
	}
	return accounts
}

// examples are numbers of each source's carriers, one a format.
func examples(cat *carrier.Catalogue, accounts []Account) map[carrier.SourceCode][]parcel.Key {
	all := map[carrier.SourceCode][]parcel.Key{}
	for _, c := range cat.Carriers() {
		for _, via := range c.Via {
			if !slices.ContainsFunc(accounts, func(a Account) bool { return a.Source.Code == via.Source }) {
				continue
			}
			for _, f := range c.Formats {
				if len(f.Good) > 0 && (c.Code != "dhl-paket" || f.Name != "s10") { // the simulator takes these for Deutsche Post's
					all[via.Source] = append(all[via.Source], parcel.Key{Number: f.Good[0], Carrier: c.Code})
				}
			}
		}
	}
	return all
}

// until waits for the parcels to be as they should: it looks again whenever
// one has changed.
func (d *desk) until(what string, ids []parcel.ID, reached func(parcel.Parcel) bool) {
	d.t.Helper()
	topics := make([]string, len(ids))
	for i, id := range ids {
		topics[i] = id.Topic()
	}
	changes := d.broker.Subscribe(topics...)
	defer changes.Close()
	deadline := time.After(time.Minute)
	for {
		parcels, err := d.store.Get(d.t.Context(), ids...)
		if err != nil {
			d.t.Fatal(err)
		}
		waiting := slices.DeleteFunc(parcels, reached)
		if len(waiting) == 0 {
			return
		}
		select {
		case <-changes.C:
		case <-deadline:
			for _, p := range waiting {
				s := p.Standing(time.Now())
				d.t.Errorf("%s of %s is %s, %d events, asks %+v", p.Number, p.Carrier, s.Status, len(p.History.Events), p.Asks)
			}
			d.t.Fatalf("%d of %d parcels are not %s within a minute", len(waiting), len(ids), what)
		}
	}
}

func TestEveryShippedSourceAgainstTheSimulator(t *testing.T) {
	cat := shipped(t)
	index := recognise.New(cat.Carriers())
	dbtest.EachURL(t, func(t *testing.T, url string) {
		d := newDesk(t, url)
		d.cat = cat
		world := sim.New(sim.Options{})
		accounts := simulated(t, cat, world)
		numbers := examples(cat, accounts)
		born := time.Now().Add(-72 * time.Hour)
		onItsWay := []sim.Step{{After: time.Hour, Kind: sim.Announced}, {After: 10 * time.Hour, Kind: sim.PickedUp}, {After: 20 * time.Hour, Kind: sim.Departed}}
		handedOver := append(slices.Clone(onItsWay), sim.Step{After: 60 * time.Hour, Kind: sim.OutForDelivery}, sim.Step{After: 64 * time.Hour, Kind: sim.Delivered})

		p := d.poller(Options{Accounts: accounts, Pace: 0.0001})
		var ids []parcel.ID
		var keys []parcel.Key
		for _, source := range slices.Sorted(maps.Keys(numbers)) {
			for _, key := range numbers[source] {
				n := index.Number(key.Number, recognise.Hints{Carriers: []carrier.Code{key.Carrier}})
				plan := p.Plan(n, key.Carrier, nil)
				if len(plan.Askings) == 0 {
					t.Logf("%s at %s can't be asked: %v", key.Number, key.Carrier, plan.Fault())
					continue
				}
				keys = append(keys, parcel.Key{Number: plan.Askings[0].Number, Carrier: key.Carrier})
				world.Set(plan.Askings[0].Number, sim.Story{Born: born, Steps: onItsWay})
				ids = append(ids, d.wantPlan(plan, true))
			}
		}
		if len(accounts) < 14 || len(ids) < 30 {
			t.Fatalf("%d sources, %d numbers", len(accounts), len(ids))
		}
		defer d.run(p)()
		d.until("on their way", ids, func(p parcel.Parcel) bool {
			return p.Standing(time.Now()).Status.Main() == status.InTransit && len(p.History.Events) > 0
		})
		for _, key := range keys {
			world.Set(key.Number, sim.Story{Born: born, Steps: handedOver})
		}
		d.until("delivered", ids, func(p parcel.Parcel) bool { return p.Standing(time.Now()).Status.Main() == status.Delivered })
		d.until("without a double", ids, func(p parcel.Parcel) bool {
			seen := map[string]bool{}
			for _, e := range p.History.Events {
				key := fmt.Sprint(e.Time, e.Code, e.Words, e.Place)
				if seen[key] {
					return false
				}
				seen[key] = true
			}
			return true
		})
	})
}
