package poll

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/rhythm"
)

// A policy says how long a source that has just answered isn't asked.
type policy func(p parcel.Parcel, a parcel.Asking, now time.Time) time.Duration

// every asks at intervals between two lengths, whatever happens.
func every(random *rand.Rand, least, most time.Duration) policy {
	return func(parcel.Parcel, parcel.Asking, time.Time) time.Duration {
		return least + time.Duration(random.Float64()*float64(most-least))
	}
}

// byRhythm asks as the poller does.
func byRhythm(random *rand.Rand, book *rhythm.Book, slow float64) policy {
	pace := pace{factor: 1, random: random.Float64}
	return func(p parcel.Parcel, a parcel.Asking, now time.Time) time.Duration {
		l := legOf(p.History, a, p.Created)
		return pace.next(p.Standing(now), l, book.Rates(l.key), slow).Sub(now)
	}
}

// A tally is what a policy came to.
type tally struct {
	Calls     float64       // for each parcel
	Mean, P90 time.Duration // from when news could be read until it was
	Delivered time.Duration // the mean of the last news of each parcel
}

// follow asks about parcels until they are delivered. Learn is told the changes.
func follow(t testing.TB, random *rand.Rand, parcels []made, next policy, learn func(parcel.Change)) tally {
	t.Helper()
	calls := 0
	var delays, delivered []time.Duration
	for _, m := range parcels {
		now := m.shown[0].Add(time.Duration(random.Float64() * 2 * float64(time.Hour))) // its label was printed, and it was registered
		p := parcel.Parcel{Created: now}
		asked := time.Time{}
		for shown := 0; ; {
			calls++
			was := shown
			for ; shown < len(m.shown) && !m.shown[shown].After(now); shown++ {
				if !asked.IsZero() {
					delays = append(delays, now.Sub(m.shown[shown]))
				}
			}
			if shown > was {
				p.History, _ = parcel.Merge(p.History, m.asking, carrier.Report{Events: slices.Clone(m.events[:shown])}, now)
				learn(parcel.Change{Known: p.Created, History: p.History, By: parcel.Outcome{Claimed: parcel.Claimed{Asking: m.asking, Asked: asked}, At: now}})
			}
			if shown == len(m.shown) {
				break
			}
			asked, now = now, now.Add(next(p, m.asking, now)).Truncate(time.Millisecond)
			if !now.After(asked) {
				t.Fatalf("asked at %v, and again at %v", asked, now)
			}
		}
		delivered = append(delivered, now.Sub(m.shown[len(m.shown)-1]))
	}
	slices.Sort(delays)
	return tally{
		Calls: float64(calls) / float64(len(parcels)),
		Mean:  mean(delays), P90: delays[len(delays)*9/10], Delivered: mean(delivered),
	}
}

func mean(all []time.Duration) time.Duration {
	total := time.Duration(0)
	for _, d := range all {
		total += d
	}
	return total / time.Duration(len(all))
}

func learnsNothing(parcel.Change) {}

// parcels makes some of each lane, ordered within weeks from a day on.
func parcels(random *rand.Rand, each int, from time.Time, weeks float64) []made {
	var all []made
	for _, l := range lanes {
		for range each {
			ordered := from.Add(time.Duration(random.Float64() * weeks * 7 * float64(day)))
			all = append(all, l.make(random, ordered))
		}
	}
	return all
}

// A world is a book that has learned by polling some parcels, and others to be
// polled.
type world struct {
	t       testing.TB
	book    *rhythm.Book
	parcels []made
}

const freshnessSeed = 20260105

func newWorld(t testing.TB, train, test int) *world {
	t.Helper()
	w := &world{t: t, book: openRhythms(t)}
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	random := w.random(0)
	follow(t, random, parcels(random, train, monday, 6), byRhythm(random, nil, 1), func(c parcel.Change) { w.book.Learn(gaps(c)...) })
	if err := w.book.Exchange(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.parcels = parcels(w.random(1), test, monday.AddDate(0, 0, 8*7), 4)
	return w
}

func (*world) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(freshnessSeed, stream)) }

func (w *world) every(least, most time.Duration) tally {
	return follow(w.t, w.random(3), w.parcels, every(w.random(2), least, most), learnsNothing)
}

// slowed polls by what a book knows.
func (w *world) slowed(book *rhythm.Book, slow float64) tally {
	return follow(w.t, w.random(3), w.parcels, byRhythm(w.random(2), book, slow), learnsNothing)
}

// likewise polls by what a book knows, as often as another did and no oftener.
func (w *world) likewise(book *rhythm.Book, other tally) tally {
	least, most := 0.1, 20.0
	for range 9 {
		middle := math.Sqrt(least * most)
		if w.slowed(book, middle).Calls > other.Calls {
			least = middle
		} else {
			most = middle
		}
	}
	return w.slowed(book, most)
}

// At as many calls as an interval of two hours takes, news is seen in at most
// three fifths of the time.
func TestFreshness(t *testing.T) {
	w := newWorld(t, 150, 20)
	fixed := w.every(2*time.Hour, 2*time.Hour)
	ours := w.likewise(w.book, fixed)
	t.Logf("seed %d: every two hours %.1f calls, mean delay %v; by rhythm %.1f calls, %v", freshnessSeed, fixed.Calls, fixed.Mean, ours.Calls, ours.Mean)
	if ours.Calls > fixed.Calls || float64(ours.Mean) > 0.6*float64(fixed.Mean) {
		t.Errorf("by rhythm %v mean delay at %.1f calls, every two hours %v at %.1f; want at least 40 %% less", ours.Mean, ours.Calls, fixed.Mean, fixed.Calls)
	}
}
