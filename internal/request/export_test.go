package request

import (
	"time"

	"waypost/internal/workday"
)

// SetClock is for tests.
func (r *Requests) SetClock(now func() time.Time) { r.now = now }

// ClockOf is how the clock of a request stands that was received and asked then.
func ClockOf(days workday.Calendar, law Law, received, asked, now time.Time, waited int) Clock {
	return clock(days, law, received, asked, now, waited)
}

// Token opens a request's page.
func (r Request) Token() string { return string(r.token) }
