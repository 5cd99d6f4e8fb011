package parcel_test

import (
	"fmt"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

func TestUnmappedCodesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, c *clock) {
		note := func(source carrier.SourceCode, all ...carrier.Unknown) {
			t.Helper()
			if err := s.NoteUnmapped(t.Context(), source, all); err != nil {
				t.Fatal(err)
			}
		}
		home := carrier.Unknown{Code: "45", Words: "Nobody home", Means: status.DeliveryFailureNoBody}
		note("prairie", carrier.Unknown{Code: "45", Words: "Card left"}, carrier.Unknown{Code: "9"})
		c.now = c.now.Add(day)
		note("prairie", home)
		note("prairie", home, carrier.Unknown{Words: "Thank you"}, carrier.Unknown{Words: "Thank you"}, carrier.Unknown{Words: "Goodbye"})
		note("fjordpost", carrier.Unknown{Code: "45"})

		got := unmapped(t, s)
		want := []parcel.Unmapped{
			{Source: "fjordpost", Unknown: carrier.Unknown{Code: "45"}, Answers: 1, First: start.Add(day), Last: start.Add(day)},
			{Source: "prairie", Unknown: home, Answers: 3, First: start, Last: start.Add(day)},
			{Source: "prairie", Unknown: carrier.Unknown{Words: "Thank you"}, Answers: 2, First: start.Add(day), Last: start.Add(day)},
			{Source: "prairie", Unknown: carrier.Unknown{Words: "Goodbye"}, Answers: 1, First: start.Add(day), Last: start.Add(day)},
			{Source: "prairie", Unknown: carrier.Unknown{Code: "9"}, Answers: 1, First: start, Last: start},
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got\n%v, want\n%v", got, want)
		}
		if gone, err := s.Expire(t.Context(), inventory.Purge{Now: start.Add(90*day + day/2)}); gone.Rows() != 1 || err != nil {
			t.Errorf("forgot %d (%v), want the one code that came on the first day only", gone.Rows(), err)
		}
	})
}

// A source that makes up codes doesn't fill the table.
func TestUnmappedCodesAreBounded(t *testing.T) {
	each(t, func(t *testing.T, s *parcel.Store, _ *clock) {
		var many []carrier.Unknown
		for i := range 320 {
			many = append(many, carrier.Unknown{Code: fmt.Sprint(1000 + i)})
		}
		for range 2 {
			if err := s.NoteUnmapped(t.Context(), "prairie", many); err != nil {
				t.Fatal(err)
			}
		}
		got := unmapped(t, s)
		if len(got) != 300 || got[0].Answers != 2 {
			t.Errorf("%d codes are kept, the first of %+v", len(got), got[0])
		}
	})
}

func unmapped(t *testing.T, s *parcel.Store) []parcel.Unmapped {
	t.Helper()
	all, err := s.Unmapped(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}
