// Package parcel is the tracking core: every parcel once, whoever watches it,
// with its asks and its one history. It holds no personal data, and knows
// nothing of HTTP, of carriers' wire formats, or of who wants to hear about a
// change.
package parcel

import (
	"time"

	"waypost/internal/carrier"
)

// An ID names a parcel: a UUIDv7.
type ID string

// A Key is a parcel as people name it: this number, at this carrier. What is told
// to those who know more than the number is a parcel of its own, which nobody
// finds who doesn't know the same.
type Key struct {
	Number  string       // upper case, no separators
	Carrier carrier.Code // the carrier it is asked for; "" lets Waypost find the one that knows it
	Mark    Mark         // of what is known besides the number; see Store.Mark
}

// A Parcel is one number, at one carrier, this time: a number that a carrier
// uses again, a year later, is a parcel of another generation.
type Parcel struct {
	ID ID
	Key
	Generation int          // 0 for the first
	Found      carrier.Code // the carrier that knows it; "" while none has said so
	Choice     Choice       // why Found
	Asks       []Ask        // by rank
	Revision   int64        // of its history; 0 while there is none
	History    History
	Created    time.Time // UTC
	Wanted     time.Time // UTC; until then somebody wants to know
	Lacks      bool      // what its Mark stands for isn't kept any more: nobody is asked until it is given again
}

// A Choice is why a parcel is taken for a carrier's.
type Choice string

// Choices.
const (
	Unchosen Choice = ""         // nobody has answered
	ByHand   Choice = "by_hand"  // somebody named the carrier
	Only     Choice = "only"     // its number has one candidate
	Answered Choice = "answered" // it was the first candidate that knew the number
)

// A Role is the part a source plays in a parcel's way.
type Role string

// Roles.
const (
	Candidate   Role = "candidate"   // its carrier may be the one
	Origin      Role = "origin"      // its carrier took the parcel in
	Destination Role = "destination" // its carrier hands it over: the last mile
)

// An Asking is what is to be asked: a source account, about a number, on
// behalf of a carrier.
type Asking struct {
	Account carrier.AccountCode
	Source  carrier.SourceCode
	Carrier carrier.Code
	Number  string // the number there; a last mile's differs from the parcel's
	Role    Role
	Rank    int  // 0 is asked first
	Told    bool // the source can't be asked: it tells by itself
}

// An Ask is an Asking and how it stands.
type Ask struct {
	Asking
	State    State
	Due      time.Time           // UTC; when it is asked next, zero if it is not
	Asked    time.Time           // UTC; when it was last asked, zero if never
	Answered time.Time           // UTC; when its source last said anything of use, zero if never
	Pushed   time.Time           // UTC; when its source last told of the parcel without being asked, zero if never
	Failures int                 // in a row
	Problem  carrier.ProblemKind // of the last try, "" if it went well
	Reason   string              // the problem in words, for the operator
}

// Active reports whether the source is to be asked, or was asked and not dropped,
// or tells by itself.
func (a Ask) Active() bool {
	return a.State == Waiting || a.State == Told || a.State != Dropped && !a.Asked.IsZero()
}

// A State is how an ask stands.
type State string

// States.
const (
	Waiting State = "waiting" // due some time
	Later   State = "later"   // a candidate whose turn comes when those before it know nothing
	Dropped State = "dropped" // a candidate that knew nothing, or came too late: asked no more
	Done    State = "done"    // nothing more is expected of it
	Told    State = "told"    // never asked: its source tells by itself
)
