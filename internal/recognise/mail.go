package recognise

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// A letter is what is read of a mail.
type letter struct {
	sender  string // host of the address it is from
	subject string
	bodies  []string // plain text first
}

var (
	mailForm        = regexp.MustCompile(`(?i)^\s*(?:[a-z][a-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}`)
	mailHeader      = regexp.MustCompile(`(?im)^(?:from|received|return-path|message-id|mime-version|content-type):`)
	quotedPrintable = regexp.MustCompile(`=3D|=C2=A0|=\r?\n[^\n]*=\r?\n`)
)

// openMail takes text for a mail's source if it begins like one.
func openMail(text string) (letter, bool) {
	if !mailForm.MatchString(text) || !mailHeader.MatchString(mailForm.FindString(text)) {
		return letter{}, false
	}
	m, err := mail.ReadMessage(strings.NewReader(strings.TrimLeft(text, " \t\r\n")))
	if err != nil {
		return letter{}, false
	}
	var l letter
	words := mime.WordDecoder{}
	if l.subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil {
		l.subject = m.Header.Get("Subject")
	}
	if from, err := mail.ParseAddress(m.Header.Get("From")); err == nil {
		_, l.sender, _ = strings.Cut(from.Address, "@")
	}
	l.part(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body, 4)
	return l, true
}

// part reads one part of a mail, and the parts inside it.
func (l *letter) part(contentType, encoding string, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth > 0 {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			l.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth-1)
		}
	}
	if !strings.HasPrefix(kind, "text/") {
		return
	}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, _ := io.ReadAll(body) // a damaged part ends where the damage is
	content := strings.ToValidUTF8(string(text), " ")
	if kind == "text/plain" {
		l.bodies = append([]string{content}, l.bodies...)
	} else {
		l.bodies = append(l.bodies, content)
	}
}

// unquote undoes quoted-printable, and leaves alone what is not.
func unquote(text string) string {
	text = softBreak.ReplaceAllString(text, "")
	text = quotedByte.ReplaceAllStringFunc(text, func(q string) string {
		b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(q)))
		if err != nil {
			return q
		}
		return string(b)
	})
	return strings.ToValidUTF8(text, " ")
}

var (
	softBreak  = regexp.MustCompile(`=[ \t]*\r?\n`)
	quotedByte = regexp.MustCompile(`(?:=[0-9A-F]{2})+`)
)
