package poll

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"waypost/internal/parcel"
)

const (
	longestSleep = 5 * time.Minute // without being told of anything new
	shortestRest = time.Second     // after the database failed
	longestRest  = time.Minute
	startSpread  = 200 * time.Millisecond
	tooOften     = 250 * time.Millisecond // between two full claims: the next takes more
	tooSeldom    = time.Second            // and here less
	mostAhead    = 256                    // asks that are claimed and not over, where calls don't take more
)

// A worker asks with one account. Its loop claims; as many goroutines as calls
// may be made at the same time make them, and another records what they
// brought, as many at once as have come.
type worker struct {
	*Poller
	state   *state
	account Account
	words   with
	batch   *batchSize
	breaker *breaker
	log     *slog.Logger
	slow    share // how many times as long to wait as is worth it, as the last claim saw it; 0 before

	todo     chan []parcel.Claimed // from the loop to calls
	answered chan []parcel.Outcome // from calls to the recorder
	sooner   chan time.Time        // from the recorder: an ask will be due then; holds one
	ended    chan struct{}         // from calls: one or more have ended; holds one
	ahead    atomic.Int64          // calls that are claimed and not over

	again   time.Time // when to claim next, the loop's
	rests   int       // failed claims in a row, the loop's
	depth   int       // calls to be ahead, the loop's: as many as are made in a moment
	claimed time.Time // when the last claim was made, the loop's
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
		todo:     make(chan []parcel.Claimed, mostAhead),
		answered: make(chan []parcel.Outcome, mostRecorded),
		sooner:   make(chan time.Time, 1),
		ended:    make(chan struct{}, 1),
		depth:    a.Concurrency,
	}
}

// run claims and asks until ctx ends, and returns when all that was asked is
// recorded.
func (w *worker) run(ctx context.Context) {
	nudges := w.options.Live.Subscribe(parcel.DueTopic(w.account.Code))
	defer nudges.Close()
	var calls, recorder sync.WaitGroup
	for range w.account.Concurrency {
		calls.Go(func() { w.call(ctx) })
	}
	recorder.Go(func() { w.record(context.WithoutCancel(ctx)) })

	w.again = time.Now().Add(w.pace.within(0, startSpread))
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		if most := w.room(); most > 0 && !time.Now().Before(w.again) {
			for _, batch := range w.claim(ctx, most) {
				w.ahead.Add(1)
				w.todo <- batch
			}
		}
		timer.Reset(w.sleep())
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-nudges.C:
			w.again = time.Time{}
		case at := <-w.sooner:
			if at.Before(w.again) {
				w.again = at
			}
		case <-w.ended:
		}
	}
	close(w.todo)
	calls.Wait()
	close(w.answered)
	recorder.Wait()
}

// call makes one call after another. What was claimed is given back when the
// program ends, or when the source is to be left alone.
func (w *worker) call(ctx context.Context) {
	for batch := range w.todo {
		if ctx.Err() != nil || w.breaker.opened() {
			w.release(context.WithoutCancel(ctx), batch)
		} else {
			w.answered <- w.ask(context.WithoutCancel(ctx), batch)
		}
		w.ahead.Add(-1)
		select {
		case w.ended <- struct{}{}:
		default:
		}
	}
}

// room is how many calls may be claimed now. It waits until half of the calls
// are over, so that one claim serves several.
func (w *worker) room() int {
	most := w.depth
	if w.breaker.probing() {
		most = 1
	}
	ahead := int(w.ahead.Load())
	if ahead > most/2 {
		return 0
	}
	return most - ahead
}

// paceClaims takes more at once where calls are over quickly, so that the
// database isn't asked for each; but no more than is soon asked.
func (w *worker) paceClaims(now time.Time) {
	switch since := now.Sub(w.claimed); {
	case since < tooOften:
		w.depth = min(2*w.depth, max(mostAhead/w.batch.now(), w.account.Concurrency))
	case since > tooSeldom:
		w.depth = max(w.depth/2, w.account.Concurrency)
	}
}

// sleep is how long the loop waits for something to happen.
func (w *worker) sleep() time.Duration {
	if w.room() == 0 {
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
	if w.account.Subscriber != nil && budget.Calls > 1 {
		budget.Calls -= max(budget.Calls/subscriptionShare, 1)
	}
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
		w.paceClaims(now)
	case w.again.IsZero():
		w.again = now.Add(longestSleep)
	}
	w.claimed = now
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
	w.slow.store(slow(taken, now))
	w.metrics.account(w.account.Code, 1-taken.Used, open)
	for _, c := range taken.Asks {
		w.metrics.claimed(w.account.Source.Code, now.Sub(c.Due))
	}
}

// slow is how many times as long to wait because calls are short: once more
// when the budget is used, and for each of the first two hours that asks are late.
func slow(taken parcel.Taken, now time.Time) float64 {
	late := time.Duration(0)
	for _, c := range taken.Asks {
		late = max(late, now.Sub(c.Due))
	}
	return 1 + taken.Used + min(late, 2*time.Hour).Hours()
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

// A share is a number that two goroutines use.
type share struct{ bits atomic.Uint64 }

func (s *share) load() float64   { return math.Float64frombits(s.bits.Load()) }
func (s *share) store(v float64) { s.bits.Store(math.Float64bits(v)) }
