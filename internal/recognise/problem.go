package recognise

import (
	"slices"
	"strings"
)

// faint is a score below which a candidate doesn't keep a number from being
// taken for a slip of the hand.
const faint = 0.2

// findProblem says what is wrong with the number, and what it may have been.
// Before, Problem holds what the international postal form says.
func (x *Index) findProblem(n *Number, all []scored) {
	postal := len(n.Reasons) > 0 && n.Reasons[0].Code == IsS10
	if postal && !issued(all) {
		n.Reasons = append(n.Reasons, Reason{Code: NotInFiles})
	}
	best := first(n.Candidates)
	failed := slices.ContainsFunc(all, func(s scored) bool {
		return s.Carrier == best.Carrier && s.Format == best.Format && s.check == Wrong
	})
	switch {
	case failed:
		n.Problem = CheckDigit
	case best.Score >= faint:
		n.Problem = NoProblem
	case postal: // a wrong check digit counts, whoever's number it is
	case len(n.Candidates) == 0:
		n.Problem = x.misfit(n.Text)
	case !isDigits(n.Text) && slices.ContainsFunc(all, telltale):
		n.Problem = CheckDigit
	case !isDigits(n.Text):
		if x.findClosest(n, telling); n.Closest != "" {
			n.Problem = UnknownFormat
		}
		return
	}
	if n.Problem == CheckDigit || n.Problem == UnknownFormat {
		x.findClosest(n, 0)
	}
}

// telltale reports whether the candidate's form says enough for its wrong check
// digit to be what is wrong with the number.
func telltale(s scored) bool { return s.check == Wrong && s.terms[byForm] >= 2*telling }

// issued reports whether a post in the files issues the number.
func issued(all []scored) bool {
	return slices.ContainsFunc(all, func(s scored) bool {
		return s.format != nil && strings.HasPrefix(s.format.Check, "s10") && isS10(s.Number)
	})
}

func first(candidates []Candidate) Candidate {
	if len(candidates) == 0 {
		return Candidate{}
	}
	return candidates[0]
}

// misfit says how a number that has no form misses one.
func (x *Index) misfit(number string) Problem {
	switch {
	case len(number) > maxLength, x.exceeds(number):
		return TooLong
	case x.lacks(number):
		return TooShort
	}
	return UnknownFormat
}

// telling is the rarity of a form that says enough about a number which nearly
// has it.
const telling = 1.3

// lacks reports whether one character more, anywhere, would give number a
// telling form, or two more at its end.
func (x *Index) lacks(number string) bool {
	for more := 1; more <= 2 && len(number)+more <= maxLength; more++ {
		first := 0
		if more == 2 {
			first = len(number)
		}
		for _, f := range x.tables[len(number)+more].forms {
			for gap := first; gap <= len(number); gap++ {
				classes := slices.Concat(f.classes[:gap], f.classes[gap+more:])
				if allows(classes, number) && shape(classes, number) >= 2*telling {
					return true
				}
			}
		}
	}
	return false
}

func allows(classes []class, number string) bool {
	for i, c := range classes {
		if s := symbolOf[number[i]]; s == noSymbol || c&(1<<s) == 0 {
			return false
		}
	}
	return true
}

// exceeds reports whether number has a telling form without one of its
// characters, or without the last two.
func (x *Index) exceeds(number string) bool {
	n := len(number)
	shorter := []string{number[:n-2]}
	for i := range n {
		shorter = append(shorter, number[:i]+number[i+1:])
	}
	return slices.ContainsFunc(shorter, func(s string) bool {
		return slices.ContainsFunc(x.Match(nil, s), func(m Match) bool {
			return m.Check != Wrong && shape(m.form.classes, s) >= 2*telling
		})
	})
}
