package mail

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
)

// metrics are what an operator sees of e-mail. Both labels are closed sets:
// the kinds, and the codes of this package's faults.
type metrics struct {
	messages *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_mail_messages_total",
			Help: "E-mails handed to the mail server, by what came of it: sent, or the reason against it.",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "waypost_mail_send_seconds",
			Help:    "How long the mail server took for one e-mail.",
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
	if errors.As(err, &e) {
		outcome = e.Code
	}
	m.messages.WithLabelValues(string(kind), outcome).Inc()
	m.seconds.Observe(took.Seconds())
}
