package request

import (
	"time"

	"waypost/internal/workday"
)

// Working days within which a request is answered: due after the first, late after
// the second.
const (
	DueDays  = 5
	LateDays = 7
)

// A Law is what the law of a region gives for an answer at most.
type Law string

// Laws.
const (
	// MonthLaw is one month after it was received: GDPR, Article 12(3),
	// https://eur-lex.europa.eu/eli/reg/2016/679/oj. It is shorter than the 45 days
	// of California (Cal. Civ. Code 1798.130(a)(2)), so it serves elsewhere as well.
	MonthLaw Law = "month"
	// ChinaLaw is 15 working days: the Cyberspace Administration's method for
	// determining unlawful collection by apps (国信办秘字〔2019〕191号), 6(4). The 30
	// days of GB/T 35273-2020, 8.7, are longer.
	ChinaLaw Law = "china"
)

const chinaDays = 15

// A Clock says until when a request is to be answered. All times are UTC.
type Clock struct {
	Due    time.Time // after five working days
	Late   time.Time // after seven
	Most   time.Time // what the law gives; it counts from the day of receipt, and never stands
	Stands bool      // while the person is to answer something
	Left   int       // working days until Due, negative since
	Over   Over
}

// Over is how urgent it is.
type Over string

// How urgent it is.
const (
	InTime Over = ""
	IsDue  Over = "due"  // five working days are over
	IsLate Over = "late" // seven are: whoever leads the staff sees to it
)

// clock is how it stands for an open request at a time; of one that ended, as it
// was then. waited are working days that didn't count.
func clock(days workday.Calendar, law Law, received, asked, now time.Time, waited int) Clock {
	c := Clock{Stands: !asked.IsZero(), Most: most(days, law, received)}
	if c.Stands {
		waited += days.Count(asked, now)
	}
	c.Due, c.Late = days.After(received, DueDays+waited), days.After(received, LateDays+waited)
	if c.Left = days.Count(now, c.Due); now.After(c.Due) {
		c.Left = -days.Count(c.Due, now)
	}
	switch {
	case c.Stands:
	case !now.Before(c.Late):
		c.Over = IsLate
	case !now.Before(c.Due):
		c.Over = IsDue
	}
	return c
}

func most(days workday.Calendar, law Law, received time.Time) time.Time {
	if law == ChinaLaw {
		return days.After(received, chinaDays)
	}
	month := received.AddDate(0, 1, 0)
	if month.Day() != received.Day() { // the next month has no such day: its last one (Regulation 1182/71, 3(2)(c))
		month = month.AddDate(0, 0, -month.Day())
	}
	return month.UTC()
}
