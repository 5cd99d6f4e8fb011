package recognise

import (
	"math"
	"slices"
	"strconv"

	"waypost/internal/carrier"
)

// A Likeness is what numbers have in common that look alike: where letters (@)
// and digits (#) stand, and perhaps the first characters themselves.
type Likeness string

// opening is how many of its first characters a number's narrower likeness
// keeps: carriers can be told by them, senders can't.
const opening = 3

// Likenesses are those of a number, the wider one first. Of an international
// postal number both keep its country.
func Likenesses(number string) []Likeness {
	made := []byte(number)
	end := len(made)
	if isS10(number) {
		end -= 2
	}
	for i := range end {
		switch symbol := symbolOf[made[i]]; {
		case symbol < 10:
			made[i] = '#'
		case symbol < 36:
			made[i] = '@'
		}
	}
	wide := Likeness(made)
	copy(made, number[:min(opening, end)])
	return []Likeness{wide, Likeness(made)}
}

// A Tally is how many numbers were found, and with which carriers. Old ones
// count less, so these are no whole numbers.
type Tally struct {
	All float64
	By  map[carrier.Code]float64
}

// A Memory knows with which carriers numbers were found. It must be safe for
// concurrent use.
type Memory interface {
	// Tally is of the numbers of a likeness; with a country (ISO 3166-1 alpha-2)
	// of those whose parcels were there.
	Tally(l Likeness, country string) Tally
}

// Remembering returns the index with a memory, which has its say in the order
// of candidates.
func (x *Index) Remembering(m Memory) *Index {
	with := *x
	with.memory = m
	return &with
}

const (
	// Fewest is from how many numbers on a tally counts, and a carrier's part of
	// it is told: below, it would be somebody's parcel.
	Fewest = 5

	// doubt is how many numbers more there seem to be, shared out as was expected
	// before any was found: that they were found with the same carrier a few times
	// doesn't outweigh a check digit.
	doubt = 10

	maxMemory = 2.0
)

// recall weighs with which of the candidates such numbers were found, against
// what is expected of the carriers by their size. What a number says itself, by
// its form or its check digit, counts beside that.
func (x *Index) recall(all []scored, number, country string) {
	if x.memory == nil || len(all) < 2 {
		return
	}
	expected := sizes(all)
	shares, found := x.shares(all, expected, number, country)
	if found.All == 0 {
		return
	}
	of := strconv.Itoa(int(math.Round(found.All)))
	for i := range all {
		s := &all[i]
		weight := max(-maxMemory, min(math.Log10(shares[i]/expected[i]), maxMemory))
		if n := found.By[s.Carrier]; n >= Fewest {
			s.add(byMemory, weight, FoundBefore, of, strconv.Itoa(int(math.Round(n))))
		} else {
			s.add(byMemory, weight, HardlyFound, of)
		}
	}
}

// sizes are the candidates' shares as far as they don't depend on the number.
func sizes(all []scored) []float64 {
	shares := make([]float64, len(all))
	sum := 0.0
	for i, s := range all {
		shares[i] = math.Pow(10, s.terms[bySize]+s.terms[byTrust])
		sum += shares[i]
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares
}

// shares corrects the expected shares by what was found of the number's
// likenesses, from the widest to the narrowest of which there is enough; and
// returns the tally of that. What was found with a candidate whose check digit
// fails speaks neither for it nor against the others.
func (x *Index) shares(all []scored, expected []float64, number, country string) (shares []float64, narrowest Tally) {
	shares = slices.Clone(expected)
	countries := []string{""}
	if country != "" {
		countries = append(countries, country)
	}
	for _, in := range countries {
		for _, l := range Likenesses(number) {
			found := among(all, x.memory.Tally(l, in))
			counts, sum := make([]float64, len(all)), found.All
			for i, s := range all {
				if counts[i] = found.By[s.Carrier]; s.check == Wrong {
					sum -= counts[i]
					counts[i] = 0
				}
			}
			if sum < Fewest {
				continue
			}
			narrowest = found
			for i, n := range counts {
				shares[i] = (n + doubt*shares[i]) / (sum + doubt)
			}
		}
	}
	return shares, narrowest
}

// among leaves out of a tally the carriers that this number can't belong to.
func among(all []scored, t Tally) Tally {
	candidates := make(map[carrier.Code]float64, len(all))
	for _, s := range all {
		candidates[s.Carrier] = t.By[s.Carrier]
	}
	left := t.All
	for code, n := range t.By {
		if _, ok := candidates[code]; !ok {
			left -= n
		}
	}
	return Tally{left, candidates}
}
