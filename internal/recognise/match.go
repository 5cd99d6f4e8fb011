package recognise

import (
	"math/bits"

	"waypost/internal/carrier"
)

// A Match is one format that a number has.
type Match struct {
	Carrier *carrier.Carrier // nil for the international postal form, whoever's it is
	Format  *carrier.Format
	Check   Verdict
	form    *form
}

// Asked returns the part of number that the carrier is asked with.
func (m Match) Asked(number string) string { return number[m.form.from:m.form.to] }

// A Verdict is what a check digit says.
type Verdict uint8

// Verdicts.
const (
	Unchecked Verdict = iota // the format has no check digit
	Right
	Wrong
)

// Match appends the formats that number has: upper case, without separators.
// Each format comes once, in the order of the carriers. It allocates nothing
// while dst has room.
func (x *Index) Match(dst []Match, number string) []Match {
	n := len(number)
	if n > maxLength {
		return dst
	}
	t := &x.tables[n]
	var stack [32]uint64
	alive := stack[:]
	if t.width > len(stack) {
		alive = make([]uint64, t.width) // thousands of forms of one length
	}
	alive = alive[:t.width]
	if !t.alive(alive, number) {
		return dst
	}
	var seen [32]Verdict // what the rules said of the whole number
	for w, set := range alive {
		for ; set != 0; set &= set - 1 {
			f := &t.forms[w*64+bits.TrailingZeros64(set)]
			verdict := Unchecked
			switch whole := f.to-f.from == n && f.check < len(seen); {
			case f.check == 0:
			case whole && seen[f.check] != Unchecked:
				verdict = seen[f.check]
			default:
				verdict = Wrong
				if x.checks[f.check](number[f.from:f.to]) {
					verdict = Right
				}
				if whole {
					seen[f.check] = verdict
				}
			}
			dst = appendMatch(dst, Match{f.carrier, f.format, verdict, f})
		}
	}
	return dst
}

// appendMatch keeps the better reading where a format can be read in two ways.
func appendMatch(dst []Match, m Match) []Match {
	if last := len(dst) - 1; last >= 0 && dst[last].Format == m.Format {
		if dst[last].Check == Wrong {
			dst[last] = m
		}
		return dst
	}
	return append(dst, m)
}

// alive intersects the sets of the number's symbols into set. It reports
// whether any form is left; number may be shorter than the forms.
func (t *table) alive(set []uint64, number string) bool {
	if len(set) == 0 || len(number) == 0 {
		return false
	}
	for i := range set {
		set[i] = ^uint64(0)
	}
	stride := symbolCount * t.width
	for place := range len(number) {
		s := symbolOf[number[place]]
		if s == noSymbol {
			return false
		}
		at := place*stride + int(s)*t.width
		left := uint64(0)
		for i, allowed := range t.sets[at : at+len(set)] {
			set[i] &= allowed
			left |= set[i]
		}
		if left == 0 {
			return false
		}
	}
	return true
}
