package webhook

import (
	"sync"
	"time"

	"waypost/internal/inventory"
)

const (
	freshFor  = time.Minute
	freshMost = 80_000 // of all weights: some 24 MB
)

// fresh keeps events that were just recorded, as they are written for receivers,
// until each endpoint that is to be told has been, for a minute at most: what is
// delivered at once needn't be read, opened and written. The zero value is empty.
// Safe for concurrent use.
type fresh struct {
	mu     sync.Mutex
	all    map[freshKey]*freshEvent
	line   []freshKey // oldest first; those that are gone among them
	weight int
}

type freshKey struct {
	owner inventory.Subject
	seq   int64
	form  Form
}

type freshEvent struct {
	event   Event // without what is sealed
	message Message
	takers  int // endpoints that have yet to be told
	weight  int // some 300 bytes each
	put     time.Time
}

func weightOf(e Event) int { return 4 + len(e.Parcel.History.Events) }

// put keeps an event for so many endpoints of a form.
func (f *fresh) put(e Event, form Form, m Message, takers int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[freshKey]*freshEvent{}
	}
	now := time.Now()
	key, kept := freshKey{e.Owner, e.Seq, form}, &freshEvent{event: e.bare(), message: m, takers: takers, weight: weightOf(e), put: now}
	f.drop(key)
	f.all[key], f.line, f.weight = kept, append(f.line, key), f.weight+kept.weight
	for len(f.line) > 0 {
		oldest, ok := f.all[f.line[0]]
		if ok && f.weight <= freshMost && now.Sub(oldest.put) < freshFor {
			return
		}
		f.drop(f.line[0])
		f.line = f.line[1:]
	}
}

// take returns an event for one endpoint, and nil when it isn't kept.
func (f *fresh) take(owner inventory.Subject, seq int64, form Form) (Event, Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := freshKey{owner, seq, form}
	kept, ok := f.all[key]
	if !ok {
		return Event{}, nil
	}
	if kept.takers--; kept.takers <= 0 {
		f.drop(key)
	}
	return kept.event, kept.message
}

// forget drops all that is an owner's.
func (f *fresh) forget(owner inventory.Subject) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key := range f.all {
		if key.owner == owner {
			f.drop(key)
		}
	}
}

func (f *fresh) drop(key freshKey) {
	if kept, ok := f.all[key]; ok {
		delete(f.all, key)
		f.weight -= kept.weight
	}
}
