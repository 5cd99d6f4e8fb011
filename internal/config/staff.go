package config

import (
	"regexp"
	"time"
)

// Staff is what holds for those who work for the installation.
type Staff struct {
	// Tickets is what the number of a ticket looks like in the operator's own system,
	// as a regular expression of the whole: HD-[0-9]{5}. Default: letters, digits and
	// # . _ / -, 40 at most, to which it is held in any case.
	Tickets string `koanf:"tickets"`
	// Training is a file with the training in security and privacy that those of the
	// staff take. Default: the shipped one.
	Training string `koanf:"training"`
	// TrainingEvery is after how long it is taken again, 720h to 17520h (two years).
	// Default 8760h, twelve months.
	TrainingEvery time.Duration `koanf:"training_every"`
}

// year is the default of how long training holds.
const year = 365 * 24 * time.Hour

func (s Staff) check(wrong func(name, format string, args ...any)) {
	if _, err := regexp.Compile(s.Tickets); err != nil {
		wrong("staff.tickets", "%q is no regular expression: %v", s.Tickets, err)
	}
	if s.TrainingEvery < 30*24*time.Hour || s.TrainingEvery > 2*year {
		wrong("staff.training_every", "%v is not between 720h and 17520h", s.TrainingEvery)
	}
}
