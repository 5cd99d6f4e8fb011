package poll

import (
	"context"
	"errors"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/health"
)

const (
	canaryEvery = 24 * time.Hour
	trialLook   = time.Hour // between two looks for trials that are due
)

// A Trial is a question to an account that only the operator wants answered.
type Trial struct {
	Canary string // the number, asked every day; "" it is for the credentials, once
	Ask    carrier.Ask
}

// Try asks an account, and returns what came of it: "found", or a kind of
// problem and its reason.
func (a Account) Try(ctx context.Context, t Trial) (call health.Call, outcome, reason string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	began := time.Now()
	reports, err := a.Connector.Track(ctx, []carrier.Ask{t.Ask})
	at := time.Now()
	problem := wholeProblem(err, len(reports), 1, askTimeout)
	call = health.Call{Account: a.Code, At: at, Took: at.Sub(began), Numbers: 1, Reports: reports, Problem: problem}
	if problem == nil {
		problem = reports[0].Problem
	}
	if problem == nil {
		return call, health.Found, ""
	}
	return call, string(problem.Kind), problem.Text
}

// try makes the trials that are due until ctx ends. What was refused is tried
// again when accounts are taken into use: then they may be renewed.
func (p *Poller) try(ctx context.Context, s *state) {
	if p.options.Health == nil {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for renewed := true; ; renewed = false {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for _, a := range s.accounts {
			for _, t := range a.Trials {
				if err := p.tryOne(ctx, a, t, renewed); err != nil && ctx.Err() == nil {
					p.log.Warn("account can't be tried, will retry", "account", a.Code, "err", err)
				}
			}
		}
		timer.Reset(p.pace.within(trialLook, 2*trialLook))
	}
}

func (p *Poller) tryOne(ctx context.Context, a Account, t Trial, renewed bool) error {
	var since time.Time
	if t.Canary != "" {
		since = time.Now().Add(-canaryEvery)
	}
	mine, err := p.options.Health.Begin(ctx, a.Code, t.Canary, since, renewed)
	if err != nil || !mine {
		return err
	}
	paid, err := p.store.Spend(ctx, a.Code, a.Budget)
	if err != nil || !paid {
		return errors.Join(err, p.options.Health.PutOff(context.WithoutCancel(ctx), a.Code, t.Canary))
	}
	call, outcome, reason := a.Try(context.WithoutCancel(ctx), t)
	p.options.Health.Answered(call)
	if call.Problem == nil && renewed {
		if err := p.store.Heal(ctx, a.Code); err != nil {
			return err
		}
	}
	if outcome == string(carrier.Auth) {
		p.log.Error("credentials are refused", "account", a.Code, "why", reason)
	}
	return p.options.Health.Tried(context.WithoutCancel(ctx), health.Trial{Account: a.Code, Number: t.Canary, Outcome: outcome, Reason: reason})
}
