package request_test

import (
	"testing"
	"time"

	"waypost/internal/request"
	"waypost/internal/workday"
)

func day(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t.Add(9 * time.Hour)
}

// The clock is five to seven working days, stands only while the person is to
// answer, and shows what the law gives besides, which never stands.
func TestTheClockStandsOnlyWhileThePersonIsToAnswer(t *testing.T) {
	days, wrong := workday.New("", []string{"2026-03-06"}, nil)
	if wrong != nil {
		t.Fatal(wrong)
	}
	for _, tc := range []struct {
		name                 string
		received, asked, now string
		waited               int
		due, late, most      string
		left                 int
		over                 request.Over
	}{
		{"new, on a Monday, and the Friday is a holiday", "2026-03-02", "", "2026-03-02", 0, "2026-03-10", "2026-03-12", "2026-04-02", 5, request.InTime},
		{"due", "2026-03-02", "", "2026-03-10", 0, "2026-03-10", "2026-03-12", "2026-04-02", 0, request.IsDue},
		{"late", "2026-03-02", "", "2026-03-12", 0, "2026-03-10", "2026-03-12", "2026-04-02", -2, request.IsLate},
		{"asked on Tuesday, and it is the next Monday: three days stand", "2026-03-02", "2026-03-03", "2026-03-09", 0, "2026-03-13", "2026-03-17", "2026-04-02", 4, request.InTime},
		{"never late while it stands", "2026-03-02", "2026-03-03", "2026-03-30", 0, "2026-04-03", "2026-04-07", "2026-04-02", 4, request.InTime},
		{"answered: what stood before doesn't count", "2026-03-02", "", "2026-03-09", 3, "2026-03-13", "2026-03-17", "2026-04-02", 4, request.InTime},
		{"a month without such a day ends with its last", "2026-01-30", "", "2026-01-30", 0, "2026-02-06", "2026-02-10", "2026-02-28", 5, request.InTime},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := request.ClockOf(days, request.MonthLaw, day(tc.received), day(tc.asked), day(tc.now), tc.waited)
			want := request.Clock{Due: day(tc.due), Late: day(tc.late), Most: day(tc.most), Stands: tc.asked != "", Left: tc.left, Over: tc.over}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	if got := request.ClockOf(days, request.ChinaLaw, day("2026-03-02"), time.Time{}, day("2026-03-02"), 0).Most; got != day("2026-03-24") {
		t.Errorf("in China until %s, want 15 working days", got)
	}
}

func TestEveryGroundHasASourceAndFitsSomeKind(t *testing.T) {
	for _, k := range request.Kinds {
		if len(request.RulesOf(k)) < 4 {
			t.Errorf("%s can be refused on %v only", k, request.RulesOf(k))
		}
	}
	for _, r := range request.Rules {
		if r.Ground.Source() == "" {
			t.Errorf("%s has no source", r.Ground)
		}
	}
}
