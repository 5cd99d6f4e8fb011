// Package live tells those who look at a page that something has changed: a
// broker of topics inside one process. A topic is a nudge, never the news
// itself; whoever gets one reads the truth from the database. It knows nothing
// of databases (db publishes what was committed) nor of HTTP.
package live

import "sync"

// Resync is the topic that says: something may have been missed, read again
// whatever you show.
const Resync = ""

// pending is how many topics wait for a slow reader before they are let go and
// Resync takes their place.
const pending = 64

// A Broker passes topics on to whoever subscribed to them. Safe for concurrent use.
type Broker struct {
	mu       sync.RWMutex
	topics   map[string]map[*Subscription]struct{}
	everyone map[*Subscription]struct{}
}

// New returns a broker without subscriptions.
func New() *Broker {
	return &Broker{topics: map[string]map[*Subscription]struct{}{}, everyone: map[*Subscription]struct{}{}}
}

// A Subscription is somebody's interest in some topics.
type Subscription struct {
	C <-chan string // the topics published, Resync when some were lost; closed by Close

	broker *Broker
	topics []string
	mu     sync.Mutex // guards sending, so that whoever empties the channel may fill it
	send   chan string
	closed bool
}

// Subscribe starts to pass the topics on; Resync comes to every subscription.
func (b *Broker) Subscribe(topics ...string) *Subscription {
	c := make(chan string, pending)
	s := &Subscription{C: c, send: c, broker: b, topics: topics}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.everyone[s] = struct{}{}
	for _, t := range topics {
		if b.topics[t] == nil {
			b.topics[t] = map[*Subscription]struct{}{}
		}
		b.topics[t][s] = struct{}{}
	}
	return s
}

// Publish passes topic on. It never waits: a reader that is too slow is told
// to read everything again.
func (b *Broker) Publish(topic string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	to := b.topics[topic]
	if topic == Resync {
		to = b.everyone
	}
	for s := range to {
		s.pass(topic)
	}
}

// pass puts topic into the channel; where there is no room, Resync takes the
// place of all that waits.
func (s *Subscription) pass(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	select {
	case s.send <- topic:
		return
	default:
	}
	for len(s.send) > 0 {
		select {
		case <-s.send:
		default: // the reader was faster
		}
	}
	s.send <- Resync
}

// Close ends the subscription and closes C. It may be called more than once.
func (s *Subscription) Close() {
	b := s.broker
	b.mu.Lock()
	delete(b.everyone, s)
	for _, t := range s.topics {
		delete(b.topics[t], s)
		if len(b.topics[t]) == 0 {
			delete(b.topics, t)
		}
	}
	b.mu.Unlock()

	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.send)
	}
}
