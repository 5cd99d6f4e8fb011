package poll

import (
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
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

// silent makes an account at a source that can't be asked.
func silent(t *testing.T, d *desk, code carrier.AccountCode) Account {
	return account(t, d.cat, code, nil)
}

func TestASourceThatOnlyTellsIsNeverAsked(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		p := d.poller(Options{Accounts: []Account{silent(t, d, "herald/main"), silent(t, d, "files/partner")}})
		defer d.run(p)()
		for carrierCode, account := range map[carrier.Code]carrier.AccountCode{"herald": "herald/main", "mute": "files/partner"} {
			d.want(p, false, carrierCode, "LT000000001")
			time.Sleep(day)
			if a := d.find(carrierCode, "LT000000001").Asks; len(a) != 1 || a[0].State != parcel.Told || a[0].Account != account || !a[0].Due.IsZero() {
				t.Fatalf("%s: the asks are %+v, want one that waits to be told by %s", carrierCode, a, account)
			}
			news := moved(time.Now(), status.OutForDeliveryOther)
			news.Number = "LT000000001"
			heard, err := p.Hear(t.Context(), account, []carrier.Report{news})
			if err != nil || heard.Known != 1 {
				t.Fatalf("%s: heard %+v, %v", carrierCode, heard, err)
			}
			d.want(p, false, carrierCode, "LT000000001")
			got := d.find(carrierCode, "LT000000001")
			if a := got.Asks[0]; got.Found != carrierCode || got.Standing(time.Now()).Status != status.OutForDeliveryOther || a.State != parcel.Told || a.Pushed.IsZero() {
				t.Errorf("%s: the parcel is %+v, want it found, and still only told of", carrierCode, got)
			}
		}
	})
}

// What a file tells of a parcel is added to what its carrier answers, which is asked
// as seldom as if it told by itself.
func TestFilesTellOfWhatOthersAreAskedAbout(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{knows: map[string]carrier.Report{"LT000000001": moved(time.Now(), status.InTransitOther), "LT000000002": moved(time.Now(), status.InTransitOther)}}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f), silent(t, d, "files/partner")}})
		d.want(p, false, "lotus", "LT000000001", "LT000000002")
		defer d.run(p)()
		const days = 4
		for range days {
			time.Sleep(day)
			news := moved(time.Now(), status.InTransitArrival)
			news.Number = "LT000000001"
			if heard, err := p.Hear(t.Context(), "files/partner", []carrier.Report{news}); err != nil || heard.Known != 1 {
				t.Fatalf("heard %+v, %v", heard, err)
			}
		}
		before := f.times()
		time.Sleep(days * day)
		told, polled := f.times()["LT000000001"]-before["LT000000001"], f.times()["LT000000002"]-before["LT000000002"]
		if told < days-1 || told > days+1 || polled < 2*days {
			t.Errorf("within %d days the one that files tell of was asked %d times, the other %d times", days, told, polled)
		}
		got := d.find("lotus", "LT000000001")
		if len(got.Asks) != 2 || len(got.History.Events) != days+1 || got.Standing(time.Now()).Status != status.InTransitArrival {
			t.Errorf("%d asks, %d events, %s; want both sources' news", len(got.Asks), len(got.History.Events), got.Standing(time.Now()).Status)
		}
	})
}

func TestFilesTellOnlyOfTheirKindsOfCarriers(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{knows: map[string]carrier.Report{}}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "fjordpost/main", f), silent(t, d, "files/partner")}})
		d.want(p, false, "fjordpost", "RR123456785NO")
		news := moved(time.Now(), status.DeliveredOther)
		news.Number = "RR123456785NO"
		if heard, err := p.Hear(t.Context(), "files/partner", []carrier.Report{news}); err != nil || heard.Known != 0 {
			t.Errorf("of a post's item: heard %+v, %v", heard, err)
		}
	})
}
