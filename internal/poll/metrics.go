package poll

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
)

// How an ask ended; with the problem kinds these are all values of the label
// outcome.
const (
	outcomeChanged   = "changed"
	outcomeUnchanged = "unchanged"
	outcomeUnwanted  = "unwanted" // of pushes alone: nobody wants to know of the number
	outcomeMade      = "made"     // of subscriptions alone, also when one was renewed
	outcomeEnded     = "ended"    // of subscriptions alone
)

// What the words of an unmapped code told; these are all values of the label words.
const (
	wordsTold   = "told"
	wordsSilent = "silent"
)

// metrics are what an operator sees of polling. Labels are closed sets:
// sources and accounts are configured, outcomes are listed.
type metrics struct {
	asks          *prometheus.CounterVec
	calls         *prometheus.HistogramVec
	lag           *prometheus.HistogramVec
	budget        *prometheus.GaugeVec
	breaker       *prometheus.GaugeVec
	changes       *prometheus.CounterVec
	news          *prometheus.HistogramVec
	unknown       *prometheus.CounterVec
	pushed        *prometheus.CounterVec
	subscriptions *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		asks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_poll_asks_total",
			Help: "Parcels that sources were asked about, by what came of it.",
		}, []string{"source", "outcome"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waypost_poll_call_seconds",
			Help:    "How long a source took to answer one batch.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"source"}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waypost_poll_lag_seconds",
			Help:    "How long after they were due asks were claimed.",
			Buckets: []float64{.1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600},
		}, []string{"source"}),
		budget: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "waypost_poll_budget_left_ratio",
			Help: "Share of an account's budget that is left in its present period.",
		}, []string{"account"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "waypost_poll_breaker_open",
			Help: "1 while an account is left alone because its source failed, else 0.",
		}, []string{"account"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_poll_changes_total",
			Help: "Answers that changed a parcel's history.",
		}, []string{"source"}),
		news: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "waypost_poll_news_age_seconds",
			Help:    "How long ago events had happened when they were seen, those of first answers left out.",
			Buckets: []float64{300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 16 * 3600, 48 * 3600},
		}, []string{"source"}),
		unknown: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_poll_unmapped_total",
			Help: "Codes in answers that the source's file doesn't have, by whether their words told a status.",
		}, []string{"source", "words"}),
		pushed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "waypost_poll_pushed_total",
			Help: "Parcels that sources told of without being asked, by what came of it.",
		}, []string{"source", "outcome"}),
	}
	m.subscriptions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "waypost_poll_subscriptions_total",
		Help: "Subscriptions to sources' news that were seen to, by what came of it.",
	}, []string{"source", "outcome"})
	if reg != nil {
		reg.MustRegister(m.asks, m.calls, m.lag, m.budget, m.breaker, m.changes, m.news, m.unknown, m.pushed, m.subscriptions)
	}
	return m
}

// asked counts one parcel's answer.
func (m *metrics) asked(source carrier.SourceCode, problem *carrier.Problem, changed bool) {
	outcome := outcomeUnchanged
	switch {
	case problem != nil:
		outcome = string(problem.Kind)
	case changed:
		outcome = outcomeChanged
		m.changes.WithLabelValues(string(source)).Inc()
	}
	m.asks.WithLabelValues(string(source), outcome).Inc()
}

// saw takes the age of what a change brought.
func (m *metrics) saw(source carrier.SourceCode, c parcel.Change) {
	if c.By.Asked.IsZero() {
		return
	}
	for _, e := range c.History.Told(c.By.Asking) {
		if e.Seen.Equal(c.By.At) && !e.Time.UTC.IsZero() {
			m.news.WithLabelValues(string(source)).Observe(max(0, c.By.At.Sub(e.Time.UTC).Seconds()))
		}
	}
}

// unmapped counts codes that a source's file doesn't have.
func (m *metrics) unmapped(source carrier.SourceCode, all []carrier.Unknown) {
	for _, u := range all {
		words := wordsSilent
		if u.Means != "" {
			words = wordsTold
		}
		m.unknown.WithLabelValues(string(source), words).Inc()
	}
}

// heard counts the parcels of a push.
func (m *metrics) heard(source carrier.SourceCode, changed, known, all int) {
	for outcome, n := range map[string]int{outcomeChanged: changed, outcomeUnchanged: max(0, known-changed), outcomeUnwanted: all - known} {
		m.pushed.WithLabelValues(string(source), outcome).Add(float64(n))
	}
}

// subscribed counts a subscription that was seen to.
func (m *metrics) subscribed(source carrier.SourceCode, o parcel.SubscriptionOutcome) {
	outcome := outcomeMade
	switch {
	case o.Problem != nil:
		outcome = string(o.Problem.Kind)
	case o.Ending:
		outcome = outcomeEnded
	}
	m.subscriptions.WithLabelValues(string(source), outcome).Inc()
}

func (m *metrics) called(source carrier.SourceCode, took time.Duration) {
	m.calls.WithLabelValues(string(source)).Observe(took.Seconds())
}

func (m *metrics) claimed(source carrier.SourceCode, late time.Duration) {
	m.lag.WithLabelValues(string(source)).Observe(max(0, late.Seconds()))
}

func (m *metrics) account(code carrier.AccountCode, budgetLeft float64, open bool) {
	m.budget.WithLabelValues(string(code)).Set(budgetLeft)
	value := 0.0
	if open {
		value = 1
	}
	m.breaker.WithLabelValues(string(code)).Set(value)
}
