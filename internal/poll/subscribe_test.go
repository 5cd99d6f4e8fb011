package poll

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// A herald takes subscriptions, and answers as it is told to.
type herald struct {
	terms  carrier.Terms
	refuse *carrier.Problem // the next calls, as a whole

	mu          sync.Mutex
	made, ended []string // numbers, as often as they came
	remotes     []string // of those ended
	calls       int
}

func (h *herald) Terms() carrier.Terms { return h.terms }

func (h *herald) Subscribe(_ context.Context, asks []carrier.Ask) ([]carrier.Subscription, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	if h.refuse != nil {
		return nil, h.refuse
	}
	all := make([]carrier.Subscription, len(asks))
	for i, a := range asks {
		all[i] = carrier.Subscription{Number: a.Number, Remote: "id-" + a.Number}
		if a.Number == "LT000000009" {
			all[i].Problem = &carrier.Problem{Kind: carrier.BadNumber, Text: "none of ours"}
		}
		h.made = append(h.made, a.Number)
	}
	return all, nil
}

func (h *herald) End(_ context.Context, all []carrier.Subscription) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	for _, one := range all {
		h.ended, h.remotes = append(h.ended, one.Number), append(h.remotes, one.Remote)
	}
	return nil
}

// seen returns what was asked of it so far.
func (h *herald) seen() (made, ended []string, calls int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(slices.Values(h.made)), slices.Clone(h.ended), h.calls
}

func (h *herald) fail(p *carrier.Problem) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = p
}

// subscribing makes an account at hub that subscribes.
func subscribing(t *testing.T, d *desk, h *herald, budget parcel.Budget, numbers ...string) Account {
	a := account(t, d.cat, "hub/main", &fake{batch: 100, knows: know(time.Now(), status.InTransitOther, numbers...)})
	a.Subscriber, a.Budget = h, budget
	return a
}

func (d *desk) subscribed() parcel.Subscribed {
	d.t.Helper()
	all, err := d.store.Subscriptions(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return all["hub/main"]
}

func TestWhatIsKeptIsSubscribedToAndRenewed(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		h := &herald{terms: carrier.Terms{Most: 10, Takes: regexp.MustCompile("^LT"), Lasts: 14 * day}}
		kept := numbers(0, 25)
		all := append(slices.Clone(kept), "LT000000040", "XX000000001")
		p := d.poller(Options{Accounts: []Account{subscribing(t, d, h, parcel.Budget{}, all...)}})
		defer d.run(p)()
		d.want(p, false, "lotus", kept...)
		d.want(p, true, "lotus", "LT000000040")
		d.want(p, false, "lotus", "XX000000001", "LT000000041")
		time.Sleep(10 * time.Minute)
		refused := []string{"LT000000009"}
		if made, _, calls := h.seen(); !slices.Equal(made, kept) || calls != 3 {
			t.Errorf("in %d calls it subscribed to %v; want the 25 that somebody keeps and the source knows, in three", calls, made)
		}
		if s := d.subscribed(); s.Held != 24 || s.Refused != 1+len(refused) || s.Failing != 0 || time.Until(s.Lapse) > 14*day || time.Until(s.Lapse) < 13*day {
			t.Errorf("they stand at %+v, want 24 that lapse in two weeks, and two refused", s)
		}
		time.Sleep(12 * day)
		if made, _, _ := h.seen(); len(made) != 25+1 {
			t.Errorf("after twelve days it subscribed %d times, want only the refused one tried again", len(made))
		}
		time.Sleep(day)
		made, ended, _ := h.seen()
		if len(made) != 2*25 || len(ended) > 0 {
			t.Errorf("a day before they lapse it has subscribed %d times, want each renewed; ended %v", len(made), ended)
		}
		if s := d.subscribed(); s.Held != 24 || s.Lapse.Before(time.Now().Add(13*day)) {
			t.Errorf("renewed they stand at %+v", s)
		}
	})
}

func TestSubscriptionsEndWithTheParcel(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		for _, ends := range []bool{true, false} {
			h := &herald{terms: carrier.Terms{Most: 10, Ends: ends}}
			p := d.poller(Options{Accounts: []Account{subscribing(t, d, h, parcel.Budget{}, "LT000000001", "LT000000002")}})
			stop := d.run(p)
			d.want(p, false, "lotus", "LT000000001")
			plan := p.Plan(number("LT000000002", nil, "lotus"), "lotus", nil)
			if _, err := d.store.Want(t.Context(), []parcel.Want{{Key: plan.Key, Askings: plan.Askings, Choice: plan.Choice, Until: time.Now().Add(3 * day)}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * day)
			if s := d.subscribed(); s.Held != 2 {
				t.Fatalf("ends %v: %+v, want both held", ends, s)
			}
			time.Sleep(3 * day)
			_, ended, _ := h.seen()
			if s := d.subscribed(); s.Held != 1 || ends && (!slices.Equal(ended, []string{"LT000000002"}) || h.remotes[0] != "id-LT000000002") || !ends && len(ended) > 0 {
				t.Errorf("ends %v: %+v are held, ended %v (%v); want the one that nobody keeps gone", ends, s, ended, h.remotes)
			}
			stop()
		}
	})
}

func TestSubscriptionsStayWithinTheBudget(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		h := &herald{terms: carrier.Terms{Most: 1}}
		p := d.poller(Options{Accounts: []Account{subscribing(t, d, h, parcel.Budget{Calls: 5, Per: time.Hour}, numbers(0, 30)...)}})
		defer d.run(p)()
		d.want(p, false, "lotus", numbers(0, 30)...)
		time.Sleep(5*time.Hour - time.Minute)
		asked := len(p.Accounts()[0].Connector.(*fake).calls())
		if _, _, calls := h.seen(); calls < 5 || calls+asked > 5*5 {
			t.Errorf("%d calls for subscriptions and %d for asking in five hours, want at least one of the former in each, and 25 at the most", calls, asked)
		}
	})
}

func TestSubscriptionsThatFailAreTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		h := &herald{terms: carrier.Terms{Most: 10}, refuse: &carrier.Problem{Kind: carrier.Unavailable, Text: "down"}}
		p := d.poller(Options{Accounts: []Account{subscribing(t, d, h, parcel.Budget{}, "LT000000001")}})
		defer d.run(p)()
		d.want(p, false, "lotus", "LT000000001")
		time.Sleep(6 * time.Hour)
		_, _, calls := h.seen()
		if s := d.subscribed(); s.Wished != 1 || s.Failing != 1 || s.Problem != carrier.Unavailable || calls < 2 || calls > 60 {
			t.Errorf("after %d calls it stands at %+v, want it failing, tried now and then", calls, s)
		}
		h.fail(nil)
		time.Sleep(day)
		if s := d.subscribed(); s.Held != 1 || s.Failing != 0 {
			t.Errorf("when the source is back it stands at %+v", s)
		}
	})
}

// News of what was subscribed to put asking off like any other.
func TestSubscribedNewsLowerThePolling(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		h := &herald{terms: carrier.Terms{Most: 10}}
		a := subscribing(t, d, h, parcel.Budget{}, "LT000000001")
		p := d.poller(Options{Accounts: []Account{a}})
		defer d.run(p)()
		d.want(p, false, "lotus", "LT000000001")
		time.Sleep(time.Hour)
		news := moved(time.Now(), status.InTransitArrival)
		news.Number = "LT000000001"
		if _, err := p.Hear(t.Context(), "hub/main", []carrier.Report{news}); err != nil {
			t.Fatal(err)
		}
		before := a.Connector.(*fake).times()["LT000000001"]
		time.Sleep(2 * day)
		if n := a.Connector.(*fake).times()["LT000000001"] - before; n < 1 || n > 3 {
			t.Errorf("asked %d times in two days, want about once a day", n)
		}
		if got := d.find("lotus", "LT000000001"); len(got.History.Events) != 2 {
			t.Errorf("%d events are left, want the answer's and the push's", len(got.History.Events))
		}
	})
}
