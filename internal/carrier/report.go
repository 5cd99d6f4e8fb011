package carrier

import (
	"context"
	"time"

	"waypost/internal/place"
	"waypost/internal/status"
)

// A Connector asks one source, with one account, about up to Batch numbers.
// Every asked number comes back, in the order asked: with events, or with a
// Problem. The error is a *Problem when the answer as a whole is of no use
// (signed out, limited, down, unreadable), else ctx's. Safe for concurrent use.
type Connector interface {
	Batch() int
	Track(ctx context.Context, asks []Ask) ([]Report, error)
}

// An Ask is one number that a source is asked about.
type Ask struct {
	Number string
	Params map[Need]string   // what the carrier needs besides the number, if it was given
	With   map[string]string // what the carrier's file gives a source that serves several
	Lang   string            // BCP 47; "" takes the source's first language
	Seen   string            // digest of the answer that was taken in last, "" none
}

// A Report is what one source answered about one number.
type Report struct {
	Number  string     // as asked; the answer's own when nothing was asked
	Unique  string     // the carrier's own id of the parcel, to tell a reused number apart
	Service string     // the carrier's name of its product
	State   status.Sub // the carrier's word on the whole parcel, "" where it has none
	ETA     Time       // when delivery is promised or expected
	Legs    []Leg      // the same parcel's numbers at other carriers
	Events  []Event    // oldest first
	Latest  bool       // the answer is a snapshot: events seen before still hold
	Pushed  bool       // the source told it by itself, nobody had asked
	Problem *Problem   // why there are no events; nil when there are
	Unknown []Unknown  // codes that the status map doesn't have
	Faults  []Fault    // fields that could not be read
	Digest  string     // tells the answer from others; "" where it is made of several
	Same    bool       // it is the answer that Ask.Seen tells of, and says nothing else
}

// A Leg is a parcel's number at another carrier.
type Leg struct {
	Number  string
	Carrier string // the answer's own word for the carrier, or a Code; "" if it doesn't say
}

// An Event is one thing that happened to a parcel.
type Event struct {
	Time   Time
	Code   string     // the carrier's own code, the most specific one it gave
	Status status.Sub // "" when it says nothing about the parcel's status
	Words  string     // the carrier's own words: plain text, one line, no personal data
	Place  place.Place
	Order  int64 // the carrier's own sequence for equal instants, 0 if it has none

	FromWords bool // Status was read from Words: the status map doesn't have the code
}

// A Time is a moment as a carrier prints it.
type Time struct {
	Local string    // wall time: 2006-01-02T15:04:05, or 2006-01-02 where only the day is known; "" none
	UTC   time.Time // the instant; zero when no zone could be had
}

// DayOnly reports whether the carrier gave a day without an hour.
func (t Time) DayOnly() bool { return len(t.Local) == len(time.DateOnly) }

// IsZero reports whether there is no time at all.
func (t Time) IsZero() bool { return t.Local == "" }

// ISO returns the moment as ISO 8601: with its offset where the zone is known,
// the bare wall time or day where it is not.
func (t Time) ISO() string {
	if t.UTC.IsZero() || t.DayOnly() {
		return t.Local
	}
	wall, err := time.Parse("2006-01-02T15:04:05", t.Local)
	if err != nil {
		return t.Local
	}
	offset := int(wall.Sub(t.UTC.Truncate(time.Second)) / time.Second)
	return t.UTC.In(time.FixedZone("", offset)).Format(time.RFC3339)
}

// A Problem is why a source has no history for a number.
type Problem struct {
	Kind       ProblemKind
	Text       string        // in English, for the operator: what was wrong and where, without values of fields
	RetryAfter time.Duration // what the source asked for, 0 if nothing
}

func (p *Problem) Error() string { return string(p.Kind) + ": " + p.Text }

// A ProblemKind is one of a closed list.
type ProblemKind string

// The problems that a source's file can name, and those that the engine finds.
const (
	Missing       ProblemKind = "missing"        // the carrier says that it doesn't know the number
	BadNumber     ProblemKind = "bad_number"     // not a number of this carrier
	Auth          ProblemKind = "auth"           // the credentials were refused
	LimitedKind   ProblemKind = "limited"        // asked too often
	TooMany       ProblemKind = "too_many"       // too many numbers in one call
	BadRequest    ProblemKind = "bad_request"    // we asked wrongly
	NeedsPhone    ProblemKind = "needs_phone"    // it answers only with (the end of) a phone number
	NeedsPostcode ProblemKind = "needs_postcode" // it answers only with the receiver's postal code
	WrongValue    ProblemKind = "wrong_value"    // what it was told besides the number isn't this parcel's
	Unavailable   ProblemKind = "unavailable"    // down, or an error it doesn't explain
	Unreadable    ProblemKind = "unreadable"     // the answer is not what the source's file expects
)

// ProblemKinds are all of them. A file may not name Unreadable: only the engine finds it.
var ProblemKinds = []ProblemKind{
	Missing, BadNumber, Auth, LimitedKind, TooMany, BadRequest, NeedsPhone, NeedsPostcode, WrongValue, Unavailable, Unreadable,
}

// An Unknown is a code that a source sent and its status map doesn't have, or
// words without a code that it doesn't have.
type Unknown struct {
	Code  string     // "" where the event had none
	Words string     // of one event that had it
	Means status.Sub // what the words say, "" when nothing for sure
}

// A Fault is a field that could not be read; it holds no value of the answer.
type Fault struct {
	Field string // event.at, parcel.eta
	Form  string // what was there instead, by form: "text of 12 characters", "list"
	Line  int    // in a file of lines or segments, from 1; 0 elsewhere
}
