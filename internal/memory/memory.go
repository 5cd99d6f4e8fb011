// Package memory counts with which carriers numbers were really found, by what
// the numbers look like and the country where their parcels were, so that the
// right carrier comes first the next time. It keeps no number and no more than
// three characters of one, and knows nothing of who asked or of how candidates
// are weighed.
package memory

import (
	"math"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/recognise"
)

// halfLife is after how long a number counts half: carriers give up prefixes
// and take on others.
const halfLife = 180 * 24 * time.Hour

// A Lesson is that a number was found with a carrier.
type Lesson struct {
	Number  string // upper case, no separators
	Carrier carrier.Code
	Country string // ISO 3166-1 alpha-2 where the parcel is, "" unknown
}

// A kind is what is counted together.
type kind struct {
	likeness recognise.Likeness
	country  string // "" wherever
}

// kinds are those that a lesson counts for.
func (l Lesson) kinds() []kind {
	var all []kind
	for _, like := range recognise.Likenesses(l.Number) {
		all = append(all, kind{like, ""})
		if l.Country != "" {
			all = append(all, kind{like, l.Country})
		}
	}
	return all
}

// A count is how many numbers there were, as of a time.
type count struct {
	n  float64
	at time.Time
}

// faded is what is left of the count at a later time.
func (c count) faded(now time.Time) float64 {
	return c.n * math.Exp2(-max(now.Sub(c.at), 0).Hours()/halfLife.Hours())
}
