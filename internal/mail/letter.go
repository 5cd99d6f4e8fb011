package mail

import (
	_ "embed"
	"html/template"
	"net/url"
	"slices"
	"strings"
)

//go:embed letter.html
var letterHTML string

var letterTemplate = template.Must(template.New("letter.html").Parse(letterHTML))

// A Letter is the words of a message, written once and shown as HTML and as
// text. Everything in it is plain text.
type Letter struct {
	Lang       string // BCP 47
	Dir        string // "rtl", or "" and "ltr"
	Name       string // of the installation, above the title; "" for none
	Title      string // also the subject
	Paragraphs []string
	Code       string // to be copied, "" for none
	Events     []Event
	Button     Button // zero for none
	Small      []string
	Links      []Button // below everything: settings, unsubscribe
	Data       any      // what programs that read mail understand, as JSON-LD; nil for none
}

// An Event is what happened, and when.
type Event struct{ When, What string }

// A Button leads to a page.
type Button struct{ Text, URL string }

// Message makes a message of a letter; the caller adds what else it needs.
func (l Letter) Message(to string, kind Kind) (Message, error) {
	for _, b := range append([]Button{l.Button}, l.Links...) {
		if u, err := url.Parse(b.URL); b.URL != "" && (err != nil || !isLink(u)) {
			return Message{}, errMessage.With("its button leads to no web address")
		}
	}
	if l.Dir != "rtl" {
		l.Dir = "ltr"
	}
	var b strings.Builder
	if err := letterTemplate.Execute(&b, l); err != nil {
		return Message{}, errMessage.With("its HTML can't be written").Because(err)
	}
	return Message{To: to, Subject: l.Title, Text: l.text(), HTML: b.String(), Lang: l.Lang, Kind: kind}, nil
}

// text is the letter for those who read no HTML.
func (l Letter) text() string {
	parts := append([]string{l.Title}, l.Paragraphs...)
	if l.Code != "" {
		parts = append(parts, "    "+l.Code)
	}
	var events []string
	for _, e := range l.Events {
		events = append(events, "- "+e.When+": "+e.What)
	}
	if len(events) > 0 {
		parts = append(parts, strings.Join(events, "\n"))
	}
	if l.Button.URL != "" {
		parts = append(parts, l.Button.Text+":\n"+l.Button.URL)
	}
	small := slices.Clone(l.Small)
	for _, b := range l.Links {
		small = append(small, b.Text+":", b.URL)
	}
	if len(small) > 0 {
		parts = append(parts, "-- \n"+strings.Join(small, "\n"))
	}
	return strings.Join(parts, "\n\n") + "\n"
}
