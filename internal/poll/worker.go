package poll

import (
	"context"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"waypost/internal/parcel"
)

const (
	longestSleep = 5 * time.Minute // without being told of anything new
	shortestRest = time.Second     // after the database failed
	longestRest  = time.Minute
	startSpread  = 200 * time.Millisecond
)

// A worker asks with one account. Its loop claims and starts calls; a second
// goroutine records what they brought, as many at once as have come.
type worker struct {
	*Poller
	state   *state
	account Account
	words   with
	batch   *batchSize
	breaker *breaker
	log     *slog.Logger
	used    share // of the budget, as the last claim saw it

	answered chan []parcel.Outcome // from calls to the recorder
	sooner   chan time.Time        // from the recorder: an ask will be due then; holds one
	done     chan struct{}         // from calls: one has ended

	again time.Time // when to claim next, the loop's
	rests int       // failed claims in a row, the loop's
}

func newWorker(p *Poller, s *state, a Account) *worker {
	if a.Concurrency <= 0 {
		a.Concurrency = defaultConcurrency
	}
	log := p.log.With("account", a.Code)
	return &worker{
		Poller: p, state: s, account: a, log: log,
		words:    withOf(s.catalogue, a.Source.Code),
		batch:    newBatchSize(a.Connector.Batch()),
		breaker:  newBreaker(p, a.Code, log),
		answered: make(chan []parcel.Outcome, a.Concurrency),
		sooner:   make(chan time.Time, 1),
		done:     make(chan struct{}, a.Concurrency),
	}
}

// run claims and asks until ctx ends, and returns when all that was claimed is
// recorded.
func (w *worker) run(ctx context.Context) {
	nudges := w.options.Live.Subscribe(parcel.DueTopic(w.account.Code))
	defer nudges.Close()
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		w.record(context.WithoutCancel(ctx))
	}()

	w.again = time.Now().Add(w.pace.within(0, startSpread))
	asking := 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		if most := w.room(asking); most > 0 && !time.Now().Before(w.again) {
			for _, batch := range w.claim(ctx, most) {
				asking++
				go func() {
					w.answered <- w.ask(context.WithoutCancel(ctx), batch)
					w.done <- struct{}{}
				}()
			}
		}
		timer.Reset(w.sleep(asking))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-nudges.C:
			w.again = time.Time{}
		case at := <-w.sooner:
			if at.Before(w.again) {
				w.again = at
			}
		case <-w.done:
			asking--
		}
	}
	for ; asking > 0; asking-- {
		<-w.done
	}
	close(w.answered)
	<-recorded
}

// room is how many calls may begin now. It waits until half of the calls have
// ended, so that one claim serves several.
func (w *worker) room(asking int) int {
	most := w.account.Concurrency
	if w.breaker.probing() {
		most = 1
	}
	if asking > most/2 {
		return 0
	}
	return most - asking
}

// sleep is how long the loop waits for something to happen.
func (w *worker) sleep(asking int) time.Duration {
	if w.room(asking) == 0 {
		return longestSleep
	}
	return min(max(time.Until(w.again), 0), longestSleep)
}

// claim takes asks that are due for at most most calls, and sets when to claim
// next.
func (w *worker) claim(ctx context.Context, most int) [][]parcel.Claimed {
	size := w.batch.now()
	most *= size
	budget := w.account.Budget
	budget.Batch, budget.VisitorShare = size, w.options.VisitorShare
	taken, err := w.store.Claim(ctx, parcel.Claim{Account: w.account.Code, Most: most, Lease: w.options.Lease, Budget: budget})
	now := time.Now()
	if err != nil {
		w.rest(ctx, err, now)
		return nil
	}
	w.rests = 0
	w.again = taken.Again
	switch {
	case len(taken.Asks) == most:
		w.again = now
	case w.again.IsZero():
		w.again = now.Add(longestSleep)
	}
	w.note(taken, now)
	batches, spare := w.batch.cut(taken.Asks, size, calls(len(taken.Asks), size), w.words)
	w.release(ctx, spare)
	return batches
}

// note keeps what a claim told of the account.
func (w *worker) note(taken parcel.Taken, now time.Time) {
	open := taken.Empty == parcel.BreakerOpen
	if open {
		w.breaker.seen()
	}
	w.used.store(taken.Used)
	w.metrics.account(w.account.Code, 1-taken.Used, open)
	for _, c := range taken.Asks {
		w.metrics.claimed(w.account.Source.Code, now.Sub(c.Due))
	}
}

// rest leaves the database alone for a while after it failed.
func (w *worker) rest(ctx context.Context, err error, now time.Time) {
	if ctx.Err() != nil {
		return
	}
	w.log.Error("asks can't be claimed, will retry", "err", err)
	most := min(longestRest, shortestRest<<min(w.rests, 6))
	w.rests++
	w.again = now.Add(w.pace.within(most/2, most))
}

// release gives back what was claimed and not asked.
func (w *worker) release(ctx context.Context, claimed []parcel.Claimed) {
	if len(claimed) == 0 {
		return
	}
	if err := w.store.Release(ctx, claimed); err != nil {
		w.log.Warn("asks can't be given back, they wait for their lease", "err", err)
	}
}

// A share is a number from 0 to 1 that two goroutines use.
type share struct{ bits atomic.Uint64 }

func (s *share) load() float64   { return math.Float64frombits(s.bits.Load()) }
func (s *share) store(v float64) { s.bits.Store(math.Float64bits(v)) }
