package incident

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrapeTime bounds what a scrape waits for the database.
const scrapeTime = 2 * time.Second

var (
	openDesc = prometheus.NewDesc("waypost_incident_open", "Incidents that aren't closed, by severity.", []string{"severity"}, nil)
	dueDesc  = prometheus.NewDesc("waypost_incident_due_timestamp_seconds",
		"By when the next authority is to be told of an incident; not there when none is.", nil, nil)
)

// metrics are what an operator sees of incidents. All labels are closed sets.
type metrics struct {
	all   *Incidents
	tries *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, all *Incidents) *metrics {
	m := &metrics{all, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waypost_incident_tries_total", Help: "Tries to tell people of incidents, by channel and what came of each.",
	}, []string{"channel", "outcome"})}
	if reg != nil {
		reg.MustRegister(m.tries, m)
	}
	return m
}

func (m *metrics) count(c Channel, o Outcome) {
	m.tries.WithLabelValues(string(c), string(o)).Inc()
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	out <- openDesc
	out <- dueDesc
}

// Collect implements prometheus.Collector: it tells what the database says, the
// same in every program.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	all, err := m.all.some(ctx, `WHERE state <> $1`, Closed)
	if err != nil {
		m.all.log.Warn("incidents are missing from the metrics", "err", err)
		return
	}
	open, next := map[Severity]int{}, never
	for _, one := range all {
		open[one.Severity]++
		if due := one.Next(); due.Before(next) {
			next = due
		}
	}
	for _, s := range Severities {
		out <- prometheus.MustNewConstMetric(openDesc, prometheus.GaugeValue, float64(open[s]), string(s))
	}
	if next.Before(never) {
		out <- prometheus.MustNewConstMetric(dueDesc, prometheus.GaugeValue, float64(next.Unix()))
	}
}
