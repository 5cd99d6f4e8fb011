package parcel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/place"
	"waypost/internal/status"
)

// A dice makes reports as no carrier would send them, the same ones for the
// same seed.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 1))} }

func (d dice) report(events int) carrier.Report {
	r := carrier.Report{
		Unique:  d.of("", "P1", "P2"),
		Service: d.of("", "Letter", "Parcel"),
		State:   status.Sub(d.of("", "", "", string(status.DeliveredOther), string(status.InTransitOther), "Nonsense")),
		ETA:     d.time(),
		Legs:    []carrier.Leg{{Number: d.of("", "N1", "N2"), Carrier: "prairie"}},
	}
	for range events {
		r.Events = append(r.Events, d.event())
	}
	return r
}

func (d dice) event() carrier.Event {
	var s status.Sub
	if d.IntN(4) > 0 {
		s = status.Subs[d.IntN(len(status.Subs))]
	}
	return carrier.Event{
		Time:   d.time(),
		Code:   d.of("", "10", "20", "30", "40"),
		Status: s,
		Words:  d.of("", "posted", "sorted", "<b>left</b>", "bad \xff text"),
		Place:  place.Place{Country: d.of("", "NO", "CA", "US"), City: d.of("", "Bergen", "Regina"), Region: d.of("", "SK", "TX")},
		Order:  int64(d.IntN(3)),

		FromWords: s != "" && d.IntN(4) == 0,
	}
}

// time is an instant, a wall time, a day, a year far off, or nothing.
func (d dice) time() carrier.Time {
	t := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.IntN(30*4)) * 6 * time.Hour)
	switch d.IntN(8) {
	case 0:
		return carrier.Time{Local: t.Format(wallTime)}
	case 1:
		return carrier.Time{Local: t.Format(time.DateOnly)}
	case 2:
		return carrier.Time{Local: d.of("0000-01-01", "9999-12-31T23:59:59", "soon"), UTC: time.Date(d.IntN(10000), 1, 1, 0, 0, 0, 0, time.UTC)}
	case 3:
		return carrier.Time{}
	}
	return carrier.Time{Local: t.Add(time.Hour).Format(wallTime), UTC: t.Add(time.Duration(d.IntN(1000)) * time.Microsecond)}
}

func (d dice) of(texts ...string) string { return texts[d.IntN(len(texts))] }

// legs are askings of different sources.
var manyLegs = []Asking{
	origin, last,
	{Source: "lotus", Carrier: "lotus", Number: "RR123456785NO", Role: Candidate},
	{Source: "prairie", Carrier: "prairie", Number: "N1", Role: Destination},
}

// eachSeed runs a property over many worlds: a few small, some far too large.
func eachSeed(t *testing.T, property func(t *testing.T, d dice, events int)) {
	for seed := range uint64(120) {
		events := []int{0, 1, 2, 5, 20, 60}[seed%6]
		if seed%40 == 39 {
			events = 2500
		}
		t.Run(fmt.Sprintf("seed %d, %d events", seed, events), func(t *testing.T) {
			property(t, newDice(seed), events)
		})
	}
}

func TestMergingAgainChangesNothing(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		var h History
		var reports []carrier.Report
		for i, leg := range manyLegs {
			reports = append(reports, d.report(events))
			h, _ = Merge(h, leg, reports[i], noon)
		}
		for i, leg := range manyLegs {
			again, changed := Merge(h, leg, reports[i], noon.Add(time.Hour))
			if changed {
				t.Fatalf("leg %d told again changed the history (-before +after):\n%s", i, cmp.Diff(h, again))
			}
		}
	})
}

func TestTheOrderInWhichSourcesAnswerDoesNotMatter(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		var reports []carrier.Report
		for range manyLegs {
			reports = append(reports, d.report(events))
		}
		var want History
		for i, leg := range manyLegs {
			want, _ = Merge(want, leg, reports[i], noon)
		}
		for range 3 {
			var got History
			for _, i := range d.Perm(len(manyLegs)) {
				got, _ = Merge(got, manyLegs[i], reports[i], noon)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("another order gave another history (-want +got):\n%s", diff)
			}
		}
	})
}

func TestAnAnswerInAnotherOrderChangesNothing(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		if events > MaxEvents {
			t.Skip("of an answer that is cut, other scans stay when those of one instant change places")
		}
		r := d.report(events)
		h, _ := Merge(History{}, origin, r, noon)
		r.Events = slices.Clone(r.Events)
		d.Shuffle(len(r.Events), func(i, j int) { r.Events[i], r.Events[j] = r.Events[j], r.Events[i] })
		again, changed := Merge(h, origin, r, noon.Add(time.Hour))
		if changed {
			t.Fatalf("the same events in another order changed the history (-before +after):\n%s", cmp.Diff(h, again))
		}
	})
}

func TestSnapshotsToldAgainChangeNothing(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		if events > 60 {
			t.Skip("snapshots are small")
		}
		var h History
		var r carrier.Report
		for range 5 {
			r = d.report(events)
			r.Latest = true
			h, _ = Merge(h, origin, r, noon)
		}
		if again, changed := Merge(h, origin, r, noon.Add(time.Hour)); changed {
			t.Fatalf("the last snapshot again changed the history (-before +after):\n%s", cmp.Diff(h, again))
		}
	})
}

// Whatever answers come after a push, what it told stays, or is told by an answer
// in its place; but for an end, which can be withdrawn.
func TestAnswersTakeNothingBackOfWhatWasPushed(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		if events > 60 {
			t.Skip("of histories that are cut scans go, pushed or not")
		}
		push := d.report(events)
		push.Latest, push.Pushed = true, true
		h, _ := Merge(History{}, origin, push, noon)
		pushed := h.Told(origin)
		answers := []carrier.Report{d.report(events), d.report(events), d.report(events)}
		told := map[string]bool{}
		for hour, answer := range answers {
			at := noon.Add(time.Duration(hour+1) * time.Hour)
			h, _ = Merge(h, origin, answer, at)
			if again, changed := Merge(h, origin, answer, at.Add(time.Minute)); changed {
				t.Fatalf("the answer again changed the history (-before +after):\n%s", cmp.Diff(h, again))
			}
			for _, e := range answer.Events {
				told[cleanTime(e.Time).Local] = true
				told[e.Code+e.Words] = true
			}
		}
		for _, e := range h.Told(origin) {
			told[e.Time.Local] = true
		}
		for _, e := range pushed {
			if !ends(e.Status) && !told[e.Time.Local] && !told[e.Code+e.Words] {
				t.Errorf("%+v is gone", e.Event)
			}
		}
	})
}

func TestHistoriesStayBounded(t *testing.T) {
	d := newDice(7)
	var h History
	total := 0
	for _, leg := range manyLegs {
		r := d.report(3000)
		milestones := map[status.Milestone]bool{}
		for _, m := range h.Standing(noon).Milestones {
			milestones[m.Name] = m.Event != nil
		}
		h, _ = Merge(h, leg, r, noon)
		unique := map[fullKey]bool{}
		for _, e := range r.Events {
			e = cleanEvent(e)
			unique[keyOf(e)] = true
			if m := e.Status.Milestone(); m != "" {
				milestones[m] = true
			}
		}
		total += len(unique)
		if got := len(h.Events) + len(h.Doubles); got > MaxEvents {
			t.Fatalf("%d events, want at most %d", got, MaxEvents)
		}
		if got := len(h.Events) + len(h.Doubles) + h.Dropped; got != total {
			t.Errorf("%d events kept and dropped, want the %d that were told", got, total)
		}
		for _, m := range h.Standing(noon).Milestones {
			if milestones[m.Name] && m.Event == nil {
				t.Errorf("milestone %s was lost", m.Name)
			}
		}
	}
}

func TestDoublesNeverHideAMilestone(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		var h History
		for _, leg := range manyLegs {
			h, _ = Merge(h, leg, d.report(events), noon)
		}
		reached := map[status.Milestone]bool{}
		for _, m := range h.Standing(noon).Milestones {
			reached[m.Name] = m.Event != nil
		}
		for _, e := range h.Doubles {
			if m := e.Status.Milestone(); m != "" && !reached[m] {
				t.Errorf("%s stands in doubles only", m)
			}
		}
	})
}

func TestWhatSaysSomethingIsShownOnce(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		var h History
		for _, leg := range manyLegs {
			h, _ = Merge(h, leg, d.report(events), noon)
		}
		told := 0
		for i, telling := range h.Tellings() {
			told += len(telling.Carriers)
			if telling.Carriers[0] != h.Events[i].Carrier {
				t.Fatalf("event %d: %v, want its own carrier first", i, telling.Carriers)
			}
		}
		if want := len(h.Events) + len(h.Doubles); told > want {
			t.Errorf("%d tellings of %d events", told, want)
		}
		all := h.placed()
		for i, stays := range doubles(all, h.Legs) {
			if stays < 0 {
				continue
			}
			a, b := all[i], all[stays]
			if a.key() == b.key() {
				t.Errorf("%q and %q of one leg are one", a.Words, b.Words)
			}
			if says(a.Status) && !says(b.Status) {
				t.Errorf("%s stands in for %s", b.Status, a.Status)
			}
			if m := a.Status.Milestone(); m != "" && b.Status.Milestone() != m {
				t.Errorf("%s stands in for the milestone %s", b.Status, m)
			}
		}
	})
}

func TestMirroredHistories(t *testing.T) {
	posted, left := at("08:00", status.InTransitPickedUp, "posted"), at("10:00", status.InTransitDeparture, "left")
	h, _ := Merge(History{}, origin, report(posted, left), noon)
	if h.Mirrored() {
		t.Error("one carrier alone")
	}
	h, _ = Merge(h, last, report(posted, left), noon)
	if !h.Mirrored() {
		t.Errorf("two carriers tell the same: %v, %v", words(h.Events), words(h.Doubles))
	}
	h, _ = Merge(h, last, report(posted, left, at("11:00", status.InTransitArrival, "arrived")), noon)
	if h.Mirrored() {
		t.Error("one carrier tells more")
	}
}

func TestEveryHistoryHasAStanding(t *testing.T) {
	eachSeed(t, func(t *testing.T, d dice, events int) {
		var h History
		for _, leg := range manyLegs {
			h, _ = Merge(h, leg, d.report(events), noon)
			s := h.Standing(noon)
			if !s.Status.Known() {
				t.Fatalf("status %q is none", s.Status)
			}
			if len(s.Milestones) != len(status.Milestones) {
				t.Fatalf("%d milestones", len(s.Milestones))
			}
		}
	})
}
