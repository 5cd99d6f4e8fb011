package health

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
)

// scrapeTime bounds what a scrape waits for the database.
const scrapeTime = 2 * time.Second

var (
	changedDesc = prometheus.NewDesc("waypost_carrier_shape_changes",
		"Places of a source's answers that the reading uses and that are gone or of another type.", []string{"source"}, nil)
	successDesc = prometheus.NewDesc("waypost_carrier_last_success_timestamp_seconds",
		"When an account was last answered with a history, or that there is none.", []string{"account"}, nil)
)

// Describe implements prometheus.Collector.
func (b *Book) Describe(out chan<- *prometheus.Desc) {
	out <- changedDesc
	out <- successDesc
}

// Collect implements prometheus.Collector: it tells what the database says, the
// same in every program.
func (b *Book) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	now := time.Now()
	accounts, err := b.Accounts(ctx, now)
	if err != nil {
		b.log.Warn("carriers' health is missing from the metrics", "err", err)
		return
	}
	changes, err := b.Changes(ctx, "", now)
	if err != nil {
		b.log.Warn("changes of answers are missing from the metrics", "err", err)
		return
	}
	loud := map[carrier.SourceCode]float64{}
	for code, a := range accounts {
		loud[SourceOf(code)] += 0
		if !a.Success.IsZero() {
			out <- prometheus.MustNewConstMetric(successDesc, prometheus.GaugeValue, float64(a.Success.UnixMilli())/1000, string(code))
		}
	}
	for _, c := range changes {
		if c.Loud() {
			loud[c.Source]++
		}
	}
	for source, n := range loud {
		out <- prometheus.MustNewConstMetric(changedDesc, prometheus.GaugeValue, n, string(source))
	}
}
