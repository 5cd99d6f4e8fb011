package rhythm

import (
	"math"
	"time"
)

// What a call is worth: it is made when so much waiting of news for somebody
// to see it is expected. People look more often at what is out for delivery.
const (
	Worth     = 20 * time.Minute
	WorthNear = 2 * time.Minute
)

// A Moment is from when and how long somebody may wait.
type Moment struct {
	Last    time.Time     // when the leg's last event was
	Now     time.Time     // when it was asked, in the local time there
	NoClock bool          // the local time isn't known
	Worth   time.Duration // of a call
	Most    time.Duration // to wait
}

// Wait returns how long to wait until a call is worth it, at most m.Most. Each
// event that is likely to have come by then waits with us: with e of them
// expected, an hour more is e hours of waiting. So calls are close together
// where events are, few where there are none, and one comes soon after a wave.
func (r *Rates) Wait(m Moment) time.Duration {
	var unseen, waited, wait float64 // events; hours of their waiting; hours
	spans(m.Last, m.Now, m.Now.Add(m.Most), func(s span) bool {
		rate := float64(r.cell[s.cell()])
		if m.NoClock {
			rate = float64(r.flat[s.age])
		}
		left, lasts := m.Worth.Hours()-waited, s.lasts.Hours()
		if more := (unseen + rate*lasts/2) * lasts; more < left {
			unseen, waited, wait = unseen+rate*lasts, waited+more, wait+lasts
			return true
		}
		if left > 0 {
			wait += 2 * left / (unseen + math.Sqrt(unseen*unseen+2*rate*left)) // solves unseen·t + rate·t²/2 = left
		}
		return false
	})
	return min(time.Duration(wait*float64(time.Hour)), m.Most)
}
