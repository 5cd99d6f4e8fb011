package closing

import "time"

// SetClock is for tests.
func (c *Closing) SetClock(now func() time.Time) { c.now = now }
