package webhook

import (
	"slices"
	"sync"
)

// An inbox is what came of attempts, until it is taken: by one goroutine, which is
// woken once there are as many as it waits for, and not by each. Safe for
// concurrent use.
type inbox struct {
	mu     sync.Mutex
	all    []outcome // the oldest first
	wanted int
	enough chan struct{} // holds one when there are as many as are wanted
}

func newInbox() *inbox { return &inbox{enough: make(chan struct{}, 1)} }

func (b *inbox) put(o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, o)
	b.tell()
}

// await is received from once there are so many. An earlier call's wait ends.
func (b *inbox) await(n int) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.enough:
	default:
	}
	b.wanted = n
	b.tell()
	return b.enough
}

// tell wakes whoever waits. The lock is held.
func (b *inbox) tell() {
	if b.wanted == 0 || len(b.all) < b.wanted {
		return
	}
	b.wanted = 0
	select {
	case b.enough <- struct{}{}:
	default:
	}
}

// take returns up to so many of the oldest.
func (b *inbox) take(most int) []outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	some := b.all
	if len(some) <= most {
		b.all = nil
		return some
	}
	b.all = slices.Clone(some[most:])
	return some[:most]
}
