package kit

import (
	"errors"
	"fmt"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
)

// A Reading is an answer, and the numbers that it was asked for.
type Reading struct {
	Answer []byte
	Asked  []string
}

// Reports are what an answer becomes; a problem of the whole is each number's.
func (r Reading) Reports(program *engine.Program, http int) []carrier.Report {
	reports, err := program.Read(r.Answer, http, r.Asked)
	if err == nil {
		return reports
	}
	problem := &carrier.Problem{Kind: carrier.Unreadable, Text: err.Error()}
	errors.As(err, &problem)
	for _, number := range r.Asked {
		reports = append(reports, carrier.Report{Number: number, Problem: problem})
	}
	return reports
}

// ReadAlike returns what an answer with look-alikes becomes. It fails where that
// isn't what the answer that came becomes, but for numbers, services and places.
func ReadAlike(program *engine.Program, http int, came, kept Reading) ([]carrier.Report, error) {
	was, is := came.Reports(program, http), kept.Reports(program, http)
	if len(was) != len(is) {
		return nil, fmt.Errorf("with look-alikes %d parcels are read, of %d", len(is), len(was))
	}
	for i := range was {
		want := engine.Expecting(was[i])
		want.Number, want.Place, want.Service = nil, nil, nil
		if differences := engine.Compare(want, is[i]); len(differences) > 0 {
			return nil, fmt.Errorf("with look-alikes the answer reads differently: %s", differences[0])
		}
	}
	return is, nil
}

// VectorOf is a vector of what an answer became, without its file.
func VectorOf(proof carrier.Proof, reports []carrier.Report) carrier.Vector {
	v := carrier.Vector{Proof: proof}
	for _, r := range reports {
		v.Asked = append(v.Asked, r.Number)
		v.Is = append(v.Is, engine.Expecting(r))
	}
	if len(reports) > 0 {
		v.Kind = KindOf(reports[0])
	}
	return v
}
