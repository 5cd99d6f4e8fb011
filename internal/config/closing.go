package config

import "time"

// leastNotice is how long members are told before at least, whatever is configured.
const leastNotice = 14 * 24 * time.Hour

// Closing is what holds when the business ends or is handed over.
type Closing struct {
	// Notice is how long before members are told, 336h (two weeks) or more. Default
	// 720h: 30 days.
	Notice time.Duration `koanf:"notice"`
}

func (c Closing) check(wrong func(name, format string, args ...any)) {
	if c.Notice < leastNotice {
		wrong("closing.notice", "%v is less than two weeks (336h)", c.Notice)
	}
}
