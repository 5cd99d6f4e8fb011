package message

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
)

// A channel is a way by which a message leaves.
type channel string

// The channels; none for a message that was not to leave by any.
const (
	byMail channel = "mail"
	bySMS  channel = "sms"
	by     channel = "none"
)

// Outcomes beside the codes of what went wrong.
const (
	outcomeSent = "sent"
	outcomeOver = "over" // there was nothing to say any more
)

// metrics are what an operator sees of messages. All labels are closed sets.
type metrics struct{ messages *prometheus.CounterVec }

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waypost_message_messages_total",
		Help: "Messages by kind and channel, and what came of each try: sent, over, or the reason against it.",
	}, []string{"kind", "channel", "outcome"})}
	if reg != nil {
		reg.MustRegister(m.messages)
	}
	return m
}

func (m *metrics) count(kind string, c channel, outcome string) {
	m.messages.WithLabelValues(kind, string(c), outcome).Inc()
}

// reason is what a metric calls an error: a fault's code.
func reason(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return "internal"
}
