package sim

import (
	"slices"
	"time"
)

// A Limit is how many requests about parcels a source allows in a window.
// The zero value allows any.
type Limit struct {
	Calls int
	Per   time.Duration
}

// keptCalls is how many requests Stats.Calls goes back.
const keptCalls = 10_000

// Stats are a source's counters: whether somebody was polite.
type Stats struct {
	Requests int    `json:"requests"` // about parcels, refused ones too
	Tokens   int    `json:"tokens"`   // given out
	Numbers  int    `json:"numbers"`  // asked about
	Largest  int    `json:"largest"`  // most numbers in one request
	Refused  int    `json:"refused"`  // requests that got no proper answer: auth, limits, batches, faults
	Calls    []Call `json:"-"`        // the last 10,000 requests about parcels, oldest first
}

// A Call is one request about parcels.
type Call struct {
	At      time.Time // wall clock
	Numbers int
}

// Peak is the most requests that fell into any window of length d.
func (s Stats) Peak(d time.Duration) int {
	peak, from := 0, 0
	for i, c := range s.Calls {
		for c.At.Sub(s.Calls[from].At) >= d {
			from++
		}
		peak = max(peak, i-from+1)
	}
	return peak
}

// Stats are the counters of every source.
func (s *Server) Stats() map[string]Stats {
	all := map[string]Stats{}
	for name, d := range s.desks {
		d.mu.Lock()
		one := d.stats
		one.Calls = slices.Clone(one.Calls)
		d.mu.Unlock()
		all[name] = one
	}
	return all
}

// Limit makes a source refuse what is above l, in its own words.
func (s *Server) Limit(source string, l Limit) error {
	d, ok := s.desks[source]
	if !ok {
		return errNoSource.With(source)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit, d.windowEnd, d.inWindow = l, time.Time{}, 0
	return nil
}

// allow reports whether one more request is within the limit, and if not,
// when it will be.
func (d *desk) allow(token bool) (after time.Duration, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if token || d.limit.Calls == 0 {
		return 0, true
	}
	now := time.Now()
	if !now.Before(d.windowEnd) {
		d.windowEnd, d.inWindow = now.Add(d.limit.Per), 0
	}
	if d.inWindow == d.limit.Calls {
		return d.windowEnd.Sub(now), false
	}
	d.inWindow++
	return 0, true
}

// count adds a finished call up.
func (d *desk) count(c *call, token bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.refused {
		d.stats.Refused++
	}
	if token {
		return
	}
	d.stats.Requests++
	d.stats.Numbers += c.numbers
	d.stats.Largest = max(d.stats.Largest, c.numbers)
	if len(d.stats.Calls) == keptCalls {
		d.stats.Calls = append(d.stats.Calls[:0], d.stats.Calls[keptCalls/2:]...)
	}
	d.stats.Calls = append(d.stats.Calls, Call{time.Now(), c.numbers})
}
