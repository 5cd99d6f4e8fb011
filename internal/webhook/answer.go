package webhook

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"waypost/internal/outbound"
)

const (
	answerRead = 64 << 10 // bytes of an answer that are waited for
	answerKept = 1 << 10  // of which are kept
)

// An Answer is what the log keeps of an attempt beside its status: what was sent
// with the body, which is written again from the event, and how the receiver's
// answer began, with what looks like a person's taken out.
type Answer struct {
	Timestamp string `json:"timestamp,omitempty"` // the headers webhook-timestamp, webhook-signature and sign
	Signature string `json:"signature,omitempty"`
	Sign      string `json:"sign,omitempty"`
	Type      string `json:"type,omitempty"` // media type
	Body      string `json:"body,omitempty"`
	Cut       bool   `json:"cut,omitempty"` // there was more
}

func (r request) noted() Answer {
	return Answer{Timestamp: r.header[headerTimestamp][0], Signature: r.header[headerSignature][0], Sign: r.header[headerSign][0]}
}

// hear notes what a receiver said.
func (a *Answer) hear(from outbound.Answer) {
	a.Type, _, _ = mime.ParseMediaType(from.Header.Get("Content-Type"))
	if !utf8.ValidString(a.Type) || len(a.Type) > longestType {
		a.Type = ""
	}
	body := from.Body
	if len(body) == 0 {
		return
	}
	if a.Cut = len(body) > answerKept; a.Cut {
		body = body[:answerKept]
	}
	body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	if bytes.IndexByte(body, 0) >= 0 { // no text
		return
	}
	a.Body = impersonal(string(body))
}

const longestType = 100

// personal is what looks like an e-mail address, a telephone number, an internet
// address, or a key.
var personal = regexp.MustCompile(`[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+|\+?\d[\d\s().-]{7,}\d|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Za-z0-9_-]{32,}\b`)

// impersonal is a text without what looks like a person's.
func impersonal(text string) string {
	return strings.TrimSpace(personal.ReplaceAllString(text, "…"))
}
