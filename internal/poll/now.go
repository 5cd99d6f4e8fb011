package poll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/health"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// nowTimeout bounds a question that somebody waits for: a client gives up after
// half a minute.
const nowTimeout = 25 * time.Second

// A Question is about a number, and wants to be answered now.
type Question struct {
	Number recognise.Number
	Chosen carrier.Code // that somebody named, "" none
	Given  carrier.Given
	Lang   string        // BCP 47: in which the answer is wanted, where the source has several
	Recent time.Duration // an answer no older will do; 0 none will
}

var errBusy = fault.New(fault.Unavailable, "carrier_busy", "%s can't be asked at the moment: its budget is used. Try again in a while.")

// Now asks the carriers about a number while the caller waits, within the
// accounts' budgets, and keeps nothing of it. A number that nobody knows is a
// parcel without a history. It fails with a *carrier.Problem when nobody could
// say, context.DeadlineExceeded when it took too long, and a *fault.Error when
// nobody can be asked.
func (p *Poller) Now(ctx context.Context, q Question) (parcel.Parcel, error) {
	s := p.state.Load()
	plan := MakePlan(s.catalogue, s.accounts, q.Number, q.Chosen, q.Given)
	if len(plan.Askings) == 0 {
		return parcel.Parcel{}, plan.Fault()
	}
	if known, ok, err := p.recent(ctx, plan, q.Recent); ok || err != nil {
		return known, err
	}
	ctx, cancel := context.WithTimeout(ctx, nowTimeout)
	defer cancel()
	a := asker{catalogue: s.catalogue, accounts: s.accounts, given: q.Given, lang: q.Lang, before: p.pay, after: p.note}
	history, err := a.ask(ctx, plan)
	if problem, ok := errors.AsType[*carrier.Problem](err); ok && problem.Kind == carrier.Missing {
		err = nil
	}
	return parcel.Parcel{Key: plan.Key, History: history, Asks: a.asked}, err
}

// recent is the parcel as it is stored, if it was asked about not longer ago.
func (p *Poller) recent(ctx context.Context, plan Plan, ago time.Duration) (parcel.Parcel, bool, error) {
	if ago == 0 {
		return parcel.Parcel{}, false, nil
	}
	key := plan.Key
	key.Mark = p.store.Mark(key.Number, plan.Given)
	found, err := p.store.Find(ctx, key)
	if err != nil || len(found) == 0 || found[0].Revision == 0 {
		return parcel.Parcel{}, false, err
	}
	asked := slices.ContainsFunc(found[0].Asks, func(a parcel.Ask) bool { return a.Failures == 0 && time.Since(a.Asked) <= ago })
	return found[0], asked, nil
}

// pay takes a call off an account's budget.
func (p *Poller) pay(ctx context.Context, a Account) error {
	paid, err := p.store.Spend(ctx, a.Code, a.Budget)
	if err == nil && !paid {
		return errBusy.With(string(a.Source.Code))
	}
	return err
}

// note has it counted how a call went.
func (p *Poller) note(c health.Call) {
	if p.options.Health != nil {
		p.options.Health.Answered(c)
	}
}

// An asker asks directly, without a store.
type asker struct {
	catalogue *carrier.Catalogue
	accounts  []Account
	given     carrier.Given
	lang      string
	before    func(context.Context, Account) error // a call; an error keeps it from being made
	after     func(health.Call)
	asked     []parcel.Ask
}

// ask tries the candidates in order until one knows the number, then follows it
// to other carriers.
func (a *asker) ask(ctx context.Context, plan Plan) (parcel.History, error) {
	told := plan.Askings[0]
	askings := slices.DeleteFunc(slices.Clone(plan.Askings), func(a parcel.Asking) bool { return a.Told })
	if len(askings) == 0 {
		return parcel.History{}, errOnlyTold.With(told.Carrier, told.Source)
	}
	var problem *carrier.Problem
	for _, asking := range askings {
		h, err := a.one(ctx, parcel.History{}, asking)
		var p *carrier.Problem
		switch {
		case err == nil:
			return a.follow(ctx, h), nil
		case !errors.As(err, &p):
			return parcel.History{}, err
		case problem == nil || problem.Kind == carrier.Missing:
			problem = p
		}
	}
	return parcel.History{}, problem
}

// one asks one source and merges what it answers.
func (a *asker) one(ctx context.Context, h parcel.History, asking parcel.Asking) (parcel.History, error) {
	i := slices.IndexFunc(a.accounts, func(acc Account) bool { return acc.Code == asking.Account })
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if a.before != nil {
		if err := a.before(ctx, a.accounts[i]); err != nil {
			return h, err
		}
	}
	given := confided(a.catalogue, asking, a.given)
	question := carrier.Ask{Number: asking.Number, Params: given, Lang: a.lang, With: withOf(a.catalogue, asking.Source)[asking.Carrier]}
	began := time.Now()
	reports, err := a.accounts[i].Connector.Track(ctx, []carrier.Ask{question})
	at := time.Now()
	if a.after != nil {
		problem := wholeProblem(err, len(reports), 1, askTimeout)
		a.after(health.Call{Account: asking.Account, At: at, Took: at.Sub(began), Numbers: 1, Reports: reports, Problem: problem})
	}
	if err != nil {
		return h, fmt.Errorf("ask %s: %w", asking.Source, err)
	}
	if len(reports) != 1 {
		return h, fmt.Errorf("ask %s: %d answers to one question", asking.Source, len(reports))
	}
	report := judged(reports[0], given)
	a.asked = append(a.asked, parcel.Ask{Asking: asking, State: parcel.Done, Asked: at})
	if report.Problem != nil {
		return h, report.Problem
	}
	h, _ = parcel.Merge(h, asking, report, at)
	return h, nil
}

// follow asks the carriers that a parcel was handed to. One that can't be asked,
// or doesn't answer, adds nothing.
func (a *asker) follow(ctx context.Context, h parcel.History) parcel.History {
	for _, asking := range onwardAskings(a.catalogue, a.accounts, h.Standing(time.Now())) {
		if asking.Told {
			continue
		}
		if merged, err := a.one(ctx, h, asking); err == nil {
			h = merged
		}
	}
	return h
}
