package request

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTime bounds how long a scrape waits for the databases.
const scrapeTime = 5 * time.Second

var tallyDesc = prometheus.NewDesc("waypost_request_requests",
	"Requests about people's data that are open, and of these those that wait for the person, are five working days old or more (due), or seven (late).",
	[]string{"region", "state"}, nil)

// Metrics tells how many requests are open, the same in every program. log hears
// what can't be counted.
func (r *Requests) Metrics(log *slog.Logger) prometheus.Collector { return collector{r, log} }

type collector struct {
	requests *Requests
	log      *slog.Logger
}

// Describe implements prometheus.Collector.
func (c collector) Describe(out chan<- *prometheus.Desc) { out <- tallyDesc }

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	for _, s := range c.requests.Stores() {
		t, err := s.tally(ctx)
		if err != nil {
			c.log.Warn("requests are missing from the metrics", "region", s.Name, "err", err)
			continue
		}
		for _, one := range []struct {
			state string
			n     int
		}{{"open", t.Open}, {"waiting", t.Waiting}, {"due", t.Due}, {"late", t.Late}} {
			out <- prometheus.MustNewConstMetric(tallyDesc, prometheus.GaugeValue, float64(one.n), s.Name, one.state)
		}
	}
}
