package message

import (
	"context"
	"errors"
	"strings"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/request"
	"waypost/internal/sms"
)

// Requests is what is to be said of requests about people's data.
// *request.Requests has it. A fault of kind NotFound says that there is nothing to
// say any more.
type Requests interface {
	LetterToSend(ctx context.Context, t request.Told) (request.Letter, error)
	Texting(ctx context.Context, t request.Told) (first bool, err error)
	TextStays(ctx context.Context, t request.Told) error
	LetterSent(ctx context.Context, t request.Told, sent bool) error
}

// kindRequest is what metrics call a letter about a request.
const kindRequest = "request"

// RequestTold tells somebody of a step of their request, and notes whether the
// letter left.
func (m *Messages) RequestTold(ctx context.Context, t request.Told) error {
	l, err := m.requests.LetterToSend(ctx, t)
	if fault.KindOf(err) == fault.NotFound {
		m.metrics.count(kindRequest, by, outcomeOver)
		return nil
	}
	if err != nil {
		return err
	}
	to, err := m.asker(ctx, l)
	if err != nil {
		return err
	}
	if to.IsZero() {
		m.metrics.count(kindRequest, by, "no_address")
		return m.requests.LetterSent(ctx, t, false)
	}
	id, letter := "request-"+t.Event, m.RequestLetter(l)
	if to.Kind == account.Phone {
		return m.textAsker(ctx, t, id, m.requestText(l, to, letter))
	}
	message, err := letter.Message(to.Value, mail.Notice)
	if err == nil {
		message.ID = id
		err = m.mail.Send(ctx, message)
	}
	return m.requestSent(ctx, t, err, m.done(ctx, kindRequest, id, byMail, err))
}

// textAsker sends a text message once: what left and nobody wrote down isn't sent
// again.
func (m *Messages) textAsker(ctx context.Context, t request.Told, id string, text sms.Message) error {
	first, err := m.requests.Texting(ctx, t)
	if err != nil || !first {
		return err
	}
	err = m.sms.Send(ctx, text)
	again := m.done(ctx, kindRequest, id, bySMS, err)
	ctx = context.WithoutCancel(ctx)
	if again != nil && !errors.Is(err, sms.ErrUnsure) {
		return errors.Join(again, m.requests.TextStays(ctx, t))
	}
	return m.requests.LetterSent(ctx, t, err == nil)
}

// requestSent notes what came of a letter, unless it is worth another try.
func (m *Messages) requestSent(ctx context.Context, t request.Told, err, again error) error {
	if again != nil {
		return again
	}
	return m.requests.LetterSent(ctx, t, err == nil)
}

// asker is where a letter goes; the zero Contact where there is no way.
func (m *Messages) asker(ctx context.Context, l request.Letter) (account.Contact, error) {
	if l.Account == "" {
		return l.Contact, nil
	}
	p, err := m.people.Profile(ctx, l.Account)
	if fault.KindOf(err) == fault.NotFound {
		return account.Contact{}, nil
	}
	return p.Main(), err
}

// RequestLetter puts a step of a request into words, in the language in which it
// was asked.
func (m *Messages) RequestLetter(l request.Letter) mail.Letter {
	w := locale.Choose(m.words, l.Lang)
	key := "request." + string(l.Step)
	letter := mail.Letter{
		Lang: w.Lang, Dir: w.Dir, Name: w.Say("brand"), Title: w.Say(key+".title", "number", string(l.Number)),
		Paragraphs: []string{w.Say(key+".text", "what", w.Say("request.kind."+string(l.Kind)), "day", w.Day(l.At), "until", w.Day(l.Answer))},
		Button:     mail.Button{Text: w.Say("request.button"), URL: m.requestPage(l)},
		Small:      []string{w.Say("request.why", "number", string(l.Number))},
	}
	say := func(key string, pairs ...any) { letter.Paragraphs = append(letter.Paragraphs, w.Say(key, pairs...)) }
	if l.Ground != "" {
		say("request.ground."+string(l.Ground), "source", l.Ground.Source())
	}
	for line := range strings.Lines(l.Text) {
		if line = strings.TrimSpace(line); line != "" {
			letter.Paragraphs = append(letter.Paragraphs, line)
		}
	}
	if !l.Proved && (l.Step == request.Came || l.Step == request.Begun) {
		say("request.prove")
	}
	switch {
	case l.Step == request.DidDone, l.Step == request.DidRefuse:
		say("request.complain")
	case l.Step == request.Asked:
		say("request.stands")
	case !l.State.Ended() && !l.Clock.Stands:
		say("request.clock", "due", w.Day(l.Clock.Due), "late", w.Day(l.Clock.Late), "most", w.Day(l.Clock.Most))
	}
	return letter
}

// requestPage is where somebody sees their request.
func (m *Messages) requestPage(l request.Letter) string {
	if l.Account != "" {
		return m.link("my-data", "requests", string(l.Number))
	}
	return m.link("privacy", "request", string(l.Token))
}

// requestText is a letter as a text message: what it is about, and where it is read.
func (m *Messages) requestText(l request.Letter, to account.Contact, letter mail.Letter) sms.Message {
	w := locale.Choose(m.words, l.Lang)
	return sms.Message{
		To: to.Value, Lang: w.Lang, Kind: sms.Notice,
		Text:   w.Say("request.sms", "title", letter.Title) + "\n" + letter.Button.URL, // alone, so that phones know it for a link
		Params: map[string]string{"what": letter.Title},
	}
}
