package account

import (
	"context"
	"regexp"
	"slices"

	"waypost/internal/fault"
)

// A Matter is what sort of thing makes somebody look.
type Matter string

// Matters.
const (
	ForTicket   Matter = "ticket"   // somebody wrote for help; the number is one of the operator's own system
	ForCall     Matter = "call"     // somebody calls; nothing is shown before they have shown who they are
	ForRequest  Matter = "request"  // a right that somebody uses
	ForIncident Matter = "incident" //
	ForLawful   Matter = "lawful"   // an authority's request
)

// Matters are all there are.
var Matters = []Matter{ForTicket, ForCall, ForRequest, ForIncident, ForLawful}

// An Occasion is for whom a matter is, and what it needs of an account.
type Occasion struct {
	Matter Matter
	Duties []Duty
	Powers []Power
}

// Occasions are what each matter lets one do to an account: the table that the
// code obeys and that docs/access.md shows. A clerk does what one of their duties
// and the matter both have.
var Occasions = []Occasion{
	{ForTicket, []Duty{Support, Privacy, Security, AtConsole}, []Power{FindAccount, ReadMasked, EndSessions, LockAccount, UnlockAccount, EraseChild}},
	{ForCall, []Duty{Support, Privacy, Security}, []Power{FindAccount, ReadMasked, EndSessions, LockAccount, UnlockCaller}},
	{ForRequest, []Duty{Privacy, AtConsole}, []Power{FindAccount, ReadMasked, ReadContacts, ReadProfile, ReadConsents, EraseChild}},
	{ForIncident, []Duty{Privacy, Security, AtConsole}, []Power{FindAccount, ReadMasked, ReadDevices, EndSessions, LockAccount, UnlockAccount}},
	{ForLawful, []Duty{Privacy, AtConsole}, []Power{FindAccount, ReadMasked, ReadContacts, ReadProfile}},
}

// A Showing is a power to read, and the columns that it shows.
type Showing struct {
	Power  Power
	Fields []string // table.column
}

// Showings are all that a look can show.
var Showings = []Showing{
	{FindAccount, []string{"account.id", "account.state", "account.created_ms", "account.restricted_ms"}},
	{ReadMasked, []string{"contact.kind", "contact.value", "contact.main", "password.set_ms"}}, // most of the value's letters hidden
	{ReadContacts, []string{"contact.value", "contact.verified_ms"}},
	{ReadProfile, []string{"account.nickname", "account.country", "account.age_range"}},
	{ReadConsents, []string{"consent.purpose", "consent.version", "consent.given", "consent.at_ms"}},
	{ReadDevices, []string{"session.label", "session.seen_ms"}},
}

// Cases say of each matter that can be looked up whether there is an open one
// with a number. What isn't among them is a matter for nobody; tickets and calls
// are the operator's own, and need no entry.
type Cases map[Matter]func(ctx context.Context, ref string) (open bool, err error)

// A Why is for what somebody of the staff looks at a person's data.
type Why struct {
	Matter Matter
	Ref    string // where it is on record: T-4711
}

// reference is what a record's number looks like: no room for a name or an address.
var reference = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9#._/-]{0,39}$`)

var (
	errWhy     = fault.New(fault.Invalid, "staff_why", "Please say what it is for, and its number, like T-4711. A name or an address is no number.")
	errTicket  = fault.New(fault.Invalid, "staff_ticket", "That is no number of a ticket here.")
	errCase    = fault.New(fault.Invalid, "staff_case", "There is no open case with that number.")
	errPurpose = fault.New(fault.Denied, "staff_purpose", "That isn't needed for what you look for, or not by your duties.")
)

// check is nil where a purpose is well said; whether there is such a case isn't asked.
func (w Why) check() error {
	if !slices.Contains(Matters, w.Matter) || !reference.MatchString(w.Ref) {
		return errWhy
	}
	return nil
}

func (w Why) String() string { return string(w.Matter) + " " + w.Ref }

// dutyFor is by which of their duties a clerk has a power for a matter, "" by none.
func (c Clerk) dutyFor(p Power, m Matter) Duty {
	at := slices.IndexFunc(Occasions, func(o Occasion) bool { return o.Matter == m && slices.Contains(o.Powers, p) })
	if at < 0 {
		return ""
	}
	for _, e := range Empowerments {
		if e.Power != p {
			continue
		}
		for _, d := range c.Duties {
			if slices.Contains(e.Duties, d) && slices.Contains(Occasions[at].Duties, d) {
				return d
			}
		}
	}
	return ""
}

// mayFor is nil where a clerk has a power for a matter.
func (c Clerk) mayFor(p Power, m Matter) error {
	if err := c.may(p); err != nil {
		return err
	}
	if c.dutyFor(p, m) == "" {
		return errPurpose
	}
	return nil
}

// shows are the powers to read that a clerk has for a matter; of an account whose
// owner has their data restricted, but to answer them, only that there is one.
func (c Clerk) shows(m Matter, restricted bool) (powers []Power) {
	for _, s := range Showings {
		if c.dutyFor(s.Power, m) != "" && (!restricted || m == ForRequest || s.Power == FindAccount) {
			powers = append(powers, s.Power)
		}
	}
	return powers
}

// MattersOf are what a clerk can look for, as far as it can be checked here.
func (t Staff) MattersOf(c Clerk) (all []Matter) {
	for _, m := range Matters {
		if t.checks(m) && c.dutyFor(FindAccount, m) != "" {
			all = append(all, m)
		}
	}
	return all
}

func (t Staff) checks(m Matter) bool { return m == ForTicket || m == ForCall || t.m.cases[m] != nil }

// open is nil where there is an open case for a look.
func (t Staff) open(ctx context.Context, w Why) error {
	if err := w.check(); err != nil {
		return err
	}
	if !t.checks(w.Matter) {
		return errWhy
	}
	if w.Matter == ForTicket || w.Matter == ForCall {
		if t.m.tickets != nil && !t.m.tickets.MatchString(w.Ref) {
			return errTicket
		}
		return nil
	}
	open, err := t.m.cases[w.Matter](ctx, w.Ref)
	if err == nil && !open {
		return errCase
	}
	return err
}

// TicketPattern makes Options.Tickets of what an operator says that the number of
// a ticket looks like, as a whole; nil of what is no regular expression.
func TicketPattern(text string) *regexp.Regexp {
	pattern, err := regexp.Compile(`^(?:` + text + `)$`)
	if err != nil {
		return nil
	}
	return pattern
}
