package member

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/ui"
)

// maxField bounds what is read of one field, in bytes; a room below bounds it
// more tightly, and says so.
const maxField = 4 << 10

// A form is what somebody filled in, and what is wrong with it.
type form struct {
	reader ui.Reader
	values url.Values
	wrong  map[string]string // by field, "" the form as a whole
}

// blank returns a form that nobody has filled in, or only before they had to
// prove that the account is theirs.
func (p *Pages) blank(r *http.Request) *form {
	return &form{reader: p.kit.Reader(r), values: typedBefore(r), wrong: map[string]string{}}
}

var errForm = fault.New(fault.Invalid, "form", "What the browser sent can't be read.")

// filled reads the form that a request brings.
func (p *Pages) filled(r *http.Request) (*form, error) {
	if err := r.ParseForm(); err != nil {
		return nil, asForm(err)
	}
	f := p.blank(r)
	f.values = r.PostForm
	return f, nil
}

// asForm keeps an error about size as it is: it has an answer of its own.
func asForm(err error) error {
	if ui.Status(err) == http.StatusRequestEntityTooLarge {
		return err
	}
	return errForm.Because(err)
}

// text returns what stands in a field; what is far too long, or no text, is nothing.
func (f *form) text(name string) string {
	text := f.values.Get(name)
	if len(text) > maxField || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return ""
	}
	return text
}

// secret returns a password as it was typed.
func (f *form) secret(name string) string { return f.values.Get(name) }

// say returns the words of a key in the reader's language.
func (f *form) say(key string, pairs ...any) string { return f.reader.Say(key, pairs...) }

// fields are where a fault's words stand, by its code. What isn't here is said
// of the form as a whole.
var fields = map[string]string{
	"contact": "contact", "mail_address": "contact", "phone_number": "contact", "contact_taken": "contact",
	"nickname": "nickname", "company": "company", "country": "country", "language": "language",
	"age": "age", "guardian": "guardian", "terms": "terms", "picture": "picture",
	"team_name": "name", "passkey_name": "name", "role": "role",
	"password_short": "password", "password_long": "password", "password_characters": "password",
	"password_known": "password", "password_weak": "password", "password_wrong": "password",
	"code_wrong": "code", "code_over": "code", "totp_wrong": "code", "totp_used": "code", "recovery_wrong": "code",
	"key_name": "name", "key_scopes": "scope", "key_overlap": "overlap",
	"address_malformed": "from", "address_bits": "from", "address_order": "from", "address_many": "from",
	"endpoint_name": "name", "endpoint_url": "url", "endpoint_plain": "url", "endpoint_private": "url", "endpoint_form": "form",
	"endpoint_filter": "filter", "endpoint_schedule": "schedule", "endpoint_key": "key", "endpoint_overlap": "overlap", "replay_range": "last",
	"request_kind": "kind", "request_person": "person", "request_text": "text",
	"quiet_hours": "until", "zone": "zone", "pause": "pause",
}

// blame writes what err says beside its field, and returns nil; err itself when
// it isn't about what was filled in.
func (f *form) blame(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case fault.Invalid, fault.Conflict, fault.Denied, fault.Limited:
		f.wrong[fields[e.Code]] = says(f.reader, err)
		return nil
	}
	return err
}

// says is what a person reads of a fault, with a wait in their language.
func says(reader ui.Reader, err error) string {
	var wait account.Wait
	var e *fault.Error
	if errors.As(err, &wait) && errors.As(err, &e) && reader.Has("fault."+e.Code) {
		return reader.Say("fault."+e.Code, "1", span(reader, time.Duration(wait)))
	}
	return reader.Fault(err)
}

// span is a duration as a sentence has it, rounded up.
func span(reader ui.Reader, d time.Duration) string {
	up := func(unit time.Duration) int { return int((max(d, 1) + unit - 1) / unit) }
	switch {
	case d <= time.Minute:
		return reader.Say("span.seconds", "n", up(time.Second))
	case d <= time.Hour:
		return reader.Say("span.minutes", "n", up(time.Minute))
	case d <= 48*time.Hour:
		return reader.Say("span.hours", "n", up(time.Hour))
	}
	return reader.Say("span.days", "n", up(24*time.Hour))
}

// A field is an input as a page shows it.
type field struct {
	Name, Type, Label string
	Hint              string // "" none
	Value             string
	Error             string // "" nothing is wrong
	Complete          string // autocomplete
	Mode              string // inputmode, "" as the type has it
	Max               int    // characters, 0 no limit
	Optional          bool
	First             bool   // has the focus when the page comes
	Grade             bool   // a password whose strength is shown
	Accept            string // of a file: its kinds
	Choices           []choice
}

// A choice is one of a list.
type choice struct {
	Value, Label string
	Chosen       bool
}

// field returns an input with what was typed into it, and what is wrong with it.
// Its words are LABEL and, if there is one, LABEL_hint. What was typed as a
// password is not shown again.
func (f *form) field(name, kind, label, complete string) field {
	in := field{Name: name, Type: kind, Label: f.say(label), Error: f.wrong[name], Complete: complete}
	if f.reader.Has(label + "_hint") {
		in.Hint = f.say(label + "_hint")
	}
	if kind != "password" {
		in.Value = f.text(name)
	}
	in.First = in.Error != ""
	return in
}

// file returns an input for a file of some kinds.
func (f *form) file(name, label, kinds string) field {
	in := f.field(name, "file", label, "")
	in.Value, in.Accept = "", kinds
	return in
}

func (in field) optional() field { in.Optional = true; return in }

func (in field) graded() field { in.Grade = true; return in }

func (in field) first() field { in.First = true; return in }

// of makes the field a list to choose from.
func (in field) of(choices []choice) field { in.Choices = choices; return in }

// Plain reports whether what is typed is written from left to right in every
// language: an address, a code.
func (in field) Plain() bool {
	return in.Name == "contact" || in.Name == "guardian" || in.Name == "code"
}

// Describes are the ids of what explains the field.
func (in field) Describes() string {
	var ids []string
	if in.Hint != "" {
		ids = append(ids, in.Name+"-hint")
	}
	if in.Error != "" {
		ids = append(ids, in.Name+"-wrong")
	}
	return strings.Join(ids, " ")
}

// status is what a page with a form answers: that all is well, or that
// something is wrong with what was filled in.
func (f *form) status() int {
	if len(f.wrong) > 0 {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// next returns the address of this site to which somebody wanted to go, else
// otherwise. An address of another site is none, however it is written.
func (f *form) next(otherwise string) string { return here(f.text("next"), otherwise) }

func here(address, otherwise string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "":
		return otherwise
	case !strings.HasPrefix(address, "/"), strings.HasPrefix(address, "//"), strings.ContainsAny(address, "\\\t\r\n"):
		return otherwise
	case strings.HasPrefix(u.Path, "//"), len(address) > 2048:
		return otherwise
	}
	return address
}

// through returns an address that goes on to next.
func through(address, next string) string {
	if next == "" {
		return address
	}
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + ui.Query(url.Values{"next": {next}})
}
