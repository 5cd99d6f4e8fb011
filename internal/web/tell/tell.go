// Package tell puts a parcel into a reader's words: its status in one sentence,
// its way in four stations, its history by day, its carrier's badge. The public
// pages and the members' pages tell it the same way. It knows nothing of HTTP,
// of who asks, or of how carriers are asked.
package tell

import (
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/web/ui"
)

// Carriers is what telling needs of the carrier files. *carrier.Catalogue has it.
type Carriers interface {
	Carrier(carrier.Code) (*carrier.Carrier, bool)
}

// A Teller tells parcels to one reader, as they stand at one moment.
type Teller struct {
	ui.Reader
	Carriers Carriers
	Now      time.Time
}

// Name is a carrier's name in the reader's language; a code that no file knows
// stays as it is.
func (t Teller) Name(code carrier.Code) string {
	if c, ok := t.Carriers.Carrier(code); ok {
		return c.Name(t.Lang)
	}
	return string(code)
}

// Names lists carriers' names, each once.
func (t Teller) Names(codes []carrier.Code) string {
	var names []string
	seen := map[string]bool{}
	for _, code := range codes {
		if name := t.Name(code); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return strings.Join(names, t.Say("list.comma"))
}

// ETA says when a carrier means to deliver a parcel, and which, "" where none has
// said.
func (t Teller) ETA(eta carrier.Time, by carrier.Code) string {
	if eta.IsZero() {
		return ""
	}
	return t.Say(t.etaWords(eta), "when", t.When(eta), "who", t.Name(by))
}

// MailedETA says by which day a mail says that a parcel comes, and who it is
// from, a host; "" where none has said.
func (t Teller) MailedETA(day, from string) string {
	if day == "" {
		return ""
	}
	eta, who := carrier.Time{Local: day}, t.Say("eta.mail_bare")
	if from != "" {
		who = t.Say("eta.mail", "host", from)
	}
	return t.Say(t.etaWords(eta), "when", t.When(eta), "who", who)
}

// etaWords tell a promise from one that the carrier didn't keep. A day ends
// nowhere on earth later than twelve hours after it ends in UTC.
func (t Teller) etaWords(eta carrier.Time) string {
	end := eta.UTC
	if wall, ok := wallTime(eta); end.IsZero() && ok {
		end = wall.Add(12 * time.Hour)
		if eta.DayOnly() {
			end = end.AddDate(0, 0, 1)
		}
	}
	if !end.IsZero() && t.Now.After(end) {
		return "eta.was_expected"
	}
	return "eta.expected"
}

// An Instant is a moment of Waypost's own clock, which knows nobody's zone;
// script shows it in the reader's.
type Instant struct{ Text, ISO string }

// Instant writes one; the zero time is the zero Instant.
func (t Teller) Instant(at time.Time) Instant {
	if at.IsZero() {
		return Instant{}
	}
	at = at.UTC()
	return Instant{t.Say("date.utc", "moment", t.Moment(at)), at.Format(time.RFC3339)}
}
