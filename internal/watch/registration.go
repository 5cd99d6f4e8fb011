package watch

import (
	"context"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/vault"
)

// A RegistrationID names a registration of an owner: a UUIDv7, in the order of
// registering. It says nothing without the owner.
type RegistrationID string

// A Registration is a parcel that a program of the owner's has registered. It
// stands beside what the owner saved by hand, belongs to one carrier, and ends
// by itself; the same number may be registered with several carriers.
type Registration struct {
	ID        RegistrationID
	Owner     inventory.Subject
	Number    string       // the parcel's: upper case, without separators
	Carrier   carrier.Code // that it is registered with; Summary.Found may be another
	Final     carrier.Code // the last mile's, "" none was named
	Created   time.Time    // UTC
	Begun     time.Time    // UTC; since when it is tracked: registered, or restarted
	Stopped   time.Time    // UTC; zero while it is tracked
	Why       StopReason   // it was stopped
	Changes   int          // of its carrier
	Retracked bool
	Push      Push
	Details
	Summary Summary       // as it was when it was last read
	Read    time.Time     // UTC; then
	Parcel  parcel.Parcel // as it is now; zero when it has gone

	watched string
}

// Tracking reports whether news of it is still looked for.
func (r Registration) Tracking() bool { return r.Stopped.IsZero() }

// Pending reports whether its carrier hasn't been heard yet since it was
// registered, or since its carrier was changed.
func (r Registration) Pending() bool {
	if r.Parcel.Revision > 0 {
		return false
	}
	open := false
	for _, a := range r.Parcel.Asks {
		if !a.Asked.IsZero() {
			return false
		}
		open = open || a.Active()
	}
	return open
}

// Details are what a program says of a parcel. Where it said nothing, a field is
// empty.
type Details struct {
	Sent      string          `json:"sent,omitempty"` // the number as it was sent, where that isn't Number
	Tag       string          `json:"tag,omitempty"`
	Remark    string          `json:"remark,omitempty"`
	Email     string          `json:"email,omitempty"`
	OrderNo   string          `json:"order_no,omitempty"`
	OrderTime string          `json:"order_time,omitempty"` // as it was sent
	Lang      string          `json:"lang,omitempty"`       // that texts are wanted in: BCP 47
	Param     string          `json:"param,omitempty"`      // what the carrier needs, as one value
	Facts     map[Fact]string `json:"facts,omitempty"`      // as they were sent
}

// AsSent is the number as the program wrote it.
func (r Registration) AsSent() string {
	if r.Sent != "" {
		return r.Sent
	}
	return r.Number
}

// A StopReason is why a registration is tracked no longer.
type StopReason string

// StopReasons.
const (
	NotStopped     StopReason = ""
	Expired        StopReason = "expired"    // nothing new for a month, or delivered half a month ago
	ByRequest      StopReason = "by_request" // of its owner
	InvalidCarrier StopReason = "invalid_carrier"
)

// A Push is how its owner was last told of a registration.
type Push struct {
	At     time.Time // UTC; zero never
	Status PushStatus
	Code   int // the receiver's HTTP status, 0 none
}

// A PushStatus is what came of telling.
type PushStatus string

// PushStatuses.
const (
	NotPushed  PushStatus = ""
	PushTaken  PushStatus = "success"
	PushFailed PushStatus = "failure"
)

// The rules that a registration's life follows (17TRACK Tracking API, "why
// tracking stops").
const (
	quietFor       = 30 * 24 * time.Hour // without any event, then it is stopped
	deliveredFor   = 15 * 24 * time.Hour // after the delivery, then it is stopped
	keepStopped    = 90 * 24 * time.Hour // then it is deleted
	mostChanges    = 5                   // of the carrier
	mostRegistered = 40                  // in one call
)

// Stopped says that a registration is no longer tracked, once, in the
// transaction that stops it.
type Stopped struct {
	Owner        inventory.Subject `json:"owner"`
	Registration RegistrationID    `json:"registration"`
}

// Kind names the event.
func (Stopped) Kind() string { return "watch.stopped" }

// Begun says that registrations are tracked from now on: they were made, restarted,
// or given another carrier. Their parcels may have been known before.
type Begun struct {
	Owner         inventory.Subject `json:"owner"`
	Registrations []RegistrationID  `json:"registrations"`
}

// Kind names the event.
func (Begun) Kind() string { return "watch.begun" }

// A Ledger is what registrations draw on.
type Ledger interface {
	// Draw takes one from the owner's quota for each registration, in the
	// transaction that makes them, and returns why each was refused: nil it
	// wasn't. The same id is charged for once.
	Draw(ctx context.Context, tx *db.Tx, owner inventory.Subject, of []RegistrationID) ([]error, error)
}

// Faults of registrations, which callers tell apart by their codes.
var (
	ErrRegistered    = fault.New(fault.Conflict, "registered_already", "This number is registered with this carrier already.")
	ErrNotRegistered = fault.New(fault.NotFound, "not_registered", "This number isn't registered.")
	ErrUndetected    = fault.New(fault.Invalid, "carrier_undetected", "The number doesn't say whose it is. Name its carrier.")
	ErrNoCarrier     = fault.New(fault.Invalid, "carrier_unknown", "There is no such carrier.")
	ErrNotConnected  = fault.New(fault.Unavailable, "carrier_not_connected", "Parcels of this carrier can't be registered at the moment: nobody can be asked about them.")
	ErrFinalCarrier  = fault.New(fault.Invalid, "final_carrier", "Only international postal numbers have a carrier of the last mile.")
	ErrNumberForm    = fault.New(fault.Invalid, "number_form", "A number has 5 to 50 letters and digits.")
	ErrSeveral       = fault.New(fault.Conflict, "several_registrations", "This number is registered with several carriers. Name the one that is meant.")
	ErrStopped       = fault.New(fault.Conflict, "registration_stopped", "This registration is stopped.")
	ErrNotStopped    = fault.New(fault.Conflict, "registration_not_stopped", "This registration isn't stopped.")
	ErrRetracked     = fault.New(fault.Conflict, "retracked_already", "This registration was restarted before; it can be once.")
	ErrPending       = fault.New(fault.Conflict, "registration_pending", "The carrier hasn't answered yet.")
	ErrOldCarrier    = fault.New(fault.NotFound, "old_carrier", "This number isn't registered with that carrier.")
	ErrSameCarrier   = fault.New(fault.Invalid, "same_carrier", "This is its carrier already.")
	ErrChanges       = fault.New(fault.Limited, "carrier_changes", "The carrier was changed five times, which is the most.")
	ErrDuplicate     = fault.New(fault.Conflict, "registration_duplicate", "This number is registered with the new carrier, too.")
	ErrNoNewCarrier  = fault.New(fault.Invalid, "no_new_carrier", "Name the new carrier.")
	ErrNoChange      = fault.New(fault.Invalid, "nothing_to_change", "Nothing was said that could be changed.")
	ErrTooMany       = fault.New(fault.Invalid, "too_many_registrations", "At most %d numbers can be taken at once.")
)

// A Lacking is what a carrier wants to know besides the number, and was not, or
// not all of it, told.
type Lacking struct {
	Carrier carrier.Code
	Needs   []carrier.Need // one or more
}

func (l *Lacking) Error() string { return "the carrier wants to know more: " + string(l.Needs[0]) }

const fieldDetails vault.Field = "watch.registration.details"
