package hold

import "time"

// SetClock is for tests.
func (h *Holds) SetClock(now func() time.Time) { h.now = now }
