package poll

import (
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A source that tells by itself is asked once a day, for what may get lost, and
// as often as any other when it has been silent for a week.
func TestPushesLowerThePolling(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		began := time.Now()
		f := &fake{knows: map[string]carrier.Report{"LT000000001": moved(began, status.InTransitOther), "LT000000002": moved(began, status.InTransitOther)}}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001")
		d.want(p, false, "lotus", "LT000000002")
		defer d.run(p)()
		const days = 4
		for range days {
			time.Sleep(day)
			news := moved(time.Now(), status.InTransitOther)
			news.Number = "LT000000001"
			if _, err := p.Hear(t.Context(), "hub/main", []carrier.Report{news}); err != nil {
				t.Fatal(err)
			}
			if s := d.find("lotus", "LT000000001").Standing(time.Now()); !s.Newest.Time.UTC.Equal(news.Events[0].Time.UTC) {
				t.Errorf("the newest event is of %v, want the one that was pushed", s.Newest.Time.UTC)
			}
		}
		before := f.times()
		time.Sleep(days * day)
		heard, polled := f.times()["LT000000001"]-before["LT000000001"], f.times()["LT000000002"]-before["LT000000002"]
		if heard < days-1 || heard > days+1 || polled < 2*days {
			t.Errorf("within %d days the one that is pushed was asked %d times, the other %d times", days, heard, polled)
		}
		time.Sleep(pushing)
		before = f.times()
		time.Sleep(days * day)
		if n := f.times()["LT000000001"] - before["LT000000001"]; n < 2*days {
			t.Errorf("a week after the last push it was asked %d times in %d days", n, days)
		}
	})
}

func TestAPushToNobodyIsAnError(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", &fake{})}})
		if _, err := p.Hear(t.Context(), "hub/old", nil); err == nil {
			t.Error("an account that isn't there hears")
		}
	})
}
