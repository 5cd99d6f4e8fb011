package vault

import (
	"sync"
	"time"
)

const (
	// cacheLife is how long a key is remembered after it was read: the longest
	// that a key destroyed on another machine still works on this one.
	cacheLife = 30 * time.Second
	// cacheMost bounds how many are remembered; at about 1 KiB each.
	cacheMost = 8192
)

// A cache remembers keys for cacheLife. The zero value is ready.
type cache struct {
	mu         sync.Mutex
	young, old map[string]remembered // old is forgotten as a whole when young is full
	destroyed  int                   // counts drops, so that a read that began before one is not remembered after it
}

type remembered struct {
	sealer *Sealer
	read   time.Time
}

// get returns the key, nil if it isn't remembered, and the count that put wants.
func (c *cache) get(name string, now time.Time) (*Sealer, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.young[name]
	if !ok {
		if r, ok = c.old[name]; !ok {
			return nil, c.destroyed
		}
	}
	if now.Sub(r.read) >= cacheLife {
		delete(c.young, name)
		delete(c.old, name)
		return nil, c.destroyed
	}
	return r.sealer, c.destroyed
}

// put remembers a key that was read not before the time read, unless any was
// dropped since get.
func (c *cache) put(name string, s *Sealer, read time.Time, destroyed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if destroyed != c.destroyed {
		return
	}
	if len(c.young) >= cacheMost/2 {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = map[string]remembered{}
	}
	c.young[name] = remembered{s, read}
}

func (c *cache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, name)
	delete(c.old, name)
	c.destroyed++
}
