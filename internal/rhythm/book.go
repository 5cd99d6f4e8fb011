package rhythm

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Book holds the rhythms in memory. What it learns it exchanges with the
// database now and then: other programs learn it, and it what they have. It is
// safe for concurrent use; a nil Book learns nothing and knows what is expected.
type Book struct {
	inventory.OfNobody

	db  *db.DB
	log *slog.Logger

	mu    sync.Mutex
	known map[Key]*Rates
	fresh map[Key]*counts // not in the database yet
	read  time.Time       // what was written before is known
}

// Rates are what is known of a rhythm.
func (b *Book) Rates(k Key) *Rates {
	if b != nil {
		b.mu.Lock()
		r, ok := b.known[k]
		if !ok {
			r, ok = b.known[k.main()]
		}
		b.mu.Unlock()
		if ok {
			return r
		}
	}
	return Expected(k)
}

// Learn counts gaps. It shows in Rates from the next Exchange on.
func (b *Book) Learn(gaps ...Gap) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, g := range gaps {
		c, ok := b.fresh[g.Key]
		if !ok {
			c = &counts{}
			b.fresh[g.Key] = c
		}
		c.add(g)
	}
}

// exchangeMargin is how far clocks of programs may differ, and how long a
// write may take: what was written so shortly before is read once more.
const exchangeMargin = 10 * time.Minute

// Exchange writes what was learned, and reads what others have. What can't be
// written is kept for the next time.
func (b *Book) Exchange(ctx context.Context) error {
	if b == nil {
		return nil
	}
	now := time.Now()
	if err := b.write(ctx, now); err != nil {
		return err
	}
	b.mu.Lock()
	from := b.read
	b.mu.Unlock()
	rows, err := b.load(ctx, from.Add(-exchangeMargin))
	if err != nil {
		return err
	}
	known := fitted(rows, now)
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.Copy(b.known, known)
	b.read = now
	return nil
}

// fitted are the rates of rows, which are all of their carriers: what was seen
// in a main status corrects what is expected, and what was seen in each of its
// sub-statuses corrects that.
func fitted(rows []row, now time.Time) map[Key]*Rates {
	whole := map[Key]*counts{}
	for _, r := range rows {
		r.counts.fade(now.Sub(r.counted))
		c, ok := whole[r.main()]
		if !ok {
			c = &counts{}
			whole[r.main()] = c
		}
		c.merge(r.counts)
	}
	tables := map[Key]*table{}
	known := map[Key]*Rates{}
	for k, seen := range whole {
		tables[k] = expectationOf(k.Leg, k.Status.Main()).rates().fit(seen)
		known[k] = tables[k].fixed()
	}
	for _, r := range rows {
		if r.Key != r.main() {
			known[r.Key] = tables[r.main()].fit(r.counts).fixed()
		}
	}
	return known
}

// write takes what is fresh to the database, key by key.
func (b *Book) write(ctx context.Context, now time.Time) error {
	b.mu.Lock()
	fresh := b.fresh
	b.fresh = map[Key]*counts{}
	b.mu.Unlock()
	for _, k := range slices.SortedFunc(maps.Keys(fresh), Key.compare) {
		if err := b.merge(ctx, k, fresh[k], now); err != nil {
			b.keep(fresh)
			return err
		}
		delete(fresh, k)
	}
	return nil
}

// keep takes back what couldn't be written.
func (b *Book) keep(fresh map[Key]*counts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, c := range fresh {
		if newer, ok := b.fresh[k]; ok {
			c.merge(newer)
		}
		b.fresh[k] = c
	}
}

func (k Key) compare(l Key) int {
	return strings.Compare(
		strings.Join([]string{string(k.Carrier), string(k.Leg), string(k.Status)}, " "),
		strings.Join([]string{string(l.Carrier), string(l.Leg), string(l.Status)}, " "))
}
