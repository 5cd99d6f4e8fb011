package poll

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"waypost/internal/carrier"
)

// When a source is left alone, and for how long.
const (
	tripsAfter   = 5 // whole answers in a row that were of no use
	firstPause   = time.Minute
	longestPause = 30 * time.Minute
	authPause    = 30 * time.Minute // refused credentials don't mend themselves
	longestAuth  = 6 * time.Hour
)

// A breaker leaves an account alone after its source failed several times in a
// row, for all programs that share the database. When the pause is over one
// call probes the source: its answer closes the breaker, its failure opens it
// for longer. Safe for concurrent use.
type breaker struct {
	poller  *Poller
	account carrier.AccountCode
	log     *slog.Logger

	mu       sync.Mutex
	failures int       // whole answers in a row
	trips    int       // in a row
	open     time.Time // until then
	half     bool      // a probe is due
}

func newBreaker(p *Poller, account carrier.AccountCode, log *slog.Logger) *breaker {
	return &breaker{poller: p, account: account, log: log}
}

// probing reports whether one call at a time is all that may be tried.
func (b *breaker) probing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.half
}

// opened reports whether the source is to be left alone now.
func (b *breaker) opened() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.open)
}

// seen learns that the breaker is open, perhaps because of another program.
func (b *breaker) seen() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.half = true
}

// succeeded closes the breaker.
func (b *breaker) succeeded(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures = 0
	if !b.half {
		return
	}
	if time.Now().Before(b.open) {
		return // a call from before it opened
	}
	if err := b.poller.store.Heal(ctx, b.account); err != nil {
		b.log.Warn("breaker can't be closed, will retry", "err", err)
		return
	}
	b.half, b.trips = false, 0
	b.log.Info("source answers again")
}

// failed counts a whole answer that was of no use, and opens the breaker when
// it was one too many, when the source asked to be left alone, or when it
// refused the credentials.
func (b *breaker) failed(ctx context.Context, p *carrier.Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	now := time.Now()
	urgent := p.Kind == carrier.Auth || p.Kind == carrier.LimitedKind || b.half
	if b.failures < tripsAfter && !urgent || now.Before(b.open) {
		return
	}
	pause := b.pause(p)
	open := now.Add(pause).Truncate(time.Millisecond) // as the store keeps it
	if err := b.poller.store.Trip(ctx, b.account, open); err != nil {
		b.log.Error("breaker can't be opened", "err", err)
		return
	}
	b.trips++
	b.open, b.half, b.failures = open, true, 0
	level := slog.LevelWarn
	if p.Kind == carrier.Auth {
		level = slog.LevelError // only the operator can mend it
	}
	b.log.Log(ctx, level, "source is left alone", "pause", pause.Round(time.Second), "problem", p.Kind, "why", p.Text)
}

// pause is how long the source is left alone: longer each time, no less than
// it asked for, and not for the same time on every account.
func (b *breaker) pause(p *carrier.Problem) time.Duration {
	first, longest := firstPause, longestPause
	if p.Kind == carrier.Auth {
		first, longest = authPause, longestAuth
	}
	most := b.poller.pace.times(min(longest, first<<min(b.trips, 10)), 1)
	spread := b.poller.pace.within(0, most/4)
	return max(most, p.RetryAfter) + spread
}
