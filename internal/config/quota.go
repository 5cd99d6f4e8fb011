package config

import (
	"fmt"
	"strconv"
)

// A Quota is how much an account's programs may do, unless the account was
// given a quota of its own.
type Quota struct {
	// Total is how much may be drawn, a number from 0 on or unlimited. Default
	// unlimited.
	Total Total `koanf:"total"`
	// Monthly has Total begin anew on the first of each month, UTC. Default no.
	Monthly bool `koanf:"monthly"`
	// Daily is the most that may be drawn on one day, UTC. Default 0: no cap.
	Daily int64 `koanf:"daily"`
	// Rate is how many calls of the compatible API a key may make in a second,
	// 1 to 100,000. Default 3, as clients of that API expect.
	Rate int `koanf:"rate"`
	// OwnRate is the same for our own API. Default 20.
	OwnRate int `koanf:"own_rate"`
}

// A Total is an amount, or Unlimited.
type Total int64

// Unlimited is a Total without an end.
const Unlimited Total = -1

// UnmarshalText reads a number from 0 on, or the word unlimited.
func (t *Total) UnmarshalText(text []byte) error {
	if string(text) == "unlimited" {
		*t = Unlimited
		return nil
	}
	n, err := strconv.ParseUint(string(text), 10, 62)
	if err != nil {
		return fmt.Errorf("%q is neither a number from 0 on nor the word unlimited", text)
	}
	*t = Total(n)
	return nil
}

func (q Quota) check(wrong func(name, format string, args ...any)) {
	if q.Total < Unlimited {
		wrong("quota.total", "%d is neither a number from 0 on nor the word unlimited", q.Total)
	}
	if q.Daily < 0 {
		wrong("quota.daily", "%d is below 0; 0 is no cap", q.Daily)
	}
	for name, rate := range map[string]int{"quota.rate": q.Rate, "quota.own_rate": q.OwnRate} {
		if rate < 1 || rate > 100_000 {
			wrong(name, "%d is not between 1 and 100000", rate)
		}
	}
}
