package engine

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/itchyny/gojq"

	"waypost/internal/carrier"
)

// ErrUnsigned says that nothing shows a request to be the source's.
var ErrUnsigned = errors.New("the request isn't signed as the source signs")

// A push is how what a source sends by itself is known, and read.
type push struct {
	reading *Program // the source's, but for its reading
	header  string   // that shows who sent it, "" where only files come
	is      *gojq.Code

	subscribing *subscribing // nil where it is told of all that it knows
}

var accountValue = regexp.MustCompile(`\.account\.([a-z][a-z0-9_]*)`)

// pushing compiles how what is sent to p's source is read; nil where it isn't.
func (c *compiler) pushing(p *Program) *push {
	spec := p.source.Push
	if spec == nil {
		return nil
	}
	var all push
	if signed := spec.Signed; signed != nil {
		names := slices.Concat(p.source.Account, spec.Account)
		for _, found := range accountValue.FindAllStringSubmatch(signed.Is, -1) {
			if !slices.Contains(names, found[1]) {
				c.wrong("push.signed.is", ".account.%s is not known here; there are %v", found[1], names)
			}
		}
		all.header, all.is = signed.Header, c.code("push.signed.is", signed.Is)
	}
	at, source := "push.read", *p.source
	if spec.Read == nil {
		at = "push"
	}
	source.Read = spec.Reading(source.Read)
	reading := *p
	reading.source, reading.names = &source, namesIn(source.Read)
	reading.read = c.reading(at, source.Read)
	reading.at, reading.eta = c.clock(at+".event.at", source.Read.Event.At), c.clock(at+".parcel.eta", source.Read.Parcel.ETA)
	all.reading, all.subscribing = &reading, c.subscribing()
	return &all
}

// Pushes reads what the source sends by itself; nil where it sends nothing.
func (p *Program) Pushes() *Program {
	if p.push == nil {
		return nil
	}
	return p.push.reading
}

// A Receiver takes what a source sends to one account by itself. Safe for
// concurrent use.
type Receiver struct {
	push    *push
	account map[string]any
}

// Receiver returns the receiver of an account; false where the source sends
// nothing but files, or the account lacks a value that shows who sent it.
func (p *Program) Receiver(a Account) (*Receiver, bool) {
	if p.push == nil || p.push.is == nil {
		return nil, false
	}
	values := map[string]any{}
	for _, name := range slices.Concat(p.source.Account, p.source.Push.Account) {
		if a.Values[name] == "" {
			return nil, false
		}
		values[name] = a.Values[name]
	}
	return &Receiver{p.push, values}, true
}

// Receive reads what was sent: a report for each parcel that it tells of, with
// its number in capital letters and digits. It fails with ErrUnsigned, or with a
// *carrier.Problem when the body is none of the source's. A body that tells of no
// parcel is none either, but is not wrong: a test, or news of something else.
func (r *Receiver) Receive(header http.Header, body []byte) ([]carrier.Report, error) {
	if !r.signed(header.Get(r.push.header), body) {
		return nil, ErrUnsigned
	}
	return Pushed(r.push.reading, body)
}

// Pushed reads what a source sent with the program of its Pushes, as Receive does,
// from wherever it comes.
func Pushed(pushes *Program, body []byte) ([]carrier.Report, error) {
	reports, _, err := Told(pushes, body)
	return reports, err
}

// A Slip is something in a file that isn't taken in, or not all of it.
type Slip struct {
	Line   int    // or segment, from 1; 0 where the file has neither
	Number string // of the parcel, "" where none can be read
	Text   string // in English, for the operator: what is wrong, without values
}

func (s Slip) String() string {
	text := s.Text
	if s.Number != "" {
		text = s.Number + ": " + text
	}
	if s.Line > 0 {
		text = fmt.Sprintf("line %d: %s", s.Line, text)
	}
	return text
}

// Told reads a file of what a source sent as Pushed does, and says what in it is of
// no use.
func Told(pushes *Program, body []byte) (reports []carrier.Report, slips []Slip, err error) {
	found, err := pushes.Read(body, http.StatusOK, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range found {
		r.Number = normal(r.Number)
		if len(r.Number) < minNumber {
			r.Number = ""
		}
		for _, f := range r.Faults {
			slips = append(slips, Slip{f.Line, r.Number, f.Field + ": " + f.Form})
		}
		switch {
		case r.Number == "" && len(r.Faults) == 0:
			slips = append(slips, Slip{Text: "parcel.number: nothing"})
		case r.Problem != nil && len(r.Faults) == 0:
			slips = append(slips, Slip{Number: r.Number, Text: r.Problem.Text})
		}
		if r.Number != "" && r.Problem == nil {
			reports = append(reports, r)
		}
	}
	return reports, slips, nil
}

// signed compares in a time that tells nothing of the secret, nor of its length.
func (r *Receiver) signed(given string, body []byte) bool {
	want := r.push.signature(body, r.account)
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// signature is what stands in the header when the source sends body, "" where it
// can't be computed.
func (p *push) signature(body []byte, account map[string]any) string {
	v, err := evaluate(p.is, map[string]any{"body": string(body), "account": account})
	if err != nil {
		return ""
	}
	return scalar(v)
}
