package config

import (
	"strings"
	"testing"
	"time"
)

func TestHolidaysOfARegion(t *testing.T) {
	c, err := loadText(t, `
database: {people: {cn: "sqlite:cn.db", us: "sqlite:us.db"}, serves: {cn: [CN], us: ["*"]}}
policy: {countries: {cn: SG, us: SG}}
workdays:
  cn:
    zone: Asia/Shanghai
    holidays: [2025-10-01/2025-10-08, 2026-01-01]
    working: [2025-10-11]
`)
	if err != nil {
		t.Fatal(err)
	}
	eve := time.Date(2025, 9, 30, 2, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		region string
		days   int
		want   string
	}{
		{"cn", 1, "2025-10-09"},
		{"cn", 3, "2025-10-11"},
		{"us", 1, "2025-10-01"},
	} {
		if got := c.Calendar(tc.region).After(eve, tc.days).Format(time.DateOnly); got != tc.want {
			t.Errorf("%s: %d working days after %s: got %s, want %s", tc.region, tc.days, eve, got, tc.want)
		}
	}
	if c.Calendar("cn").Worked(time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)) {
		t.Error("a day of its own isn't a holiday")
	}
}

func TestMistakesInHolidaysAreNamed(t *testing.T) {
	_, err := loadText(t, `
workdays:
  default: {holidays: [Easter]}
  moon: {zone: UTC}
`)
	for _, want := range []string{`workdays.default: holidays: "Easter"`, "workdays.moon: database.people has no region"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
