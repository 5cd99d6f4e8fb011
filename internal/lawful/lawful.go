// Package lawful keeps the requests of authorities for people's data: who asks
// and on what ground, how that was checked, the least that has to be given, who
// approved it, and which fields left the house, when and for whom. Nothing leaves
// by it that two people didn't approve, that wasn't named field by field, or that
// is about more than a few people.
//
// It knows no other room: what is held of somebody is brought to it, and that
// somebody is to be told is an event. Of the staff it knows ids; what their
// duties let them do is for the pages to ask.
package lawful

import (
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A Kind is on what sort of ground an authority asks.
type Kind string

// Kinds of requests.
const (
	CourtOrder   Kind = "court_order"
	Warrant      Kind = "warrant"
	Statute      Kind = "statute"      // a law lets the authority ask by itself
	Emergency    Kind = "emergency"    // somebody's life is in danger
	Preservation Kind = "preservation" // to keep what there is, and give nothing yet
	Treaty       Kind = "treaty"       // another country's, by mutual legal assistance
	Other        Kind = "other"
)

// Kinds are all there are.
var Kinds = []Kind{CourtOrder, Warrant, Statute, Emergency, Preservation, Treaty, Other}

// A Way is how a request came.
type Way string

// Ways are all there are.
var Ways = []Way{"post", "mail", "portal", "hand", "phone"}

// A State is how far a request is.
type State string

// States.
const (
	Received  State = "received"
	Review    State = "review"   // it is being checked, and what is given is being chosen
	Approved  State = "approved" // by two people
	Refused   State = "refused"
	Disclosed State = "disclosed" // what was approved was fetched, for the authority
	Closed    State = "closed"
)

// open reports whether something is still to be done.
func (s State) open() bool { return s == Received || s == Review || s == Approved }

// A Ground is why a request is refused. There are no others.
type Ground string

// Grounds are all there are.
var Grounds = []Ground{"identity", "competence", "basis", "jurisdiction", "form", "broad", "disproportionate", "nothing"}

// A Check is one thing that makes a request valid. All are looked at, and said to
// be so, before anybody approves.
type Check string

// Checks are all there are.
var Checks = []Check{
	"identity",     // the authority is who it says: called back at a number that isn't from the request
	"competence",   // it may ask for this
	"basis",        // the ground is named, and says what is claimed
	"jurisdiction", // the law binds this installation
	"form",         // in writing, dated, signed by who may
	"necessity",    // nothing less would do
}

const (
	// MostPeople is how many people one request may be about.
	MostPeople = 10

	// MostTime is how long the time may be that is asked about.
	MostTime = 2 * 366 * 24 * time.Hour

	// MostGag is for how long the person isn't told at most. A longer one is
	// entered again, with its ground, before it ends.
	MostGag = 366 * 24 * time.Hour

	// FetchFor is how long what was made can be fetched.
	FetchFor = 7 * 24 * time.Hour

	// KeptFor is how long what is about a person stays after a request is closed.
	KeptFor = 3 * 365 * 24 * time.Hour

	maxShort = 200   // characters
	maxLong  = 4_000 // characters
	minWhy   = 10    // characters
)

// ErrAway is db.ErrAway, for those who don't know databases.
var ErrAway = db.ErrAway

// What can be wrong.
var (
	ErrNone         = fault.New(fault.NotFound, "lawful_missing", "There is no such request of an authority.")
	errRegion       = fault.New(fault.Invalid, "lawful_region", "Please choose the region whose people the request asks about. One that asks about people of several is entered once for each.")
	errKind         = fault.New(fault.Invalid, "lawful_kind", "Please choose from the list on what sort of ground the authority asks.")
	errWay          = fault.New(fault.Invalid, "lawful_way", "Please choose from the list how the request came.")
	errAuthority    = fault.New(fault.Invalid, "lawful_authority", "Please say which authority asks, in 1 to 200 characters.")
	errCountry      = fault.New(fault.Invalid, "lawful_country", "Please choose the authority’s country from the list.")
	errReference    = fault.New(fault.Invalid, "lawful_reference", "Please give the authority’s own reference, in 1 to 200 characters.")
	errBasis        = fault.New(fault.Invalid, "lawful_basis", "Please say on which law or order the request rests, in 10 to 4000 characters.")
	errContact      = fault.New(fault.Invalid, "lawful_contact", "Please say how the authority is reached, in 1 to 200 characters: what you looked up, not what the request says.")
	errWhom         = fault.New(fault.Invalid, "lawful_whom", "Please say whom the request asks about, in 1 to 4000 characters.")
	errAsks         = fault.New(fault.Invalid, "lawful_asks", "Please say what the request asks for, in 1 to 4000 characters.")
	errReceived     = fault.New(fault.Invalid, "lawful_received", "Please say on which day the request came: today or before.")
	errGag          = fault.New(fault.Invalid, "lawful_gag", "Please say until when law forbids to tell the person, at most a year ahead, and which law does. If it goes on, enter it again before it ends.")
	errPeople       = fault.New(fault.Invalid, "lawful_people", "A request is about 1 to %d people. What asks about more, or about everybody who fits something, is refused as too broad.")
	errElsewhere    = fault.New(fault.Invalid, "lawful_elsewhere", "That person lives in another region. Enter the request for that region, too.")
	errWindow       = fault.New(fault.Invalid, "lawful_window", "Please give the time that is asked about: a first and a last day that is over, at most two years apart. Without an end a request is refused as too broad.")
	errFields       = fault.New(fault.Invalid, "lawful_fields", "Please choose at least one field that is to be given.")
	errField        = fault.New(fault.Invalid, "lawful_field", "%s isn’t something that can be given.")
	errWhy          = fault.New(fault.Invalid, "lawful_why", "Please say for each kind of data why the request compels to give it, in 10 to 4000 characters.")
	errCheck        = fault.New(fault.Invalid, "lawful_check", "Please choose from the list what was checked.")
	errGround       = fault.New(fault.Invalid, "lawful_ground", "Please choose the ground of the refusal from the list. There are no others.")
	errState        = fault.New(fault.Conflict, "lawful_state", "The request is not in the state that this needs. Look at it again.")
	errChanged      = fault.New(fault.Conflict, "lawful_changed", "The request was changed meanwhile. Look at it again before you approve it.")
	errUnchecked    = fault.New(fault.Conflict, "lawful_unchecked", "Not everything was checked yet. Go through the whole list first.")
	errUnscoped     = fault.New(fault.Conflict, "lawful_unscoped", "It wasn’t said yet what is to be given. Do that first.")
	errSecond       = fault.New(fault.Denied, "lawful_second", "Somebody else has to approve it: who entered, checked or scoped a request, or approved it first, can’t be the second.")
	errNobody       = fault.New(fault.Denied, "lawful_nobody", "Requests of authorities are handled by people of the staff, who have names; not where the program runs.")
	errApprover     = fault.New(fault.Denied, "lawful_approver", "Only who approved the request as the second makes and fetches what is given.")
	errPreservation = fault.New(fault.Conflict, "lawful_preservation", "By an order to preserve nothing is given.")
	errRecipient    = fault.New(fault.Invalid, "lawful_recipient", "That is no public key of age. It begins with age1; leave it empty to have a passphrase made.")
	errThere        = fault.New(fault.Conflict, "lawful_there", "The file was made already and can still be fetched.")
	errOver         = fault.New(fault.NotFound, "lawful_over", "There is no file to fetch: it was fetched, or a week is over. Make it again.")
	errBusy         = fault.New(fault.Unavailable, "lawful_busy", "Somebody else entered a request at the same moment. Please try again.")
)

// An Entry is what a request says, and how it came.
type Entry struct {
	Region    string // whose people it asks about
	Kind      Kind
	Country   string // the authority's, ISO 3166-1 alpha-2
	Received  time.Time
	Deadline  time.Time // UTC; zero none
	Gag       Gag
	Way       Way
	Authority string
	Reference string // the authority's own
	Basis     string // which law or order
	Contact   string // how the authority is reached, as somebody looked it up
	Whom      string // in the authority's words
	Asks      string // in the authority's words
}

// A Gag is that law forbids to tell the person. The zero Gag is that it doesn't.
type Gag struct {
	Until time.Time // UTC
	Basis string    // which law or order
}

// A Scope is what is given: which fields of whom, of which time, and why.
type Scope struct {
	People   []inventory.Subject // sorted
	From, To time.Time           // UTC; To is left out
	Items    []Item
	Narrower bool // it is less than was asked for
}

// An Item is fields of one kind of data that are given.
type Item struct {
	Kind   inventory.Kind `json:"kind"`
	Fields []FieldID      `json:"fields"` // sorted
	Why    string         `json:"why"`    // the request compels to give them
}

// A FieldID names a declared field: ROOM/TABLE.COLUMN.
type FieldID string

// A Step is something that was done about a request.
type Step struct {
	At     time.Time      // UTC
	By     string         // id of one of the staff; "" the program
	What   What           //
	Counts map[string]int // of what was made: how often each field was in it
}

// A What is what was done.
type What string

// Steps.
const (
	DidEnter   What = "entered"
	DidCheck   What = "checked"
	DidScope   What = "scoped"
	DidGag     What = "gagged" // or took it back
	DidPropose What = "proposed"
	DidApprove What = "approved"
	DidRefuse  What = "refused"
	DidMake    What = "made"
	DidFetch   What = "fetched"
	DidTell    What = "told"
	DidClose   What = "closed"
)

// A File is what was made for an authority.
type File struct {
	Hash    string // SHA-256 of it, hexadecimal
	For     string // who may fetch it
	Made    time.Time
	Ends    time.Time
	Fetched time.Time // zero: it wasn't
}

// A Request is one that was entered.
type Request struct {
	Entry
	Scope
	Ref      string // ours: L-eu-7
	State    State
	Ground   Ground
	Checked  []Check
	Proposed string // who approved it first; "" nobody since it was last changed
	Revision int64
	Given    int // of how many people something was given
	Decided  time.Time
	Fetched  time.Time // zero: nothing left the house
	Closed   time.Time
	Over     bool // what it said of people is deleted
	Told     map[inventory.Subject]time.Time
	Steps    []Step // oldest first
	File     File   // the last one; zero none
}

// Ready reports whether everything is there that the first approval needs.
func (r Request) Ready() bool {
	return r.State == Review && len(r.Checked) == len(Checks) && len(r.People) > 0 && (r.Kind == Preservation || len(r.Items) > 0)
}

// Had reports whether somebody had a hand in what is to be approved.
func (r Request) Had(by string) bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool {
		return s.By == by && slices.Contains([]What{DidEnter, DidCheck, DidScope, DidPropose}, s.What)
	})
}

// Approver is who approved it as the second, "" nobody yet.
func (r Request) Approver() string {
	for _, s := range r.Steps {
		if s.What == DidApprove {
			return s.By
		}
	}
	return ""
}
