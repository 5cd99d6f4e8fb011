package recognise

import (
	"fmt"
	"regexp/syntax"
	"slices"
)

const (
	maxLength = 50   // no carrier's number is longer
	maxForms  = 2048 // that one pattern may expand to
)

// A class is a set of symbols: 0–9, A–Z, hyphen, full stop.
type class uint64

const (
	symbolCount       = 38
	digits      class = 1<<10 - 1
	letters     class = (1<<26 - 1) << 10
)

// symbolOf is a character's place in a class; noSymbol for all that numbers don't hold.
var symbolOf = func() (table [256]uint8) {
	for i := range table {
		table[i] = noSymbol
	}
	for i, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.") {
		table[c] = uint8(i)
	}
	return table
}()

const noSymbol = 0xff

// A sequence is a pattern's form of one length: what may stand in each place,
// and which part is the number to ask with.
type sequence struct {
	classes  []class
	from, to int // to is −1 while no group (?P<number>…) was seen
}

// expand writes a pattern out as all its sequences of at most maxLength places.
func expand(pattern string) ([]sequence, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	all, err := expandNode(re)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s sequence) bool { return len(s.classes) == 0 })
	if len(all) == 0 {
		return nil, fmt.Errorf("no number of 1 to %d characters fits", maxLength)
	}
	for i := range all {
		if all[i].to < 0 {
			all[i].from, all[i].to = 0, len(all[i].classes)
		}
	}
	return all, nil
}

// nothing is the sequence of no places.
func nothing() []sequence { return []sequence{{to: -1}} }

func expandNode(re *syntax.Regexp) ([]sequence, error) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return nothing(), nil
	case syntax.OpLiteral:
		s := sequence{to: -1}
		for _, r := range re.Rune {
			c, err := classOf([]rune{r, r})
			if err != nil {
				return nil, err
			}
			s.classes = append(s.classes, c)
		}
		return []sequence{s}, nil
	case syntax.OpCharClass:
		c, err := classOf(re.Rune)
		if err != nil {
			return nil, err
		}
		return []sequence{{classes: []class{c}, to: -1}}, nil
	case syntax.OpCapture:
		return expandGroup(re)
	case syntax.OpConcat:
		all := nothing()
		for _, sub := range re.Sub {
			next, err := expandNode(sub)
			if err != nil {
				return nil, err
			}
			if all, err = join(all, next); err != nil {
				return nil, err
			}
		}
		return all, nil
	case syntax.OpAlternate:
		var all []sequence
		for _, sub := range re.Sub {
			next, err := expandNode(sub)
			if err != nil {
				return nil, err
			}
			all = append(all, next...)
		}
		return all, bounded(all)
	case syntax.OpQuest:
		return expandRepeat(re.Sub[0], 0, 1)
	case syntax.OpStar:
		return expandRepeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		return expandRepeat(re.Sub[0], 1, -1)
	case syntax.OpRepeat:
		return expandRepeat(re.Sub[0], re.Min, re.Max)
	}
	return nil, fmt.Errorf("%s can't be written out as places", re)
}

func expandGroup(re *syntax.Regexp) ([]sequence, error) {
	inner, err := expandNode(re.Sub[0])
	if err != nil || re.Name != "number" {
		return inner, err
	}
	all := slices.Clone(inner)
	for i := range all {
		all[i].from, all[i].to = 0, len(all[i].classes)
	}
	return all, nil
}

// expandRepeat writes out sub repeated; most below 0 means as often as fits.
func expandRepeat(sub *syntax.Regexp, least, most int) ([]sequence, error) {
	one, err := expandNode(sub)
	if err != nil {
		return nil, err
	}
	if most < 0 {
		most = maxLength
	}
	var all []sequence
	times := nothing()
	for n := 0; n <= most; n++ {
		if n >= least {
			all = append(all, times...)
			if err := bounded(all); err != nil {
				return nil, err
			}
		}
		if times, err = join(times, one); err != nil {
			return nil, err
		}
		if len(times) == 0 {
			break
		}
	}
	return all, nil
}

// join puts each of the sequences b behind each of a.
func join(a, b []sequence) ([]sequence, error) {
	var all []sequence
	for _, s := range a {
		for _, t := range b {
			n := len(s.classes)
			if n+len(t.classes) > maxLength {
				continue
			}
			joined := sequence{classes: slices.Concat(s.classes, t.classes), from: s.from, to: s.to}
			if t.to >= 0 {
				joined.from, joined.to = n+t.from, n+t.to
			}
			all = append(all, joined)
		}
		if err := bounded(all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func bounded(all []sequence) error {
	if len(all) > maxForms {
		return fmt.Errorf("expands to more than %d forms", maxForms)
	}
	return nil
}

// classOf makes a class of ranges as regexp/syntax has them.
func classOf(ranges []rune) (class, error) {
	var c class
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1] && r < 256; r++ {
			if s := symbolOf[r]; s != noSymbol {
				c |= 1 << s
			}
		}
	}
	if c == 0 {
		return 0, fmt.Errorf("%q stands for no digit, capital letter, hyphen or full stop", ranges)
	}
	return c, nil
}
