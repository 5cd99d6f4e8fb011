package quota_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"waypost/internal/dbtest"
	"waypost/internal/quota"
)

func TestWhatAnOperatorSees(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)), quota.Plan{Total: 2})
	reg := prometheus.NewRegistry()
	w.options.Metrics = reg
	w.Stores = w.another()
	k := w.make(mia, "n")
	w.enters(w.Stores, k.Secret, home, nil)
	w.enters(w.Stores, "eu_guess", home, quota.ErrKeyUnknown)
	w.draw(mia, lines("a", 5)...)
	want := `
# HELP waypost_quota_drawn_total What was drawn of accounts' quotas, by what for.
# TYPE waypost_quota_drawn_total counter
waypost_quota_drawn_total{matter="registration"} 2
# HELP waypost_quota_entries_total Keys that were shown: let in, or the reason against it.
# TYPE waypost_quota_entries_total counter
waypost_quota_entries_total{outcome="key_unknown"} 1
waypost_quota_entries_total{outcome="let_in"} 1
# HELP waypost_quota_refused_total Lines that weren't drawn, by the reason against it.
# TYPE waypost_quota_refused_total counter
waypost_quota_refused_total{outcome="quota_used_up"} 3
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
