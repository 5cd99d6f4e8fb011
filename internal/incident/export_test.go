package incident

import (
	"time"

	"waypost/internal/locale"
)

// SetNow has incidents take another time for now.
func (i *Incidents) SetNow(now func() time.Time) { i.now = now }

// Words are all that is said.
func (i *Incidents) Words() []*locale.Words { return i.words }
