package parcel

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waypost/internal/carrier"
	"waypost/internal/place"
	"waypost/internal/status"
)

var (
	noon   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	origin = Asking{Source: "fjordpost", Carrier: "fjordpost", Number: "RR123456785NO", Role: Origin}
	last   = Asking{Source: "prairie", Carrier: "prairie", Number: "RR123456785NO", Role: Destination}
)

// at is an event at an hour of 2 March 2026, UTC.
func at(clock string, s status.Sub, words string) carrier.Event {
	local := "2026-03-02T" + clock + ":00"
	utc, err := time.Parse(wallTime, local)
	if err != nil {
		panic(err)
	}
	return carrier.Event{Time: carrier.Time{Local: local, UTC: utc}, Code: words, Status: s, Words: words}
}

// wall is an event at a wall time without zone, or on a day.
func wall(local string, s status.Sub, words string) carrier.Event {
	return carrier.Event{Time: carrier.Time{Local: local}, Code: words, Status: s, Words: words}
}

func report(events ...carrier.Event) carrier.Report { return carrier.Report{Events: events} }

func pushedReport(events ...carrier.Event) carrier.Report {
	return carrier.Report{Events: events, Latest: true, Pushed: true}
}

func words(events []Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Words)
	}
	return all
}

func TestMerge(t *testing.T) {
	posted := at("08:00", status.InTransitPickedUp, "posted")
	sorted := at("09:00", status.InTransitOther, "sorted")
	left := at("10:00", status.InTransitDeparture, "left")
	in := func(e carrier.Event, country, city string) carrier.Event {
		e.Place = place.Place{Country: country, City: city}
		return e
	}
	ordered := func(e carrier.Event, n int64) carrier.Event { e.Order = n; return e }
	type answer struct {
		asking Asking
		report carrier.Report
	}
	for _, tc := range []struct {
		name    string
		answers []answer
		want    []string
		doubles []string
	}{
		{"the first answer", []answer{{origin, report(posted, sorted)}}, []string{"posted", "sorted"}, nil},
		{"newest first in the answer", []answer{{origin, report(sorted, posted)}}, []string{"posted", "sorted"}, nil},
		{"an event told twice", []answer{{origin, report(posted, posted)}}, []string{"posted"}, nil},
		{"a late event slots in", []answer{{origin, report(posted, left)}, {origin, report(posted, sorted, left)}}, []string{"posted", "sorted", "left"}, nil},
		{"a withdrawn event goes", []answer{{origin, report(posted, sorted)}, {origin, report(posted)}}, []string{"posted"}, nil},
		{"an empty answer takes nothing back", []answer{{origin, report(posted)}, {origin, report()}}, []string{"posted"}, nil},
		{"a problem takes nothing back", []answer{{origin, report(posted)}, {origin, carrier.Report{Problem: &carrier.Problem{Kind: carrier.Missing}}}}, []string{"posted"}, nil},
		{"a snapshot adds", []answer{{origin, carrier.Report{Latest: true, Events: []carrier.Event{posted}}}, {origin, carrier.Report{Latest: true, Events: []carrier.Event{left}}}}, []string{"posted", "left"}, nil},
		{"an answer that is behind takes nothing back of what was pushed", []answer{{origin, report(posted)}, {origin, pushedReport(left)}, {origin, report(posted, sorted)}}, []string{"posted", "sorted", "left"}, nil},
		{"nor does one that knows of later things", []answer{{origin, pushedReport(sorted)}, {origin, report(posted, left)}}, []string{"posted", "sorted", "left"}, nil},
		{"what was pushed and then told goes when it is withdrawn", []answer{{origin, pushedReport(sorted)}, {origin, report(posted, sorted)}, {origin, report(posted)}}, []string{"posted"}, nil},
		{"a pushed delivery that a later answer doesn't know was withdrawn", []answer{{origin, pushedReport(at("09:30", status.DeliveredOther, "delivered"))}, {origin, report(posted, left)}}, []string{"posted", "left"}, nil},
		{"a pushed delivery stays until then", []answer{{origin, pushedReport(at("10:30", status.DeliveredOther, "delivered"))}, {origin, report(posted, left)}}, []string{"posted", "left", "delivered"}, nil},
		{"a happening that the answer words otherwise isn't told twice", []answer{{origin, pushedReport(at("10:00", status.InTransitDeparture, "DP"))}, {origin, report(posted, left)}}, []string{"posted", "left"}, nil},
		{"nor one that the push words otherwise", []answer{{origin, report(posted, left)}, {origin, pushedReport(at("10:00", status.InTransitDeparture, "DP"))}}, []string{"posted", "left"}, nil},
		{"equal instants by the carrier's order", []answer{{origin, report(ordered(at("08:00", "", "second"), 2), ordered(at("08:00", "", "first"), 1))}}, []string{"first", "second"}, nil},
		{"equal instants by the list", []answer{{origin, report(at("08:00", "", "first"), at("08:00", "", "second"))}}, []string{"first", "second"}, nil},
		{"a day keeps its place in the list", []answer{{origin, report(posted, wall("2026-03-02", "", "checked"), left)}}, []string{"posted", "checked", "left"}, nil},
		{"a wall time without zone keeps its place", []answer{{origin, report(posted, wall("2026-03-02T23:00:00", "", "checked"), left)}}, []string{"posted", "checked", "left"}, nil},
		{"a wall time in a country with one zone has an instant",
			[]answer{{origin, report(left, in(wall("2026-03-02T10:30:00", "", "checked"), "NO", "Bergen"))}}, []string{"checked", "left"}, nil},
		{"a year far off keeps its place", []answer{{origin, report(posted, wall("9999-12-31T00:00:00", "", "never"), left)}}, []string{"posted", "never", "left"}, nil},
		{"two legs in one order", []answer{
			{origin, report(posted, left)},
			{last, report(sorted, at("11:00", status.OutForDeliveryOther, "out"))},
		}, []string{"posted", "sorted", "left", "out"}, nil},
		{"the same happening told by both, once, by the carrier that did it", []answer{
			{origin, report(posted, in(at("11:00", status.DeliveredOther, "delivered abroad"), "CA", ""))},
			{last, report(in(posted, "NO", ""), in(at("11:00", status.DeliveredOther, "delivered"), "CA", "Regina"))},
		}, []string{"posted", "delivered"}, []string{"posted", "delivered abroad"}},
		{"the same minute in two countries is two happenings", []answer{
			{origin, report(in(at("11:00", status.InTransitOther, "sorted here"), "NO", ""))},
			{last, report(in(at("11:00", status.InTransitOther, "sorted there"), "CA", ""))},
		}, []string{"sorted here", "sorted there"}, nil},
		{"the same wall clock at the same place, where one lacks the zone", []answer{
			{origin, report(in(at("11:00", status.InTransitOther, "processed"), "CA", "Vancouver"))},
			{last, report(in(wall("2026-03-02T11:00:00", status.InTransitOther, "arrived"), "CA", "VANCOUVER"))},
		}, []string{"processed"}, []string{"arrived"}},
		{"the same wall clock elsewhere is another happening", []answer{
			{origin, report(in(at("11:00", status.InTransitOther, "processed"), "CA", "Vancouver"))},
			{last, report(in(wall("2026-03-02T11:00:00", status.InTransitOther, "arrived"), "CA", "Regina"))},
		}, []string{"processed", "arrived"}, nil},
		{"clocks that differ a little", []answer{
			{origin, report(in(at("11:03", status.DeliveredOther, "delivered abroad"), "CA", ""))},
			{last, report(in(at("11:00", status.DeliveredOther, "delivered"), "CA", "Regina"))},
		}, []string{"delivered"}, []string{"delivered abroad"}},
		{"scans minutes apart that say little are several", []answer{
			{origin, report(in(at("11:00", status.InTransitOther, "sorted in"), "CA", "Regina"))},
			{last, report(in(at("11:03", status.InTransitOther, "sorted out"), "CA", "Regina"))},
		}, []string{"sorted in", "sorted out"}, nil},
		{"two attempts of one carrier stay two", []answer{
			{origin, report(in(at("11:00", status.DeliveryFailureNoBody, "first"), "CA", "Regina"), in(at("11:04", status.DeliveryFailureNoBody, "second"), "CA", "Regina"))},
			{last, report(in(at("11:00", status.DeliveryFailureNoBody, "1"), "CA", "Regina"), in(at("11:04", status.DeliveryFailureNoBody, "2"), "CA", "Regina"))},
		}, []string{"1", "2"}, []string{"first", "second"}},
		{"which of two attempts is meant can't be told", []answer{
			{origin, report(in(at("11:00", status.DeliveryFailureNoBody, "first"), "CA", "Regina"), in(at("11:04", status.DeliveryFailureNoBody, "second"), "CA", "Regina"))},
			{last, report(in(at("11:02", status.DeliveryFailureNoBody, "somewhen"), "CA", "Regina"))},
		}, []string{"first", "somewhen", "second"}, nil},
		{"a delivery of which one carrier knows the day", []answer{
			{origin, report(wall("2026-03-02", status.DeliveredOther, "delivered that day"))},
			{last, report(at("11:00", status.DeliveredOther, "delivered"))},
		}, []string{"delivered"}, []string{"delivered that day"}},
		{"wall times of one place are in their order", []answer{
			{origin, report(in(wall("2026-03-02T11:00:00", "", "second"), "CA", "Regina"), in(wall("2026-03-02T09:00:00", "", "first"), "CA", "Regina"))},
		}, []string{"first", "second"}, nil},
		{"a double comes forward when the first is withdrawn", []answer{
			{origin, report(posted)},
			{last, report(posted, sorted)},
			{origin, report(left)},
		}, []string{"posted", "sorted", "left"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var h History
			for i, a := range tc.answers {
				h, _ = Merge(h, a.asking, a.report, noon.Add(time.Duration(i)*time.Hour))
			}
			if diff := cmp.Diff(tc.want, words(h.Events)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.doubles, words(h.Doubles)); diff != "" {
				t.Errorf("doubles (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeKeepsWhenAnEventWasFirstSeen(t *testing.T) {
	posted := at("08:00", status.InTransitPickedUp, "posted")
	h, _ := Merge(History{}, origin, report(posted), noon)
	corrected := posted
	corrected.Words, corrected.Place.City = "posted at the counter", "Bergen"
	later := at("08:20", status.InTransitPickedUp, "posted at the counter")
	later.Code, later.Place.City = "posted", "Bergen"
	for i, e := range []carrier.Event{corrected, later} {
		var changed bool
		h, changed = Merge(h, origin, report(e), noon.Add(time.Duration(i+1)*time.Hour))
		if !changed || len(h.Events) != 1 {
			t.Fatalf("correction %d: changed %v, events %v", i, changed, words(h.Events))
		}
		if got := h.Events[0]; got.Seen != noon || got.Words != "posted at the counter" || got.Time != e.Time {
			t.Errorf("correction %d: got %+v, want the new words and time, first seen at %v", i, got, noon)
		}
	}
}

func TestMergeIgnoresAnAnswerOlderThanWhatIsKnown(t *testing.T) {
	posted, left := at("08:00", status.InTransitPickedUp, "posted"), at("10:00", status.InTransitDeparture, "left")
	h, _ := Merge(History{}, origin, report(posted, left), noon)
	if _, changed := Merge(h, origin, report(posted), noon.Add(-time.Minute)); changed {
		t.Error("an answer from before the last one changed the history")
	}
}
