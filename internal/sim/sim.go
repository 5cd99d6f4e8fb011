// Package sim is a carrier simulator: one HTTP server that speaks the wire
// formats of real carriers' tracking APIs over a world of invented parcels
// which move on a clock that can be sped up. It serves the demo, tests and
// benchmarks.
//
// It is written from the carriers' public documentation and knows nothing of
// Waypost's carrier files, so that the two check each other. Nothing in it is
// true of a real parcel: every answer carries the header X-Simulated.
package sim

import (
	"cmp"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options are what a simulator is made with. The zero value works.
type Options struct {
	Clock     *Clock       // nil: a clock that shows the present
	Log       *slog.Logger // nil: silent
	Prerender bool         // for benchmarks: an answer is made once and served from memory, see prerender.go
}

// A Server simulates all sources. It is safe for concurrent use.
type Server struct {
	clock *Clock
	log   *slog.Logger
	desks map[string]*desk
	ready *prerendered // nil: answers are made when asked for

	mu     sync.Mutex
	set    map[string]Story
	faults []*running
}

// New makes a simulator.
func New(o Options) *Server {
	s := &Server{
		clock: cmp.Or(o.Clock, NewClock(time.Now(), 1)),
		log:   cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		desks: map[string]*desk{},
		set:   map[string]Story{},
	}
	if o.Prerender {
		s.ready = &prerendered{}
	}
	for _, w := range wires() {
		s.desks[w.name] = newDesk(s, w)
	}
	return s
}

// Sources are the names of the simulated sources, sorted. Each is served below
// /<source>/, so that a source's base address is http://HOST:PORT/<source>.
func (s *Server) Sources() []string { return slices.Sorted(maps.Keys(s.desks)) }

// Credentials are the account values that a source accepts, by the names that
// its account has; nil where it needs none or there is no such source.
func (s *Server) Credentials(source string) map[string]string {
	d, ok := s.desks[source]
	if !ok {
		return nil
	}
	return maps.Clone(d.account)
}

// Clock is the simulator's clock.
func (s *Server) Clock() *Clock { return s.clock }

// Set gives a number the story st at every source, in place of the one that
// follows from the number. A zero st.Born means now.
func (s *Server) Set(number string, st Story) {
	if st.Born.IsZero() {
		st.Born = s.clock.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set[number] = st
}

// Story is what happens to number at source, past and future. It reports false
// for a number that the source can't have, and for a source that isn't.
func (s *Server) Story(source, number string) (Story, bool) {
	d, ok := s.desks[source]
	if !ok {
		return Story{}, false
	}
	return d.story(number, s.clock.Now())
}

// Handler serves every source below /<source>/, the simulator's own page below
// /_sim/, and a provider to sign in with below LoginPath.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for name, d := range s.desks {
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, d))
	}
	s.control(mux)
	newLogin().serve(mux)
	return simulated(mux)
}

// simulated marks every answer as coming from here.
func simulated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Simulated", "waypost")
		next.ServeHTTP(w, r)
	})
}
