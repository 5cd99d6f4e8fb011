package once

import "time"

// SetClock has the stores take the time from a test.
func (q *Requests) SetClock(now func() time.Time) { q.now = now }
