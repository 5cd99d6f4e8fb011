package poll

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
)

// pushing is how long a source that told of a parcel by itself is taken to go on:
// as long it is asked about the parcel only once a day, for what may get lost.
const pushing = 7 * day

// Hear takes in what a source told an account by itself. Numbers that nobody
// wants to know of are forgotten. When it fails nothing was taken in.
func (p *Poller) Hear(ctx context.Context, account carrier.AccountCode, reports []carrier.Report) (parcel.Heard, error) {
	a, ok := p.Account(account)
	if !ok {
		return parcel.Heard{}, fmt.Errorf("hear %s: there is no such account", account)
	}
	s := p.state.Load()
	heard, err := p.store.Hear(ctx, parcel.Push{
		Source: a.Source.Code, Reports: reports, At: time.Now(), Onward: s.onward,
		Next: func(h parcel.History, s parcel.Standing, o parcel.Outcome) time.Time { return p.next(h, s, o, 1) },
	})
	if err != nil {
		return parcel.Heard{}, err
	}
	p.metrics.heard(a.Source.Code, len(heard.Changes), heard.Known, len(reports))
	p.learn(a, heard.Changes)
	p.unmapped(ctx, a.Source.Code, reports)
	return heard, nil
}
