package app

import (
	"fmt"
	"net/url"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/sim"
)

// A carrier may answer anything. The parcel says why it has no history, or has
// a bounded one; the page shows what the carrier wrote as text; memory and time
// stay bounded. All of it goes the whole way: over HTTP from the simulator,
// through engine, poller and database, to the page.
func TestWhateverACarrierAnswers(t *testing.T) {
	const inpost, canadaPost = "inpost", "canada-post"
	number := func(n int) string { return fmt.Sprintf("6201148293771058461%05d", n) }
	cases := []struct {
		name, carrier, number string
		fault                 sim.Fault
		reason                string // what the parcel's state says, "" for a history
		events                int    // most there may be
		page                  string // what the page shows
	}{
		{"100 MB", inpost, number(1), sim.Fault{Kind: sim.Huge}, "answer is too large", 0, "can’t read"},
		{"100 MB from a few compressed bytes", inpost, number(2), sim.Fault{Kind: sim.Bomb}, "answer is too large", 0, "can’t read"},
		{"no end, slowly", inpost, number(3), sim.Fault{Kind: sim.Endless}, "no answer within 15s", 0, "could not be reached"},
		{"no end, fast", inpost, number(4), sim.Fault{Kind: sim.Endless, Wait: time.Microsecond}, "answer is too large", 0, "can’t read"},
		{"100,000 events", inpost, number(5), sim.Fault{Kind: sim.ManyEvents}, "answer is too large", 0, "can’t read"},
		{"15,000 events", inpost, number(6), sim.Fault{Kind: sim.ManyEvents, Size: 15_000}, "", 10_000, `data-part="history"`},
		{"no UTF-8", canadaPost, "RR409172635CA", sim.Fault{Kind: sim.InvalidUTF8}, "", 10, `data-part="history"`},
		{"year 0", inpost, number(7), sim.Fault{Kind: sim.Year0}, "no event's time can be read", 0, "can’t read"},
		{"year 9999", inpost, number(8), sim.Fault{Kind: sim.Year9999}, "no event's time can be read", 0, "can’t read"},
		{"scripts in every text", canadaPost, "RR409172649CA", sim.Fault{Kind: sim.Scripts}, "", 10, `data-part="history"`},
		{"half an answer", inpost, number(9), sim.Fault{Kind: sim.Truncated}, "", 0, "can’t read"},
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, func(c *config.Config) { c.Poll.Timeout = 15 * time.Second })
		for _, tc := range cases {
			s.sim.server.Set(tc.number, sim.Story{Steps: []sim.Step{
				{After: -30 * time.Hour, Kind: sim.PickedUp}, {After: -20 * time.Hour, Kind: sim.Departed}, {After: -10 * time.Hour, Kind: sim.Arrived},
			}})
		}
		for _, tc := range cases {
			t.Run(tc.name, func(t *testing.T) {
				tc.fault.Number = tc.number
				if err := s.sim.server.Fail(tc.carrier, tc.fault); err != nil {
					t.Fatal(err)
				}
				defer s.sim.server.Heal(tc.carrier)
				peak := watchHeap(t)
				page := until(t, base+"/track?nums="+tc.number+"&fc="+url.QueryEscape(tc.carrier), tc.page)
				if grown := peak(); grown > 150<<20 && tc.fault.Kind != sim.ManyEvents { // which the simulator builds first
					t.Errorf("the heap grew by %d MB", grown>>20)
				}
				harmlessPage(t, page)
				parcels, err := s.store.Find(t.Context(), parcel.Key{Number: tc.number, Carrier: "inpost"}, parcel.Key{Number: tc.number, Carrier: "canada-post"})
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(parcels, func(p parcel.Parcel) bool { return len(p.Asks) > 0 })
				if i < 0 {
					t.Fatal("nobody is asked about the parcel")
				}
				p := parcels[i]
				if n := len(p.History.Events); n > tc.events {
					t.Errorf("%d events are kept, want %d at the most", n, tc.events)
				}
				if a := p.Asks[0]; !strings.Contains(a.Reason, tc.reason) || tc.events == 0 && a.Reason == "" {
					t.Errorf("the state says %q (%s), want %q", a.Reason, a.Problem, tc.reason)
				}
			})
		}
	})
}

// watchHeap returns how much the heap has grown at the most since, collected as
// often as by default.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	often := debug.SetGCPercent(100)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base := m.HeapAlloc
	var most atomic.Uint64
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-ended
		debug.SetGCPercent(often)
		return max(most.Load(), base) - base
	}
}

// harmlessPage holds a page to having no script within, and nothing that runs one.
func harmlessPage(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		sourced := false
		for _, a := range n.Attr {
			sourced = sourced || a.Key == "src"
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s", n.Data, a.Key)
			}
		}
		if n.Data == "script" && !sourced || n.Data == "img" {
			t.Errorf("<%s> came through", n.Data)
		}
	}
}
