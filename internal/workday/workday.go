// Package workday counts working days: Mondays to Fridays but for holidays, and
// the weekends on which a country works instead. It knows no country's holidays;
// an operator names those of each region.
package workday

import (
	"fmt"
	"strings"
	"time"
)

// A Calendar says which days are worked in a region. The zero Calendar knows no
// holidays and counts days in UTC.
type Calendar struct {
	zone           *time.Location // nil UTC
	holidays, work map[day]bool
}

// A day is one of a calendar, in nobody's zone.
type day struct {
	year  int
	month time.Month
	day   int
}

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day{y, m, d}
}

// mostDays bounds what one entry may span, so that a slip of a year is seen.
const mostDays = 31

// New makes a calendar. zone is the name of a time zone by whose midnights days
// are told apart, "" UTC. holidays aren't worked though no weekend, and work are
// days of weekends that are. Each is a day, 2026-10-01, or the first and last of
// some, 2026-10-01/2026-10-07. What can't be used is returned as sentences, and
// left out.
func New(zone string, holidays, work []string) (Calendar, []string) {
	c := Calendar{holidays: map[day]bool{}, work: map[day]bool{}}
	var wrong []string
	if zone != "" {
		loaded, err := time.LoadLocation(zone)
		if err != nil || zone == "Local" {
			wrong = append(wrong, fmt.Sprintf("zone: %q is no time zone like Asia/Shanghai", zone))
		} else {
			c.zone = loaded
		}
	}
	for _, list := range []struct {
		name  string
		texts []string
		days  map[day]bool
	}{{"holidays", holidays, c.holidays}, {"working", work, c.work}} {
		for _, text := range list.texts {
			days, why := span(text)
			if why != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %q %s", list.name, text, why))
			}
			for _, t := range days {
				list.days[dayOf(t)] = true
				if list.name == "working" && !weekend(t) {
					wrong = append(wrong, fmt.Sprintf("working: %q holds a %s, which is worked anyway unless it is a holiday", text, t.Weekday()))
					break
				}
			}
		}
	}
	for d := range c.work {
		if c.holidays[d] {
			wrong = append(wrong, fmt.Sprintf("working: %04d-%02d-%02d is a holiday, too; it can't be both", d.year, d.month, d.day))
		}
	}
	return c, wrong
}

// span reads a day or the first and last of some; else it says why not.
func span(text string) (days []time.Time, why string) {
	first, last, two := strings.Cut(text, "/")
	if !two {
		last = first
	}
	from, err := time.Parse(time.DateOnly, strings.TrimSpace(first))
	to, wrong := time.Parse(time.DateOnly, strings.TrimSpace(last))
	switch {
	case err != nil || wrong != nil:
		return nil, "is neither a day like 2026-10-01 nor the first and last of some, like 2026-10-01/2026-10-07"
	case to.Before(from):
		return nil, "ends before it begins"
	case to.Sub(from) >= mostDays*24*time.Hour:
		return nil, fmt.Sprintf("spans more than %d days", mostDays)
	}
	for at := from; !at.After(to); at = at.AddDate(0, 0, 1) {
		days = append(days, at)
	}
	return days, ""
}

func weekend(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}

// Worked reports whether the day on which a time falls is worked.
func (c Calendar) Worked(t time.Time) bool {
	t = c.in(t)
	return c.work[dayOf(t)] || !weekend(t) && !c.holidays[dayOf(t)]
}

// After is the same time of day, days working days later: the day of the time
// itself doesn't count. It is in UTC.
func (c Calendar) After(t time.Time, days int) time.Time {
	at := c.in(t)
	for passed := 0; passed < days; {
		at = at.AddDate(0, 0, 1)
		if c.Worked(at) {
			passed++
		}
	}
	return at.UTC()
}

// Count is how many working days come after the day of one time, up to that of a
// later one: what After takes to come to that day.
func (c Calendar) Count(from, to time.Time) int {
	at, last, n := c.in(from), c.in(to), 0
	for dayOf(at) != dayOf(last) && at.Before(last) {
		at = at.AddDate(0, 0, 1)
		if c.Worked(at) {
			n++
		}
	}
	return n
}

// Covers is the last year of which the calendar names a day; 0 of none.
func (c Calendar) Covers() int {
	last := 0
	for _, days := range []map[day]bool{c.holidays, c.work} {
		for d := range days {
			last = max(last, d.year)
		}
	}
	return last
}

func (c Calendar) in(t time.Time) time.Time {
	if c.zone == nil {
		return t.UTC()
	}
	return t.In(c.zone)
}
