// Package figure is the one gate through which figures about what people did go
// out: onto pages and into answers that everybody reads, and into exports that an
// operator may share. A figure goes out only for a statistic that is declared here,
// by dimensions that can't name anybody, and never for fewer than a group; what
// goes out can't be subtracted, nor compared with what went out before, to find a
// smaller group. It stores nothing, and knows nothing of where figures come from.
package figure

import (
	"cmp"
	"slices"
	"strings"

	"waypost/internal/fault"
)

// Least is how many a group has at least, unless an operator wants more.
const Least = 10

// A Gate lets figures out. The zero value has groups of Least.
type Gate struct{ least int }

// New makes a gate whose groups have least or more; 0 is Least.
func New(least int) Gate { return Gate{least} }

// Group is how many a group has at least.
func (g Gate) Group() int { return cmp.Or(g.least, Least) }

// A Statistic is figures that are published: what is counted, each once, and by
// what they are broken down. There are none but those of this package.
type Statistic struct {
	name string
	by   []dimension
}

// A dimension is what a statistic is broken down by.
type dimension struct {
	name string
	fits func(string) bool // reports whether a value can't name anybody
	most int               // different values
}

// A Count is how many there are in one cell, the finest that a statistic has.
type Count struct {
	At   []string // a value for each dimension
	N    int      // how many, each counted once
	Held int      // what Held of the publication before was; 0 there was none
}

// A Published is what is published of one cell.
type Published struct {
	At       []string
	N        int   // rounded down to a whole number of groups; 0 of less than one, and where it is withheld
	Held     int   // to be kept until the next publication, and shown to nobody
	Withheld error // why it can't go out, however many it is; nil it can
}

var errCell = fault.New(fault.Internal, "figure_cell", "What is to be published of %s can't be: %s.")

// Publish returns what may go out of each count, in their order.
//
//   - Figures are rounded down to whole groups, so no figure, and no difference of
//     two, tells of less than a group.
//   - A figure changes only when a whole group came or went since it last did, so
//     two publications don't tell who came in between.
//   - There are no totals: whoever adds figures up has nothing that these don't have,
//     and what is left out isn't in it.
//
// A count that isn't by the statistic's dimensions is withheld, and so is one of a
// value more than a dimension has; all others go out.
func (g Gate) Publish(s Statistic, counts []Count) []Published {
	seen := make([]map[string]bool, len(s.by))
	for i := range seen {
		seen[i] = map[string]bool{}
	}
	all := make([]Published, len(counts))
	for i, c := range counts {
		f := g.figure(c)
		if f.Withheld = s.misfit(c, seen, f.N > 0); f.Withheld != nil {
			f.N, f.Held = 0, c.Held
		}
		all[i] = f
		if f.N == 0 {
			continue
		}
		for i, value := range c.At {
			seen[i][value] = true
		}
	}
	return all
}

// misfit says why a count can't go out, beside values that were seen.
func (s Statistic) misfit(c Count, seen []map[string]bool, shown bool) error {
	if len(c.At) != len(s.by) {
		return errCell.With(s.name, "a count has other dimensions")
	}
	for i, d := range s.by {
		if !d.fits(c.At[i]) {
			return errCell.With(s.name, "a value of "+d.name+" could name somebody")
		}
		if shown && !seen[i][c.At[i]] && len(seen[i]) >= d.most {
			return errCell.With(s.name, d.name+" has too many values")
		}
	}
	return nil
}

// figure is what goes out of a count, 0 of less than a group.
func (g Gate) figure(c Count) Published {
	held := c.Held
	if change := c.N - held; change >= g.Group() || -change >= g.Group() {
		held = c.N
	}
	return Published{At: slices.Clone(c.At), N: held / g.Group() * g.Group(), Held: held}
}

// code reports whether a value is a word of a closed set: a carrier's code.
func code(value string) bool {
	return value != "" && len(value) <= 40 && strings.Trim(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// country reports whether a value is a country, ISO 3166-1 alpha-2, or "" for any.
func country(value string) bool {
	return value == "" || len(value) == 2 && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// named is how many of a number's own characters a form may keep: three in front,
// and an international number's country at its end.
const named = 3 + 2

// form reports whether a value is what numbers look like: letters (@) and digits
// (#), but for a few characters that carriers can be told by and parcels can't.
func form(value string) bool {
	return len(value) > 0 && len(value) <= 64 && len(strings.Map(own, value)) <= named
}

func own(r rune) rune {
	if r == '@' || r == '#' {
		return -1
	}
	return r
}
