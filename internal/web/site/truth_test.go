package site

import (
	"net/http/httptest"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

func TestTruth(t *testing.T) {
	w := newWorld()
	s := newSite(t, w)
	d := newDesk(s.kit.Reader(httptest.NewRequest("GET", "/", nil)), s.know(), query{})
	noon := carrier.Time{Local: "2026-03-03T12:00:00", UTC: time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)}
	later := carrier.Time{Local: "2026-03-03T14:20:00", UTC: time.Date(2026, 3, 3, 13, 20, 0, 0, time.UTC)}
	bergen := place.Place{City: "Bergen", Country: "NO"}
	for _, tc := range []struct {
		name     string
		standing parcel.Standing
		want     string
	}{
		{"delivered, and the carrier said more afterwards",
			parcel.Standing{Status: status.DeliveredOther, Since: noon, Event: &parcel.Event{Event: carrier.Event{Time: later, Place: bergen}}},
			"Delivered on Tue 3 March 2026, 12:00, in Bergen, Norway."},
		{"one moment of a longer status",
			parcel.Standing{Status: status.InTransitPickedUp, Since: noon, Event: &parcel.Event{Event: carrier.Event{Time: later, Place: bergen}}},
			"Picked up on Tue 3 March 2026, 14:20, in Bergen, Norway."},
		{"something that goes on",
			parcel.Standing{Status: status.InTransitOther, Since: noon, Where: bergen, Event: &parcel.Event{Event: carrier.Event{Time: later}}},
			"In transit since Tue 3 March 2026, 12:00. Last seen in Bergen, Norway."},
	} {
		if got := d.truth(tc.standing); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestAPromiseThatWasNotKeptIsSaidToBeOne(t *testing.T) {
	now := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	d := &desk{now: now}
	for _, tc := range []struct {
		name string
		eta  carrier.Time
		want string
	}{
		{"an hour ago", carrier.Time{Local: "2026-03-04T09:00:00", UTC: now.Add(-time.Hour)}, "eta.was_expected"},
		{"in an hour", carrier.Time{Local: "2026-03-04T11:00:00", UTC: now.Add(time.Hour)}, "eta.expected"},
		{"yesterday, which goes on somewhere", carrier.Time{Local: "2026-03-03"}, "eta.expected"},
		{"the day before", carrier.Time{Local: "2026-03-02"}, "eta.was_expected"},
	} {
		if got := d.etaWords(tc.eta); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestAShapeKeepsHowNumbersBegin(t *testing.T) {
	s := newSite(t, newWorld())
	reader := s.kit.Reader(httptest.NewRequest("GET", "/", nil))
	for _, tc := range []struct{ pattern, good, want string }{
		{`1Z[0-9A-Z]{4}\d{2}`, "1Z4A7B21", "8 characters, like 1Z9A9A99 (9 stands for a digit, A for a letter)."},
		{`[A-Z]{2}\d{4}GB`, "RR4091GB", "8 characters, like AA9999GB (9 stands for a digit, A for a letter)."},
		{`\d{5}`, "48291", "5 digits, like 99999 (9 stands for a digit, A for a letter)."},
	} {
		if got := shape(reader, &carrier.Format{Pattern: tc.pattern, Good: []string{tc.good}}); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.pattern, got, tc.want)
		}
	}
}
