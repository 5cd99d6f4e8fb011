package app

import (
	"context"
	"errors"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/limit"
)

// countTime is what a region is given to count, before another one does.
const countTime = time.Second

// counters count who looks up parcels, of whom it isn't known where they live: in
// the first region that can be reached, by keyed hashes that are gone within the
// hour. While none can, nobody is counted: parcels are shown all the same.
type counters struct{ all []*limit.Counter }

func openCounters(ctx context.Context, regions []account.Region) (*counters, error) {
	c := &counters{}
	for _, r := range regions {
		one, err := limit.Open(ctx, r.DB, func(text string) string { return r.Vault.Lookup("limit.tally.bucket", text) })
		if err != nil {
			return nil, err
		}
		c.all = append(c.all, one)
	}
	return c, nil
}

// Spend is limit.Counter's.
func (c *counters) Spend(ctx context.Context, l limit.Limit, of string, n int) (time.Duration, error) {
	for _, one := range c.all {
		short, cancel := context.WithTimeout(ctx, countTime)
		wait, err := one.Spend(short, l, of, n)
		late := short.Err() != nil && ctx.Err() == nil
		cancel()
		if away := errors.Is(err, db.ErrAway) || err != nil && late && len(c.all) > 1; !away {
			return wait, err
		}
	}
	return 0, nil
}
