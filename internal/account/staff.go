package account

import (
	"slices"
	"time"

	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A StaffID names somebody who works for the installation. They are no member,
// and their account opens nothing that is a member's.
type StaffID string

// Region is where their data is, "" when id is none.
func (id StaffID) Region() string { return regionOf(string(id)) }

// Subject is who they are as vault and rights know them.
func (id StaffID) Subject() inventory.Subject { return inventory.Subject(id) }

// A Duty is what somebody works on.
type Duty string

// Duties.
const (
	Support  Duty = "support"  // helps members who can't get in
	Privacy  Duty = "privacy"  // answers rights requests
	Security Duty = "security" // handles incidents
	Operator Duty = "operator" // runs the installation, decides who is staff, and sees no member
)

// AtConsole is the duty of whoever runs commands where the program runs. They
// hold its keys, so they may do everything, and leave the same trace.
const AtConsole Duty = "console"

// Duties are those that can be given.
var Duties = []Duty{Support, Privacy, Security, Operator}

// A Power is something that a duty needs to do.
type Power string

// Powers.
const (
	FindAccount   Power = "find_account"   // by exact address or id: its state
	ReadMasked    Power = "read_masked"    // addresses with their middle left out, whether a password is set
	ReadContacts  Power = "read_contacts"  // addresses in full
	ReadProfile   Power = "read_profile"   // nickname, country, age range
	ReadConsents  Power = "read_consents"  // what was agreed to
	ReadDevices   Power = "read_devices"   // where they are signed in
	EndSessions   Power = "end_sessions"   // sign out everywhere
	LockAccount   Power = "lock_account"   //
	UnlockAccount Power = "unlock_account" //
	UnlockCaller  Power = "unlock_caller"  // the account of who calls, and has shown who they are
	EraseChild    Power = "erase_child"    // a child's data that was found without consent, at once
	ReadLog       Power = "read_log"       // who looked at whom; one's own everybody reads
	ManageStaff   Power = "manage_staff"   //
	ReadCarriers  Power = "read_carriers"  // how carriers answer, and what of that is to be mended
	TakeFiles     Power = "take_files"     // files of what carriers sent
	ReadHolds     Power = "read_holds"     // whose data has to stay for law, and why
	SetHolds      Power = "set_holds"      //
	ReadPurges    Power = "read_purges"    // how much was deleted because its time was over
	HandleLawful  Power = "handle_lawful"  // enter an authority's request, check it, choose what is given
	DecideLawful  Power = "decide_lawful"  // approve it, as the first or the second, and fetch what is given

	ReadIncidents   Power = "read_incidents"   // what happened, how many it concerns, and how far telling them is
	HandleIncidents Power = "handle_incidents" // declare one, find who is concerned, write to them and to the authority
	ApproveNotices  Power = "approve_notices"  // have those who are concerned told, as somebody else wrote it
	AnswerRequest   Power = "answer_request"   // requests about people's data: read, work on and answer them
	TellErasures    Power = "tell_recipients"  // services outside, and take that they confirm
	CloseBusiness   Power = "close_business"   // declare that it ends or is handed over, and take that back
)

// An Empowerment is a power and which duties have it.
type Empowerment struct {
	Power  Power
	Duties []Duty
}

// Empowerments is what each duty may do: the table that the code obeys and that
// docs/access.md shows.
var Empowerments = []Empowerment{
	{FindAccount, []Duty{Support, Privacy, Security, AtConsole}},
	{ReadMasked, []Duty{Support, Privacy, Security, AtConsole}},
	{ReadContacts, []Duty{Privacy, AtConsole}},
	{ReadProfile, []Duty{Privacy, AtConsole}},
	{ReadConsents, []Duty{Privacy, AtConsole}},
	{ReadDevices, []Duty{Security, AtConsole}},
	{EndSessions, []Duty{Support, Security, AtConsole}},
	{LockAccount, []Duty{Support, Security, AtConsole}},
	{UnlockAccount, []Duty{Security, AtConsole}},
	{UnlockCaller, []Duty{Support, Security}},
	{EraseChild, []Duty{Privacy, AtConsole}},
	{ReadLog, []Duty{Privacy, Security, AtConsole}},
	{ManageStaff, []Duty{Operator, AtConsole}},
	{ReadCarriers, []Duty{Operator, AtConsole}},
	{TakeFiles, []Duty{Operator, AtConsole}},
	{ReadHolds, []Duty{Privacy, AtConsole}},
	{SetHolds, []Duty{Privacy, AtConsole}},
	{ReadPurges, []Duty{Privacy, Operator, AtConsole}},
	{HandleLawful, []Duty{Privacy}},
	{DecideLawful, []Duty{Privacy}},
	{ReadIncidents, []Duty{Privacy, Security, AtConsole}},
	{HandleIncidents, []Duty{Security, AtConsole}},
	{ApproveNotices, []Duty{Privacy, Security}},
	{AnswerRequest, []Duty{Privacy, AtConsole}},
	{TellErasures, []Duty{Privacy, AtConsole}},
	{CloseBusiness, []Duty{Operator, AtConsole}},
}

// A Clerk is somebody of the staff who is signed in.
type Clerk struct {
	ID        StaffID // "" at the console
	Session   string
	Name      string
	Duties    []Duty
	Proved    time.Time // UTC; when they last entered a code of their app
	Ends      time.Time // UTC
	Due       time.Time // UTC; until when their training holds, zero when none is asked for or they have yet to take it
	untrained bool
	read      time.Time
}

// Console is whoever runs commands where the program runs.
func Console() Clerk { return Clerk{Duties: []Duty{AtConsole}} }

// Can reports whether a clerk has a power.
func (c Clerk) Can(p Power) bool { return c.duty(p) != "" }

// duty is by which of their duties a clerk has a power, "" by none.
func (c Clerk) duty(p Power) Duty {
	for _, e := range Empowerments {
		if e.Power != p {
			continue
		}
		for _, d := range c.Duties {
			if slices.Contains(e.Duties, d) {
				return d
			}
		}
	}
	return ""
}

// Fresh reports whether a clerk entered a code of their app within the last ten
// minutes, as what can't be taken back wants it.
func (c Clerk) Fresh() bool { return c.ID == "" || c.read.Sub(c.Proved) < freshFor }

// grave are the powers to do what can't be taken back.
var grave = []Power{EraseChild, UnlockAccount, UnlockCaller, ManageStaff, SetHolds, DecideLawful, ApproveNotices, CloseBusiness}

// Must is nil where a clerk has a power, else the error that says so. It is for
// rooms that have no staff of their own.
func (c Clerk) Must(p Power) error { return c.may(p) }

// MustFreshly is Must for what wants a code of the last ten minutes whichever the power.
func (c Clerk) MustFreshly(p Power) error {
	if err := c.may(p); err != nil {
		return err
	}
	if !c.Fresh() {
		return errStale
	}
	return nil
}

// Untrained reports whether a clerk has to take the training before anything else.
func (c Clerk) Untrained() bool { return c.untrained }

func (c Clerk) may(p Power) error {
	switch {
	case c.untrained:
		return errUntrained
	case !c.Can(p):
		return errPower
	case !c.Fresh() && slices.Contains(grave, p):
		return errStale
	}
	return nil
}

// A Deed is what was done.
type Deed string

// Deeds.
const (
	DidFind     Deed = "found"
	DidNotFind  Deed = "not_found"
	DidEnd      Deed = "signed_out"
	DidLock     Deed = "locked"
	DidUnlock   Deed = "unlocked"
	DidErase    Deed = "erased_child"
	DidInvite   Deed = "staff_invited"
	DidLink     Deed = "staff_link"
	DidDuties   Deed = "staff_duties"
	DidLockOut  Deed = "staff_locked"
	DidUnlockIn Deed = "staff_unlocked"
	DidRemove   Deed = "staff_removed"
	DidEnter    Deed = "staff_entered"
	DidGiveOut  Deed = "given_out"        // to an authority
	DidSee      Deed = "carrier_seen"     // looked at how a carrier's answers changed
	DidSeeNote  Deed = "notice_seen"      // read the letter of an erasure to a service
	DidConfirm  Deed = "notice_confirmed" // took a service's confirmation
	DidHold     Deed = "held"             // had data stay for law
	DidReview   Deed = "hold_reviewed"
	DidRelease  Deed = "hold_lifted"
	DidSeeMore  Deed = "seen_more"    // in a look, what it hadn't shown before
	DidSend     Deed = "caller_code"  // sent a code that a caller is to read out
	DidProve    Deed = "caller_right" // a caller showed who they are
	DidMistake  Deed = "caller_wrong" // a caller read out something else
	DidTrain    Deed = "staff_trained"
	DidKeep     Deed = "staff_reviewed" // their duties are still needed

	DidReach Deed = "incident_reached" // saw how they are reached, to tell them of an incident
	DidList  Deed = "incident_listed"  // put them on a list that an authority asked for
	DidClose Deed = "account_closed"   // for who asked for that by letter or phone

	DidEndBusiness  Deed = "business_declared"   // that it ends or is handed over
	DidKeepBusiness Deed = "business_taken_back" // that it was declared
)

const (
	staffIdle   = 30 * time.Minute
	staffLife   = 12 * time.Hour
	linkFor     = 24 * time.Hour
	maxName     = 60 // characters
	seenStaff   = time.Minute
	mostEntries = 200
)

var limitLook = limit{"look", 120, time.Hour, nil}

var (
	errPower      = fault.New(fault.Denied, "staff_power", "Your duties don't include that.")
	errStaff      = fault.New(fault.NotFound, "staff_missing", "There is nobody like that among the staff.")
	errStaffThere = fault.New(fault.Conflict, "staff_there", "Somebody with that address is among the staff already.")
	errStaffLink  = fault.New(fault.NotFound, "staff_link_over", "This link was used, replaced, or is older than a day. Ask an operator for another one.")
	errStaffWrong = fault.New(fault.Denied, "staff_wrong", "The address, the password or the code is not right.")
	errStaffCode  = fault.New(fault.Invalid, "staff_code", "That is not the code that the app shows now, or it was used already. Check that the device's clock is right, and take the next one.")
	errStaffOver  = fault.New(fault.Denied, "staff_session_over", "You are signed out. Please sign in again.")
	errStaffName  = fault.New(fault.Invalid, "staff_name", "The name needs 1 to 60 characters that can be written.")
	errDuties     = fault.New(fault.Invalid, "staff_duties", "Please choose at least one duty from the list.")
	errSelf       = fault.New(fault.Denied, "staff_self", "Somebody else has to do that: nobody changes their own duties.")
	errOperators  = fault.New(fault.Conflict, "staff_last_operator", "That is the last operator. Make somebody else one first.")
	errOnlyLocked = fault.New(fault.Conflict, "account_state", "The account is not in the state that this needs. Look at it again.")
)
