// Package health is how the carriers' sources are doing: what they answered, how
// quickly, and whether their answers are still built as before. It counts in
// memory and writes in batches, for all programs that share the database. It
// holds no number and no value of any answer, asks nobody, and knows nothing of
// wire formats.
package health

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
)

// flushEvery is how long counts wait in memory; a crash loses no more. A change
// of shape doesn't wait.
const flushEvery = 10 * time.Second

// A Book keeps the sources' health in a database. Safe for concurrent use, also
// by several programs that share the database.
type Book struct {
	inventory.OfNobody

	db     *db.DB
	log    *slog.Logger
	urgent chan struct{} // holds one when something is to be written at once

	mu      sync.Mutex
	counts  map[counter]count
	sources map[carrier.SourceCode]*known
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the tables up to date.
func Open(ctx context.Context, d *db.DB, log *slog.Logger) (*Book, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "health", files); err != nil {
		return nil, err
	}
	return &Book{
		db: d, log: log, urgent: make(chan struct{}, 1),
		counts: map[counter]count{}, sources: map[carrier.SourceCode]*known{},
	}, nil
}

// Run writes what was noted until ctx ends; then there may be more for Flush.
// It returns nil.
func (b *Book) Run(ctx context.Context) error {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-b.urgent:
		}
		if err := b.Flush(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("carriers' health can't be written, will try again", "err", err)
		}
	}
}

// Flush writes what was noted since the last time. What can't be written waits.
func (b *Book) Flush(ctx context.Context) error {
	b.mu.Lock()
	counts := b.counts
	b.counts = map[counter]count{}
	var changed []row
	for code, k := range b.sources {
		changed = append(changed, k.take(code)...)
	}
	b.mu.Unlock()
	if len(counts) == 0 && len(changed) == 0 {
		return nil
	}
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := saveCounts(ctx, tx, counts); err != nil {
			return err
		}
		return saveRows(ctx, tx, changed)
	})
	if err != nil {
		b.putBack(counts, changed)
		return fmt.Errorf("write carriers' health: %w", err)
	}
	b.warn(changed)
	return nil
}

// warn logs the changes that may make parcels be told wrongly.
func (b *Book) warn(changed []row) {
	for _, r := range changed {
		if r.told && r.shapeChange().Loud() {
			b.log.Warn("a source's answers are built differently", "source", r.source, "path", r.path, "change", r.change)
		}
	}
}

func (b *Book) putBack(counts map[counter]count, changed []row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c, n := range counts {
		b.counts[c] = b.counts[c].plus(n)
	}
	for _, r := range changed {
		if k := b.sources[r.source]; k != nil {
			k.untake(r)
		}
	}
}
