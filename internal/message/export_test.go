package message

import (
	"io/fs"
	"time"

	"waypost/internal/locale"
)

// Tables are the room's words.
func Tables() fs.FS { return tables }

// SetClock gives the messages another clock than time.Now.
func (m *Messages) SetClock(now func() time.Time) { m.now = now }

// Free is when something may be sent.
func (s Settings) Free(now time.Time, zone *time.Location) time.Time { return s.free(now, zone) }

// Sending is how long a message that is being sent is left alone.
const Sending = sending

// Words are the languages in which messages are said.
func (m *Messages) Words() []*locale.Words { return m.words }

// SetRequests gives the messages other requests to tell of.
func (m *Messages) SetRequests(r Requests) { m.requests = r }
