package vault

import "time"

// What tests must know.
const (
	CacheLife   = cacheLife
	RewrapBatch = rewrapBatch
)

// SetClock gives the vault another clock than time.Now.
func (v *Vault) SetClock(now func() time.Time) { v.now = now }
