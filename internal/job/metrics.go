package job

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river/rivertype"

	"waypost/internal/db"
)

// How a job ended: the values of the label outcome.
const (
	outcomeDone    = "done"
	outcomeFailed  = "failed" // and will be tried again
	outcomeGivenUp = "given_up"
	outcomePutOff  = "put_off" // another database that it needs is away
)

// metrics are what an operator sees of jobs. Kinds are the listeners in app's
// list, outcomes those above.
type metrics struct {
	jobs *prometheus.CounterVec
	took *prometheus.HistogramVec
	lag  *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	return &metrics{
		jobs: register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_jobs_total",
			Help: "Jobs that were tried, by what came of it.",
		}, []string{"kind", "outcome"})),
		took: register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waypost_job_seconds",
			Help:    "How long one try of a job took.",
			Buckets: []float64{.001, .01, .1, 1, 10, 60},
		}, []string{"kind"})),
		lag: register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waypost_job_lag_seconds",
			Help:    "How long after it was due a job was begun.",
			Buckets: []float64{.01, .1, 1, 10, 60, 600, 3600},
		}, []string{"kind"})),
	}
}

// register registers c, or returns the one that another queue has registered.
func register[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	err := reg.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		return already.ExistingCollector.(C)
	}
	if err != nil {
		panic(err)
	}
	return c
}

// done counts one try of a job.
func (m *metrics) done(kind string, j *rivertype.JobRow, began time.Time, err error) {
	outcome := outcomeDone
	switch {
	case errors.Is(err, db.ErrAway) && j.MaxAttempts > 1:
		outcome = outcomePutOff
	case err != nil && last(j):
		outcome = outcomeGivenUp
	case err != nil:
		outcome = outcomeFailed
	}
	m.jobs.WithLabelValues(kind, outcome).Inc()
	m.took.WithLabelValues(kind).Observe(time.Since(began).Seconds())
	m.lag.WithLabelValues(kind).Observe(max(0, began.Sub(j.ScheduledAt).Seconds()))
}
