package message_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/locale"
	"waypost/internal/message"
	"waypost/internal/outbox"
	"waypost/internal/request"
	"waypost/internal/sms"
)

// asked is a step of a request that there is something to say of, and what came of
// the letter.
type asked struct {
	request.Letter
	sent    []bool
	leaving bool
	broken  bool // nothing can be noted
}

func (a *asked) Texting(context.Context, request.Told) (bool, error) {
	first := !a.leaving
	a.leaving = true
	if !first {
		a.sent = append(a.sent, false)
	}
	return first, nil
}

func (a *asked) TextStays(context.Context, request.Told) error {
	a.leaving = false
	return nil
}

func (a *asked) LetterToSend(context.Context, request.Told) (request.Letter, error) {
	return a.Letter, nil
}

func (a *asked) LetterSent(_ context.Context, _ request.Told, sent bool) error {
	if a.broken {
		return errors.New("no database")
	}
	a.sent = append(a.sent, sent)
	return nil
}

// steps are one letter of each step, and of each ground of a refusal.
func steps() []request.Letter {
	common := request.Letter{
		Number: "R-7K3M9QXA", Kind: request.Delete, State: request.Working, At: monday, Answer: monday.AddDate(0, 0, 30), Token: "eu.page",
		Clock: request.Clock{Due: monday.AddDate(0, 0, 7), Late: monday.AddDate(0, 0, 9), Most: monday.AddDate(0, 1, 0)},
	}
	var all []request.Letter
	for _, step := range []request.Step{
		request.Came, request.Begun, request.Verified, request.Asked, request.Answered, request.DidDone, request.DidBack, request.DidLapse,
	} {
		l := common
		l.Step, l.Proved = step, step != request.Came
		if step == request.Asked || step == request.DidDone {
			l.Text = "One line.\n\nAnother {line}."
		}
		all = append(all, l)
	}
	for _, r := range request.Rules {
		l := common
		l.Step, l.State, l.Ground, l.Text = request.DidRefuse, request.Refused, r.Ground, "One line.\nAnother."
		all = append(all, l)
	}
	for _, k := range request.Kinds {
		l := common
		l.Step, l.Kind = request.Came, k
		all = append(all, l)
	}
	return all
}

func TestEveryStepOfARequestCanBeToldInEveryLanguage(t *testing.T) {
	for _, language := range []string{"en", "zh-Hans", "ar-EG"} {
		for _, to := range []account.Contact{{Kind: account.Mail, Value: "bea@buyer.example"}, {Kind: account.Phone, Value: "+41790000001"}} {
			for _, l := range steps() {
				l.Lang, l.Contact = language, to
				box, a := &outbox.Outbox{}, &asked{Letter: l}
				m := open(t, message.Options{Mail: box.Mail(), SMS: box.SMS(), Requests: a})
				if err := m.RequestTold(t.Context(), request.Told{Event: "1"}); err != nil {
					t.Errorf("%s %s%s: %v", language, l.Step, l.Ground, err)
					continue
				}
				sent := box.Messages()[0]
				text := ""
				if sent.Mail != nil {
					text = sent.Mail.Subject + sent.Mail.Text
				} else {
					text = sent.SMS.Text
				}
				if strings.ContainsAny(text, "⟦⟧") || strings.Contains(text, "{w") || strings.Contains(text, "{d") || strings.Contains(text, "{s") {
					t.Errorf("%s %s%s: %s", language, l.Step, l.Ground, text)
				}
				if !strings.Contains(text, "R-7K3M9QXA") || !strings.Contains(text, "https://track.example/privacy/request/eu.page") {
					t.Errorf("%s %s has no number or no page: %s", language, l.Step, text)
				}
				if sent.Mail != nil && l.Ground != "" && (!strings.Contains(text, l.Ground.Source()) || !strings.Contains(text, "edpb.europa.eu")) {
					t.Errorf("%s: a refusal on %s doesn't say where that is from and where to complain: %s", language, l.Ground, text)
				}
				if sent.Mail != nil && l.Step == request.Came && !strings.Contains(text, locale.Choose(m.Words(), language).Day(l.Clock.Due)) {
					t.Errorf("%s: it doesn't say until when: %s", language, text)
				}
				if len(a.sent) != 1 || !a.sent[0] {
					t.Errorf("noted is %v", a.sent)
				}
			}
		}
	}
}

// texts counts text messages, and answers as the test wants.
type texts struct {
	n      int
	answer error
}

func (x *texts) Send(context.Context, sms.Message) error {
	x.n++
	return x.answer
}

// A text message about a request isn't sent again that left, or may have.
func TestATextMessageAboutARequestLeavesOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer error
		broken bool
		texts  int
		sent   []bool
	}{
		{"it left, and that couldn't be noted", nil, true, 1, []bool{false}},
		{"the answer was lost", sms.ErrUnsure, false, 1, []bool{false}},
		{"the number takes none", sms.ErrRefused, false, 1, []bool{false}},
		{"it didn't leave", fault.New(fault.Limited, "sms_limited", "Later."), false, 2, nil},
	} {
		l := steps()[0]
		l.Lang, l.Contact = "en", account.Contact{Kind: account.Phone, Value: "+41790000001"}
		x, a := &texts{answer: tc.answer}, &asked{Letter: l, broken: tc.broken}
		m := open(t, message.Options{Mail: (&outbox.Outbox{}).Mail(), SMS: x, Requests: a})
		for again := true; again && x.n < 2; { // as a job does
			again = m.RequestTold(t.Context(), request.Told{Event: "1"}) != nil
		}
		if x.n != tc.texts || !slices.Equal(a.sent, tc.sent) {
			t.Errorf("%s: %d were sent, and noted is %v", tc.name, x.n, a.sent)
		}
	}
}

// A member's letters go where their account says, and lead to their own pages; what
// can't be delivered is noted, so that the staff can print it.
func TestAMemberIsToldOfTheirRequestAtTheirMainAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := steps()[0]
		l.Account, l.Lang = account.ID(mia), "en"
		a := &asked{Letter: l}
		w.SetRequests(a)
		for _, tc := range []struct {
			name string
			set  func()
			sent bool
		}{
			{"all is well", func() {}, true},
			{"an address that takes nothing", func() {
				w.answer = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
			}, false},
			{"no account any more", func() { w.answer, w.member.State = nil, "" }, false},
		} {
			tc.set()
			a.sent = nil
			if err := w.RequestTold(t.Context(), request.Told{Event: "1"}); err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			if len(a.sent) != 1 || a.sent[0] != tc.sent {
				t.Errorf("%s: noted is %v, want %v", tc.name, a.sent, tc.sent)
			}
		}
		mails := w.mails()
		if len(mails) != 1 || !strings.Contains(mails[0].subject, "R-7K3M9QXA") || !strings.Contains(mails[0].body, "/my-data/requests/R-7K3M9QXA") {
			t.Errorf("mails %+v", mails)
		}
	})
}
