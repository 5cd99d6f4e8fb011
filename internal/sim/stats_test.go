package sim_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/sim"
)

func TestWhatClientsDoIsCounted(t *testing.T) {
	s, base := start(t)
	c := dial(t, s, base, "gls")
	c.track("gls", "12345678901", "12345678902", "12345678903")
	c.track("gls", "12345678901")
	c.token = "made-up"
	c.track("gls", "12345678901")
	got := s.Stats()["gls"]
	if got.Requests != 3 || got.Tokens != 1 || got.Numbers != 4 || got.Largest != 3 || got.Refused != 1 || got.Peak(time.Hour) != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestTheBusiestWindowIsFound(t *testing.T) {
	var calls []sim.Call
	for _, second := range []int{0, 1, 10, 11, 12, 30} {
		calls = append(calls, sim.Call{At: noon.Add(time.Duration(second) * time.Second)})
	}
	for window, want := range map[time.Duration]int{time.Second: 1, 2 * time.Second: 2, 5 * time.Second: 3, 13 * time.Second: 5, time.Minute: 6} {
		if got := (sim.Stats{Calls: calls}).Peak(window); got != want {
			t.Errorf("in %v: got %d, want %d", window, got, want)
		}
	}
}

func TestALimitIsObeyedUntilTheNextWindow(t *testing.T) {
	s, base := start(t)
	if err := s.Limit("ups", sim.Limit{Calls: 2, Per: time.Hour}); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s, base, "ups")
	for i, want := range []int{200, 200, 429, 429} {
		got := c.track("ups", numbers["ups"])
		if got.status != want || want == 429 && got.header.Get("Retry-After") == "" {
			t.Errorf("request %d: got %d %v, want %d", i+1, got.status, got.header, want)
		}
	}
	if err := s.Limit("ups", sim.Limit{}); err != nil {
		t.Fatal(err)
	}
	if got := c.track("ups", numbers["ups"]); got.status != 200 {
		t.Errorf("without limit: got %d", got.status)
	}
}

func TestPrerenderedAnswersChangeEveryTenthTime(t *testing.T) {
	s := sim.New(sim.Options{Clock: sim.NewClock(noon, 0), Prerender: true})
	base := serve(t, s)
	s.Set(numbers["ups"], delivered())
	c := dial(t, s, base, "ups")
	var last []byte
	changes := 0
	for range 100 {
		got := c.track("ups", numbers["ups"])
		if got.status != 200 || got.at(t, "trackResponse.shipment.0.package.0.activity.0.date") == nil {
			t.Fatalf("got %d %s", got.status, got.body)
		}
		if last != nil && !bytes.Equal(last, got.body) {
			changes++
		}
		last = got.body
	}
	if changes < 9 || changes > 10 {
		t.Errorf("%d of 100 answers changed, want every tenth", changes)
	}
	if got := s.Stats()["ups"]; got.Requests != 100 || got.Numbers != 100 {
		t.Errorf("counted %d requests, %d numbers", got.Requests, got.Numbers)
	}
}

func TestTheSimulatorIsOperatedOverHTTP(t *testing.T) {
	s, base := start(t)
	post := func(path, body string) answer { t.Helper(); return ask(t, "POST", base+"/_sim/"+path, body) }
	for _, got := range []answer{
		post("stories", `{"number":"WAY-0001","steps":[{"after":"-3h","kind":"picked_up"},{"after":"-30m","kind":"delivered","city":"Utrecht","country":"NL","zone":"Europe/Amsterdam"}]}`),
		post("faults", `{"source":"generic","kind":"outage","times":1,"for":"1h"}`),
		post("limits", `{"source":"ups","calls":5,"per":"1m"}`),
		post("clock", `{"advance":"-1h","speed":0}`),
	} {
		if got.status != 200 {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
	if want := noon.Add(-time.Hour); !s.Clock().Now().Equal(want) {
		t.Errorf("the clock shows %v, want %v", s.Clock().Now(), want)
	}
	overview := ask(t, "GET", base+"/_sim/", "")
	if overview.at(t, "faults.0.kind") != "outage" || overview.at(t, "clock.speed") != 0.0 || !strings.Contains(string(overview.body), `"per": "1m0s"`) {
		t.Errorf("the overview says\n%s", overview.body)
	}
	c := dial(t, s, base, "generic")
	if got := c.track("generic", "WAY-0001"); got.status != 503 {
		t.Errorf("the fault: got %d", got.status)
	}
	if got := c.track("generic", "WAY-0001"); got.at(t, "parcels.0.state") != "moving" {
		t.Errorf("the story, two hours in: got %s", got.body)
	}
	if got := ask(t, "GET", base+"/_sim/stories?source=generic&number=WAY-0001", ""); got.at(t, "steps.1.city") != "Utrecht" {
		t.Errorf("the story: got %s", got.body)
	}
	for _, bad := range []answer{
		post("faults", `{"kind":"gremlins"}`), post("faults", `{"sauce":"ups"}`), post("stories", `{}`), post("limits", `{"source":"nobody"}`),
		ask(t, "GET", base+"/_sim/stories?source=ups&number=1", ""),
	} {
		if bad.status != 400 || bad.at(t, "error") == nil {
			t.Errorf("got %d %s", bad.status, bad.body)
		}
	}
	ask(t, "DELETE", base+"/_sim/faults?source=generic", "")
}

func TestManyMayAskAtTheSameTime(t *testing.T) {
	s, base := start(t)
	var group sync.WaitGroup
	for source := range numbers {
		group.Go(func() {
			c := dial(t, s, base, source)
			for range 5 {
				c.track(source, numbers[source])
				_ = s.Fail(source, sim.Fault{Kind: sim.Duplicates, Times: 1})
				s.Clock().Advance(-time.Minute)
				s.Stats()
			}
		})
	}
	group.Wait()
}
