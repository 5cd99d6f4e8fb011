package account

import (
	"net/mail"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"waypost/internal/fault"
)

// A ContactKind is what sort of address it is.
type ContactKind string

// Kinds of contact.
const (
	Mail  ContactKind = "mail"
	Phone ContactKind = "phone"
)

// A Contact is an address at which somebody is reached.
type Contact struct {
	Kind  ContactKind `json:"kind"`
	Value string      `json:"value"` // an e-mail address, or a phone number as E.164: +493012345
}

const (
	maxContactText = 320 // longer than any address
	maxMail        = 254 // RFC 5321, 4.5.3.1.3, without the brackets
	maxMailLocal   = 64  // RFC 5321, 4.5.3.1.1
)

var (
	errContact = fault.New(fault.Invalid, "contact", "That is neither an e-mail address nor a phone number. Write it like name@mail.example or +49 30 1234567.")
	errMail    = fault.New(fault.Invalid, "mail_address", "That is no e-mail address. Write it like name@mail.example.")
	errPhone   = fault.New(fault.Invalid, "phone_number", "That is no phone number. Write it with the country's code, like +49 30 1234567.")
)

// ParseContact reads an e-mail address or a phone number as people write it.
// country, ISO 3166-1 alpha-2 or "", is where a number without a code belongs.
func ParseContact(text, country string) (Contact, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "" || len(text) > maxContactText:
		return Contact{}, errContact
	case strings.Contains(text, "@"):
		return parseMail(text)
	case strings.ContainsFunc(text, unicode.IsDigit):
		return parsePhone(text, country)
	}
	return Contact{}, errContact
}

// parseMail reads a bare address: no name, no comment, no quoted part, no
// address literal.
func parseMail(text string) (Contact, error) {
	text = norm.NFC.String(text)
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Name != "" || parsed.Address != text {
		return Contact{}, errMail
	}
	at := strings.LastIndexByte(text, '@')
	domain, err := idna.Lookup.ToASCII(strings.ToLower(text[at+1:]))
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return Contact{}, errMail
	}
	if at > maxMailLocal || at+1+len(domain) > maxMail || strings.ContainsFunc(text[:at], unwritable) {
		return Contact{}, errMail
	}
	return Contact{Mail, text[:at] + "@" + domain}, nil
}

// unwritable is what no mailbox's name has that a message could be sent to safely.
func unwritable(r rune) bool {
	return !unicode.IsPrint(r) || unicode.IsSpace(r) || strings.ContainsRune(`"<>(),;:\`, r)
}

func parsePhone(text, country string) (Contact, error) {
	number, err := phonenumbers.Parse(text, strings.ToUpper(country))
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return Contact{}, errPhone
	}
	return Contact{Phone, phonenumbers.Format(number, phonenumbers.E164)}, nil
}

// key is what two spellings of one address have in common. RFC 5321 lets a
// server tell mailboxes apart by capitals; those that matter don't, and two
// accounts for one mailbox would be worse.
func (c Contact) key() string { return string(c.Kind) + ":" + strings.ToLower(c.Value) }

// IsZero reports whether there is no contact.
func (c Contact) IsZero() bool { return c == Contact{} }

// Masked is enough for its owner to recognise: n…@mail.example, +49…67.
func (c Contact) Masked() string {
	if at := strings.LastIndexByte(c.Value, '@'); c.Kind == Mail && at > 0 {
		first := []rune(c.Value[:at])[:1]
		return string(first) + "…" + c.Value[at:]
	}
	if len(c.Value) < 6 {
		return "…"
	}
	return c.Value[:3] + "…" + c.Value[len(c.Value)-2:]
}

// MailOnly returns an e-mail address, for those who can be reached in no other way.
func MailOnly(text string) (Contact, error) {
	c, err := ParseContact(text, "")
	if err != nil || c.Kind != Mail {
		return Contact{}, errMail
	}
	return c, nil
}
