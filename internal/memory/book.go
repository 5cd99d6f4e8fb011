package memory

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/figure"
	"waypost/internal/inventory"
	"waypost/internal/recognise"
)

// A Book holds the tallies in memory. What it learns it exchanges with the
// database now and then: other programs learn it, and it what they have. It is
// safe for concurrent use; a nil Book learns nothing.
type Book struct {
	inventory.OfNobody

	db    *db.DB
	gate  figure.Gate
	log   *slog.Logger
	known atomic.Pointer[Known]

	mu    sync.Mutex
	fresh map[entry]float64 // not in the database yet
}

// An entry is one number in the table.
type entry struct {
	kind
	carrier carrier.Code
}

var _ recognise.Memory = (*Book)(nil)

// Tally implements recognise.Memory.
func (b *Book) Tally(l recognise.Likeness, country string) recognise.Tally {
	return b.Known().Tally(l, country)
}

// Known is what was known at the last Exchange, as far as it may be outside.
func (b *Book) Known() Known { return *b.known.Load() }

// Learn counts lessons. They show from the next Exchange on.
func (b *Book) Learn(lessons ...Lesson) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range lessons {
		for _, k := range l.kinds() {
			b.fresh[entry{k, l.Carrier}]++
		}
	}
}

// Exchange writes what was learned, and reads what is known by all. What can't
// be written is kept for the next time.
func (b *Book) Exchange(ctx context.Context) error {
	if b == nil {
		return nil
	}
	now := time.Now()
	b.mu.Lock()
	fresh := b.fresh
	b.fresh = map[entry]float64{}
	b.mu.Unlock()
	if err := b.save(ctx, fresh, now); err != nil {
		b.keep(fresh)
		return err
	}
	known, err := b.load(ctx, now)
	if err != nil {
		return err
	}
	b.known.Store(&known)
	return nil
}

// Reset forgets everything that was written. What programs that run have
// learned since their last Exchange is written by their next.
func (b *Book) Reset(ctx context.Context) error {
	if _, err := b.db.Exec(ctx, `DELETE FROM memory`); err != nil {
		return fmt.Errorf("reset memory: %w", err)
	}
	b.mu.Lock()
	b.fresh = map[entry]float64{}
	b.mu.Unlock()
	b.known.Store(&Known{})
	return nil
}

// keep takes back what couldn't be written.
func (b *Book) keep(fresh map[entry]float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for e, n := range b.fresh {
		fresh[e] += n
	}
	b.fresh = fresh
}
