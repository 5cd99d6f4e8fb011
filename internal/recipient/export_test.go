package recipient

import "time"

// SetClock is for tests.
func (r *Recipients) SetClock(now func() time.Time) { r.now = now }
