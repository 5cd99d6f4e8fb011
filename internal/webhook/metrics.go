package webhook

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator sees of webhooks. All labels are closed sets.
type metrics struct {
	events     *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	attempts   *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_webhook_events_total", Help: "Events of accounts' parcels that were written down, by kind.",
		}, []string{"kind"}),
		prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_webhook_deliveries_total", Help: "Attempts to deliver events, by what came of them: taken, or the problem.",
		}, []string{"outcome"}),
		prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "waypost_webhook_attempt_seconds", Help: "How long receivers took to answer, by what they answered: empty, or the problem.",
			Buckets: []float64{.005, .02, .1, .5, 1, 2, 5, 10},
		}, []string{"problem"}),
	}
	if reg != nil {
		reg.MustRegister(m.events, m.deliveries, m.attempts)
	}
	return m
}

func (m *metrics) count(o outcome) {
	label := string(o.problem)
	if o.taken() {
		label = string(Taken)
	}
	m.deliveries.WithLabelValues(label).Inc()
}
