package mail

import (
	"bytes"
	"fmt"
	"net/mail"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
)

// compose writes a checked message out, signed if there is a key.
func (s *SMTP) compose(m Message) ([]byte, error) {
	id := m.ID
	if id == "" {
		id = uuid.NewString()
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, &s.from)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, &mail.Address{Address: m.To})
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(id + "@" + s.domain)
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies, please
	msg.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	if m.Lang != "" {
		msg.SetGenHeader(gomail.HeaderContentLang, m.Lang)
	}
	if m.Unsubscribe != nil {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe.String()+">")
		if m.Unsubscribe.Scheme == "https" { // RFC 8058, 3.1: only then
			msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}

	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("compose e-mail: %w", err)
	}
	if s.o.DKIM == nil {
		return raw.Bytes(), nil
	}
	return s.o.DKIM.sign(raw.Bytes())
}
