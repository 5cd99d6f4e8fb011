package quota

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
)

// metrics are what an operator sees of programs. All labels are closed sets.
type metrics struct{ entries, waits, drawn, refused *prometheus.CounterVec }

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		entries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_quota_entries_total", Help: "Keys that were shown: let in, or the reason against it.",
		}, []string{"outcome"}),
		waits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_quota_waits_total", Help: "Calls that came too often for their key.",
		}, []string{"api"}),
		drawn: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_quota_drawn_total", Help: "What was drawn of accounts' quotas, by what for.",
		}, []string{"matter"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_quota_refused_total", Help: "Lines that weren't drawn, by the reason against it.",
		}, []string{"outcome"}),
	}
	if reg != nil {
		reg.MustRegister(m.entries, m.waits, m.drawn, m.refused)
	}
	return m
}

func (m *metrics) entered(err error) { m.entries.WithLabelValues(reason(err, "let_in")).Inc() }

// drew counts a draw that was committed.
func (m *metrics) drew(amounts map[Matter]int64, refused []error) {
	for matter, amount := range amounts {
		m.drawn.WithLabelValues(string(matter)).Add(float64(amount))
	}
	for _, err := range refused {
		if err != nil {
			m.refused.WithLabelValues(reason(err, "")).Inc()
		}
	}
}

// reason is what a metric calls an error: a fault's code; none of no error.
func reason(err error, none string) string {
	var f *fault.Error
	switch {
	case err == nil:
		return none
	case errors.As(err, &f):
		return f.Code
	}
	return "internal"
}
