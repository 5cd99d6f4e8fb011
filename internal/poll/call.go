package poll

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/health"
	"waypost/internal/parcel"
)

// ask makes one call and returns what came of it, nothing when the batch was
// given back to be asked in parts.
func (w *worker) ask(ctx context.Context, batch []parcel.Claimed) []parcel.Outcome {
	call, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()
	asks := make([]carrier.Ask, len(batch))
	for i, c := range batch {
		asks[i] = carrier.Ask{Number: c.Number, Params: confided(w.state.catalogue, c.Asking, c.Given), With: w.words[c.Carrier], Seen: w.state.seen(c.Seen)}
	}
	began := time.Now()
	reports, err := w.account.Connector.Track(call, asks)
	at := time.Now()
	w.metrics.called(w.account.Source.Code, at.Sub(began))

	if len(reports) == len(batch) {
		for i, c := range batch {
			reports[i] = judged(reports[i], c.Given)
		}
	}
	problem := discreet(wholeProblem(err, len(reports), len(asks), w.options.Timeout), batch[0].Given) // an ask with values is alone
	if w.options.Health != nil {
		w.options.Health.Answered(health.Call{Account: w.account.Code, At: at, Took: at.Sub(began), Numbers: len(asks), Reports: reports, Problem: problem})
	}
	switch {
	case problem == nil:
		w.batch.answered(batch)
		w.breaker.succeeded(ctx)
	case problem.Kind == carrier.TooMany || problem.Kind == carrier.BadRequest:
		if w.batch.refused(batch, problem.Kind) {
			w.log.Info("batch was refused, will be asked in parts", "numbers", len(batch), "problem", problem.Kind)
			w.release(ctx, batch)
			return nil
		}
	default:
		w.breaker.failed(ctx, problem)
	}
	outcomes := make([]parcel.Outcome, len(batch))
	for i, c := range batch {
		outcomes[i] = parcel.Outcome{Claimed: c, At: at, Report: carrier.Report{Number: c.Number, Problem: problem}}
		if problem == nil {
			outcomes[i].Report = w.state.signed(reports[i])
			outcomes[i].Onward = w.state.onward(c.Asking, reports[i], at)
		}
	}
	return outcomes
}

// judged is a report in which a source that wants to know what it was told
// already says that this was wrong, and no problem repeats it.
func judged(r carrier.Report, given carrier.Given) carrier.Report {
	if r.Problem == nil || len(given) == 0 {
		return r
	}
	var wrong []carrier.Need
	switch r.Problem.Kind {
	case carrier.NeedsPhone:
		wrong = []carrier.Need{carrier.Phone, carrier.PhoneLast4}
	case carrier.NeedsPostcode:
		wrong = []carrier.Need{carrier.PostalCode}
	}
	r.Problem = discreet(r.Problem, given)
	if given.Of(wrong) != nil {
		r.Problem.Kind = carrier.WrongValue
	}
	return r
}

// discreet is a problem whose words, which are kept and logged, don't repeat what
// its source was told. A country says nothing of anybody.
func discreet(p *carrier.Problem, given carrier.Given) *carrier.Problem {
	if p == nil || len(given) == 0 {
		return p
	}
	said := *p
	for need, value := range given {
		if need != carrier.DestinationCountry {
			said.Text = strings.ReplaceAll(said.Text, value, "…")
		}
	}
	return &said
}

// wholeProblem says what was wrong with the answer as a whole, nil if nothing.
func wholeProblem(err error, reports, asked int, timeout time.Duration) *carrier.Problem {
	var p *carrier.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, context.DeadlineExceeded):
		return &carrier.Problem{Kind: carrier.Unavailable, Text: fmt.Sprintf("no answer within %s", timeout)}
	case err != nil:
		return &carrier.Problem{Kind: carrier.Unavailable, Text: "the call failed"}
	case reports != asked:
		return &carrier.Problem{Kind: carrier.Unreadable, Text: fmt.Sprintf("%d answers to %d numbers", reports, asked)}
	}
	return nil
}

// onward plans who else is asked about a parcel, after its carrier said where
// it went. A destination's own word leads no further.
func (s *state) onward(a parcel.Asking, r carrier.Report, at time.Time) []parcel.Asking {
	if r.Problem != nil || r.Same || a.Role == parcel.Destination || len(r.Legs) == 0 && !isS10(a.Number) {
		return nil
	}
	alone, _ := parcel.Merge(parcel.History{}, a, r, at)
	return onwardAskings(s.catalogue, s.accounts, alone.Standing(at))
}
