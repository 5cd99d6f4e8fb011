package poll

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/live"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// A desk is a store and those who poll for it.
type desk struct {
	t      *testing.T
	cat    *carrier.Catalogue
	store  *parcel.Store
	broker *live.Broker
}

// newDesk opens a store in a database.
func newDesk(t *testing.T, url string) *desk {
	t.Helper()
	d := &desk{t: t, cat: catalogue(t), broker: live.New()}
	base, err := db.Open(t.Context(), url, db.Options{Live: d.broker, Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := base.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	if d.store, err = parcel.Open(t.Context(), base, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return d
}

// poller makes a poller that t's log hears.
func (d *desk) poller(o Options) *Poller {
	o.Live = d.broker
	log := slog.New(slog.NewTextHandler(d.t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	return New(d.store, d.cat, o, prometheus.NewRegistry(), log)
}

// run polls until the function that it returns is called.
func (d *desk) run(p *Poller) (stop func()) {
	ctx, cancel := context.WithCancel(d.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := p.Run(ctx); err != nil {
			d.t.Errorf("run: %v", err)
		}
	}()
	return func() { cancel(); <-ended }
}

// want wants numbers at a carrier for a year, as a visitor or as one who keeps them.
func (d *desk) want(p *Poller, visitor bool, at carrier.Code, numbers ...string) {
	d.t.Helper()
	for _, n := range numbers {
		plan := p.Plan(number(n, nil, at), at, nil)
		if len(plan.Askings) == 0 {
			d.t.Fatalf("%s at %s: %v", n, at, plan.Fault())
		}
		d.wantPlan(plan, visitor)
	}
}

func (d *desk) wantPlan(plan Plan, visitor bool) parcel.ID {
	d.t.Helper()
	parcels, err := d.store.Want(d.t.Context(), []parcel.Want{{
		Key: plan.Key, Askings: plan.Askings, Choice: plan.Choice, Visitor: visitor, Until: time.Now().AddDate(1, 0, 0),
	}})
	if err != nil {
		d.t.Fatal(err)
	}
	return parcels[0].ID
}

func (d *desk) find(at carrier.Code, number string) parcel.Parcel {
	d.t.Helper()
	parcels, err := d.store.Find(d.t.Context(), parcel.Key{Number: number, Carrier: at})
	if err != nil || len(parcels) != 1 {
		d.t.Fatalf("find %s: %d parcels, %v", number, len(parcels), err)
	}
	return parcels[0]
}

func numbers(from, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("LT%09d", from+i)
	}
	return all
}

// know makes a source know numbers, all in the same status.
func know(at time.Time, s status.Sub, numbers ...string) map[string]carrier.Report {
	all := map[string]carrier.Report{}
	for _, n := range numbers {
		all[n] = moved(at, s)
	}
	return all
}

// inBubble runs a test in a time of its own, over SQLite.
func inBubble(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newDesk(t, dbtest.SQLite(t))) })
}

func TestAPastedNumberIsAskedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{knows: know(time.Now(), status.InTransitOther, "LT000000001")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		defer d.run(p)()
		time.Sleep(time.Minute)
		d.want(p, true, "lotus", "LT000000001")
		time.Sleep(time.Second)
		got := d.find("lotus", "LT000000001")
		if got.Revision != 1 || got.Standing(time.Now()).Status != status.InTransitOther {
			t.Errorf("a second later: revision %d, %s", got.Revision, got.Standing(time.Now()).Status)
		}
	})
}

func TestAsksGoInBatches(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 95)
		f := &fake{batch: 10, took: time.Second, knows: know(time.Now(), status.InTransitOther, all...)}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", all...)
		stop := d.run(p)
		time.Sleep(time.Minute)
		stop()
		if calls := f.calls(); len(calls) != 10 {
			t.Errorf("95 numbers took %d calls, want 10", len(calls))
		}
		for n, times := range f.times() {
			if times != 1 {
				t.Errorf("%s was asked %d times", n, times)
			}
		}
	})
}

func TestNeverMoreCallsAtATimeThanAllowed(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{took: 10 * time.Second, knows: map[string]carrier.Report{}}
		a := account(t, d.cat, "hub/main", f)
		a.Concurrency = 3
		p := d.poller(Options{Accounts: []Account{a}})
		d.want(p, false, "lotus", numbers(0, 30)...)
		stop := d.run(p)
		time.Sleep(10 * time.Minute)
		stop()
		calls := f.calls()
		for i := 3; i < len(calls); i++ {
			if gap := calls[i].at.Sub(calls[i-3].at); gap < f.took {
				t.Fatalf("call %d began %v after the third before it, which takes %v", i, gap, f.took)
			}
		}
		if len(calls) != 30 {
			t.Errorf("%d calls", len(calls))
		}
	})
}

func TestTheBudgetIsNeverExceeded(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 200)
		f := &fake{knows: know(time.Now(), status.OutForDeliveryOther, all...)}
		a := account(t, d.cat, "hub/main", f)
		a.Budget = parcel.Budget{Calls: 20, Per: time.Hour}
		first, second := d.poller(Options{Accounts: []Account{a}}), d.poller(Options{Accounts: []Account{a}})
		d.want(first, false, "lotus", all...)
		stop, stop2 := d.run(first), d.run(second)
		began := time.Now()
		time.Sleep(6*time.Hour - time.Second)
		stop()
		stop2()
		calls := f.calls()
		if len(calls) < 100 || len(calls) > 120 {
			t.Errorf("%d calls in six hours of 20 each", len(calls))
		}
		for window := range 6 {
			n := 0
			for _, c := range calls {
				if int(c.at.Sub(began)/time.Hour) == window {
					n++
				}
			}
			if n > 21 { // a window begins with its first call, a little after the hour
				t.Errorf("%d calls in hour %d", n, window)
			}
		}
	})
}

// Where there are fewer calls than parcels could do with, all are asked less
// often, rather than some of them hours after they were due.
func TestAScarceBudgetStretchesWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 200)
		f := &fake{knows: know(time.Now(), status.InTransitOther, all...)}
		a := account(t, d.cat, "hub/main", f)
		a.Budget = parcel.Budget{Calls: 20, Per: time.Hour} // a quarter of what they could do with
		p := d.poller(Options{Accounts: []Account{a}})
		d.want(p, false, "lotus", all...)
		stop := d.run(p)
		time.Sleep(36 * time.Hour)
		stop()
		late := time.Duration(0)
		for _, n := range all {
			late = max(late, time.Since(d.find("lotus", n).Asks[0].Due))
		}
		if late > 2*time.Hour {
			t.Errorf("a parcel is asked %v after it was due", late)
		}
	})
}

func TestVisitorsHaveTheirShare(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		visitors, kept := numbers(0, 100), numbers(500, 100)
		f := &fake{knows: know(time.Now(), status.OutForDeliveryOther, append(visitors, kept...)...)}
		a := account(t, d.cat, "hub/main", f)
		a.Budget = parcel.Budget{Calls: 50, Per: time.Hour}
		p := d.poller(Options{Accounts: []Account{a}, VisitorShare: 0.3})
		d.want(p, true, "lotus", visitors...)
		d.want(p, false, "lotus", kept...)
		stop := d.run(p)
		time.Sleep(30 * time.Minute)
		stop()
		times, guests := f.times(), 0
		for _, n := range visitors {
			guests += times[n]
		}
		if guests != 15 || len(f.calls()) != 50 {
			t.Errorf("visitors had %d of %d calls, want 15 of 50", guests, len(f.calls()))
		}
	})
}

func TestCandidatesAreAskedInOrderUntilOneKnows(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		const text = "RR123456785NO"
		sure := map[carrier.Code]float64{"fjordpost": 0.95, "polarpost": 0.5, "prairie": 0.4}
		none, knows, unasked := &fake{}, &fake{knows: know(time.Now(), status.InTransitOther, text)}, &fake{}
		p := d.poller(Options{Accounts: []Account{
			account(t, d.cat, "fjordpost/main", none), account(t, d.cat, "polarpost/main", knows), account(t, d.cat, "hub/main", unasked),
		}})
		d.wantPlan(p.Plan(number(text, sure, "fjordpost", "polarpost", "prairie"), "", nil), true)
		stop := d.run(p)
		time.Sleep(time.Minute)
		stop()
		if len(none.calls()) != 1 || len(knows.calls()) != 1 || len(unasked.calls()) != 0 {
			t.Errorf("asked %d, %d and %d times, want 1, 1 and 0", len(none.calls()), len(knows.calls()), len(unasked.calls()))
		}
		got := d.find("", text)
		if got.Found != "polarpost" || got.Choice != parcel.Answered {
			t.Errorf("found %q by %q", got.Found, got.Choice)
		}
		for i, want := range []parcel.State{parcel.Dropped, parcel.Waiting, parcel.Dropped} {
			if got.Asks[i].State != want {
				t.Errorf("ask of %s is %s, want %s", got.Asks[i].Carrier, got.Asks[i].State, want)
			}
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 20)
		f := &fake{knows: know(time.Now(), status.InTransitOther, all...)}
		f.answer = func(call int, _ []carrier.Ask) ([]carrier.Report, error) {
			if call == 4 {
				return nil, &carrier.Problem{Kind: carrier.LimitedKind, Text: "slower", RetryAfter: 40 * time.Minute}
			}
			return nil, nil
		}
		a := account(t, d.cat, "hub/main", f)
		a.Concurrency = 1
		p := d.poller(Options{Accounts: []Account{a}})
		d.want(p, false, "lotus", all...)
		stop := d.run(p)
		time.Sleep(90 * time.Minute)
		stop()
		calls := f.calls()
		if gap := calls[5].at.Sub(calls[4].at); gap < 40*time.Minute || gap > time.Hour {
			t.Errorf("the next call came %v after being told to wait 40 minutes", gap)
		}
		if len(f.times()) != 20 {
			t.Errorf("%d of 20 numbers were asked", len(f.times()))
		}
	})
}

func TestTheBreakerOpensAndHeals(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 300)
		began := time.Now()
		down := func() bool { return time.Since(began) < 3*time.Hour }
		f := &fake{knows: know(time.Now(), status.InTransitOther, all...)}
		f.answer = func(int, []carrier.Ask) ([]carrier.Report, error) {
			if down() {
				return nil, &carrier.Problem{Kind: carrier.Unavailable, Text: "status 503"}
			}
			return nil, nil
		}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", all...)
		stop := d.run(p)
		time.Sleep(3 * time.Hour)
		if n := len(f.calls()); n > 30 {
			t.Errorf("a source that was down for three hours got %d calls", n)
		}
		time.Sleep(7 * time.Hour)
		stop()

		var due []time.Time
		for _, n := range all {
			got := d.find("lotus", n)
			if got.Revision == 0 {
				t.Fatalf("%s was never answered", n)
			}
			due = append(due, got.Asks[0].Due)
		}
		first, last := due[0], due[0]
		for _, at := range due {
			if at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
		}
		if last.Sub(first) < 30*time.Minute {
			t.Errorf("after the outage all are due within %v", last.Sub(first))
		}
		health, err := d.store.Health(t.Context())
		if err != nil || len(health) != 1 || health[0].Trips != 0 {
			t.Errorf("health %+v, %v", health, err)
		}
	})
}

func TestRefusedCredentialsAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{answer: func(int, []carrier.Ask) ([]carrier.Report, error) {
			return nil, &carrier.Problem{Kind: carrier.Auth, Text: "status 401"}
		}}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001", "LT000000002")
		stop := d.run(p)
		time.Sleep(20 * time.Minute)
		stop()
		if n := len(f.calls()); n > 2 {
			t.Errorf("%d calls with refused credentials", n)
		}
		told := false
		for _, n := range []string{"LT000000001", "LT000000002"} {
			a := d.find("lotus", n).Asks[0]
			told = told || a.Problem == carrier.Auth && a.Reason == "status 401"
		}
		if !told {
			t.Error("no parcel says that the credentials were refused")
		}
	})
}

func TestAnUnreadableAnswerIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		for name, answer := range map[string]func(int, []carrier.Ask) ([]carrier.Report, error){
			"LT000000001": func(int, []carrier.Ask) ([]carrier.Report, error) {
				return nil, &carrier.Problem{Kind: carrier.Unreadable, Text: "no JSON"}
			},
			"LT000000002": func(int, []carrier.Ask) ([]carrier.Report, error) { return []carrier.Report{}, nil },
		} {
			f := &fake{answer: answer}
			p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
			d.want(p, false, "lotus", name)
			stop := d.run(p)
			time.Sleep(10 * time.Second)
			stop()
			a := d.find("lotus", name).Asks[0]
			if a.Problem != carrier.Unreadable || a.Reason == "" || a.Due.Before(time.Now()) {
				t.Errorf("%s: problem %q (%s), due in %v", name, a.Problem, a.Reason, time.Until(a.Due))
			}
		}
	})
}

func TestASpoiltBatchIsAskedInParts(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 40)
		f := &fake{batch: 20, knows: know(time.Now(), status.InTransitOther, all...)}
		f.answer = func(_ int, asks []carrier.Ask) ([]carrier.Report, error) {
			for _, a := range asks {
				if a.Number == all[7] {
					return nil, &carrier.Problem{Kind: carrier.BadRequest, Text: "one is wrong"}
				}
			}
			return nil, nil
		}
		a := account(t, d.cat, "hub/main", f)
		a.Budget = parcel.Budget{Calls: 30, Per: 24 * time.Hour}
		p := d.poller(Options{Accounts: []Account{a}})
		d.want(p, false, "lotus", all...)
		stop := d.run(p)
		time.Sleep(time.Hour)
		stop()
		for _, n := range all {
			got := d.find("lotus", n)
			if known := got.Revision > 0; known != (n != all[7]) {
				t.Errorf("%s: revision %d, problem %q", n, got.Revision, got.Asks[0].Problem)
			}
		}
		if n := len(f.calls()); n > 30 {
			t.Errorf("%d calls of 30 allowed", n)
		}
	})
}

func TestACrashedProgramsAsksAreDueAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{knows: know(time.Now(), status.InTransitOther, "LT000000001")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001")
		taken, err := d.store.Claim(t.Context(), parcel.Claim{Account: "hub/main", Most: 10, Lease: 2 * time.Minute})
		if err != nil || len(taken.Asks) != 1 {
			t.Fatalf("claimed %d, %v", len(taken.Asks), err)
		}
		stop := d.run(p) // whoever claimed never records
		time.Sleep(time.Minute)
		if n := len(f.calls()); n != 0 {
			t.Errorf("%d calls while another holds the lease", n)
		}
		time.Sleep(2 * time.Minute)
		stop()
		if got := d.find("lotus", "LT000000001"); got.Revision != 1 {
			t.Errorf("revision %d after the lease, %d calls", got.Revision, len(f.calls()))
		}
	})
}

func TestTwoProgramsNeverAskTheSameTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		all := numbers(0, 200)
		f := &fake{batch: 3, took: 2 * time.Second, knows: know(time.Now(), status.InTransitOther, all...)}
		a := account(t, d.cat, "hub/main", f)
		first, second := d.poller(Options{Accounts: []Account{a}}), d.poller(Options{Accounts: []Account{a}})
		d.want(first, false, "lotus", all...)
		stop, stop2 := d.run(first), d.run(second)
		time.Sleep(10 * time.Minute)
		stop()
		stop2()
		times := f.times()
		for _, n := range all {
			if times[n] != 1 {
				t.Errorf("%s was asked %d times", n, times[n])
			}
		}
	})
}

func TestWhatIsUnderWayIsFinished(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{took: 5 * time.Second, knows: know(time.Now(), status.InTransitOther, "LT000000001")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001")
		stop := d.run(p)
		time.Sleep(2 * time.Second)
		stop()
		if got := d.find("lotus", "LT000000001"); got.Revision != 1 {
			t.Errorf("revision %d after a stop in mid-call", got.Revision)
		}
	})
}

func TestADeliveredParcelIsLookedAtOnceMore(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{knows: know(time.Now(), status.DeliveredOther, "LT000000001")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001")
		stop := d.run(p)
		time.Sleep(4 * day)
		stop()
		if n := len(f.calls()); n != 2 {
			t.Errorf("asked %d times, want 2", n)
		}
		if a := d.find("lotus", "LT000000001").Asks[0]; a.State != parcel.Done {
			t.Errorf("the ask is %s", a.State)
		}
	})
}

func TestANumberThatNobodyKnowsIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := &fake{}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001")
		wanted := time.Now()
		time.Sleep(28 * day) // nobody polls
		stop := d.run(p)
		time.Sleep(6 * day)
		stop()
		calls := f.calls()
		if last := calls[len(calls)-1].at.Sub(wanted); last < 29*day || last > 32*day || len(calls) > 6 {
			t.Errorf("asked %d times, last after %v, want about 30 days", len(calls), last)
		}
		if s := d.find("lotus", "LT000000001").Standing(time.Now()).Status; s != status.ExpiredOther {
			t.Errorf("status %s", s)
		}
	})
}

func TestASilentParcelIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		moved := time.Now().Add(-57 * day)
		f := &fake{knows: know(moved, status.InTransitOther, "LT000000001")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", f)}})
		d.want(p, false, "lotus", "LT000000001")
		stop := d.run(p)
		time.Sleep(8 * day)
		stop()
		calls := f.calls()
		if last := calls[len(calls)-1].at.Sub(moved); last < 59*day || last > 62*day || len(calls) > 6 {
			t.Errorf("asked %d times, last %v after its last event, want daily until about 60 days", len(calls), last)
		}
	})
}

func TestAParcelIsFollowedToItsOtherCarrier(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		first := moved(time.Now(), status.InTransitDeparture)
		first.Legs = []carrier.Leg{{Number: "PL 77", Carrier: "Polar Post"}}
		origin := &fake{knows: map[string]carrier.Report{"LT000000001": first}}
		last := &fake{knows: know(time.Now().Add(time.Minute), status.OutForDeliveryOther, "PL77")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", origin), account(t, d.cat, "polarpost/main", last)}})
		d.want(p, false, "lotus", "LT000000001")
		stop := d.run(p)
		time.Sleep(2 * time.Minute)
		stop()
		got := d.find("lotus", "LT000000001")
		s := got.Standing(time.Now())
		if s.Status != status.OutForDeliveryOther || s.Carrier != "polarpost" || len(got.History.Legs) != 2 {
			t.Errorf("%s by %s, %d legs, asks %+v", s.Status, s.Carrier, len(got.History.Legs), got.Asks)
		}
	})
}

func TestAReloadTakesOtherAccounts(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		before, after := &fake{}, &fake{knows: know(time.Now(), status.InTransitOther, "LT000000002")}
		p := d.poller(Options{Accounts: []Account{account(t, d.cat, "hub/main", before)}})
		defer d.run(p)()
		time.Sleep(time.Second)
		p.Replace(d.cat, []Account{account(t, d.cat, "hub/main", after)})
		time.Sleep(time.Second)
		d.want(p, false, "lotus", "LT000000002")
		time.Sleep(time.Second)
		if len(before.calls()) != 0 || len(after.calls()) != 1 {
			t.Errorf("asked %d times as before, %d times as after the reload", len(before.calls()), len(after.calls()))
		}
	})
}
