package recipient

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTime bounds what a scrape waits for the database.
const scrapeTime = 2 * time.Second

var noticesDesc = prometheus.NewDesc("waypost_recipient_notices",
	"Services that got data of somebody who was erased: told and not confirmed (open), of those for the staff to see to (escalated), and confirmed.",
	[]string{"region", "outcome"}, nil)

// Describe implements prometheus.Collector.
func (r *Recipients) Describe(out chan<- *prometheus.Desc) { out <- noticesDesc }

// Collect implements prometheus.Collector: it tells what the databases say, the
// same in every program.
func (r *Recipients) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	for _, s := range r.Stores() {
		c, err := s.Counts(ctx)
		if err != nil {
			r.o.Log.Warn("notices of erasures are missing from the metrics", "region", s.Name, "err", err)
			continue
		}
		for outcome, n := range map[string]int{"open": c.Open, "escalated": c.Escalated, "confirmed": c.Confirmed} {
			out <- prometheus.MustNewConstMetric(noticesDesc, prometheus.GaugeValue, float64(n), s.Name, outcome)
		}
	}
}
