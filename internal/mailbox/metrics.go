package mailbox

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
)

// Metrics are what an operator sees of all mailboxes. Their labels are closed
// sets: the names in the configuration, and codes.
type Metrics struct {
	mails *prometheus.CounterVec
	turns *prometheus.CounterVec
}

// NewMetrics makes and registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_mailbox_mails_total",
			Help: "Mails taken in from a mailbox, by whether they named parcels.",
		}, []string{"mailbox", "parcels"}),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_mailbox_turns_total",
			Help: "Times that a mailbox was looked into, by what came of it: read, or the reason against it.",
		}, []string{"mailbox", "outcome"}),
	}
	reg.MustRegister(m.mails, m.turns)
	return m
}

func (m *Metrics) mail(mailbox string, parcels int) {
	some := "none"
	if parcels > 0 {
		some = "some"
	}
	m.mails.WithLabelValues(mailbox, some).Inc()
}

func (m *Metrics) turn(mailbox string, err error) {
	outcome := "read"
	var e *fault.Error
	switch {
	case errors.As(err, &e):
		outcome = e.Code
	case err != nil:
		outcome = "failed"
	}
	m.turns.WithLabelValues(mailbox, outcome).Inc()
}
