// Package request is requests about people's data: what is asked and by whom, how
// it was shown who they are, the clock in which it is to be answered, who of the
// staff works on it, every step, and the letters that go to the person. A refusal
// has one of a fixed list of grounds.
//
// It knows nothing of pages, of the words of letters and how they leave, or of
// what is held of anybody: whoever answers a request uses the other rooms for that.
package request

import (
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A Number is what people and staff call a request: R- and eight of 0–9 and A–Z.
// It opens nothing.
type Number string

// A Kind is what is asked.
type Kind string

// Kinds.
const (
	Access     Kind = "access"
	Copy       Kind = "copy" // or to take it elsewhere
	Correct    Kind = "correct"
	Delete     Kind = "delete"
	Deactivate Kind = "deactivate"
	Restrict   Kind = "restrict"
	Object     Kind = "object"
	Withdraw   Kind = "withdraw" // what was agreed to
	Other      Kind = "other"
)

// Kinds are all of them, in the order in which forms offer them.
var Kinds = []Kind{Access, Copy, Correct, Delete, Deactivate, Restrict, Object, Withdraw, Other}

// A Person is who asks.
type Person string

// Persons. Only a Member has an account that is known.
const (
	Member   Person = "member"
	Buyer    Person = "buyer"    // of a shop
	Receiver Person = "receiver" // of a courier's parcel
	Former   Person = "former"   // who had an account
	Guardian Person = "guardian" // for a child
	Somebody Person = "somebody" // else
)

// Outsiders are the persons who have no account, in the order of forms.
var Outsiders = []Person{Buyer, Receiver, Former, Guardian, Somebody}

// A Way is how a request came.
type Way string

// Ways. All but ByPage are entered by the staff.
const (
	ByPage   Way = "page"
	ByMail   Way = "mail"
	ByLetter Way = "letter"
	ByPhone  Way = "phone"
)

// EnteredWays are those of requests that the staff enter.
var EnteredWays = []Way{ByMail, ByLetter, ByPhone}

// A Reach is where answers go.
type Reach string

// Reaches.
const (
	ToAccount Reach = "account" // the main address of the member's account, as it is then
	ToMail    Reach = "mail"
	ToPhone   Reach = "phone" // as a text message with the link to the request's page
	ToPost    Reach = "post"  // printed by the staff
)

// A State is how a request stands.
type State string

// States. The last four are ends.
const (
	Received  State = "received"
	Verifying State = "verifying" // it isn't shown yet who they are
	Working   State = "working"
	Waiting   State = "waiting" // for the person; the clock stands
	Done      State = "done"
	Refused   State = "refused"
	TakenBack State = "taken_back"
	Lapsed    State = "lapsed" // the person didn't answer
)

// States are all of them, in their order.
var States = []State{Received, Verifying, Working, Waiting, Done, Refused, TakenBack, Lapsed}

// Ended reports whether nothing more happens to a request.
func (s State) Ended() bool { return slices.Contains(States[4:], s) }

// A Proof is how it was shown who the person is, always the least that does.
type Proof string

// Proofs. No document is kept: what is written down is that one was seen.
const (
	BySession Proof = "session" // signed in to the account
	ByContact Proof = "contact" // the address to which they showed access is one that is held
	ByFacts   Proof = "facts"   // knew what only they and we know, such as a number and a day
	ByCall    Proof = "call"    // called back at a number that is held
	ByPapers  Proof = "papers"  // a document was seen, and not kept
	ByWard    Proof = "ward"    // a guardian, with what shows that they are
)

// Proofs are those that the staff choose of.
var Proofs = []Proof{ByContact, ByFacts, ByCall, ByPapers, ByWard}

// A Step is something that happened to a request.
type Step string

// Steps. Each but Given and Noted is told to the person in a letter.
const (
	Came      Step = "came"
	Begun     Step = "begun" // somebody of the staff took it first
	Given     Step = "given" // to another one of the staff
	Verified  Step = "verified"
	Asked     Step = "asked"
	Answered  Step = "answered"
	Noted     Step = "noted"
	DidDone   Step = "done"
	DidRefuse Step = "refused"
	DidBack   Step = "taken_back"
	DidLapse  Step = "lapsed"
)

func (s Step) isTold() bool { return s != Given && s != Noted }

// Bounds.
const (
	mostText = 4000 // characters of what is asked, answered or noted
	mostOpen = 10   // requests of a member that are open at the same time
	mostList = 500  // requests on a list
)

// AnswerIn is how long somebody who was asked something has to answer.
const AnswerIn = 30 * 24 * time.Hour

// What can be wrong.
var (
	ErrNone   = fault.New(fault.NotFound, "request_missing", "There is no such request here. If it was closed long ago, what was said in it is deleted already.")
	errKind   = fault.New(fault.Invalid, "request_kind", "Please choose what you ask for from the list.")
	errPerson = fault.New(fault.Invalid, "request_person", "Please choose who you are from the list.")
	errWay    = fault.New(fault.Invalid, "request_way", "Please choose how the request came from the list.")
	errText   = fault.New(fault.Invalid, "request_text", "Please write 1 to 4000 characters.")
	errReach  = fault.New(fault.Invalid, "request_reach", "Please give the address that answers go to: an e-mail address, a phone number, or for letters a name and address in at least two lines.")
	errWhen   = fault.New(fault.Invalid, "request_when", "Please give the day on which it came, like 2026-03-02: today or one of the last 60 days.")
	errMany   = fault.New(fault.Limited, "request_many", "You have ten open requests. Please wait until one of them is answered, or take one back.")
	errState  = fault.New(fault.Conflict, "request_state", "The request isn't in the state that this needs, perhaps because somebody else was quicker. Look at it again.")
	errProof  = fault.New(fault.Invalid, "request_proof", "Please choose from the list how they showed who they are.")
	errNobody = fault.New(fault.Conflict, "request_unproved", "It isn't shown yet who they are. Do that first, or refuse because it can't be shown.")
	errGround = fault.New(fault.Invalid, "request_ground", "Please choose one of the grounds on which this kind of request can be refused.")
	errClerk  = fault.New(fault.Invalid, "request_clerk", "Please choose somebody who may answer requests.")
)

// A Request is one, with all that is held of it.
type Request struct {
	ID       string
	Number   Number
	Owner    inventory.Subject
	Kind     Kind
	Person   Person
	Way      Way
	Reach    Reach
	State    State
	Lang     string // of letters, BCP 47
	Contact  string // where Reach says; "" of ToAccount
	Text     string
	Clerk    account.StaffID // "" nobody
	Proof    Proof           // "" not shown yet
	Ground   Ground          // of a refusal
	Received time.Time       // UTC
	Verified time.Time       // UTC, zero not yet
	Asked    time.Time       // UTC; since when it waits for the person, zero when it doesn't
	Ended    time.Time       // UTC, zero it is open
	Clock    Clock
	Events   []Event // oldest first
	token    account.Token
	waited   int // working days that didn’t count
}

// An Event is a step.
type Event struct {
	ID     string
	Step   Step
	Clerk  account.StaffID // whose step it was; "" the person's or the program's, or at the console
	Given  account.StaffID // of Begun and Given: to whom
	Text   string
	At     time.Time // UTC
	Letter Delivery  // what came of the letter about it
}

// A Delivery is what came of a letter.
type Delivery string

// Deliveries; "" where a step has no letter.
const (
	LetterDue     Delivery = "due"
	LetterLeaving Delivery = "leaving" // a text message that is being handed over
	LetterSent    Delivery = "sent"
	LetterFailed  Delivery = "failed" // it could be printed
	LetterPrint   Delivery = "print"  // the staff print and post it
	LetterPrinted Delivery = "printed"
)

// Account is whose account it is about, "" of who has none.
func (r Request) Account() account.ID {
	if r.Reach != ToAccount {
		return ""
	}
	return account.ID(r.Owner)
}

// Question is what the person was asked and is to answer, "" nothing.
func (r Request) Question() string {
	if r.State != Waiting {
		return ""
	}
	for _, e := range slices.Backward(r.Events) {
		if e.Step == Asked {
			return e.Text
		}
	}
	return ""
}

// Told are the steps that the person sees: without the staff's notes, and without
// who of them it was.
func (r Request) Told() []Event {
	var all []Event
	for _, e := range r.Events {
		if e.Step.isTold() {
			e.Clerk, e.Given = "", ""
			all = append(all, e)
		}
	}
	return all
}
