package recognise

import (
	"strings"

	"waypost/internal/carrier"
)

// noWorth is the worth of what has no form.
const noWorth = -3.0

// worth is what a number says by itself, in powers of ten: by its best form
// and its check digit.
func (x *Index) worth(number string) float64 {
	var buffer [64]Match
	best := noWorth
	for _, m := range x.Match(buffer[:0], number) {
		best = max(best, m.worth(number))
	}
	return best
}

func (m Match) worth(number string) float64 {
	sum := shape(m.form.classes, number)
	if m.Format.Trust == carrier.Observed {
		sum += weightObserved
	}
	switch m.Check {
	case Right:
		sum += weightRight
	case Wrong:
		sum += weightWrong
	}
	if asked := m.Asked(number); isS10(asked) && strings.HasPrefix(m.Format.Check, "s10") {
		if world[asked[11:]].name == "" {
			sum += weightNoCountry
		} else {
			sum += weightCountry
		}
	}
	return max(sum, noWorth+0.1)
}
