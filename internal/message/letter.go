package message

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/sms"
)

// Letters is what is to be said of accounts. *account.Members has it. A fault of
// kind NotFound says that there is nothing to say any more.
type Letters interface {
	CodeToSend(ctx context.Context, c account.Code) (account.Letter, error)
	NoticeToSend(ctx context.Context, n account.Notice) (account.Letter, error)
	GuardianToSend(ctx context.Context, g account.GuardianAsked) (account.Letter, error)
	InvitationToSend(ctx context.Context, i account.Invited) (account.Letter, error)
	AnnouncementToSend(ctx context.Context, a account.Announced) (account.Letter, error)
	CallToSend(ctx context.Context, c account.Calling) (account.Letter, error)
	TrainingToSend(ctx context.Context, d account.TrainingDue) (account.Letter, error)
}

// Code sends the code that somebody waits for. Sent again by a job that is
// repeated, it is the same message; asked for again, it is another.
func (m *Messages) Code(ctx context.Context, c account.Code) error {
	l, err := m.letters.CodeToSend(ctx, c)
	return m.post(ctx, "code", fmt.Sprintf("code-%s-%d", c.Flow, l.Again), l, err)
}

// Notice tells the owner of an account that something was changed.
func (m *Messages) Notice(ctx context.Context, n account.Notice) error {
	l, err := m.letters.NoticeToSend(ctx, n)
	return m.post(ctx, "notice", "notice-"+n.ID, l, err)
}

// Guardian asks a child's guardian.
func (m *Messages) Guardian(ctx context.Context, g account.GuardianAsked) error {
	l, err := m.letters.GuardianToSend(ctx, g)
	return m.post(ctx, "guardian", "guardian-"+string(g.Account), l, err)
}

// Invitation invites somebody to a business account.
func (m *Messages) Invitation(ctx context.Context, i account.Invited) error {
	l, err := m.letters.InvitationToSend(ctx, i)
	return m.post(ctx, "invitation", "invitation-"+i.ID, l, err)
}

// Announcement tells a member that the privacy policy will change.
func (m *Messages) Announcement(ctx context.Context, a account.Announced) error {
	l, err := m.letters.AnnouncementToSend(ctx, a)
	return m.post(ctx, "policy", fmt.Sprintf("policy-%d-%s", a.Version, a.Account), l, err)
}

// Call sends the code that a caller is to read out to the staff.
func (m *Messages) Call(ctx context.Context, c account.Calling) error {
	l, err := m.letters.CallToSend(ctx, c)
	return m.post(ctx, "call", fmt.Sprintf("call-%s-%d", c.Look, c.Sent), l, err)
}

// Training tells one of the staff that their training lapses.
func (m *Messages) Training(ctx context.Context, d account.TrainingDue) error {
	l, err := m.letters.TrainingToSend(ctx, d)
	return m.post(ctx, "training", fmt.Sprintf("training-%s-%d", d.Staff, d.Taken), l, err)
}

// post sends a letter, unless there is nothing to say. id makes a repeat the
// same message.
func (m *Messages) post(ctx context.Context, kind, id string, l account.Letter, err error) error {
	if fault.KindOf(err) == fault.NotFound {
		m.metrics.count(kind, by, outcomeOver)
		return nil
	}
	if err != nil {
		return err
	}
	w := locale.Choose(m.words, l.Language)
	if l.To.Kind == account.Phone {
		return m.done(ctx, kind, id, bySMS, m.sms.Send(ctx, m.text(w, l)))
	}
	message, err := m.letter(w, l).Message(l.To.Value, mailKind(l.Kind))
	if err == nil {
		message.ID = id
		err = m.mail.Send(ctx, message)
	}
	return m.done(ctx, kind, id, byMail, err)
}

// done notes what came of a message, and returns what is worth another try. An
// address that takes nothing will not take it later.
func (m *Messages) done(ctx context.Context, kind, id string, c channel, err error) error {
	if err == nil {
		m.metrics.count(kind, c, outcomeSent)
		return nil
	}
	m.metrics.count(kind, c, reason(err))
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	m.log.WarnContext(ctx, "message can't be delivered, given up", "kind", kind, "message", id, "channel", string(c), "err", err)
	return nil
}

// mailKind is what mail counts a letter as: codes are waited for.
func mailKind(k account.LetterKind) mail.Kind {
	switch k {
	case account.LetterNotice, account.LetterGuardian, account.LetterInvitation, account.LetterPolicy, account.LetterTraining:
		return mail.Notice
	}
	return mail.Code
}

// letter puts a letter into words.
func (m *Messages) letter(w *locale.Words, l account.Letter) mail.Letter {
	letter := mail.Letter{Lang: w.Lang, Dir: w.Dir, Name: w.Say("brand")}
	switch l.Kind {
	case account.LetterNotice:
		m.notice(w, l, &letter)
	case account.LetterGuardian:
		m.guardian(w, l, &letter)
	case account.LetterInvitation:
		m.invitation(w, l, &letter)
	case account.LetterPolicy:
		m.policy(w, l, &letter)
	case account.LetterTraining:
		letter.Title, letter.Paragraphs = w.Say("training.title", "day", w.Day(l.Ends)), []string{w.Say("training.text", "day", w.Day(l.Ends))}
		letter.Button = mail.Button{Text: w.Say("training.button"), URL: m.link("staff", "training")}
		letter.Small = []string{w.Say("training.why")}
	case account.LetterNoAccount, account.LetterHasAccount, account.LetterAway:
		kind := string(l.Kind)
		letter.Title, letter.Paragraphs = w.Say(kind+".title"), []string{w.Say(kind + ".text")}
		letter.Button = mail.Button{Text: w.Say(kind + ".button"), URL: m.entrance(l.Kind)}
		letter.Small = []string{w.Say("unasked.ignore")}
	default:
		kind := "code." + string(l.Kind)
		letter.Title, letter.Code = w.Say(kind+".title", "code", l.Code), l.Code
		letter.Paragraphs = []string{w.Say(kind+".text", "detail", l.Detail), life(w, l)}
		letter.Small = []string{w.Say("code.secret"), w.Say("code.ignore")}
		if l.Kind == account.LetterCall { // one that is told to somebody
			letter.Small = []string{w.Say("code.call.secret")}
		}
	}
	return letter
}

// entrance is where somebody goes on who used another address than they have
// an account with, or has an account, or may have one.
func (m *Messages) entrance(k account.LetterKind) string {
	if k == account.LetterNoAccount {
		return m.link("signup")
	}
	return m.link("signin")
}

// life says how long a code works.
func life(w *locale.Words, l account.Letter) string {
	return w.Say("code.life", "n", max(1, int((l.Ends.Sub(l.At)+time.Minute-1)/time.Minute)))
}

func (m *Messages) guardian(w *locale.Words, l account.Letter, to *mail.Letter) {
	to.Title, to.Paragraphs = w.Say("guardian.title"), []string{w.Say("guardian.text")}
	if name := harmless(l.Nickname); name != "" {
		to.Paragraphs = append(to.Paragraphs, w.Say("guardian.named", "name", name))
	}
	to.Button = mail.Button{Text: w.Say("guardian.button"), URL: m.link("guardian", string(l.Token))}
	to.Small = []string{w.Say("guardian.until", "when", moment(w, l.Ends)), w.Say("guardian.why")}
}

func (m *Messages) invitation(w *locale.Words, l account.Letter, to *mail.Letter) {
	to.Title, to.Paragraphs = w.Say("invitation.title"), []string{w.Say("invitation.text")}
	if name := harmless(l.Detail); name != "" {
		to.Paragraphs = append(to.Paragraphs, w.Say("invitation.team", "name", name))
	}
	if name := harmless(l.Nickname); name != "" {
		to.Paragraphs = append(to.Paragraphs, w.Say("invitation.named", "name", name))
	}
	to.Paragraphs = append(to.Paragraphs, w.Say("invitation.role."+string(l.Role)))
	to.Button = mail.Button{Text: w.Say("invitation.button"), URL: m.link("invited", string(l.Token))}
	to.Small = []string{w.Say("invitation.until", "when", moment(w, l.Ends)), w.Say("invitation.why")}
}

// policy announces a version of the privacy policy.
func (m *Messages) policy(w *locale.Words, l account.Letter, to *mail.Letter) {
	to.Title = w.Say("policy.title", "day", w.Day(l.Ends))
	to.Paragraphs = []string{w.Say("hello", "name", l.Nickname), w.Say("policy.text", "day", w.Day(l.Ends))}
	to.Button = mail.Button{Text: w.Say("policy.button"), URL: m.changes(l.Version)}
	to.Small = []string{w.Say("policy.choice"), w.Say("policy.why")}
}

// changes is the page that says how a version of the privacy policy differs from
// the one before.
func (m *Messages) changes(version int) string {
	page := m.url.JoinPath("privacy", "changes")
	page.RawQuery = fmt.Sprintf("from=%d&to=%d", version-1, version)
	return page.String()
}

// text puts a letter into a text message.
func (m *Messages) text(w *locale.Words, l account.Letter) sms.Message {
	message := sms.Message{To: l.To.Value, Lang: w.Lang, Kind: sms.Code}
	switch l.Kind {
	case account.LetterNotice:
		message.Kind = sms.Notice
		message.Text, message.Params = m.shortNotice(w, l)
	case account.LetterPolicy:
		message.Kind = sms.Notice
		message.Text = w.Say("policy.sms", "day", w.Day(l.Ends)) + "\n" + m.changes(l.Version)
		message.Params = map[string]string{"what": w.Say("policy.title", "day", w.Day(l.Ends))}
	case account.LetterNoAccount, account.LetterHasAccount, account.LetterAway:
		message.Kind = sms.Notice
		message.Text = w.Say(string(l.Kind)+".sms") + "\n" + m.entrance(l.Kind)
		message.Params = map[string]string{"what": w.Say(string(l.Kind) + ".title")}
	default:
		key := "code.sms"
		if l.Kind == account.LetterMove || l.Kind == account.LetterCall {
			key = "code." + string(l.Kind) + ".sms"
		}
		message.Text = w.Say(key, "code", l.Code, "detail", l.Detail, "life", life(w, l))
		message.Params = map[string]string{"code": l.Code}
		if host := m.origin(); host != "" && l.Kind != account.LetterCall { // no page asks for that
			message.Text += "\n\n@" + host + " #" + l.Code // https://wicg.github.io/sms-one-time-codes/
		}
	}
	return message
}
