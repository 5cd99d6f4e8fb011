package incident

import (
	"context"
	"fmt"
	"strings"

	"waypost/internal/account"
	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/sms"
)

// mostTexted is how much of what happened stands in a text message, in characters.
const mostTexted = 160

// lang is the language of notices for who reads one.
func (i *Incidents) lang(wanted string) string { return locale.Choose(i.words, wanted).Lang }

// kinds says which kinds of data it concerns.
func (i *Incidents) kinds(w *locale.Words, kinds []inventory.Kind) string {
	var all []string
	for _, k := range kinds {
		if key := "kind." + string(k); w.Has(key) {
			all = append(all, w.Say(key))
		} else {
			all = append(all, string(k))
		}
	}
	return strings.Join(all, w.Say("list.comma"))
}

// KindWords says in a language which kinds of data are meant.
func (i *Incidents) KindWords(lang string, kinds ...inventory.Kind) string {
	return i.kinds(locale.Choose(i.words, lang), kinds)
}

// Called is what something of incidents is called in a language: what is severity,
// state, did, channel, outcome, kind or part, and value one of its values.
func (i *Incidents) Called(lang, what, value string) string {
	return locale.Choose(i.words, lang).Say(what + "." + value)
}

// letter puts a notice into an e-mail's words.
func (i *Incidents) letter(p account.Profile, n Draft, d detail) mail.Letter {
	w := locale.Choose(i.words, n.Lang)
	l := mail.Letter{Lang: w.Lang, Dir: w.Dir, Name: w.Say("brand"), Title: n.Text.Title}
	if p.Nickname != "" {
		l.Paragraphs = append(l.Paragraphs, w.Say("notice.hello", "name", p.Nickname))
	}
	l.Paragraphs = append(l.Paragraphs, w.Say("notice.kinds", "kinds", i.kinds(w, d.Kinds)))
	for _, part := range n.Text.Parts() {
		l.Paragraphs = append(l.Paragraphs, w.Say("notice.part", "heading", w.Say("part."+part.Key), "text", part.Text))
	}
	l.Button = mail.Button{Text: w.Say("notice.button"), URL: i.link("account", "incidents")}
	l.Small = []string{w.Say("notice.why")}
	return l
}

func (i *Incidents) mailTo(ctx context.Context, id ID, who account.ID, address string, p account.Profile, n Draft, d detail) error {
	m, err := i.letter(p, n, d).Message(address, mail.Notice)
	if err != nil {
		return err
	}
	m.ID = fmt.Sprintf("incident-%s-%s", id, who)
	return i.mail.Send(ctx, m)
}

func (i *Incidents) textTo(ctx context.Context, number string, p account.Profile, n Draft) error {
	w := locale.Choose(i.words, n.Lang)
	text := w.Say("notice.sms", "title", n.Text.Title, "text", short(n.Text.Happened)) + "\n" + i.link("account", "incidents")
	return i.sms.Send(ctx, sms.Message{To: number, Text: text, Lang: w.Lang, Kind: sms.Notice, Params: map[string]string{"what": n.Text.Title}})
}

// Hello is how a letter to somebody begins, and what it says of which data it
// concerns, in the notice's language.
func (i *Incidents) Hello(r Reach) (hello, kinds string) {
	w := locale.Choose(i.words, r.Lang)
	return w.Say("notice.hello", "name", r.Name), w.Say("notice.kinds", "kinds", r.Kinds)
}

// short is the beginning of a text, on one line.
func short(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= mostTexted {
		return string(runes)
	}
	return string(runes[:mostTexted]) + "…"
}
