package db

import "time"

// Ms is a time as it is stored, in Unix milliseconds; 0 none.
func Ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// At is the time that was stored so, UTC; zero none.
func At(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
