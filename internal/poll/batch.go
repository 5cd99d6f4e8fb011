package poll

import (
	"slices"
	"strconv"
	"sync"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
)

// mostSuspects bounds how many numbers are remembered as perhaps spoiling their
// batch.
const mostSuspects = 10_000

// A batchSize is how many numbers go into one call. When a source refuses a
// batch as too large, all batches are halved from then on. When it refuses one
// as wrong, its numbers go in halves of it, and these in halves, until the ones
// that spoil it are alone; there they stay. Safe for concurrent use.
type batchSize struct {
	mu       sync.Mutex
	size     int
	suspects map[string]int // number → how many may go with it, itself counted
}

func newBatchSize(most int) *batchSize {
	return &batchSize{size: max(most, 1), suspects: map[string]int{}}
}

func (b *batchSize) now() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

// refused learns from a batch that was refused, and reports whether its parts
// may do better.
func (b *batchSize) refused(batch []parcel.Claimed, kind carrier.ProblemKind) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	half := max(len(batch)/2, 1)
	if kind == carrier.TooMany {
		b.size = min(b.size, half)
		return len(batch) > 1
	}
	if len(b.suspects) > mostSuspects {
		clear(b.suspects)
	}
	for _, c := range batch {
		b.suspects[c.Number] = half
	}
	return len(batch) > 1
}

// answered learns from a batch that was answered.
func (b *batchSize) answered(batch []parcel.Claimed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range batch {
		delete(b.suspects, c.Number)
	}
}

// cut makes batches of the asks of one claim: at most as many as the claim has
// paid calls for, of at most size asks. Suspects come first, by themselves.
// Carriers for which a source is asked in words of their own don't share a
// batch, and an ask with values that its carrier demands shares it with none.
// What goes beyond is spare.
func (b *batchSize) cut(asks []parcel.Claimed, size, paid int, words with) (batches [][]parcel.Claimed, spare []parcel.Claimed) {
	type group struct {
		carrier carrier.Code
		alone   parcel.ID // whose values the carrier is told
		size    int
	}
	b.mu.Lock()
	together := map[group][]parcel.Claimed{}
	var groups []group // in the order of their oldest ask
	for _, c := range asks {
		g := group{size: size}
		if words[c.Carrier] != nil {
			g.carrier = c.Carrier
		}
		if c.Given != nil {
			g.alone = c.Parcel
		}
		if most, ok := b.suspects[c.Number]; ok {
			g.size = min(most, size)
		}
		if together[g] == nil {
			groups = append(groups, g)
		}
		together[g] = append(together[g], c)
	}
	b.mu.Unlock()
	slices.SortStableFunc(groups, func(a, b group) int { return a.size - b.size })
	for _, g := range groups {
		batches = slices.AppendSeq(batches, slices.Chunk(together[g], g.size))
	}
	if len(batches) > paid {
		spare = slices.Concat(batches[paid:]...)
		batches = batches[:paid]
	}
	return batches, spare
}

// with is what carriers' files give a source that serves several, for those
// carriers whose file gives it anything. One that answers for any carrier is
// given whom it is asked about.
type with map[carrier.Code]map[string]string

func withOf(cat *carrier.Catalogue, source carrier.SourceCode) with {
	all := with{}
	s, known := cat.Source(source)
	for _, c := range cat.Carriers() {
		if known && s.Fallback {
			all[c.Code] = map[string]string{"carrier": string(c.Code)}
			if c.Key != 0 {
				all[c.Code]["key"] = strconv.Itoa(c.Key)
			}
		}
		for _, via := range c.Via {
			if via.Source == source && len(via.With) > 0 {
				all[c.Code] = via.With
			}
		}
	}
	return all
}

// calls is how many calls so many asks take.
func calls(asks, size int) int { return (asks + size - 1) / size }
