package app

import (
	"context"

	"waypost/internal/config"
	"waypost/internal/limit"
	"waypost/internal/quota"
)

// openQuotas opens what accounts' programs may do, in each region's own database.
func (p *people) openQuotas(ctx context.Context, c config.Quota) (err error) {
	var regions []quota.Region
	for _, r := range p.regions {
		calls, err := limit.Open(ctx, r.DB, func(text string) string { return r.Vault.Lookup("limit.tally.bucket", text) })
		if err != nil {
			return err
		}
		regions = append(regions, quota.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Count: calls})
	}
	p.quotas, err = quota.Open(ctx, quota.Options{
		Regions: regions,
		Usable:  p.members.Usable,
		Plan:    quota.Plan{Total: int64(c.Total), Monthly: c.Monthly, Daily: c.Daily},
		Rates:   map[quota.API]int{quota.Compatible: c.Rate, quota.Own: c.OwnRate},
	})
	return err
}
