package inventory

import (
	"slices"
	"time"
)

// A Purge is one run that deletes what has been kept as long as it may.
type Purge struct {
	Now  time.Time
	Held []Subject // whose data stays all the same: there is a legal hold on it
	Try  bool      // nothing is deleted; what would be is said
}

// Holds reports whether somebody's data stays.
func (p Purge) Holds(s Subject) bool { return slices.Contains(p.Held, s) }

// A Gone is how much a run deleted of a table.
type Gone struct {
	Table string
	Rows  int
	// Due is when the next rows that are left are to go, UTC: in the past for those
	// that a hold keeps. The zero time where none are left, or nobody's are.
	Due time.Time
}

// Purged is what a run deleted, by table in the order that it came to them.
type Purged []Gone

// Rows is how many there were in all.
func (p Purged) Rows() int {
	n := 0
	for _, g := range p {
		n += g.Rows
	}
	return n
}

// And returns p with what else was deleted. A table that is there already is
// added to.
func (p Purged) And(more ...Gone) Purged {
	all := slices.Clone(p)
	for _, g := range more {
		at := slices.IndexFunc(all, func(o Gone) bool { return o.Table == g.Table })
		if at < 0 {
			all = append(all, g)
			continue
		}
		all[at].Rows += g.Rows
		if all[at].Due.IsZero() || !g.Due.IsZero() && g.Due.Before(all[at].Due) {
			all[at].Due = g.Due
		}
	}
	return all
}
