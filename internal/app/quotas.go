package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/limit"
	"waypost/internal/quota"
)

// openQuotas opens what accounts' programs may do, in each region's own database.
func (p *people) openQuotas(ctx context.Context, c config.Quota, registry prometheus.Registerer) (err error) {
	var regions []quota.Region
	for _, r := range p.regions {
		calls, err := limit.Open(ctx, r.DB, func(text string) string { return r.Vault.Lookup("limit.tally.bucket", text) })
		if err != nil {
			return err
		}
		regions = append(regions, quota.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Count: calls, Jobs: p.queueOf(r.Name)})
	}
	p.quotas, err = quota.Open(ctx, quota.Options{
		Regions:    regions,
		Usable:     p.members.Usable,
		Restricted: p.members.Restricted,
		Plan:       quota.Plan{Total: int64(c.Total), Monthly: c.Monthly, Daily: c.Daily},
		Rates:      map[quota.API]int{quota.Compatible: c.Rate, quota.Own: c.OwnRate},
		Metrics:    registry,
	})
	return err
}

// secretMade tells the owners of an account that a key of theirs has a new secret.
func (s *server) secretMade(ctx context.Context, e quota.SecretMade) error {
	store, err := s.people.quotas.Of(e.Owner)
	if err != nil {
		return err
	}
	k, err := store.Get(ctx, e.Owner, e.Key)
	if fault.KindOf(err) == fault.NotFound {
		return nil // gone already, with its owner or after it was revoked
	}
	if err != nil {
		return err
	}
	return s.people.members.TellKey(ctx, account.KeyNews{Owner: e.Owner, Secret: string(e.Secret), Name: k.Name, Rotated: e.Rotated})
}

// wentBack revokes the keys of a member that were made, or given another secret,
// since somebody got into their account.
func (s *server) wentBack(ctx context.Context, e account.WentBack) error {
	owner := e.Account.Subject()
	store, err := s.people.quotas.Of(owner)
	if err != nil {
		return err
	}
	_, err = store.RevokeSince(ctx, owner, time.UnixMilli(e.Since))
	return err
}
