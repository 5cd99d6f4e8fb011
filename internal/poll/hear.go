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
	push := parcel.Push{
		Source: a.Source.Code, Reports: reports, At: time.Now(), Onward: s.onward,
		Next: func(h parcel.History, s parcel.Standing, o parcel.Outcome) time.Time { return p.next(h, s, o, 1) },
	}
	if !a.Source.Asked {
		push.Asking = func(of parcel.Parcel) (parcel.Asking, bool) { return s.part(a, of) }
	}
	heard, err := p.store.Hear(ctx, push)
	if err != nil {
		return parcel.Heard{}, err
	}
	p.metrics.heard(a.Source.Code, len(heard.Changes), heard.Known, len(reports))
	p.learn(a, heard.Changes)
	p.unmapped(ctx, a.Source.Code, reports)
	return heard, nil
}

// part is the part that a source which can't be asked has in a parcel: it tells of
// it on behalf of the carrier that knows the parcel, else the likeliest of those
// that may, as far as it tells of that one.
func (s *state) part(a Account, of parcel.Parcel) (parcel.Asking, bool) {
	likely := []carrier.Code{of.Found, of.Carrier}
	if of.Found == "" && of.Carrier == "" {
		for _, ask := range of.Asks {
			likely = append(likely, ask.Carrier)
		}
		if isS10(of.Number) {
			likely = append(likely, postOf(s.catalogue, of.Number[11:]))
		}
	}
	for _, code := range likely {
		known, ok := s.catalogue.Carrier(code)
		if !ok || !tellsOf(a.Source, known) {
			continue
		}
		role := parcel.Candidate
		if code == of.Found || code == of.Carrier {
			role = parcel.Origin
		}
		return parcel.Asking{
			Account: a.Code, Source: a.Source.Code, Carrier: code, Number: of.Number, Role: role, Rank: len(of.Asks), Told: true,
		}, true
	}
	return parcel.Asking{}, false
}
