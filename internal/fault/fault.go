// Package fault is how Waypost's errors look: a kind that decides the answer,
// a code for programs, words for people, and a cause for the log. Only the
// doors (web, api, command line) turn a kind into a status or an exit code.
package fault

import (
	"errors"
	"fmt"
)

// A Kind says what sort of trouble it is.
type Kind uint8

// The kinds. The zero value is Internal: what nobody classified is ours.
const (
	Internal    Kind = iota // a bug, or a part of ours that is down
	Invalid                 // what was given can't be used as it is
	NotFound                // there is no such thing
	Conflict                // it is not in the state that this needs
	Denied                  // not allowed
	Limited                 // too much or too often; later it will do
	Unavailable             // somebody else's part is down; later it may do
)

// An Error is trouble that a person or a program is told about.
type Error struct {
	Kind  Kind
	Code  string // for programs, stable: parcel_not_found
	Text  string // for people, one or two English sentences, without SQL, addresses, keys or personal data
	args  []any  // what the verbs of Text were filled with
	cause error
}

// New makes an error that has no cause beneath it.
func New(kind Kind, code, text string) *Error {
	return &Error{Kind: kind, Code: code, Text: text}
}

// Because gives e a cause for the log; people don't see it.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// With fills the verbs of e's text in.
func (e *Error) With(args ...any) *Error {
	c := *e
	c.Text = fmt.Sprintf(e.Text, args...)
	c.args = args
	return &c
}

// Args returns what the verbs of e's text were filled in with, for whoever
// says the same in another language.
func (e *Error) Args() []any { return e.args }

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Code + ": " + e.cause.Error()
	}
	return e.Code + ": " + e.Text
}

func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare by code, so that an error with a cause or with
// its verbs filled in is still the one that was declared.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// KindOf returns the kind of the first Error in err's chain, else Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Text returns what a person may read of err: the words of the first Error in
// its chain, or a sentence that gives nothing away.
func Text(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Text
	}
	return "Something went wrong on our side. Please try again."
}
