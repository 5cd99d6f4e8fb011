package poll

import (
	"context"
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
	a := asker{catalogue: cat, accounts: accounts, given: given}
	return a.ask(ctx, plan)
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
