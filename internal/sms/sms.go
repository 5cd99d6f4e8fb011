// Package sms sends one text message through a provider that the operator has
// an account with. It knows nothing of who gets a message or why; the words
// come from the caller.
package sms

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// maxText bounds a text, in characters: ten parts of a long message.
const maxText = 670

// A Sender sends messages. It is safe for concurrent use. An error of kind
// Limited or Unavailable is worth another try; one of kind Invalid is not, and
// ErrRefused says that the number itself takes no messages. Providers know no
// repeats: ErrUnsure says that the answer was lost, and what is sent again then may
// arrive twice.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// A Message is one text to one person.
type Message struct {
	To   string // E.164: +41791234567
	Text string // at most 670 characters; line breaks are kept
	Lang string // BCP 47, "" if unknown
	Kind Kind

	// Params fill the template that a provider registered for Kind, where the
	// law wants that instead of a free text (mainland China): {"code": "482913"}.
	Params map[string]string
}

// A Kind says what a message is for: it chooses the registered template, and
// stands in metrics.
type Kind string

// The kinds.
const (
	Code   Kind = "code"   // somebody is waiting for it
	Notice Kind = "notice" // about the account
	Alert  Kind = "alert"  // about a parcel
)

// What can be wrong.
var (
	ErrNumber      = fault.New(fault.Invalid, "sms_number", "This is no phone number in the international form, like +41791234567.")
	ErrUnsure      = fault.New(fault.Unavailable, "sms_unsure", "The provider of text messages didn't answer, so the message may have left or not.")
	ErrRefused     = fault.New(fault.Invalid, "sms_refused", "This number takes no text messages. Please check it, or give another.")
	errRejected    = fault.New(fault.Invalid, "sms_rejected", "The provider of text messages does not take this message.")
	errMessage     = fault.New(fault.Invalid, "sms_message", "This text message can't be sent: %s.")
	errLimited     = fault.New(fault.Limited, "sms_limited", "The provider of text messages wants them more slowly.")
	errUnreachable = fault.New(fault.Unavailable, "sms_unreachable", "The provider of text messages can't be reached just now.")
	errSetup       = fault.New(fault.Unavailable, "sms_setup", "The provider of text messages does not accept this installation. Its operator finds the reason in the log.")
)

// e164 is a number of the international plan (ITU-T E.164: 15 digits at most).
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Checked returns m as it is sent, without control characters, or says what is
// wrong with it. Senders call it themselves.
func (m Message) Checked() (Message, error) {
	if !e164.MatchString(m.To) {
		return Message{}, ErrNumber
	}
	if !utf8.ValidString(m.Text) {
		return Message{}, errMessage.With("its text is no UTF-8")
	}
	m.Text = strings.TrimSpace(strings.Map(printable, m.Text))
	switch {
	case m.Kind != Code && m.Kind != Notice && m.Kind != Alert:
		return Message{}, errMessage.With("its kind is none of code, notice, alert")
	case m.Text == "":
		return Message{}, errMessage.With("it needs a text")
	case utf8.RuneCountInString(m.Text) > maxText:
		return Message{}, errMessage.With("it is longer than 670 characters")
	}
	return m, nil
}

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' {
		return ' '
	}
	return r
}

// A provider knows one wire format.
type provider interface {
	request(ctx context.Context, m Message) (*http.Request, error)
	read(outbound.Answer) error // a fault whose cause has neither number nor text
}

// A Service sends through one provider.
type Service struct {
	provider provider
	client   *outbound.Client
	metrics  *metrics
}

func newService(p provider, client *outbound.Client, reg prometheus.Registerer) *Service {
	return &Service{p, client, newMetrics(reg)}
}

// Send hands one message to the provider.
func (s *Service) Send(ctx context.Context, m Message) error {
	started := time.Now()
	m, err := m.Checked()
	if err != nil {
		return err
	}
	err = s.call(ctx, m)
	s.metrics.sent(m.Kind, err, time.Since(started))
	return err
}

func (s *Service) call(ctx context.Context, m Message) error {
	r, err := s.provider.request(ctx, m)
	if err != nil {
		return err
	}
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) {
		written.Store(written.Load() || w.Err == nil)
	}})
	answer, err := s.client.Do(ctx, r)
	switch {
	case err != nil && written.Load():
		return ErrUnsure.Because(errUnreachable.Because(err))
	case err != nil:
		return errUnreachable.Because(err)
	}
	return s.provider.read(answer)
}

// byStatus decides what an HTTP status means that nothing more is known of.
func byStatus(status int) *fault.Error {
	switch {
	case status == http.StatusTooManyRequests:
		return errLimited
	case status >= 500 || status == http.StatusRequestTimeout:
		return errUnreachable
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return errRejected
	}
	return errSetup
}

// answered is a cause for the log: a status, and the provider's code if there
// is one. Its words are left out: they repeat the number.
func answered(status int, code string) error {
	if code = strings.Map(codeLetter, code); code != "" {
		return fmt.Errorf("answered %d, code %.64s", status, code)
	}
	return fmt.Errorf("answered %d", status)
}

func codeLetter(r rune) rune {
	if r == '.' || r == '_' || r == '-' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return r
	}
	return -1
}
