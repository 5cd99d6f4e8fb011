package recognise

import "strings"

// confusions are characters that are taken for each other.
var confusions = [256]byte{
	'O': '0', '0': 'O', 'I': '1', '1': 'I', 'S': '5', '5': 'S', 'B': '8', '8': 'B', 'Z': '2', '2': 'Z',
}

// findClosest looks for the one slip of the hand that explains why n is not
// valid: a character taken for another, else two neighbours swapped. What it
// finds has a right check digit and a form as rare as least and as the form
// that n has as it stands; and it is only ever offered.
func (x *Index) findClosest(n *Number, least float64) {
	var buffer [64]Match
	for _, m := range x.Match(buffer[:0], n.Text) {
		least = max(least, shape(m.form.classes, n.Text)-0.5)
	}
	best := noWorth
	try := func(number, slip string) {
		if worth := x.validity(number); worth >= least && worth >= best { // of equals the later: fingers slip towards the end
			best = worth
			n.Closest = number
			n.Reasons = append(dropSlip(n.Reasons), Reason{SlipExplains, []string{number, slip}})
		}
	}
	for i := range len(n.Text) {
		if other := confusions[n.Text[i]]; other != 0 {
			try(n.Text[:i]+string(other)+n.Text[i+1:], string(other)+" for "+n.Text[i:i+1])
		}
	}
	if n.Closest != "" {
		return
	}
	for i := range len(n.Text) - 1 {
		if a, b := n.Text[i:i+1], n.Text[i+1:i+2]; a != b {
			try(n.Text[:i]+b+a+n.Text[i+2:], b+a+" for "+a+b)
		}
	}
}

func dropSlip(reasons []Reason) []Reason {
	if last := len(reasons) - 1; last >= 0 && reasons[last].Code == SlipExplains {
		return reasons[:last]
	}
	return reasons
}

// validity is the rarity of number's best form of which the check digit is
// right; noWorth if there is none.
func (x *Index) validity(number string) float64 {
	var buffer [64]Match
	best := noWorth
	for _, m := range x.Match(buffer[:0], number) {
		postal := strings.HasPrefix(m.Format.Check, "s10") && isS10(number)
		if m.Check == Right && (!postal || world[number[11:]].name != "") {
			best = max(best, shape(m.form.classes, number))
		}
	}
	return best
}
