package message_test

import (
	"testing"
	"time"

	"waypost/internal/message"
	"waypost/internal/status"
)

func TestQuietHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := message.Quiet{On: true, From: 22 * 60, To: 7 * 60}
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tc := range []struct {
		name      string
		settings  message.Settings
		now, want string
	}{
		{"by day", message.Settings{Quiet: night}, "2026-03-02 12:00", "2026-03-02 12:00"},
		{"late in the evening", message.Settings{Quiet: night}, "2026-03-02 23:10", "2026-03-03 07:00"},
		{"early in the morning", message.Settings{Quiet: night}, "2026-03-03 06:59", "2026-03-03 07:00"},
		{"at their very end", message.Settings{Quiet: night}, "2026-03-03 07:00", "2026-03-03 07:00"},
		{"at their very beginning", message.Settings{Quiet: night}, "2026-03-02 22:00", "2026-03-03 07:00"},
		{"in the night in which clocks go forward", message.Settings{Quiet: night}, "2026-03-28 23:00", "2026-03-29 07:00"},
		{"at noon", message.Settings{Quiet: message.Quiet{On: true, From: 12 * 60, To: 13 * 60}}, "2026-03-02 12:30", "2026-03-02 13:00"},
		{"off", message.Settings{Quiet: message.Quiet{From: 22 * 60, To: 7 * 60}}, "2026-03-02 23:10", "2026-03-02 23:10"},
		{"in a pause that ends by day", message.Settings{Quiet: night, Pause: at("2026-03-05 09:00")}, "2026-03-02 12:00", "2026-03-05 09:00"},
		{"in a pause that ends by night", message.Settings{Quiet: night, Pause: at("2026-03-05 23:00")}, "2026-03-02 12:00", "2026-03-06 07:00"},
		{"after a pause", message.Settings{Pause: at("2026-03-01 09:00")}, "2026-03-02 12:00", "2026-03-02 12:00"},
	} {
		if got := tc.settings.Free(at(tc.now), berlin); !got.Equal(at(tc.want)) {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestSettingsAreKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if got := must(w.store().Settings(t.Context(), mia))(t); !got.Mail || len(got.On) != 5 || got.Quiet.On {
			t.Errorf("a member who chose nothing has %+v", got)
		}
		pause := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Millisecond)
		w.set(func(s *message.Settings) {
			s.On = []status.Main{status.Delivered, status.InTransit, status.Delivered}
			s.Quiet, s.Zone, s.Pause = message.Quiet{On: true, From: 60, To: 120}, "Asia/Shanghai", pause
		})
		got := must(w.store().Settings(t.Context(), mia))(t)
		if len(got.On) != 2 || got.On[0] != status.InTransit || got.Zone != "Asia/Shanghai" || got.Quiet.To != 120 || !got.Pause.Equal(pause) {
			t.Errorf("kept %+v", got)
		}
		for name, do := range map[string]func(*message.Settings){
			"a status that is none":               func(s *message.Settings) { s.On = []status.Main{"Lost"} },
			"hours that begin when they end":      func(s *message.Settings) { s.Quiet = message.Quiet{On: true, From: 60, To: 60} },
			"a time that no day has":              func(s *message.Settings) { s.Quiet.To = 24 * 60 },
			"a zone that is nowhere":              func(s *message.Settings) { s.Zone = "Middle/Earth" },
			"the machine's zone":                  func(s *message.Settings) { s.Zone = "Local" },
			"a file outside of the zones":         func(s *message.Settings) { s.Zone = "../../etc/passwd" },
			"a pause that is longer than a month": func(s *message.Settings) { s.Pause = time.Now().Add(40 * 24 * time.Hour) },
		} {
			if err := w.store().Change(t.Context(), mia, do); err == nil {
				t.Errorf("%s was kept", name)
			}
		}
	})
}

func TestTimesOfTheDay(t *testing.T) {
	for text, want := range map[string]message.Minute{"00:00": 0, "07:30": 450, "23:59": 1439} {
		got, err := message.ParseMinute(text)
		if err != nil || got != want || got.Clock() != text {
			t.Errorf("%s: got %d (%s), %v", text, got, got.Clock(), err)
		}
	}
	for _, text := range []string{"", "24:00", "7", "-1:00", "12:60"} {
		if got, err := message.ParseMinute(text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
}
