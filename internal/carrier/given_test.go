package carrier_test

import (
	"testing"

	"waypost/internal/carrier"
)

func TestWhatIsGivenIsTidied(t *testing.T) {
	for _, tc := range []struct {
		need        carrier.Need
		value, want string // "" can't be one
	}{
		{carrier.PostalCode, " 1012 ab ", "1012 AB"},
		{carrier.PostalCode, "10117", "10117"},
		{carrier.PostalCode, "10117; x", ""},
		{carrier.PhoneLast4, "0142", "0142"},
		{carrier.PhoneLast4, "555-0142", ""},
		{carrier.Phone, "+1 555 0142", "+1 555 0142"},
		{carrier.Phone, "call me", ""},
		{carrier.ShipDate, "2026-03-31", "2026-03-31"},
		{carrier.ShipDate, "2026-02-31", ""},
		{carrier.ShipDate, "31.3.2026", ""},
		{carrier.Account, "C-4711", "C-4711"},
		{carrier.Account, "a b", ""},
		{carrier.DestinationCountry, "no", "NO"},
		{carrier.DestinationCountry, "Norway", ""},
		{"shoe_size", "43", ""},
		{carrier.PostalCode, "", ""},
	} {
		got, ok := tc.need.Tidy(tc.value)
		if ok != (tc.want != "") || ok && got != tc.want {
			t.Errorf("%s %q becomes %q, %v; want %q", tc.need, tc.value, got, ok, tc.want)
		}
	}
}
