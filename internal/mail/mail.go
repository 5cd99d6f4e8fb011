// Package mail sends one e-mail: by SMTP, as text and HTML, signed if the
// operator has a key. It knows nothing of who gets a message or why; the words
// come from the caller.
package mail

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"waypost/internal/fault"
)

// Bounds of a message, in bytes. Some receivers cut HTML off at 102 kB, so
// these are generous.
const (
	maxSubject = 1 << 10
	maxText    = 256 << 10
	maxHTML    = 512 << 10
	maxLink    = 900 // a header line ends at 998 (RFC 5322, 2.1.1)
	maxID      = 128
)

// A Sender sends messages. It is safe for concurrent use. An error of kind
// Limited or Unavailable is worth another try; one of kind Invalid is not, and
// ErrRefused says that the address itself takes no e-mail.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// A Message is one e-mail to one person.
type Message struct {
	To      string // user@example.org, without a name
	Subject string // line breaks and control characters become spaces
	Text    string // needed: what is read where HTML is not
	HTML    string // "" for none
	Lang    string // BCP 47, "" if unknown
	Kind    Kind

	// ID makes the Message-ID, together with the sender's domain: a repeat by a
	// crashed job is the same message. Letters, digits and -_. only; "" takes a
	// new one.
	ID string

	// Unsubscribe ends messages like this one without signing in, by a POST
	// (RFC 8058). Nil for messages that somebody asked for just now.
	Unsubscribe *url.URL
}

// A Kind says what a message is for, in metrics.
type Kind string

// The kinds.
const (
	Code   Kind = "code"   // somebody is waiting for it
	Notice Kind = "notice" // about the account
	Alert  Kind = "alert"  // about a parcel
)

// The ways in which a message can't be sent for good.
var (
	ErrAddress  = fault.New(fault.Invalid, "mail_address", "This is no e-mail address that we can write to. It looks like name@example.org.")
	ErrRefused  = fault.New(fault.Invalid, "mail_refused", "This address takes no e-mail. Please check it, or give another.")
	errRejected = fault.New(fault.Invalid, "mail_rejected", "The mail server does not take this message.")
	errMessage  = fault.New(fault.Invalid, "mail_message", "This e-mail can't be sent: %s.")
)

var wellFormedID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)

// Checked returns m as it is sent, with its address in ASCII and a subject on
// one line, or says what is wrong with it. Senders call it themselves.
func (m Message) Checked() (Message, error) {
	to, err := Address(m.To)
	if err != nil {
		return Message{}, err
	}
	m.To, m.Subject = to, oneLine(m.Subject)
	if m.Lang != "" {
		tag, err := language.Parse(m.Lang)
		if err != nil {
			return Message{}, errMessage.With("its language is no BCP 47 tag")
		}
		m.Lang = tag.String()
	}
	switch {
	case m.Kind != Code && m.Kind != Notice && m.Kind != Alert:
		return Message{}, errMessage.With("its kind is none of code, notice, alert")
	case m.Subject == "" || m.Text == "":
		return Message{}, errMessage.With("it needs a subject and a text")
	case len(m.Subject) > maxSubject || len(m.Text) > maxText || len(m.HTML) > maxHTML:
		return Message{}, errMessage.With("it is too large")
	case m.ID != "" && (len(m.ID) > maxID || !wellFormedID.MatchString(m.ID)):
		return Message{}, errMessage.With("its id has other characters than letters, digits and -_.")
	case m.Unsubscribe != nil && !isLink(m.Unsubscribe):
		return Message{}, errMessage.With("its address to unsubscribe is no well-formed web address of at most 900 characters")
	}
	return m, nil
}

// oneLine keeps what could begin another header out of one.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}

// isLink reports whether u can stand in a header between angle brackets.
func isLink(u *url.URL) bool {
	text := u.String()
	ends := func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == '"' }
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		len(text) <= maxLink && !strings.ContainsFunc(text, ends)
}
