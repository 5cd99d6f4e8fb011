package workday_test

import (
	"strings"
	"testing"
	"time"

	"waypost/internal/workday"
)

func calendar(t *testing.T, zone string, holidays, work []string) workday.Calendar {
	t.Helper()
	c, wrong := workday.New(zone, holidays, work)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return c
}

func TestWorkingDays(t *testing.T) {
	plain := workday.Calendar{}
	// National Day of 2025 as the State Council's General Office announced it (国办发明电〔2024〕12号):
	// eight days off, and two days of weekends worked instead.
	china := calendar(t, "Asia/Shanghai", []string{"2025-10-01/2025-10-08"}, []string{"2025-09-28", "2025-10-11"})
	france := calendar(t, "Europe/Paris", []string{"2026-04-06"}, nil) // Easter Monday
	for _, tc := range []struct {
		name  string
		c     workday.Calendar
		from  string
		days  int
		wants string
	}{
		{"a Monday", plain, "2026-03-02T09:00:00Z", 5, "2026-03-09T09:00:00Z"},
		{"a Friday, late", plain, "2026-03-06T23:30:00Z", 5, "2026-03-13T23:30:00Z"},
		{"a Saturday", plain, "2026-03-07T12:00:00Z", 5, "2026-03-13T12:00:00Z"},
		{"a Sunday", plain, "2026-03-08T12:00:00Z", 1, "2026-03-09T12:00:00Z"},
		{"none", plain, "2026-03-08T12:00:00Z", 0, "2026-03-08T12:00:00Z"},
		{"a holiday on the way, and the clock goes forward", france, "2026-03-27T10:00:00Z", 7, "2026-04-08T09:00:00Z"},
		{"a week of holidays and a worked Saturday", china, "2025-09-30T02:00:00Z", 3, "2025-10-11T02:00:00Z"},
		{"a worked Sunday", china, "2025-09-27T02:00:00Z", 1, "2025-09-28T02:00:00Z"},
		{"Friday evening there is Friday still here", china, "2025-09-26T17:00:00Z", 1, "2025-09-27T17:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			from, err := time.Parse(time.RFC3339, tc.from)
			if err != nil {
				t.Fatal(err)
			}
			if got := tc.c.After(from, tc.days).Format(time.RFC3339); got != tc.wants {
				t.Errorf("%d working days after %s: got %s, want %s", tc.days, tc.from, got, tc.wants)
			}
			if got := tc.c.Count(from, tc.c.After(from, tc.days)); got != tc.days {
				t.Errorf("from %s to %s are %d working days, want %d", tc.from, tc.wants, got, tc.days)
			}
		})
	}
	if got := china.Covers(); got != 2025 {
		t.Errorf("it covers %d", got)
	}
}

func TestCalendarsThatWouldNotDo(t *testing.T) {
	for _, tc := range []struct {
		name, zone     string
		holidays, work []string
		want           string
	}{
		{"no zone", "Mars/Olympus", nil, nil, "zone:"},
		{"the machine's own zone", "Local", nil, nil, "zone:"},
		{"no day", "", []string{"1 May"}, nil, `holidays: "1 May" is neither`},
		{"a day that isn't there", "", []string{"2026-02-30"}, nil, "holidays:"},
		{"backwards", "", []string{"2026-10-07/2026-10-01"}, nil, "ends before it begins"},
		{"a slip of the year", "", []string{"2026-10-01/2027-10-07"}, nil, "spans more than 31 days"},
		{"a worked Monday", "", nil, []string{"2026-03-02"}, "holds a Monday"},
		{"both", "", []string{"2026-03-07"}, []string{"2026-03-07"}, "can't be both"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, wrong := workday.New(tc.zone, tc.holidays, tc.work)
			if len(wrong) != 1 || !strings.Contains(wrong[0], tc.want) {
				t.Errorf("got %q, want one of %q", wrong, tc.want)
			}
		})
	}
}
