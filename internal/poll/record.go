package poll

import (
	"context"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
)

// mostRecorded bounds the outcomes that one transaction takes.
const mostRecorded = 200

// record writes outcomes down until no more come, as many at once as wait. An
// ask whose outcome can't be written is due again when its lease ends.
func (w *worker) record(ctx context.Context) {
	for outcomes := range w.answered {
		outcomes = w.gather(outcomes)
		if len(outcomes) == 0 {
			continue
		}
		var earliest time.Time
		changes, err := w.store.Record(ctx, outcomes, func(h parcel.History, s parcel.Standing, o parcel.Outcome) time.Time {
			at := w.next(h, s, o, max(w.slow.load(), 1))
			if earliest.IsZero() || !at.IsZero() && at.Before(earliest) {
				earliest = at
			}
			return at
		})
		if err != nil {
			w.log.Error("answers can't be recorded, their parcels will be asked again", "asks", len(outcomes), "err", err)
			continue
		}
		w.count(outcomes, changes)
		w.learn(w.account, changes)
		reports := make([]carrier.Report, len(outcomes))
		for i := range outcomes {
			reports[i] = outcomes[i].Report
		}
		w.unmapped(ctx, w.account.Source.Code, reports)
		w.wake(earliest)
	}
}

// unmapped notes and counts what reports had that the source's file doesn't.
func (p *Poller) unmapped(ctx context.Context, source carrier.SourceCode, reports []carrier.Report) {
	var all []carrier.Unknown
	for i := range reports {
		all = append(all, reports[i].Unknown...)
	}
	if len(all) == 0 {
		return
	}
	p.metrics.unmapped(source, all)
	if err := p.store.NoteUnmapped(ctx, source, all); err != nil {
		p.log.Warn("unmapped codes can't be noted, they will come again", "source", source, "codes", len(all), "err", err)
	}
}

// gather adds what else has come.
func (w *worker) gather(outcomes []parcel.Outcome) []parcel.Outcome {
	for len(outcomes) < mostRecorded {
		select {
		case more, ok := <-w.answered:
			if !ok {
				return outcomes
			}
			outcomes = append(outcomes, more...)
		default:
			return outcomes
		}
	}
	return outcomes
}

// next is when a source is asked again after this outcome, slow times as late as
// is worth it where calls are short.
func (p *Poller) next(h parcel.History, s parcel.Standing, o parcel.Outcome, slow float64) time.Time {
	problem := o.Report.Problem
	if problem == nil || problem.Kind == carrier.Missing {
		l := legOf(h, o.Asking, s.Known)
		l.pushed = !o.Pushed.IsZero() && s.Now.Sub(o.Pushed) < pushing
		return p.pace.next(s, l, p.options.Rhythms.Rates(l.key), slow)
	}
	switch problem.Kind {
	case carrier.BadNumber, carrier.NeedsPhone, carrier.NeedsPostcode, carrier.WrongValue:
		return time.Time{} // asking again brings the same answer
	}
	return o.At.Add(p.pace.retry(o.Failures, problem.RetryAfter))
}

func (w *worker) count(outcomes []parcel.Outcome, changes []parcel.Change) {
	changed := make(map[parcel.ID]bool, len(changes))
	for _, c := range changes {
		changed[c.Parcel] = true
		w.metrics.saw(w.account.Source.Code, c)
	}
	for _, o := range outcomes {
		w.metrics.asked(w.account.Source.Code, o.Report.Problem, changed[o.Parcel])
	}
}

// wake tells the loop that an ask will be due at a time. It never waits: only
// the recorder fills the channel, which holds one.
func (w *worker) wake(at time.Time) {
	if at.IsZero() {
		return
	}
	select {
	case before := <-w.sooner:
		if before.Before(at) {
			at = before
		}
	default:
	}
	w.sooner <- at
}
