// Package message is what is said to people: which message, in whose language
// and in which words, by which way, and when. It is told by jobs that there is
// something to say, and asks the room that knows what and to whom.
//
// It knows nothing of HTTP, of how a message leaves (mail and sms do), or of how
// accounts and parcels come to change.
package message

import (
	"embed"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/sms"
)

// Options are what messages are made and sent with.
type Options struct {
	URL     string // the address that people use, which links begin with
	Mail    mail.Sender
	SMS     sms.Sender
	Letters Letters
	Log     *slog.Logger          // nil discards
	Metrics prometheus.Registerer // nil for none
}

// Messages says things to people. Safe for concurrent use.
type Messages struct {
	url     *url.URL
	mail    mail.Sender
	sms     sms.Sender
	letters Letters
	words   []*locale.Words
	log     *slog.Logger
	metrics *metrics
}

//go:embed words
var tables embed.FS

var errURL = fault.New(fault.Invalid, "message_url", "Links in messages need the address that people use, like https://track.example.org.")

// New makes the messages of an installation.
func New(o Options) (*Messages, error) {
	at, err := url.Parse(o.URL)
	if err != nil || at.Host == "" {
		return nil, errURL
	}
	words, err := locale.Load(tables, "words")
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Messages{
		url: at, mail: o.Mail, sms: o.SMS, letters: o.Letters, words: words, log: o.Log, metrics: newMetrics(o.Metrics),
	}, nil
}

// link is the address of a page of this installation.
func (m *Messages) link(path ...string) string { return m.url.JoinPath(path...).String() }

// origin is what a phone's keyboard compares with the page that wants a code,
// "" where it would not: it does so on https only.
func (m *Messages) origin() string {
	if m.url.Scheme != "https" {
		return ""
	}
	return strings.ToLower(m.url.Hostname())
}
