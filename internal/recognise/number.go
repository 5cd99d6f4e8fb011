package recognise

import (
	"math"
	"strings"

	"waypost/internal/carrier"
)

const minLength = 5 // no carrier's number is shorter

// Number reads text as one number, whatever it looks like: typed, spaced, a
// scanned barcode or a link of a tracking page.
func (x *Index) Number(text string, h Hints) Number {
	if isBare(text) {
		e := x.evidence(h, "", "")
		e.far = true
		return x.judge(text, text, e)
	}
	h.Max = 1
	if found := x.Text(text, h); len(found.Numbers) == 1 && found.More == 0 {
		n := found.Numbers[0]
		n.Typed = text
		return n
	}
	return x.judge(strings.TrimSpace(plain(text)), text, x.evidence(h, "", ""))
}

// isBare reports whether a text is a number and nothing else, as programs send them
// and forms keep them: there is no line to read.
func isBare(text string) bool {
	return len(text) >= minLength && len(text) <= maxLength && hasDigit(text) &&
		!strings.ContainsFunc(text, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') })
}

// judge says whose the number is. Text is plain, but as written: separators
// and all.
func (x *Index) judge(text, typed string, e evidence) Number {
	number, _ := normal(text)
	n := Number{Text: number, Typed: typed}
	if len(number) < minLength {
		n.Problem = TooShort
		return n
	}
	unknown := unknownWeight(number)
	var buffer [64]Match
	var all []scored
	matches := x.Match(buffer[:0], number)
	for _, m := range matches {
		if m.Carrier != nil {
			all = append(all, x.weigh(m, number, e))
		}
	}
	if len(matches) > 0 && matches[0].Carrier == nil { // the postal form is the index's first
		m := matches[0]
		n.Reasons = append(n.Reasons, s10Facts(number))
		if m.Check == Wrong {
			n.Problem = CheckDigit
		}
		if !issued(all) {
			unknown += math.Pow(10, m.worth(number)) // a post that no file describes
		}
	}
	if kept := strings.ToUpper(text); kept != number { // separators that belong to the number
		for _, m := range x.Match(buffer[:0], kept) {
			all = append(all, x.weigh(m, kept, e))
		}
	}
	all = append(all, x.formless(all, number, e)...)
	best := bestByCarrier(all)
	x.recall(best, number, e.country)
	n.Candidates = rank(best, unknown)
	x.findProblem(&n, all)
	return n
}

// formless are candidates that were named, though the number doesn't look like
// theirs: by an address none of whose other carriers fits, as the caller's only choice, or by a word on the
// same line or the mail's sender when nothing else is known.
func (x *Index) formless(fitting []scored, number string, e evidence) []scored {
	fits, hostFits := map[carrier.Code]bool{}, false
	for _, s := range fitting {
		fits[s.Carrier] = true
		hostFits = hostFits || e.host[s.Carrier] && s.check != Wrong
	}
	var more []scored
	for code, c := range x.carriers {
		named := e.host[code] && !hostFits || e.named[code] && len(e.named) == 1 || len(fitting) == 0 && !e.far && (e.words[code] != "" || e.sender[code])
		if fits[code] || !named {
			continue
		}
		s := scored{
			Candidate: Candidate{Carrier: code, Number: number, Needs: c.Needs},
			carrier:   c, terms: map[basis]float64{},
		}
		s.add(byForm, weightNoForm, NoForm)
		s.addCarrier(c, true, e)
		more = append(more, s)
	}
	return more
}
