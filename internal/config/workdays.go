package config

import (
	"reflect"
	"time"

	"waypost/internal/workday"
)

// Workdays are which days are worked in a region. What has to be done within some
// working days, such as answering a request about somebody's data, goes by them.
type Workdays struct {
	// Zone is the time zone by whose midnights days are told apart, Asia/Shanghai.
	// Default UTC.
	Zone string `koanf:"zone"`
	// Holidays are days off besides weekends: 2026-10-01, or the first and the last
	// of at most 31, 2026-10-01/2026-10-07.
	Holidays []string `koanf:"holidays"`
	// Working are days of weekends that are worked, written alike.
	Working []string `koanf:"working"`
}

// Calendar says which days are worked in a region.
func (c Config) Calendar(region string) workday.Calendar {
	w := c.Workdays[region]
	calendar, _ := workday.New(w.Zone, w.Holidays, w.Working) // checkWorkdays said what was wrong
	return calendar
}

func (c *Config) checkWorkdays(wrong func(name, format string, args ...any)) {
	for region, w := range c.Workdays {
		if _, ok := c.Database.People[region]; !ok {
			wrong("workdays."+region, "database.people has no region of that name")
		}
		_, mistakes := workday.New(w.Zone, w.Holidays, w.Working)
		for _, m := range mistakes {
			wrong("workdays."+region, "%s", m)
		}
	}
}

// day reads a day, which YAML takes for a time, where a text is wanted.
func day(from, to reflect.Type, value any) (any, error) {
	if from != reflect.TypeFor[time.Time]() || to.Kind() != reflect.String {
		return value, nil
	}
	return value.(time.Time).Format(time.DateOnly), nil
}
