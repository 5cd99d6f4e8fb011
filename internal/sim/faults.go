package sim

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"waypost/internal/fault"
)

// A FaultKind is something that goes wrong at a carrier.
type FaultKind string

// The kinds of faults.
const (
	// The request gets no proper answer.
	Outage       FaultKind = "outage"       // 503
	Cut          FaultKind = "cut"          // the connection ends without an answer
	Limited      FaultKind = "limited"      // too many requests, in the carrier's own words
	Slow         FaultKind = "slow"         // the answer comes after Wait
	Unauthorised FaultKind = "unauthorised" // the token has ended early, the key is refused

	// The answer's bytes are wrong.
	Truncated   FaultKind = "truncated"   // half of it
	HTML        FaultKind = "html"        // a page that says sorry, with 200
	WrongTypes  FaultKind = "wrong_types" // texts where numbers were and so on
	Renamed     FaultKind = "renamed"     // the list of events has another name
	Shape       FaultKind = "shape"       // the field with an event's words has another name
	InvalidUTF8 FaultKind = "invalid_utf8"
	Huge        FaultKind = "huge"    // Size bytes, 100 MB if zero
	Bomb        FaultKind = "bomb"    // the same, compressed
	Endless     FaultKind = "endless" // a kilobyte each Wait (10 ms if zero), never done

	// What the answer says is wrong.
	ManyEvents FaultKind = "many_events" // Size of them, 100,000 if zero
	Year0      FaultKind = "year_0"
	Year9999   FaultKind = "year_9999"
	Scripts    FaultKind = "scripts"    // markup in every text
	Private    FaultKind = "private"    // an invented name, street, phone and door code in the newest text
	Duplicates FaultKind = "duplicates" // every event twice
	Reordered  FaultKind = "reordered"  // neighbours have changed places
	Withdrawn  FaultKind = "withdrawn"  // the newest event is gone again
	Corrected  FaultKind = "corrected"  // the newest event has another time and place
)

// FaultKinds are all kinds.
var FaultKinds = []FaultKind{
	Outage, Cut, Limited, Slow, Unauthorised, Truncated, HTML, WrongTypes, Renamed, Shape, InvalidUTF8, Huge, Bomb,
	Endless, ManyEvents, Year0, Year9999, Scripts, Private, Duplicates, Reordered, Withdrawn, Corrected,
}

// A Fault is trouble on demand.
type Fault struct {
	Kind   FaultKind
	Number string        // only requests that name this number; "" for all
	Times  int           // for so many requests, 0 for all
	For    time.Duration // for so long by the wall clock, 0 until Heal
	Wait   time.Duration // Slow: latency; Limited: Retry-After; Endless: between two pieces
	Size   int           // Huge, Bomb: bytes; ManyEvents: events
	Tokens bool          // strikes the requests for tokens instead of those about parcels
}

// running is a fault that has been asked for.
type running struct {
	Fault
	source string // "" for all
	left   int    // requests, −1 without end
	until  time.Time
}

var (
	errNoSource = fault.New(fault.NotFound, "sim_source", "The simulator has no source %q.")
	errNoFault  = fault.New(fault.Invalid, "sim_fault", "The simulator knows no fault %q. It knows: %s.")
)

// Fail makes requests to source go wrong, to every source if it is "". Several
// faults add up.
func (s *Server) Fail(source string, f Fault) error {
	if _, ok := s.desks[source]; !ok && source != "" {
		return errNoSource.With(source)
	}
	if !slices.Contains(FaultKinds, f.Kind) {
		return errNoFault.With(f.Kind, joined(FaultKinds))
	}
	run := &running{Fault: f, source: source, left: -1}
	if f.Times > 0 {
		run.left = f.Times
	}
	if f.For > 0 {
		run.until = time.Now().Add(f.For)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, run)
	return nil
}

// Heal ends all faults of source, of every source if it is "".
func (s *Server) Heal(source string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *running) bool { return source == "" || f.source == source })
}

// strike is what goes wrong with a request; it uses the faults up.
func (s *Server) strike(source string, r *http.Request, body []byte, token bool) []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return nil
	}
	var struck []Fault
	now := time.Now()
	named := r.URL.Path + "?" + r.URL.RawQuery + "\n" + string(body)
	s.faults = slices.DeleteFunc(s.faults, func(f *running) bool {
		if !f.until.IsZero() && now.After(f.until) {
			return true
		}
		if f.source != "" && f.source != source || f.Tokens != token || !strings.Contains(named, f.Number) {
			return false
		}
		struck = append(struck, f.Fault)
		f.left--
		return f.left == 0
	})
	return struck
}

// stopped carries the faults out that leave no answer to give, and reports
// whether there was one.
func (c *call) stopped() bool {
	for _, f := range c.faults {
		switch f.Kind {
		case Slow:
			if !wait(c.r, f.Wait) {
				return true
			}
		case Outage:
			c.fail()
			http.Error(c, "Service Unavailable", http.StatusServiceUnavailable)
			return true
		case Cut:
			c.fail()
			panic(http.ErrAbortHandler)
		case Limited:
			c.fail()
			c.desk.limited(c, f.Wait)
			return true
		case Unauthorised:
			if c.desk.refuse != nil {
				c.fail()
				c.desk.refuse(c)
				return true
			}
		case Huge, Bomb, Endless:
			f.pour(c)
			return true
		}
	}
	return false
}

// wait passes d, or reports false when the client has gone before.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// script is what Scripts puts before every text.
const script = `<script>document.title='owned'</script><img src=x onerror="document.title='owned'">`

// byteMark stands in texts where InvalidUTF8 wants bytes that are none; a
// code point of private use, so that nothing else means it.
const byteMark = "\ue0ff"

// twist changes what t says.
func (f Fault) twist(t *telling) {
	if len(t.events) == 0 {
		return
	}
	newest := &t.events[len(t.events)-1]
	switch f.Kind {
	case ManyEvents:
		t.events = manyEvents(t.events, cmp.Or(f.Size, 100_000))
	case Year0:
		for i := range t.events {
			t.events[i].at = inYear(t.events[i].at, 0)
		}
	case Year9999:
		for i := range t.events {
			t.events[i].at = inYear(t.events[i].at, 9999)
		}
	case Scripts:
		for i, e := range t.events {
			t.events[i].text = script + string(e.kind)
			t.events[i].place.City = script + e.place.City
		}
		t.From.City, t.To.City = script+t.From.City, script+t.To.City
	case InvalidUTF8:
		for i, e := range t.events {
			t.events[i].text = string(e.kind) + byteMark
			t.events[i].place.City += byteMark
		}
	case Private:
		newest.text = fmt.Sprintf("Handed to %s, %s, phone %s, door code 4711#", t.Person.Name, t.Person.Street, t.Person.Phone)
	case Duplicates:
		t.events = slices.Concat(t.events, t.events)
		slices.SortStableFunc(t.events, func(a, b event) int { return a.at.Compare(b.at) })
	case Reordered:
		for i := len(t.events) - 1; i > 0; i -= 2 {
			t.events[i], t.events[i-1] = t.events[i-1], t.events[i]
		}
	case Withdrawn:
		t.events = t.events[:len(t.events)-1]
	case Corrected:
		newest.at = newest.at.Add(-17 * time.Minute)
		newest.place.City = t.From.City
	}
}

// manyEvents puts arrivals and departures, a second apart, before events until
// there are n.
func manyEvents(events []event, n int) []event {
	many := make([]event, 0, max(n, len(events)))
	for left := n - len(events); left > 0; left-- {
		e := events[0]
		e.kind = Arrived
		if left%2 == 1 {
			e.kind = Departed
		}
		e.at = e.at.Add(-time.Duration(left) * time.Second)
		many = append(many, e)
	}
	return append(many, events...)
}

func inYear(t time.Time, year int) time.Time {
	return time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, t.Location())
}

// pour writes an answer that is too long.
func (f Fault) pour(c *call) {
	c.Header().Set("Content-Type", "application/json")
	out, closeOut := io.Writer(c), func() {}
	if f.Kind == Bomb {
		c.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(c)
		out, closeOut = zip, func() { _ = zip.Close() }
	}
	defer closeOut()
	if _, err := io.WriteString(out, `{"padding":"`); err != nil {
		return
	}
	kilobyte := []byte(strings.Repeat("waypost ", 128))
	if f.Kind == Endless {
		flush := http.NewResponseController(c.ResponseWriter)
		for wait(c.r, cmp.Or(f.Wait, 10*time.Millisecond)) {
			if _, err := out.Write(kilobyte); err != nil || flush.Flush() != nil {
				return
			}
		}
		return
	}
	for left := cmp.Or(f.Size, 100<<20); left > 0; left -= len(kilobyte) {
		if _, err := out.Write(kilobyte); err != nil {
			return
		}
	}
	_, _ = io.WriteString(out, `"}`)
}

func joined(kinds []FaultKind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}
