package message_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/mailtest"
	"waypost/internal/message"
	"waypost/internal/outbox"
)

var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// told is what there is to say, the same whatever is asked.
type told struct {
	account.Letter
	err error
}

func (t *told) CodeToSend(context.Context, account.Code) (account.Letter, error) {
	return t.Letter, t.err
}

func (t *told) NoticeToSend(context.Context, account.Notice) (account.Letter, error) {
	return t.Letter, t.err
}

func (t *told) GuardianToSend(context.Context, account.GuardianAsked) (account.Letter, error) {
	return t.Letter, t.err
}

func (t *told) InvitationToSend(context.Context, account.Invited) (account.Letter, error) {
	return t.Letter, t.err
}

func (t *told) AnnouncementToSend(context.Context, account.Announced) (account.Letter, error) {
	return t.Letter, t.err
}

func (t *told) CallToSend(context.Context, account.Calling) (account.Letter, error) {
	return t.Letter, t.err
}

func (t *told) TrainingToSend(context.Context, account.TrainingDue) (account.Letter, error) {
	return t.Letter, t.err
}

// letters are one of each, with all that any has.
func letters(to account.Contact, language string) []account.Letter {
	common := account.Letter{To: to, Language: language, Nickname: "Mia", At: monday, Ends: monday.Add(10 * time.Minute)}
	var all []account.Letter
	for _, kind := range []account.LetterKind{
		account.LetterSignUp, account.LetterSignIn, account.LetterReset, account.LetterProve, account.LetterMove, account.LetterContact,
		account.LetterNoAccount, account.LetterAway, account.LetterHasAccount, account.LetterGuardian, account.LetterPolicy, account.LetterCall, account.LetterTraining,
	} {
		l := common
		l.Kind, l.Code, l.Token = kind, "482913", "eu.guardian"
		all = append(all, l)
	}
	for _, role := range []account.Role{
		account.RoleOwner, account.RoleAdmin, account.RoleMember, account.RoleViewer, account.RoleBilling,
	} {
		l := common
		l.Kind, l.Detail, l.Role, l.Token = account.LetterInvitation, "Heron Supplies", role, "eu.invitation"
		all = append(all, l)
	}
	for _, what := range []account.What{
		account.NewDevice, account.MailChanged, account.PhoneChanged, account.ContactAdded, account.ContactRemoved, account.ContactAwaited,
		account.PasswordChanged, account.PasswordSet, account.PasskeyAdded, account.PasskeyRemoved, account.AppAdded,
		account.AppRemoved, account.RecoveryMade, account.RecoveryUsed, account.Linked, account.Unlinked, account.Revoked, account.KeyMade, account.KeyRotated,
		account.HookFailing, account.HookWorks, account.HookGone, account.Undone, account.AccountOff, account.AccountLeaving, account.AccountRestricted, account.AccountLifted, account.CopyMade,
		account.TransferDeclared, account.TransferReminder, account.TransferAsked, account.TransferAskedSoon, "something_new",
	} {
		l := common
		l.Kind, l.What, l.Detail, l.Device, l.Token = account.LetterNotice, what, "n…@mail.example", "Firefox, Windows", "eu.undo"
		if what == account.Undone || what == account.AccountOff {
			l.Token = ""
		}
		all = append(all, l)
	}
	return all
}

// send has a letter sent as the job of its kind would.
func send(t *testing.T, m *message.Messages, l account.Letter) error {
	t.Helper()
	switch l.Kind {
	case account.LetterNotice:
		return m.Notice(t.Context(), account.Notice{ID: "eu-1"})
	case account.LetterGuardian:
		return m.Guardian(t.Context(), account.GuardianAsked{Account: "eu-1"})
	case account.LetterCall:
		return m.Call(t.Context(), account.Calling{Look: "eu-1", Sent: 1})
	case account.LetterTraining:
		return m.Training(t.Context(), account.TrainingDue{Staff: "eu-1", Taken: 1})
	}
	if l.Kind == account.LetterPolicy {
		return m.Announcement(t.Context(), account.Announced{Account: "eu-1", Version: 2})
	}
	if l.Kind == account.LetterInvitation {
		return m.Invitation(t.Context(), account.Invited{ID: "eu-1"})
	}
	return m.Code(t.Context(), account.Code{Flow: "eu-1"})
}

func open(t *testing.T, o message.Options) *message.Messages {
	t.Helper()
	o.URL = "https://track.example"
	m, err := message.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryLetterCanBeSaidInEveryLanguage(t *testing.T) {
	for _, language := range []string{"en", "zh-Hans", "ar-EG"} {
		for _, to := range []account.Contact{{Kind: account.Mail, Value: "mia@mail.example"}, {Kind: account.Phone, Value: "+41790000001"}} {
			for _, l := range letters(to, language) {
				if to.Kind == account.Phone && (l.Kind == account.LetterGuardian || l.Kind == account.LetterInvitation || l.Kind == account.LetterTraining) {
					continue // these leave by e-mail only
				}
				box := &outbox.Outbox{}
				m := open(t, message.Options{Mail: box.Mail(), SMS: box.SMS(), Letters: &told{Letter: l}})
				if err := send(t, m, l); err != nil {
					t.Errorf("%s %s%s: %v", language, l.Kind, l.What, err)
					continue
				}
				sent := box.Messages()[0]
				var texts []string
				if sent.Mail != nil {
					texts = []string{sent.Mail.Subject, sent.Mail.Text, sent.Mail.HTML}
				} else {
					texts = []string{sent.SMS.Text}
				}
				for _, text := range texts {
					if strings.ContainsAny(text, "⟦⟧") || strings.Contains(text, "{n") || strings.Contains(text, "{w") {
						t.Errorf("%s %s%s: %s", language, l.Kind, l.What, text)
					}
				}
				if l.Code != "" && strings.HasPrefix(string(l.Kind), "sign") && !strings.Contains(texts[0], l.Code) {
					t.Errorf("%s %s: %q lacks the code", language, l.Kind, texts[0])
				}
			}
		}
	}
}

// Whoever reads a code by which another address comes in learns which one it is.
func TestTheCodeOfAMoveSaysWhereto(t *testing.T) {
	l := account.Letter{Kind: account.LetterMove, Code: "482913", Detail: "n…@mail.example", At: monday, Ends: monday.Add(10 * time.Minute)}
	for _, to := range []account.Contact{{Kind: account.Mail, Value: "mia@mail.example"}, {Kind: account.Phone, Value: "+15550100"}} {
		for _, language := range []string{"en", "zh-Hans", "ar"} {
			box := &outbox.Outbox{}
			l.To, l.Language = to, language
			if err := send(t, open(t, message.Options{Mail: box.Mail(), SMS: box.SMS(), Letters: &told{Letter: l}}), l); err != nil {
				t.Fatal(err)
			}
			sent, text := box.Messages()[0], ""
			if sent.Mail != nil {
				text = sent.Mail.Text
			} else {
				text = sent.SMS.Text
			}
			if !strings.Contains(text, "482913") || !strings.Contains(text, "n…@mail.example") {
				t.Errorf("%s to %s: %q", language, to.Value, text)
			}
		}
	}
}

// A code for a call is told to somebody, unlike all others: its letter says to whom.
func TestTheCodeOfACallSaysToWhom(t *testing.T) {
	l := account.Letter{Kind: account.LetterCall, Code: "482913", At: monday, Ends: monday.Add(10 * time.Minute)}
	for _, to := range []account.Contact{{Kind: account.Mail, Value: "mia@mail.example"}, {Kind: account.Phone, Value: "+15550100"}} {
		box := &outbox.Outbox{}
		l.To, l.Language = to, "en"
		if err := send(t, open(t, message.Options{Mail: box.Mail(), SMS: box.SMS(), Letters: &told{Letter: l}}), l); err != nil {
			t.Fatal(err)
		}
		sent := box.Messages()[0]
		if sent.Mail != nil {
			if !strings.Contains(sent.Mail.Text, "give this code to nobody, whoever calls") || strings.Contains(sent.Mail.Text, "Nobody at Waypost will ask you for it") {
				t.Errorf("the mail says %q", sent.Mail.Text)
			}
			continue
		}
		if !strings.Contains(sent.SMS.Text, "tell it to nobody who called you") || strings.Contains(sent.SMS.Text, "@track.example #") {
			t.Errorf("the text says %q", sent.SMS.Text)
		}
	}
}

func TestTablesOfAllLanguagesAgree(t *testing.T) {
	words, err := locale.Load(message.Tables(), "words")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range locale.Check(words) {
		t.Error(wrong)
	}
}

// server is a mail server, and messages that leave by it.
func server(t *testing.T, o mailtest.Options, l *told) (*mailtest.Sink, *message.Messages) {
	t.Helper()
	sink := mailtest.Start(t, o)
	sender, err := mail.New(mail.Options{From: "Waypost <post@track.example>", Server: sink.Addr, TLS: mail.Off}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sink, open(t, message.Options{Mail: sender, SMS: (&outbox.Outbox{}).SMS(), Letters: l})
}

func TestARepeatIsTheSameMessageAndAnotherCodeAnother(t *testing.T) {
	l := &told{Letter: letters(account.Contact{Kind: account.Mail, Value: "mia@mail.example"}, "")[1]}
	sink, m := server(t, mailtest.Options{}, l)
	for _, again := range []int{0, 0, 1} {
		l.Again = again
		if err := send(t, m, l.Letter); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, got := range sink.Mails() {
		parsed, err := netmail.ReadMessage(bytes.NewReader(got.Raw))
		if err != nil {
			t.Fatal(err)
		}
		if got.To != "mia@mail.example" || parsed.Header.Get("Subject") != "482913 is your Waypost code" || parsed.Header.Get("Content-Language") != "en" {
			t.Errorf("to %q, subject %q", got.To, parsed.Header.Get("Subject"))
		}
		ids = append(ids, parsed.Header.Get("Message-Id"))
	}
	if len(ids) != 3 || ids[0] != ids[1] || ids[1] == ids[2] {
		t.Errorf("message ids %q", ids)
	}
}

func TestWhatCantBeDeliveredEndsAndWhatMayBeIsTriedAgain(t *testing.T) {
	l := &told{Letter: letters(account.Contact{Kind: account.Mail, Value: "gone@mail.example"}, "")[1]}
	for _, tc := range []struct {
		name   string
		answer *smtp.SMTPError
		again  bool
	}{
		{"an address that takes nothing", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}, false},
		{"a server that is busy", &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}, true},
	} {
		sink, m := server(t, mailtest.Options{Answer: func(step, _ string) error {
			if step == "RCPT" {
				return tc.answer
			}
			return nil
		}}, l)
		if err := send(t, m, l.Letter); (err != nil) != tc.again {
			t.Errorf("%s: got %v, want another try: %v", tc.name, err, tc.again)
		}
		if len(sink.Mails()) != 0 {
			t.Errorf("%s: something arrived", tc.name)
		}
	}
}

func TestWhatIsOverIsNotSent(t *testing.T) {
	l := &told{err: fault.New(fault.NotFound, "letter_void", "There is nothing to send any more.")}
	sink, m := server(t, mailtest.Options{}, l)
	if err := send(t, m, account.Letter{}); err != nil || len(sink.Mails()) != 0 {
		t.Errorf("got %v, %d mails", err, len(sink.Mails()))
	}
	l.err = io.ErrUnexpectedEOF
	if err := send(t, m, account.Letter{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want what went wrong, so that it is tried again", err)
	}
}

func TestAStrangersNameCarriesNoLink(t *testing.T) {
	for _, tc := range []struct{ name, want string }{
		{"Mia", "“Mia”"},
		{"Mia de la Cruz", "“Mia de la Cruz”"},
		{"win at evil.example/now", ""},
		{"win at evil。example", ""},
		{"Mia\r\nBcc: all@mail.example", ""},
		{strings.Repeat("x", 200), strings.Repeat("x", 40) + "…"},
	} {
		box := &outbox.Outbox{}
		l := account.Letter{Kind: account.LetterGuardian, To: account.Contact{Kind: account.Mail, Value: "ann@mail.example"}, Nickname: tc.name, Token: "eu.t", At: monday, Ends: monday}
		if err := send(t, open(t, message.Options{Mail: box.Mail(), Letters: &told{Letter: l}}), l); err != nil {
			t.Fatal(err)
		}
		got := box.Messages()[0].Mail
		if tc.want == "" && strings.Contains(got.Text, "goes by the name") || !strings.Contains(got.Text, tc.want) {
			t.Errorf("%q: %s", tc.name, got.Text)
		}
		if strings.Contains(got.Text, "evil") || strings.Contains(got.Subject, "\n") {
			t.Errorf("%q came through: %q %s", tc.name, got.Subject, got.Text)
		}
	}
}
