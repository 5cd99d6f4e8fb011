package config

import (
	"net/mail"
	"regexp"
	"slices"
	"time"
)

// Recipients is how services outside that got data of somebody are told when that
// person is erased. One that has no interface for it is written to, and one whose
// address isn't known the staff tell.
type Recipients struct {
	// Contacts are the e-mail addresses at which services take such letters, by
	// service: mail, sms, carriers, a provider's code as in providers (google,
	// oidc-NAME), or a source's code.
	Contacts map[string]string `koanf:"contacts"`
	// Own are services, named likewise, that the operator runs: nobody is told,
	// because what they keep is the operator's to erase. Default none.
	Own []string `koanf:"own"`
	// Lang is the language of the letters: en, zh or ar. Default en.
	Lang string `koanf:"lang"`
	// Escalate is after how long without a confirmation the staff are to see to it,
	// 1h to 2160h. Default 168h, a week.
	Escalate time.Duration `koanf:"escalate"`
}

var service = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

func (r Recipients) check(wrong func(name, format string, args ...any)) {
	for name, address := range r.Contacts {
		at := "recipients.contacts." + name
		if !service.MatchString(name) {
			wrong(at, "is no service: a name has a–z, 0–9 and hyphens between them")
		}
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			wrong(at, "%q is not an e-mail address like privacy@example.org", address)
		}
		if slices.Contains(r.Own, name) {
			wrong(at, "stands in recipients.own, too: a service is either the operator's or somebody else's")
		}
	}
	for _, name := range r.Own {
		if !service.MatchString(name) {
			wrong("recipients.own", "%q is no service: a name has a–z, 0–9 and hyphens between them", name)
		}
	}
	if !slices.Contains([]string{"en", "zh", "ar"}, r.Lang) {
		wrong("recipients.lang", "%q is none of en, zh, ar", r.Lang)
	}
	if r.Escalate < time.Hour || r.Escalate > 90*24*time.Hour {
		wrong("recipients.escalate", "%v is not between 1h and 2160h", r.Escalate)
	}
}
