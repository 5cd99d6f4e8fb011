package message

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waypost/internal/account"
	"waypost/internal/locale"
	"waypost/internal/mail"
)

// notice puts what was changed into words.
func (m *Messages) notice(w *locale.Words, l account.Letter, to *mail.Letter) {
	what := words(w, l.What)
	to.Title = w.Say(what + ".title")
	if name := harmless(l.Nickname); name != "" {
		to.Paragraphs = append(to.Paragraphs, w.Say("hello", "name", name))
	}
	to.Paragraphs = append(to.Paragraphs, w.Say(what+".text", "detail", l.Detail))
	if l.Detail != "" && w.Has(what+".told") {
		to.Paragraphs = append(to.Paragraphs, w.Say(what+".told", "detail", l.Detail))
	}
	if l.Device == "" {
		to.Paragraphs = append(to.Paragraphs, w.Say("notice.when", "when", moment(w, l.At)))
	} else {
		to.Paragraphs = append(to.Paragraphs, w.Say("notice.device", "when", moment(w, l.At), "device", l.Device))
	}
	if l.What == account.AccountLeaving && m.stays != nil {
		if all := m.stays(w.Lang); len(all) > 0 {
			to.Paragraphs = append(to.Paragraphs, w.Say("notice.leaving.stays")+" "+strings.Join(all, "; ")+".")
		}
	}
	if l.Link != "" {
		to.Button = mail.Button{Text: w.Say(what + ".button"), URL: m.link(l.Link)}
	}
	if w.Has(what + ".until") {
		to.Small = []string{w.Say(what+".until", "when", moment(w, l.Ends))}
	}
	if l.Token == "" {
		return
	}
	to.Paragraphs = append(to.Paragraphs, w.Say("notice.yours"), w.Say("notice.not_yours"))
	to.Button = mail.Button{Text: w.Say("notice.undo"), URL: m.link("undo", string(l.Token))}
	to.Small = []string{w.Say("notice.until", "when", moment(w, l.Ends))}
}

// shortNotice is a notice as a text message, and what a provider's template is
// filled in with.
func (m *Messages) shortNotice(w *locale.Words, l account.Letter) (string, map[string]string) {
	what := words(w, l.What)
	text := w.Say("notice.sms", "title", w.Say(what+".title"), "text", w.Say(what+".text", "detail", l.Detail))
	if l.Token != "" {
		text += " " + w.Say("notice.sms_undo") + "\n" + m.link("undo", string(l.Token)) // alone, so that phones know it for a link
	}
	if l.Link != "" {
		text += "\n" + m.link(l.Link)
	}
	return text, map[string]string{"what": w.Say(what + ".title")}
}

// words is where the words for a change stand; those for any change where there
// are none for it, so that its owner hears of it all the same.
func words(w *locale.Words, what account.What) string {
	if key := "notice." + string(what); w.Has(key + ".title") {
		return key
	}
	return "notice.other"
}

// moment writes a time for somebody whose zone nobody knows.
func moment(w *locale.Words, t time.Time) string {
	return w.Say("date.utc", "moment", w.Moment(t.UTC()))
}

// mostName bounds what is shown of a name, in characters.
const mostName = 40

// harmless is a name that somebody chose for themselves as it may stand in a
// letter to another person, "" when it reads like an address: letters are sent
// to addresses that a stranger typed, and must not carry the stranger's link.
func harmless(name string) string {
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if strings.ContainsAny(name, "/\\@:<>") || dotted(name) {
		return ""
	}
	if utf8.RuneCountInString(name) > mostName {
		name = string([]rune(name)[:mostName]) + "…"
	}
	return name
}

// dotted reports whether a dot stands between letters, as in a host name.
func dotted(name string) bool {
	runes := []rune(name)
	for i := 1; i+1 < len(runes); i++ {
		if strings.ContainsRune(".。．｡", runes[i]) && !unicode.IsSpace(runes[i-1]) && !unicode.IsSpace(runes[i+1]) {
			return true
		}
	}
	return false
}
