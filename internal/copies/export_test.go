package copies

import "time"

// SetClock is for tests.
func (c *Copies) SetClock(now func() time.Time) { c.now = now }
