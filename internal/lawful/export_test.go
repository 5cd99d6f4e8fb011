package lawful

import "time"

// SetClock is for tests, in which a passphrase needn't be slow either.
func (r *Requests) SetClock(now func() time.Time) { r.now, r.work = now, 2 }
