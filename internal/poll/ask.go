package poll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// askTimeout bounds one call of a source.
const askTimeout = 30 * time.Second

// Why nobody was asked.
var (
	errInvalidNumber = fault.New(fault.Invalid, "number_invalid", "%s is no valid tracking number.")
	errUnknownFormat = fault.New(fault.Invalid, "number_unknown", "No carrier's numbers look like %s. A carrier can be named.")
	errNoSource      = fault.New(fault.NotFound, "carrier_no_source", "Waypost knows no way to ask %s; see the carrier's own page.")
	errNotConnected  = fault.New(fault.Unavailable, "carrier_not_connected", "%s is not connected. Its source %s needs an account: %s.")
	errOnlyTold      = fault.New(fault.NotFound, "carrier_only_tells", "%s can't be asked; %s sends what happens by itself.")
	errNeedsMore     = fault.New(fault.Invalid, "carrier_needs_more", "%s answers only who also knows: %s. Give it with --need.")
	errNotOnAGuess   = fault.New(fault.Invalid, "carrier_not_sure", "Several carriers have numbers like %s, and %s is not asked on a guess. Name the carrier.")
)

// Ask asks the carriers about a number directly, without a store: what the
// command line does, with what is known besides the number. Candidates are tried
// in order until one knows the number, then its numbers at other carriers are
// followed. It fails with a *carrier.Problem of kind Missing when nobody knows
// the number, with another when nobody could say, and with a *fault.Error when
// nobody can be asked.
func Ask(ctx context.Context, cat *carrier.Catalogue, accounts []Account, n recognise.Number, chosen carrier.Code, given carrier.Given) (parcel.History, error) {
	plan := MakePlan(cat, accounts, n, chosen, given)
	if len(plan.Askings) == 0 {
		return parcel.History{}, plan.Fault()
	}
	told := plan.Askings[0]
	plan.Askings = slices.DeleteFunc(plan.Askings, func(a parcel.Asking) bool { return a.Told })
	if len(plan.Askings) == 0 {
		return parcel.History{}, errOnlyTold.With(told.Carrier, told.Source)
	}
	var problem *carrier.Problem
	for _, asking := range plan.Askings {
		h, err := askOne(ctx, cat, accounts, parcel.History{}, asking, given)
		var p *carrier.Problem
		switch {
		case err == nil:
			return followLegs(ctx, cat, accounts, h), nil
		case !errors.As(err, &p):
			return parcel.History{}, err
		case problem == nil || problem.Kind == carrier.Missing:
			problem = p
		}
	}
	return parcel.History{}, problem
}

// askOne asks one source and merges what it answers.
func askOne(ctx context.Context, cat *carrier.Catalogue, accounts []Account, h parcel.History, asking parcel.Asking, given carrier.Given) (parcel.History, error) {
	i := slices.IndexFunc(accounts, func(a Account) bool { return a.Code == asking.Account })
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	given = confided(cat, asking, given)
	question := carrier.Ask{Number: asking.Number, Params: given, With: withOf(cat, asking.Source)[asking.Carrier]}
	reports, err := accounts[i].Connector.Track(ctx, []carrier.Ask{question})
	if err != nil {
		return h, fmt.Errorf("ask %s: %w", asking.Source, err)
	}
	if len(reports) != 1 {
		return h, fmt.Errorf("ask %s: %d answers to one question", asking.Source, len(reports))
	}
	report := judged(reports[0], given)
	if report.Problem != nil {
		return h, report.Problem
	}
	h, _ = parcel.Merge(h, asking, report, time.Now())
	return h, nil
}

// followLegs asks the carriers that a parcel was handed to. One that can't be
// asked, or doesn't answer, adds nothing.
func followLegs(ctx context.Context, cat *carrier.Catalogue, accounts []Account, h parcel.History) parcel.History {
	for _, asking := range onwardAskings(cat, accounts, h.Standing(time.Now())) {
		if asking.Told {
			continue
		}
		if merged, err := askOne(ctx, cat, accounts, h, asking, nil); err == nil {
			h = merged
		}
	}
	return h
}

// Fault says why nobody can be asked; nil when somebody can.
func (p Plan) Fault() error {
	if len(p.Askings) > 0 {
		return nil
	}
	m := Missing{Why: UnknownFormat}
	if len(p.Missing) > 0 {
		m = p.Missing[0]
	}
	switch m.Why {
	case InvalidNumber:
		return errInvalidNumber.With(p.Key.Number)
	case NoSource:
		return errNoSource.With(m.Carrier)
	case NotConnected:
		return errNotConnected.With(m.Carrier, m.Source, strings.Join(m.Values, ", "))
	case NeedsMore:
		var needs []string
		for _, need := range m.Needs {
			needs = append(needs, string(need))
		}
		return errNeedsMore.With(m.Carrier, strings.Join(needs, ", "))
	case NotOnAGuess:
		return errNotOnAGuess.With(p.Key.Number, m.Carrier)
	}
	return errUnknownFormat.With(p.Key.Number)
}
