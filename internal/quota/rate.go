package quota

import (
	"cmp"
	"context"
	"time"

	"waypost/internal/limit"
)

// An API is one that keys call, each with a rate of its own.
type API string

// APIs.
const (
	Compatible API = "compatible" // every version of the compatible one together
	Own        API = "own"
)

// rates are the defaults of Options.Rates. Source of the first:
// tracking-api-17track.md section 5.
var rates = map[API]int{Compatible: 3, Own: 20}

// Rate takes one call of a key from what it may make in a second, on all
// machines together. It returns how long to wait where there is none left, 0
// where the call may be made.
func (q *Stores) Rate(ctx context.Context, c Caller, of API) (time.Duration, error) {
	s, err := q.In(c.Region)
	if err != nil {
		return 0, err
	}
	wait, err := s.count.Spend(ctx, limit.Limit{Name: "key_" + string(of), Most: q.Most(of), Window: time.Second}, string(c.Key), 1)
	if wait > 0 {
		q.metrics.waits.WithLabelValues(string(of)).Inc()
	}
	return wait, err
}

// Most is how many calls of an API a key may make in a second.
func (q *Stores) Most(of API) int { return cmp.Or(q.rates[of], rates[of]) }
