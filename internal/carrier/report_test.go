package carrier

import (
	"testing"
	"time"
)

func TestTimeISO(t *testing.T) {
	instant := time.Date(2026, 3, 2, 13, 11, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		in   Time
		want string
	}{
		{"offset ahead of UTC", Time{"2026-03-02T14:11:00", instant}, "2026-03-02T14:11:00+01:00"},
		{"offset behind UTC over midnight", Time{"2026-03-01T23:11:00", instant}, "2026-03-01T23:11:00-14:00"},
		{"UTC itself", Time{"2026-03-02T13:11:00", instant}, "2026-03-02T13:11:00Z"},
		{"half an hour", Time{"2026-03-02T18:41:00", instant}, "2026-03-02T18:41:00+05:30"},
		{"no zone", Time{Local: "2026-03-02T14:11:00"}, "2026-03-02T14:11:00"},
		{"a day", Time{"2026-03-02", instant}, "2026-03-02"},
		{"nothing", Time{}, ""},
	} {
		if got := tc.in.ISO(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}
