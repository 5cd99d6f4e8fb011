package poll

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

func TestUnmappedCodesAreNotedAndCounted(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		told := carrier.Unknown{Code: "45", Words: "Nobody home", Means: status.DeliveryFailureNoBody}
		silent := carrier.Unknown{Code: "9", Words: "Thank you"}
		knows := know(time.Now(), status.InTransitOther, numbers(0, 3)...)
		for i, n := range numbers(0, 3) {
			r := knows[n]
			r.Unknown = []carrier.Unknown{told, silent}[:min(i, 2)]
			knows[n] = r
		}
		registry := prometheus.NewRegistry()
		p := New(d.store, d.cat, Options{Accounts: []Account{account(t, d.cat, "hub/main", &fake{batch: 3, knows: knows})}, Live: d.broker}, registry, slog.New(slog.DiscardHandler))
		d.want(p, false, "lotus", numbers(0, 3)...)
		stop := d.run(p)
		time.Sleep(time.Minute)
		stop()

		all, err := d.store.Unmapped(t.Context())
		if err != nil || len(all) != 2 || all[0].Unknown != told || all[0].Answers != 2 || all[1].Unknown != silent || all[1].Source != "hub" {
			t.Errorf("noted are %+v, %v", all, err)
		}
		if got := counted(t, registry, "waypost_poll_unmapped_total", "told"); got != 2 {
			t.Errorf("%v codes are counted whose words told a status", got)
		}
		if got := counted(t, registry, "waypost_poll_unmapped_total", "silent"); got != 1 {
			t.Errorf("%v codes are counted whose words told nothing", got)
		}
	})
}

// counted is the value of a counter with a label of that value.
func counted(t *testing.T, registry *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == name && l.GetValue() == label {
					return m.GetCounter().GetValue()
				}
			}
		}
	}
	return 0
}
