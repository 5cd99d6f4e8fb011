// Package webhook tells an account's programs what happens to its parcels: it
// numbers the events of each account without gaps, delivers them to the
// account's endpoints, in order for each parcel and as often as it takes, and
// keeps them for a month, so that whoever was away can read on from where they
// were.
//
// It knows nothing of how an event is written for a receiver (it is given what
// writes it), of who may ask for what, or of how parcels come to change.
package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// A Kind is what happened.
type Kind string

// Kinds.
const (
	Updated Kind = "updated" // there is news of a parcel
	Stopped Kind = "stopped" // a registration ended: no more news is looked for
	Test    Kind = "test"    // nothing did: the owner tries an endpoint out
)

// Kinds are those that an endpoint can be told of or not.
var Kinds = []Kind{Updated, Stopped}

// An EventID names an event: a UUIDv7, the same in every delivery of it.
type EventID string

// An Event is something that happened to a parcel that an account keeps, with
// all that is needed to write it for a receiver, now or a month later.
type Event struct {
	ID   EventID
	Seq  int64 // counts the account's events from 1, without gaps
	Kind Kind
	Item
	Parcel parcel.Parcel // as it stood then
	At     time.Time     // UTC, to the millisecond
}

// Status is how the parcel stood.
func (e Event) Status() status.Sub { return e.Parcel.Standing(e.At).Status }

// An Item is a parcel as its owner keeps it: registered by a program, or saved.
type Item struct {
	Owner  inventory.Subject
	ID     string // of the registration or the saved parcel
	Source watch.Source
	Tags   []string
	Detail json.RawMessage // what else its owner says of it, for whoever writes the event
}

// A Form is how events are written for a receiver.
type Form string

// Forms. The numbered ones are those of the compatible API's versions.
const (
	Own      Form = "own"
	TrackV1  Form = "v1"
	TrackV2  Form = "v2"
	TrackV21 Form = "v2.1"
	TrackV22 Form = "v2.2"
	TrackV24 Form = "v2.4"
)

// Forms are all of them, the one to be offered first in front.
var Forms = []Form{Own, TrackV24, TrackV22, TrackV21, TrackV2, TrackV1}

// A Message is an event as a form has it. It is safe for concurrent use.
type Message interface {
	// Sign returns the body, and the compatible signature that is made with a key;
	// some forms have it in the body, too.
	Sign(key string) (body []byte, sign string)
}

// A Body is a message without a place for a signature.
type Body []byte

// Sign returns the body and, in hex, the SHA-256 of it, a slash and the key
// (17TRACK Tracking API, webhooks).
func (b Body) Sign(key string) (body []byte, sign string) {
	h := sha256.New()
	h.Write(b)
	h.Write([]byte("/" + key))
	return b, hex.EncodeToString(h.Sum(nil))
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
