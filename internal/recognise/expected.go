package recognise

import (
	"slices"

	"waypost/internal/promise"
)

// A promised is a day by which words say that a parcel comes, and their line.
type promised struct {
	line int
	day  string
}

// mostPromising is how much of a text is read for days, in bytes.
const mostPromising = 256 << 10

// promises reads the days that a text promises; first is the line before it.
func (r *reader) promises(text string, first int) {
	days, line := promise.New(r.hints.Day), first
	for l := range linesOf(text[:min(len(text), mostPromising)]) {
		line++
		for _, day := range days.Line(l) {
			r.days = append(r.days, promised{line, day})
		}
	}
}

// expect gives the days to the numbers that programs weren't told of. One day is
// that of all numbers. Where there are several, each number has the one that
// follows it, or the one before it in a text that ends with a number.
func (r *reader) expect() {
	if len(r.days) == 0 {
		return
	}
	lines := slices.Compact(slices.Sorted(slices.Values(r.places)))
	follow := r.days[len(r.days)-1].line >= lines[len(lines)-1]
	for i := range r.found.Numbers {
		n := &r.found.Numbers[i]
		if n.Expected != "" {
			continue
		}
		from, to := 0, r.at
		if one := r.day(from, to); one == "" && len(lines) > 1 {
			from, to = between(lines, r.places[i], follow, r.at)
		}
		n.Expected = r.day(from, to)
	}
}

// between are the lines from a number's own to the next number's, or, where days
// don't follow their numbers, from the number's before it to its own.
func between(lines []int, own int, follow bool, last int) (from, to int) {
	at, _ := slices.BinarySearch(lines, own)
	switch {
	case follow && at+1 < len(lines):
		return own, lines[at+1] - 1
	case follow:
		return own, last
	case at > 0:
		return lines[at-1] + 1, own
	}
	return 0, own
}

// day is the only day that lines promise, "" where there is none or several.
func (r *reader) day(from, to int) string {
	only := ""
	for _, d := range r.days {
		switch {
		case d.line < from || d.line > to || d.day == only:
		case only != "":
			return ""
		default:
			only = d.day
		}
	}
	return only
}
