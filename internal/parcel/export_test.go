package parcel

import "time"

// SetClock gives the store another clock than time.Now.
func (s *Store) SetClock(now func() time.Time) { s.now = now }
