package watch

import "time"

// SetClock gives the watches another clock than time.Now.
func (w *Watches) SetClock(now func() time.Time) { w.now = now }

// SetMost gives owners room for fewer watches.
func (w *Watches) SetMost(n int) { w.most = n }
