package poll

import (
	"context"
	"slices"
	"time"

	"waypost/internal/memory"
	"waypost/internal/parcel"
	"waypost/internal/rhythm"
)

// exchangeEvery is how often what was learned is written, and what other
// programs have learned is read.
const exchangeEvery = 5 * time.Minute

// learn counts when the news came that changes brought, and with which carriers
// numbers were found. Simulated carriers have nothing to teach.
func (p *Poller) learn(a Account, changes []parcel.Change) {
	if a.Simulated {
		return
	}
	for _, c := range changes {
		p.options.Rhythms.Learn(gaps(c)...)
		if c.Settled {
			p.options.Memory.Learn(memory.Lesson{Number: c.Key.Number, Carrier: c.Found, Country: whereabouts(c.History)})
		}
	}
}

// gaps are the waits that ended with the news of a change.
func gaps(c parcel.Change) []rhythm.Gap {
	var all []rhythm.Gap
	l := newLeg(c.By.Asking, c.Known)
	for _, e := range c.History.Told(c.By.Asking) {
		key, from := l.key, l.last
		l.hear(e)
		if !e.Seen.Equal(c.By.At) {
			continue
		}
		if to, ok := appeared(e, c.By.Asked, c.By.At); ok && from.Before(to) {
			if local, known := l.clock(to); known {
				all = append(all, rhythm.Gap{Key: key, From: from.In(local.Location()), To: local})
			}
		}
	}
	return all
}

// appeared is when an event could first be read. Of one that is older than the
// answer before, which did not have it, no more is known than that it was
// between both answers.
func appeared(e *parcel.Event, before, at time.Time) (time.Time, bool) {
	happened := e.Time.UTC
	switch {
	case happened.IsZero() || happened.After(at):
		return time.Time{}, false
	case before.IsZero() || happened.After(before):
		return happened, true
	}
	return before.Add(at.Sub(before) / 2), true
}

// whereabouts is the country of the newest event that names one, "" if none does.
func whereabouts(h parcel.History) string {
	for _, e := range slices.Backward(h.Events) {
		if e.Place.Country != "" {
			return e.Place.Country
		}
	}
	return ""
}

// keepExchanging exchanges what is learned until ctx ends.
func (p *Poller) keepExchanging(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(exchangeEvery + p.pace.within(0, exchangeEvery/5)):
			p.exchange(ctx)
		}
	}
}

// exchange writes what was learned, and reads what other programs have.
func (p *Poller) exchange(ctx context.Context) {
	if err := p.options.Rhythms.Exchange(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("carriers' rhythms can't be exchanged, will retry", "err", err)
	}
	if err := p.options.Memory.Exchange(ctx); err != nil && ctx.Err() == nil {
		p.log.Warn("whose numbers were whose can't be exchanged, will retry", "err", err)
	}
}
