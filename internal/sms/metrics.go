package sms

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
)

// metrics are what an operator sees of text messages. Both labels are closed
// sets: the kinds, and the codes of this package's faults.
type metrics struct {
	messages *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_sms_messages_total",
			Help: "Text messages handed to the provider, by what came of it: sent, or the reason against it.",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "waypost_sms_send_seconds",
			Help:    "How long the provider took for one text message.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}),
	}
	if reg != nil {
		reg.MustRegister(m.messages, m.seconds)
	}
	return m
}

func (m *metrics) sent(kind Kind, err error, took time.Duration) {
	outcome := "sent"
	var e *fault.Error
	switch {
	case errors.As(err, &e):
		outcome = e.Code
	case err != nil:
		outcome = "failed"
	}
	m.messages.WithLabelValues(string(kind), outcome).Inc()
	m.seconds.Observe(took.Seconds())
}
