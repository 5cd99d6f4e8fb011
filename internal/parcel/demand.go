package parcel

import (
	"slices"

	"waypost/internal/carrier"
)

// Sources finds a source by its code. *carrier.Catalogue has it.
type Sources interface {
	Source(carrier.SourceCode) (*carrier.Source, bool)
}

// Demands is what a carrier that was asked wants to know besides the number, or
// says was told wrongly: of the first that does, as far as its source can be
// told; nothing when none does.
func (p Parcel) Demands(sources Sources) (carrier.Code, []carrier.Need) {
	for _, a := range p.Asks {
		source, ok := sources.Source(a.Source)
		if !ok {
			continue
		}
		var needs []carrier.Need
		for _, n := range demanded(a.Problem) {
			// Of a phone number, the end is enough where a source takes either.
			if slices.Contains(source.Takes, n) && (n != carrier.Phone || !slices.Contains(needs, carrier.PhoneLast4)) {
				needs = append(needs, n)
			}
		}
		if len(needs) > 0 {
			return a.Carrier, needs
		}
	}
	return "", nil
}

// Awaits reports whether somebody who hasn't been asked yet is to be.
func (p Parcel) Awaits() bool {
	return slices.ContainsFunc(p.Asks, func(a Ask) bool { return a.State == Waiting && a.Asked.IsZero() })
}

func demanded(problem carrier.ProblemKind) []carrier.Need {
	switch problem {
	case carrier.NeedsPhone:
		return []carrier.Need{carrier.PhoneLast4, carrier.Phone}
	case carrier.NeedsPostcode:
		return []carrier.Need{carrier.PostalCode}
	case carrier.WrongValue:
		return []carrier.Need{carrier.PostalCode, carrier.PhoneLast4, carrier.Phone, carrier.ShipDate, carrier.Account, carrier.DestinationCountry}
	}
	return nil
}
