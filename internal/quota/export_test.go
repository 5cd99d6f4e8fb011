package quota

import "time"

// SetClock has the stores take the time from a test.
func (q *Stores) SetClock(now func() time.Time) { q.now = now }
