package sim

import (
	"sync"
	"time"
)

// A Clock is the time in the simulated world. It may start in the past and run
// faster than the wall clock, but never passes it: once it has caught up, the
// two go together. It is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	start time.Time // what it showed at since
	since time.Time // wall clock
	speed float64
}

// NewClock makes a clock that shows start now and runs speed times as fast as
// the wall clock; with speed 0 it stands until it is set.
func NewClock(start time.Time, speed float64) *Clock {
	return &Clock{start: start, since: time.Now(), speed: speed}
}

// Now is the time in the simulated world.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	wall := time.Now()
	run := time.Duration(float64(wall.Sub(c.since)) * c.speed)
	if left := wall.Sub(c.start); run > left {
		return wall.UTC()
	}
	return c.start.Add(run).UTC()
}

// Set moves the clock to t, forwards or backwards. It goes on at its speed.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start, c.since = t, time.Now()
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start, c.since = c.now().Add(d), time.Now()
}

// SetSpeed lets the clock run speed times as fast as the wall clock from now on.
func (c *Clock) SetSpeed(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start, c.since, c.speed = c.now(), time.Now(), speed
}

// Speed is how much faster than the wall clock the clock runs.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}
