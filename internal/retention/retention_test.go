package retention_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/retention"
)

var began = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestTheLastRunOfEachRoomIsReported(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		registry := prometheus.NewRegistry()
		b, err := retention.Open(t.Context(), d, registry)
		if err != nil {
			t.Fatal(err)
		}
		run := func(room, region string, after time.Duration, gone ...inventory.Gone) retention.Run {
			return retention.Run{Room: room, Region: region, Began: began.Add(after), Took: 12 * time.Millisecond, Held: 1, Gone: gone}
		}
		old := run("watch", "eu", 0, inventory.Gone{Table: "watch_undo", Rows: 7})
		want := []retention.Run{
			run("message", "eu", time.Hour),
			run("watch", "eu", time.Hour, inventory.Gone{Table: "registration", Rows: 2}, inventory.Gone{Table: "watch_undo", Rows: 3, Due: began.Add(2 * time.Hour)}),
			run("watch", "us", time.Hour, inventory.Gone{Table: "watch_undo", Rows: 1}),
		}
		want[0].Failed = true
		for _, r := range append([]retention.Run{old}, want...) {
			if err := b.Note(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		got, err := b.Last(t.Context())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("reported %+v, %v; want %+v", got, err, want)
		}
		for since, rows := range map[time.Duration]int{0: 13, time.Hour: 6, 2 * time.Hour: 0} {
			if all, err := b.Since(t.Context(), began.Add(since)); err != nil || all["watch"] != rows {
				t.Errorf("since %v %v were deleted (%v), want %d", since, all, err, rows)
			}
		}
		err = testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP waypost_expired_rows_total Rows that were deleted because they had been kept as long as they may.
# TYPE waypost_expired_rows_total counter
waypost_expired_rows_total{room="message"} 0
waypost_expired_rows_total{room="watch"} 13
# HELP waypost_expire_failures_total Runs that delete such rows and broke off.
# TYPE waypost_expire_failures_total counter
waypost_expire_failures_total{room="message"} 1
`), "waypost_expired_rows_total", "waypost_expire_failures_total")
		if err != nil {
			t.Error(err)
		}
		gone, err := b.Expire(t.Context(), inventory.Purge{Now: began.Add(90 * 24 * time.Hour)})
		if err != nil || gone.Rows() != 1 {
			t.Errorf("%d reports went after 90 days (%v), want the first", gone.Rows(), err)
		}
	})
}
