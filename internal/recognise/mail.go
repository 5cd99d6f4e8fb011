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
	"time"

	"golang.org/x/net/html/charset"
)

// A letter is what is read of a mail.
type letter struct {
	sender  string    // host of the address it is from
	sent    time.Time // in the sender's zone; zero if it isn't said
	subject string
	bodies  []string // plain text first
}

var (
	mailForm        = regexp.MustCompile(`(?i)^\s*(?:[a-z][a-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}`)
	mailHeader      = regexp.MustCompile(`(?im)^(?:from|received|return-path|message-id|mime-version|content-type):`)
	quotedPrintable = regexp.MustCompile(`=3D|=C2=A0|=\r?\n[^\n]*=\r?\n`)
)

// IsMail reports whether content begins like a mail's source.
func IsMail(content []byte) bool {
	return mailHeader.Match(mailForm.Find(content[:min(len(content), longestHead)]))
}

// longestHead is how far a mail's header is looked for, in bytes.
const longestHead = 64 << 10

// openMail takes text for a mail's source if it begins like one.
func openMail(text string) (letter, bool) {
	if !mailHeader.MatchString(mailForm.FindString(text[:min(len(text), longestHead)])) {
		return letter{}, false
	}
	m, err := mail.ReadMessage(strings.NewReader(strings.TrimLeft(text, " \t\r\n")))
	if err != nil {
		return letter{}, false
	}
	var l letter
	words := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	if l.subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil {
		l.subject = m.Header.Get("Subject")
	}
	l.subject = strings.ToValidUTF8(l.subject, " ")
	l.sent, _ = m.Header.Date() // a mail without its day has only days with a year
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
	if alphabet := params["charset"]; alphabet != "" && !strings.EqualFold(alphabet, "utf-8") {
		if decoded, err := charset.NewReaderLabel(alphabet, body); err == nil {
			body = decoded
		}
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
