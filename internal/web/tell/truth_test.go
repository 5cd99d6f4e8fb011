package tell

import (
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
	"waypost/internal/web/ui"
)

func TestTruth(t *testing.T) {
	kit, err := ui.New("https://waypost.example")
	if err != nil {
		t.Fatal(err)
	}
	teller := Teller{Reader: ui.Reader{Words: kit.Words()[0]}}
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
		if got := teller.Truth(tc.standing); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestWhoSaysWhenAParcelComes(t *testing.T) {
	kit, err := ui.New("https://waypost.example")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	for _, words := range kit.Words() {
		teller := Teller{Reader: ui.Reader{Words: words}, Carriers: noFiles{}, Now: now}
		for _, tc := range []struct{ got, who string }{
			{teller.ETA(carrier.Time{Local: "2026-03-06"}, "kite"), "kite"},
			{teller.ETA(carrier.Time{Local: "2026-03-01"}, "kite"), "kite"},
			{teller.MailedETA("2026-03-06", "shop.example"), "shop.example"},
			{teller.MailedETA("2026-03-01", ""), words.Say("eta.mail_bare")},
		} {
			if !strings.Contains(tc.got, tc.who) || strings.Contains(tc.got, "{") {
				t.Errorf("%s: %q doesn't name %s", words.Lang, tc.got, tc.who)
			}
		}
		if got := teller.ETA(carrier.Time{}, ""); got != "" || teller.MailedETA("", "shop.example") != "" {
			t.Errorf("%s: says %q where nobody has said", words.Lang, got)
		}
	}
}

func TestAPromiseThatWasNotKeptIsSaidToBeOne(t *testing.T) {
	now := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	teller := Teller{Now: now}
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
		if got := teller.etaWords(tc.eta); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}
