package parcel

import (
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/place"
	"waypost/internal/status"
)

func TestStatus(t *testing.T) {
	stated := func(s status.Sub, events ...carrier.Event) carrier.Report {
		return carrier.Report{State: s, Events: events}
	}
	posted := at("08:00", status.InTransitPickedUp, "posted")
	out := at("09:00", status.OutForDeliveryOther, "out")
	delivered := at("10:00", status.DeliveredOther, "delivered")
	scanned := at("11:00", status.InTransitOther, "scanned")
	unknown := at("11:00", "", "unknown code")
	for _, tc := range []struct {
		name         string
		origin, last carrier.Report
		want         status.Sub
		since        string // clock of 2 March
	}{
		{"nobody knows it", report(), report(), status.NotFoundOther, ""},
		{"announced", report(at("07:00", status.InfoReceivedOnly, "announced")), report(), status.InfoReceivedOnly, "07:00"},
		{"the newest event decides", report(posted, out), report(), status.OutForDeliveryOther, "09:00"},
		{"since the first event of its main status", report(posted, at("08:30", status.InTransitDeparture, "left")), report(), status.InTransitDeparture, "08:00"},
		{"an unknown code leaves the status", report(out, unknown), report(), status.OutForDeliveryOther, "09:00"},
		{"an unknown code alone means on its way", report(unknown), report(), status.InTransitOther, "11:00"},
		{"bookkeeping after delivery doesn't undo it", report(delivered, scanned, unknown), report(), status.DeliveredOther, "10:00"},
		{"clocks that run backwards don't undo it", report(delivered, at("10:30", status.OutForDeliveryOther, "out")), report(), status.DeliveredOther, "10:00"},
		{"a return after delivery does", report(delivered, at("11:00", status.ExceptionReturning, "refused")), report(), status.ExceptionReturning, "11:00"},
		{"so does a wrong delivery", report(delivered, at("11:00", status.DeliveryFailureInvalidAddress, "wrong door")), report(), status.DeliveryFailureInvalidAddress, "11:00"},
		{"the carrier's word beats the newest event", stated(status.DeliveredOther, delivered, scanned), report(), status.DeliveredOther, "10:00"},
		{"the newest event of its main status refines it", stated(status.InTransitOther, posted, at("08:30", status.InTransitCustomsProcessing, "customs"), out), report(), status.InTransitCustomsProcessing, "08:00"},
		{"the carrier's word without any event", stated(status.InfoReceivedOnly), report(), status.InfoReceivedOnly, ""},
		{"the destination announced it only", report(posted), report(at("12:00", status.InfoReceivedOnly, "announced")), status.InTransitPickedUp, "08:00"},
		{"the destination has it", report(posted, scanned), report(out), status.OutForDeliveryOther, "09:00"},
		{"the origin got it back", report(posted, at("12:00", status.ExceptionReturned, "back")), report(out), status.ExceptionReturned, "12:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, _ := Merge(History{}, origin, tc.origin, noon)
			if len(tc.last.Events) > 0 {
				h, _ = Merge(h, last, tc.last, noon)
			}
			s := h.Standing(noon.Add(time.Hour))
			since := ""
			if !s.Since.IsZero() {
				since = s.Since.Local[11:16]
			}
			if s.Status != tc.want || since != tc.since {
				t.Errorf("got %s since %q, want %s since %q", s.Status, since, tc.want, tc.since)
			}
		})
	}
}

func TestStandingAfterTime(t *testing.T) {
	inTransit := report(at("07:00", status.InfoReceivedOnly, "announced"), at("08:00", status.InTransitOther, "sorted"))
	delivered := report(at("08:00", status.InTransitPickedUp, "posted"), at("20:00", status.DeliveredOther, "delivered"))
	for _, tc := range []struct {
		name                     string
		report                   carrier.Report
		days                     int
		want                     status.Sub
		quiet, stale             bool
		order, transit, done, up int
	}{
		{"the next day", inTransit, 1, status.InTransitOther, false, false, 1, 1, 0, 1},
		{"a fortnight of silence", inTransit, 14, status.InTransitOther, false, true, 14, 14, 0, 14},
		{"a month of silence", inTransit, 31, status.InTransitOther, true, true, 31, 31, 0, 31},
		{"given up", inTransit, 61, status.ExpiredOther, true, true, 61, 61, 0, 61},
		{"delivered never goes stale", delivered, 90, status.DeliveredOther, false, false, 0, 0, 0, 89},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, _ := Merge(History{}, origin, tc.report, noon)
			s := h.Standing(noon.AddDate(0, 0, tc.days))
			if s.Status != tc.want || s.Quiet != tc.quiet || s.Stale != tc.stale {
				t.Errorf("got %s, quiet %v, stale %v, want %s, %v, %v", s.Status, s.Quiet, s.Stale, tc.want, tc.quiet, tc.stale)
			}
			got := [4]int{s.DaysAfterOrder, s.DaysOfTransit, s.DaysOfTransitDone, s.DaysAfterLastUpdate}
			if want := [4]int{tc.order, tc.transit, tc.done, tc.up}; got != want {
				t.Errorf("day counts %v, want %v", got, want)
			}
		})
	}
}

func TestStandingAtAGlance(t *testing.T) {
	posted := at("08:00", status.InTransitPickedUp, "posted")
	posted.Place = place.Place{Country: "NO", City: "Bergen"}
	arrived := wall("2026-03-05T10:00:00", status.InTransitArrival, "arrived")
	arrived.Place = place.Place{Country: "US", City: "Chicago"}
	r := report(posted, arrived)
	r.ETA = carrier.Time{Local: "2026-03-09"}
	r.Legs = []carrier.Leg{{Number: "9400100000000000000000", Carrier: "usps"}}
	h, _ := Merge(History{}, origin, r, noon.AddDate(0, 0, 4))
	s := h.Standing(noon.AddDate(0, 0, 4))

	if s.Where.City != "Chicago" || !s.Abroad || !s.Zoneless || s.Carrier != "fjordpost" || s.Event.Words != "arrived" {
		t.Errorf("got %+v", s)
	}
	if s.ETA.Local != "2026-03-09" || s.ETABy != "fjordpost" {
		t.Errorf("expected %q by %q", s.ETA.Local, s.ETABy)
	}
	if len(s.Onward) != 1 || s.Onward[0].Carrier != "usps" {
		t.Errorf("onward %v", s.Onward)
	}
	for i, want := range map[int]string{1: "posted", 3: "arrived"} {
		if m := s.Milestones[i]; m.Event == nil || m.Event.Words != want {
			t.Errorf("milestone %s: %+v, want %q", m.Name, m.Event, want)
		}
	}
	h, _ = Merge(h, Asking{Source: "usps", Carrier: "usps", Number: "9400100000000000000000", Role: Destination},
		report(at("23:00", status.DeliveredOther, "delivered")), noon.AddDate(0, 0, 5))
	s = h.Standing(noon.AddDate(0, 0, 5))
	if len(s.Onward) != 0 || s.Legs != 2 || !s.ETA.IsZero() {
		t.Errorf("after delivery: onward %v, %d legs, expected %v", s.Onward, s.Legs, s.ETA)
	}
}

func TestStandingOfAParcelThatNobodyKnows(t *testing.T) {
	for _, tc := range []struct {
		name string
		p    Parcel
		want status.Sub
	}{
		{"today", Parcel{Created: noon}, status.NotFoundOther},
		{"for a month", Parcel{Created: noon.AddDate(0, 0, -31)}, status.ExpiredOther},
		{"no number of its carrier", Parcel{Created: noon, Asks: []Ask{{Asked: noon, Problem: carrier.BadNumber}, {State: Later}}}, status.NotFoundInvalidCode},
		{"refused by one of two", Parcel{Created: noon, Asks: []Ask{{Asked: noon, Problem: carrier.BadNumber}, {Asked: noon, Problem: carrier.Missing}}}, status.NotFoundOther},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.p.Standing(noon.Add(time.Minute)); got.Status != tc.want || !got.Known.Equal(tc.p.Created) {
				t.Errorf("got %s, known since %v, want %s", got.Status, got.Known, tc.want)
			}
		})
	}
}
