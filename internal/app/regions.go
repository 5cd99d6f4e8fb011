package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/config"
)

// reachable reports whether a region's people can be served now.
func reachable(r account.Region) bool { return r.DB.Reachable() && r.Vault.Reachable() }

// away are the names of the regions that can't be reached right now.
func (p *people) away() []string {
	var names []string
	for _, r := range p.regions {
		if !reachable(r) {
			names = append(names, r.Name)
		}
	}
	return names
}

// measureReviews has the metrics say by when the protection of data in other
// countries is to be assessed again.
func measureReviews(registry prometheus.Registerer, c config.Config) error {
	seen := map[string]bool{}
	for _, x := range c.Crossings() {
		if seen[x.To] {
			continue
		}
		seen[x.To] = true
		due := float64(c.Transfers.Countries[x.To].Next().AddDate(0, 0, 1).Unix()) // when the day is over
		err := registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "waypost_transfer_review_timestamp_seconds",
			Help:        "By when the protection of data in a country that some goes to is to be assessed again, as Unix time.",
			ConstLabels: prometheus.Labels{"country": x.To},
		}, func() float64 { return due }))
		if err != nil {
			return err
		}
	}
	return nil
}

// measure has the metrics say which regions can be reached.
func (p *people) measure(registry prometheus.Registerer) error {
	for _, r := range p.regions {
		err := registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "waypost_region_reachable",
			Help:        "Whether the people of a region can be served, 0 or 1.",
			ConstLabels: prometheus.Labels{"region": r.Name},
		}, func() float64 {
			if reachable(r) {
				return 1
			}
			return 0
		}))
		if err != nil {
			return err
		}
	}
	return nil
}
