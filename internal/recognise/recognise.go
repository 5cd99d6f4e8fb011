// Package recognise finds tracking numbers in any text, and says which carriers
// a number can belong to, best first and with reasons. It is pure: it knows what
// the carriers' files say of their numbers, and nothing of networks or databases;
// what became of such numbers before it hears from a Memory.
package recognise

import (
	"time"

	"waypost/internal/carrier"
)

// Hints are what the caller knows beside the text. The zero value says nothing.
type Hints struct {
	Country  string         // ISO 3166-1 alpha-2 of the user, the shop or the destination
	Carriers []carrier.Code // named by the caller: a shop's carrier code, a choice on a page
	Used     []carrier.Code // carriers that the caller's parcels usually come with
	Host     string         // of the page that the text is from
	Sender   string         // of the mail that the text is from: its address, or the host of that
	Words    string         // what stood before the number: "DHL:", "顺丰"
	Max      int            // numbers at most; 0 means 40
	Size     int            // bytes that are read of a text; 0 means 256 KiB
	Day      time.Time      // when the text was written, for a day that it calls "tomorrow"; a mail says so itself, zero is unknown
}

// Found is what a text holds.
type Found struct {
	Numbers []Number  // in the text's order, each once
	Ignored []Ignored // what was looked at and is no number, in the text's order
	More    int       // numbers beyond Hints.Max
	Sender  string    // of a mail, the host of the address that it is from; "" of anything else
}

// A Number is one number as it was found.
type Number struct {
	Text       string      // upper case, without separators
	Typed      string      // as it was written
	Candidates []Candidate // carriers it can belong to, best first
	Reasons    []Reason    // what the number says of itself, whoever its carrier is
	Expected   string      // the day, 2006-01-02, by which a mail or page says that it comes, to programs or in words; "" if it doesn't
	Declared   bool        // a mail or page tells programs that it is a parcel's
	Problem    Problem
	Closest    string // the valid number that a single slip of the hand would explain, "" if none
}

// A Problem is what is wrong with a number.
type Problem string

// Problems.
const (
	NoProblem     Problem = ""
	CheckDigit    Problem = "check_digit"    // the best candidate's check digit does not hold
	TooShort      Problem = "too_short"      // the beginning of a number
	TooLong       Problem = "too_long"       // a number and something more
	UnknownFormat Problem = "unknown_format" // no carrier's numbers look like this; a carrier can still be chosen by hand
)

// A Candidate is one carrier that a number can belong to.
type Candidate struct {
	Carrier carrier.Code
	Format  string  // the name of its format; "" when the carrier was named and none of its formats fits
	Number  string  // what to ask the carrier with
	Score   float64 // 0 to 1; Certain or more says certain
	Service string  // what the number says of the service, in English
	Reasons []Reason
	Needs   []carrier.Need // what the carrier must know besides the number
}

// Certain is the score from which a candidate is beyond reasonable doubt.
const Certain = 0.9

// Ignored is a piece of a text that is no tracking number.
type Ignored struct {
	Text string // as written, shortened if it is long
	Why  Reason
}
