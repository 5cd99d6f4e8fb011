package poll

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/figure"
	"waypost/internal/memory"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/recognise"
	"waypost/internal/rhythm"
	"waypost/internal/status"
)

// What the answers of one source teach, told one after the other.
func TestGaps(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	bergen, oslo, berlin := place.Place{Country: "NO", City: "Bergen"}, place.Place{Country: "NO", City: "Oslo"}, place.Place{Country: "DE"}
	event := func(after time.Duration, s status.Sub, at place.Place) carrier.Event {
		when := noon.Add(after)
		return carrier.Event{Time: carrier.Time{Local: when.Format("2006-01-02T15:04:05"), UTC: when}, Status: s, Place: at, Code: string(s), Words: "scanned"}
	}
	zoneless := event(5*time.Hour, status.InTransitArrival, place.Place{})
	zoneless.Time.UTC = time.Time{}
	announced, picked := event(0, status.InfoReceivedOnly, place.Place{}), event(3*time.Hour, status.InTransitPickedUp, bergen)
	type answer struct {
		at     time.Duration // after noon
		events []carrier.Event
	}
	type gap struct {
		leg      rhythm.Leg
		status   status.Sub
		from, to time.Duration // after noon
	}
	for _, tc := range []struct {
		name    string
		role    parcel.Role
		known   time.Duration // after noon; when it was first wanted, 0 at the end
		answers []answer
		want    []gap // of the last answer
	}{
		{"the first answer teaches all of its history", parcel.Origin, 0, []answer{
			{10 * time.Hour, []carrier.Event{announced, picked, event(4*time.Hour, status.InTransitDeparture, oslo)}},
		}, []gap{
			{rhythm.Home, status.InfoReceivedOnly, 0, 3 * time.Hour},
			{rhythm.Home, status.InTransitPickedUp, 3 * time.Hour, 4 * time.Hour},
		}},
		{"from when it was wanted to when its carrier first knew it", parcel.Origin, -2 * time.Hour, []answer{
			{-time.Hour, nil},
			{time.Hour, []carrier.Event{announced}},
		}, []gap{{rhythm.Home, status.NotFoundOther, -2 * time.Hour, 0}}},
		{"what was seen before teaches nothing again", parcel.Origin, 0, []answer{
			{time.Hour, []carrier.Event{announced}},
			{4 * time.Hour, []carrier.Event{announced, picked}},
		}, []gap{{rhythm.Home, status.InfoReceivedOnly, 0, 3 * time.Hour}}},
		{"what an answer did not have came after it", parcel.Origin, 0, []answer{
			{4 * time.Hour, []carrier.Event{announced}},
			{6 * time.Hour, []carrier.Event{announced, picked}},
		}, []gap{{rhythm.Home, status.InfoReceivedOnly, 0, 5 * time.Hour}}},
		{"abroad after a border", parcel.Origin, 0, []answer{
			{20 * time.Hour, []carrier.Event{picked, event(9*time.Hour, status.InTransitArrival, berlin), event(12*time.Hour, status.OutForDeliveryOther, berlin)}},
		}, []gap{
			{rhythm.Home, status.InTransitPickedUp, 3 * time.Hour, 9 * time.Hour},
			{rhythm.Abroad, status.InTransitArrival, 9 * time.Hour, 12 * time.Hour},
		}},
		{"the last mile", parcel.Destination, 0, []answer{
			{10 * time.Hour, []carrier.Event{announced, picked}},
		}, []gap{{rhythm.LastMile, status.InfoReceivedOnly, 0, 3 * time.Hour}}},
		{"nobody knows when", parcel.Origin, 0, []answer{
			{10 * time.Hour, []carrier.Event{picked, zoneless}},
		}, nil},
		{"it is to happen yet", parcel.Origin, 0, []answer{
			{10 * time.Hour, []carrier.Event{picked, event(20*time.Hour, status.OutForDeliveryOther, bergen)}},
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			asking := parcel.Asking{Source: "fjordpost", Carrier: "fjordpost", Number: "1", Role: tc.role}
			var h parcel.History
			var got []gap
			var asked time.Time
			for _, a := range tc.answers {
				at := noon.Add(a.at)
				h, _ = parcel.Merge(h, asking, carrier.Report{Events: slices.Clone(a.events)}, at)
				got = nil
				for _, g := range gaps(parcel.Change{Known: noon.Add(cmp.Or(tc.known, day)), History: h, By: parcel.Outcome{Claimed: parcel.Claimed{Asking: asking, Asked: asked}, At: at}}) {
					if g.Carrier != "fjordpost" {
						t.Errorf("taught of %s", g.Carrier)
					}
					got = append(got, gap{g.Leg, g.Status, g.From.Sub(noon), g.To.Sub(noon)})
				}
				asked = at
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

// lotusMoving is the rhythm of the parcels that pollerOf wants.
var lotusMoving = rhythm.Key{Carrier: "lotus", Leg: rhythm.Home, Status: status.InTransitOther}

// Of a carrier whose news comes at three each night a poller asks in the night,
// and lets the day be.
func TestNewsIsAskedForWhenItComes(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		rhythms := openRhythms(t)
		for night := range 40 {
			at := time.Now().Add(3*time.Hour).AddDate(0, 0, -night)
			rhythms.Learn(slices.Repeat([]rhythm.Gap{{Key: lotusMoving, From: at.AddDate(0, 0, -1), To: at}}, 5)...)
		}
		if err := rhythms.Exchange(t.Context()); err != nil {
			t.Fatal(err)
		}
		f := nightly()
		stop := d.run(d.pollerOf(f, rhythms, false))
		time.Sleep(2 * day)
		stop()
		night := 0
		for _, c := range f.calls() {
			if h := c.at.Hour(); h >= 2 && h < 6 {
				night++
			}
		}
		if all := len(f.calls()); 2*night < all { // it is a sixth of the day
			t.Errorf("%d of %d calls were made from two to six", night, all)
		}
	})
}

func TestSimulatedCarriersTeachNothing(t *testing.T) {
	for name, simulated := range map[string]bool{"real": false, "simulated": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *desk) {
				rhythms := openRhythms(t)
				stop := d.run(d.pollerOf(nightly(), rhythms, simulated))
				time.Sleep(time.Hour)
				stop()
				if learned := *rhythms.Rates(lotusMoving) != *rhythm.Expected(lotusMoving); learned == simulated {
					t.Errorf("something was learned: %v", learned)
				}
			})
		})
	}
}

// nightly is a carrier that scans each parcel at three each night.
func nightly() *fake {
	return &fake{answer: func(_ int, asks []carrier.Ask) ([]carrier.Report, error) {
		newest := time.Now().Add(-3 * time.Hour).Truncate(day).Add(3 * time.Hour)
		r := moved(newest.AddDate(0, 0, -1), status.InTransitOther)
		r.Number, r.Events = asks[0].Number, append(r.Events, moved(newest, status.InTransitOther).Events...)
		return []carrier.Report{r}, nil
	}}
}

// pollerOf makes a poller of one carrier, some of whose parcels are wanted.
func (d *desk) pollerOf(f *fake, rhythms *rhythm.Book, simulated bool) *Poller {
	a := account(d.t, d.cat, "hub/main", f)
	a.Simulated = simulated
	p := d.poller(Options{Accounts: []Account{a}, Rhythms: rhythms})
	d.want(p, false, "lotus", numbers(0, 6)...)
	return p
}

func TestAnOperatorSeesHowOldNewsIs(t *testing.T) {
	inBubble(t, func(t *testing.T, d *desk) {
		f := nightly()
		p := d.pollerOf(f, nil, false)
		stop := d.run(p)
		time.Sleep(20 * time.Hour) // from midnight, with the news of one night
		stop()
		registry := prometheus.NewRegistry()
		registry.MustRegister(p.metrics.news)
		families, err := registry.Gather()
		if err != nil || len(families) != 1 {
			t.Fatalf("%d families, %v", len(families), err)
		}
		h := families[0].GetMetric()[0].GetHistogram()
		if mean := time.Duration(h.GetSampleSum() / float64(h.GetSampleCount()) * float64(time.Second)); h.GetSampleCount() != 6 || mean > 4*time.Hour {
			t.Errorf("news of %d parcels was %v old, want six", h.GetSampleCount(), mean)
		}
	})
}

// Twenty numbers that might have been two carriers' were the second one's: the
// next such number is taken for its first. A simulated carrier teaches nothing.
func TestAPollerLearnsWhoseNumbersTheyAre(t *testing.T) {
	for name, simulated := range map[string]bool{"real": false, "simulated": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *desk) {
				known := openMemory(t)
				index := recognise.New([]*carrier.Carrier{digits("polarpost", 0), digits("lotus", -0.7)}).Remembering(known)
				polar, hub := account(t, d.cat, "polarpost/main", &fake{}), account(t, d.cat, "hub/main", &fake{})
				polar.Simulated, hub.Simulated = simulated, simulated
				var pasted []string
				for i := range 20 {
					pasted = append(pasted, fmt.Sprintf("48%09d", 1000003*i))
				}
				hub.Connector = &fake{knows: know(time.Now(), status.InTransitOther, pasted...)}
				p := d.poller(Options{Accounts: []Account{polar, hub}, Memory: known})
				for _, n := range pasted {
					d.wantPlan(p.Plan(index.Number(n, recognise.Hints{}), "", nil), true)
				}
				stop := d.run(p)
				time.Sleep(day)
				stop()
				if found := d.find("", pasted[7]).Found; found != "lotus" {
					t.Fatalf("the number was found with %q", found)
				}
				want, said := carrier.Code("lotus"), true
				if simulated {
					want, said = "polarpost", false
				}
				first := index.Number("48192837465", recognise.Hints{}).Candidates[0]
				if reasons := fmt.Sprint(first.Reasons); first.Carrier != want || strings.Contains(reasons, "of 20 such numbers here, 20 were this carrier's") != said {
					t.Errorf("%s is first: %s", first.Carrier, reasons)
				}
			})
		})
	}
}

// digits is a carrier that has nothing but eleven digits.
func digits(code carrier.Code, prior float64) *carrier.Carrier {
	return &carrier.Carrier{Code: code, Prior: prior, Formats: []carrier.Format{{Name: "digits", Pattern: `\d{11}`, Trust: carrier.Published}}}
}

func openMemory(t testing.TB) *memory.Book {
	t.Helper()
	book, err := memory.Open(t.Context(), openDatabase(t), figure.Gate{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func openRhythms(t testing.TB) *rhythm.Book {
	t.Helper()
	book, err := rhythm.Open(t.Context(), openDatabase(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func openDatabase(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dbtest.SQLite(t), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}
