package recognise

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/carrier"
)

// Weights, in powers of ten of the odds. They are added up; every one that is
// not zero is shown as a reason.
const (
	weightRight     = 1.0  // one number in ten has a right check digit by chance
	weightRight36   = 1.55 // one in thirty-six
	weightWrong     = -2.0
	weightDoubtful  = -0.7 // the rule is not certain, or the form only observed
	weightObserved  = -0.8 // the form is not published anywhere
	weightStandard  = 0.75 // a form with a prefix of its own in a public document: USPS before those who hand over to it
	weightService   = 0.5
	weightCountry   = 0.5 // an S10 number of a country that exists
	weightNoCountry = -1.0
	weightHome      = 2.5 // so that a small carrier's plain digits come before the world's large ones at home
	weightFar       = -0.7
	weightNamed     = 3.0
	weightHost      = 9.0  // an address of the carrier beats every form
	weightNoForm    = -1.0 // named, but its numbers look otherwise
	weightLayout    = 0.15 // a place that says whether a letter or a digit stands there …
	maxLayout       = 1.5  // … in a number with letters

	unknownCarrier = 0.5 // that it belongs to a carrier which no file describes
	unknownLong    = 0.0 // the same, for lengths that few carriers use
	longNumber     = 18

	wrongCap = 0.5 // no candidate whose own check digit fails scores more
)

// A basis is what sort of evidence a term is.
type basis string

const (
	byForm    basis = "form"
	byTrust   basis = "trust"
	byCheck   basis = "check"
	byService basis = "service"
	byCountry basis = "country"
	bySize    basis = "size"
	byName    basis = "name"
	byMemory  basis = "memory"
)

// A scored candidate and the terms of its odds.
type scored struct {
	Candidate
	carrier *carrier.Carrier
	format  *carrier.Format
	check   Verdict
	odds    float64
	terms   map[basis]float64
}

func (s *scored) add(b basis, weight float64, code ReasonCode, args ...string) {
	s.odds += weight
	s.terms[b] += weight
	s.Reasons = append(s.Reasons, Reason{code, args})
}

// weigh adds up what speaks for and against the match.
func (x *Index) weigh(m Match, number string, e evidence) scored {
	f := m.Format
	s := scored{
		Candidate: Candidate{Carrier: m.Carrier.Code, Format: f.Name, Number: m.Asked(number), Needs: m.Carrier.Needs},
		carrier:   m.Carrier, format: f, check: m.Check, terms: map[basis]float64{},
	}
	rarity := shape(m.form.classes, number)
	s.add(byForm, rarity, FitsForm, f.Name)
	if rarity >= 1 {
		s.Reasons = append(s.Reasons, Reason{ShapeRare, []string{roundTenPower(rarity)}})
	}
	switch {
	case f.Trust == carrier.Observed:
		s.add(byTrust, weightObserved, OnlyObserved)
	case f.Trust == carrier.Standard && !isS10(s.Number):
		if fixed, _, _ := places(m.form.classes, number); fixed >= 1 {
			s.add(byTrust, weightStandard, OfStandard)
		}
	}
	s.addCheck(m)
	s.addService(m, number)
	s.addCarrier(m.Carrier, isS10(s.Number), e)
	return s
}

func (s *scored) addCheck(m Match) {
	doubtful := m.Format.Trust == carrier.Observed || strings.HasSuffix(m.Format.Check, "?")
	switch {
	case m.Check == Right && strings.HasPrefix(m.Format.Check, "mod37_36"):
		s.add(byCheck, weightRight36, CheckRight)
	case m.Check == Right:
		s.add(byCheck, weightRight, CheckRight)
	case m.Check == Wrong && doubtful:
		s.add(byCheck, weightDoubtful, CheckDoubtful)
	case m.Check == Wrong:
		s.add(byCheck, weightWrong, CheckWrong)
	}
}

func (s *scored) addService(m Match, number string) {
	f := m.Format
	for length := f.At[1]; length > 0; length-- { // "EA" before "E"
		if end := f.At[0] + length; end <= len(number) && f.Services[number[f.At[0]:end]] != "" {
			s.Service = f.Services[number[f.At[0]:end]]
			s.add(byService, weightService, KnownService, s.Service)
			break
		}
	}
	if s.Service == "" {
		s.Service = f.Service
	}
	if isS10(s.Number) && strings.HasPrefix(f.Check, "s10") {
		s.addPostal()
	}
}

// addPostal weighs what the international postal form says by itself.
func (s *scored) addPostal() {
	if code := s.Number[11:]; world[code].name == "" {
		s.add(byCountry, weightNoCountry, IsS10Foreign, code)
	} else {
		s.add(byCountry, weightCountry, OfCountry, code, world[code].name)
	}
	if s.Service == "" {
		if s.Service = s10Service(s.Number); s.Service != "" {
			s.Reasons = append(s.Reasons, Reason{KnownService, []string{s.Service}})
		}
	}
}

// addCarrier weighs what the carrier is, apart from the number.
func (s *scored) addCarrier(c *carrier.Carrier, postal bool, e evidence) {
	size := MediumCarrier
	switch {
	case c.Prior > -0.5:
		size = LargeCarrier
	case c.Prior <= -1:
		size = SmallCarrier
	}
	s.add(bySize, c.Prior, size)

	switch {
	case e.country == "" || c.Country == "":
	case c.Country == e.country:
		s.add(byCountry, weightHome, SameCountry, e.country)
	case !c.Cross && !postal && world[c.Country].continent != world[e.country].continent:
		s.add(byCountry, weightFar, FarCountry, e.country)
	}
	if e.host[c.Code] {
		s.add(byName, weightHost, NamedByHost, e.hostName)
	}
	if e.sender[c.Code] {
		s.add(byName, weightNamed, NamedBySender, e.senderName)
	}
	if word := e.words[c.Code]; word != "" {
		s.add(byName, weightNamed, NamedByWord, word)
	}
	if e.named[c.Code] {
		s.add(byName, weightNamed, NamedByCaller)
	}
	if e.used[c.Code] && s.check != Wrong { // custom doesn't make a mistyped number theirs
		s.add(byName, weightNamed, UsedByCaller)
	}
}

// shape is how rare such a number is among all numbers with letters and digits
// in the same places, as a power of ten. A form that says where letters stand
// gains by it; one that would take letters loses if there is none.
func shape(classes []class, number string) float64 {
	fixed, said, plain := places(classes, number)
	layout := float64(said) * weightLayout
	if plain {
		layout = float64(said-len(classes)) * weightLayout
	}
	return fixed + max(-maxLayout, min(layout, maxLayout))
}

// places looks at a form place by place: how rare the characters that it fixes
// are, and how many places say what kind stands there. Plain is a number
// without letters.
func places(classes []class, number string) (fixed float64, said int, plain bool) {
	plain = true
	for i, c := range classes {
		kind := digits
		switch symbol := symbolOf[number[i]]; {
		case symbol >= 36: // a separator that belongs to the number
			fixed++
			said++
			continue
		case symbol >= 10:
			kind, plain = letters, false
		}
		fixed += rarities[bits.OnesCount64(uint64(kind))] - rarities[bits.OnesCount64(uint64(kind&c))]
		if c&^kind == 0 {
			said++
		}
	}
	return fixed, said, plain
}

// rarities are the logarithms of how many symbols a class has.
var rarities = func() (table [symbolCount + 1]float64) {
	for n := 1; n <= symbolCount; n++ {
		table[n] = math.Log10(float64(n))
	}
	return table
}()

// roundTenPower words 10^power to one significant figure.
func roundTenPower(power float64) string {
	unit := math.Pow(10, math.Floor(power))
	n := uint64(math.Round(math.Pow(10, power)/unit) * unit)
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

// unknownWeight is the weight of the carriers that no file describes.
func unknownWeight(number string) float64 {
	if len(number) >= longNumber {
		return math.Pow(10, unknownLong)
	}
	return math.Pow(10, unknownCarrier)
}

// rank turns the odds of candidates, one a carrier, into scores that add up, with the weight of the unknown
// carriers, to one; and says why the first stands above the second.
func rank(all []scored, unknown float64) []Candidate {
	sum := unknown
	for _, s := range all {
		sum += math.Pow(10, s.odds)
	}
	for i := range all {
		s := &all[i]
		s.Score = math.Pow(10, s.odds) / sum
		if s.check == Wrong {
			s.Score = min(s.Score, wrongCap)
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.odds, a.odds), cmp.Compare(a.Carrier, b.Carrier))
	})
	if len(all) > 1 {
		all[0].Reasons = append(all[0].Reasons, above(all[0], all[1])...)
	}
	candidates := make([]Candidate, len(all))
	for i, s := range all {
		candidates[i] = s.Candidate
	}
	return candidates
}

// bestByCarrier keeps each carrier's best format.
func bestByCarrier(all []scored) []scored {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.Carrier, b.Carrier), cmp.Compare(b.odds, a.odds), cmp.Compare(a.Format, b.Format))
	})
	return slices.CompactFunc(all, func(a, b scored) bool { return a.Carrier == b.Carrier })
}

// above says what sets first off from second: the evidence that differs most.
func above(first, second scored) []Reason {
	var most basis
	lead := 0.0
	for _, b := range []basis{byName, byCheck, byMemory, byForm, byCountry, byService, bySize, byTrust} {
		if d := first.terms[b] - second.terms[b]; d > lead+1e-9 {
			most, lead = b, d
		}
	}
	if most == "" {
		return nil
	}
	return []Reason{{Above, []string{string(second.Carrier), second.carrier.Name("en"), string(most)}}}
}
