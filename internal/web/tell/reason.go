package tell

import (
	"waypost/internal/carrier"
	"waypost/internal/recognise"
)

// Reason words what recognise says, in the reader's language: countries and
// carriers by the names that they have there.
func (t Teller) Reason(r recognise.Reason) string {
	args := append([]string(nil), r.Args...)
	switch r.Code {
	case recognise.Above:
		args = []string{t.Name(carrier.Code(args[0])), t.Say("basis." + args[len(args)-1])}
	case recognise.OfCountry, recognise.SameCountry, recognise.FarCountry:
		args[0] = t.Country(args[0])
	case recognise.IsS10:
		args = []string{t.Country(args[0]), args[len(args)-1]}
	}
	var pairs []any
	for i, a := range args {
		pairs = append(pairs, string(rune('0'+i)), a)
	}
	return t.Say("reason."+string(r.Code), pairs...)
}
