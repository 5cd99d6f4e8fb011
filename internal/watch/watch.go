// Package watch is one member's, or one business account's, interest in
// parcels: the parcels they keep, what they call them and note of them, which
// of them need attention, which alerts they want, and what their programs have
// registered. What one owner notes, no
// other sees; the parcel itself is stored and asked for once, whoever watches.
//
// It knows nothing of accounts beyond their ids, of HTTP, of messages and who
// sends them, or of how a parcel is asked for (it is told what to want).
package watch

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// An ID names a watch of an owner: a UUIDv7. It says nothing without the owner.
type ID string

// A Watch is one owner's interest in a parcel.
type Watch struct {
	ID     ID
	Owner  inventory.Subject
	Source Source
	Words
	Alerts   Alerts
	Archived time.Time // UTC; zero when it isn't
	Created  time.Time // UTC
	Summary
	Parcel parcel.Parcel // as it is now; zero when it has gone, as parcels do that nobody has wanted for long
}

// Words are what an owner says of a parcel.
type Words struct {
	Name  string   `json:"name,omitempty"`
	Note  string   `json:"note,omitempty"`  // may have several lines
	Tags  []string `json:"tags,omitempty"`  // as written, each once, in the owner's order
	Order string   `json:"order,omitempty"` // a reference to what was ordered

	Expected Expected `json:"expected,omitzero"` // as a mail says; of the owner's own mails, so nobody else's
}

// An Expected is the day by which a mail says that a parcel comes.
type Expected struct {
	Day string `json:"day"`          // 2006-01-02
	By  string `json:"by,omitempty"` // who the mail is from, a host; "" it doesn't say
}

// A Source is where a watch is from.
type Source string

// Sources.
const (
	ByHand   Source = "hand"
	Imported Source = "import"
	Taken    Source = "taken" // looked up before, and taken along at sign-up
	ByAPI    Source = "api"
	ByShop   Source = "shop"
	ByMail   Source = "mail" // a mail named it
)

// Alerts are the main statuses that an owner wants to hear of. The zero value
// is the owner's default; Own with none is silence.
type Alerts struct {
	Own bool
	On  []status.Main
}

// silence is how Alerts of none are stored.
const silence = "-"

func (a Alerts) stored() string {
	switch {
	case !a.Own:
		return ""
	case len(a.On) == 0:
		return silence
	}
	words := make([]string, len(a.On))
	for i, m := range a.On {
		words[i] = string(m)
	}
	return strings.Join(words, ",")
}

func alertsOf(stored string) Alerts {
	a := Alerts{Own: stored != ""}
	if stored == "" || stored == silence {
		return a
	}
	for _, word := range strings.Split(stored, ",") {
		a.On = append(a.On, status.Main(word))
	}
	return a
}

// A Summary is a parcel at a glance, kept beside its watches so that a list
// needs no other database. It may be a moment behind the parcel.
type Summary struct {
	parcel.Key
	ParcelID   parcel.ID
	Generation int          // of the parcel; 0 for the first
	Found      carrier.Code // the carrier that knows it, "" none
	Status     status.Sub
	Since      time.Time // UTC; in its main status, zero unknown
	Event      time.Time // UTC; of the newest event, zero none
	Stale      time.Time // UTC; from then on it has been silent for too long, zero never
	ETA        carrier.Time
	Settled    time.Time // UTC; since when nothing more is expected, zero something is
	Revision   int64     // of the history
}

// summarise is how a parcel stands now.
func summarise(p parcel.Parcel, now time.Time) Summary {
	st := p.Standing(now)
	s := Summary{
		Key: p.Key, ParcelID: p.ID, Generation: p.Generation, Found: p.Found,
		Status: st.Status, Since: st.Since.UTC, ETA: st.ETA, Revision: p.Revision,
	}
	heard := p.Created
	if st.Newest != nil {
		s.Event = db.At(st.Newest.Rank)
		heard = s.Event
	}
	if s.Status.Final() {
		s.Settled = heard
	} else {
		s.Stale = heard.Add(parcel.Patience(s.Status.Main()))
	}
	return s
}

// Quiet is how many whole days ago anything was heard of the parcel, −1 when
// nothing ever was.
func (s Summary) Quiet(now time.Time) int {
	if s.Event.IsZero() {
		return -1
	}
	return max(0, int(now.Sub(s.Event)/(24*time.Hour)))
}

// By is the carrier that the parcel is taken for, "" when none is known yet.
func (s Summary) By() carrier.Code {
	if s.Found != "" {
		return s.Found
	}
	return s.Carrier
}

// Arrival is when the parcel comes: as its carrier says, else as a mail does;
// zero when neither says.
func (w Watch) Arrival() carrier.Time {
	if w.ETA.IsZero() && w.Settled.IsZero() {
		return carrier.Time{Local: w.Expected.Day}
	}
	return w.ETA
}

// Topic is what is published when something changed that an owner sees.
func Topic(owner inventory.Subject) string { return "watch:" + string(owner) }

func newID() string { return uuid.Must(uuid.NewV7()).String() }
