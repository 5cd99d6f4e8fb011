package member

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"waypost/internal/fault"
	"waypost/internal/outbox"
	"waypost/internal/web/ui"
)

type outboxView struct{ Messages []sent }

// A sent is a message that a demonstration kept.
type sent struct {
	Kind, Icon, To, Subject, When string
	Text                          []piece
	HTML                          string // where it stands as a page, "" as text only
}

// A piece of a text is plain, or a link to this site.
type piece struct{ Text, Href string }

// serveOutbox serves GET /outbox, in a demonstration.
func (p *Pages) serveOutbox(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	var view outboxView
	for _, m := range p.outbox.Messages() {
		view.Messages = append(view.Messages, p.shown(reader, m))
	}
	head := titled(reader.Say("outbox.title"), "", "/outbox")
	return p.sent.Reply(w, r, http.StatusOK, reader, head, view)
}

func (p *Pages) shown(reader ui.Reader, m outbox.Sent) sent {
	s := sent{When: reader.Say("date.utc", "moment", reader.Moment(m.At))}
	if m.SMS != nil {
		s.Kind, s.Icon, s.To, s.Text = reader.Say("outbox.sms"), "phone", m.SMS.To, p.pieces(m.SMS.Text)
		return s
	}
	s.Kind, s.Icon, s.To, s.Subject, s.Text = reader.Say("outbox.mail"), "mail", m.Mail.To, m.Mail.Subject, p.pieces(m.Mail.Text)
	if m.Mail.HTML != "" {
		s.HTML = "/outbox/" + idOf(m)
	}
	return s
}

// idOf names a message for as long as it is kept.
func idOf(m outbox.Sent) string { return strconv.FormatInt(m.At.UnixNano(), 36) }

var webAddress = regexp.MustCompile(`https?://\S+`)

// pieces finds the links to this site in a text; others stay text.
func (p *Pages) pieces(text string) []piece {
	var all []piece
	for {
		at := webAddress.FindStringIndex(text)
		if at == nil {
			return append(all, piece{Text: text})
		}
		found := piece{Text: text[at[0]:at[1]]}
		if path, ours := strings.CutPrefix(found.Text, p.url); ours && strings.HasPrefix(path, "/") {
			found.Href = here(path, "")
		}
		all = append(all, piece{Text: text[:at[0]]}, found)
		text = text[at[1]:]
	}
}

var errNotKept = fault.New(fault.NotFound, "message_missing", "That message is not kept any more.")

// messagePolicy lets a message's page do nothing but be looked at, wherever it
// is from; its links can be followed.
const messagePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveSent serves GET /outbox/{id}: an e-mail as a mail program would show it.
func (p *Pages) serveSent(w http.ResponseWriter, r *http.Request) error {
	for _, m := range p.outbox.Messages() {
		if m.Mail != nil && m.Mail.HTML != "" && idOf(m) == r.PathValue("id") {
			h := w.Header()
			h.Set("Content-Security-Policy", messagePolicy)
			h.Set("Content-Type", "text/html; charset=utf-8")
			h.Set("Cache-Control", "no-store")
			_, err := w.Write([]byte(m.Mail.HTML))
			return err
		}
	}
	return errNotKept
}
