package config

import (
	"net/mail"
	"slices"
)

// Policy is what the privacy policy says of the operator. What isn't said is
// named by `waypost policy check` and at the start.
type Policy struct {
	Company string `koanf:"company"` // who runs the installation
	Address string `koanf:"address"` // its address, in one line
	Officer string `koanf:"officer"` // who looks after data protection: a name or an office
	Mail    string `koanf:"mail"`    // where questions and requests go
	Phone   string `koanf:"phone"`   // the same by phone
	// Hosting is on whose machines the installation runs.
	Hosting Hosting `koanf:"hosting"`
	// Places are where the machines of each region of Database.People are, as
	// people read it: "Guangzhou, China".
	Places map[string]string `koanf:"places"`
	// Backups is how many days a backup of the data is kept at most, 1 to 3650.
	// Default 30. Backups that `waypost admin backup --prune` makes are deleted then.
	Backups int `koanf:"backups"`
	// Countries are in which country those are, ISO 3166-1 alpha-2. Needed with more
	// than one region, so that what crosses a border is known.
	Countries map[string]string `koanf:"countries"`
	// Recipients are the countries of those who get something: mail, sms, and the
	// services that people can sign in with by their names in Providers.
	Recipients map[string]string `koanf:"recipients"`
}

// Hosting is a company and the country that it is in, ISO 3166-1 alpha-2.
type Hosting struct {
	Name    string `koanf:"name"`
	Country string `koanf:"country"`
}

func (p Policy) check(d Database, services []string, wrong func(name, format string, args ...any)) {
	for region, country := range p.Countries {
		if _, ok := d.People[region]; !ok {
			wrong("policy.countries."+region, "database.people has no region of that name")
		}
		checkCountry(wrong, "policy.countries."+region, country)
	}
	for region := range d.People {
		if p.Countries[region] == "" && len(d.People) > 1 {
			wrong("policy.countries."+region, "is missing: with more than one region each says in which country its machines are, so that what crosses a border is known")
		}
	}
	for who, country := range p.Recipients {
		checkCountry(wrong, "policy.recipients."+who, country)
		if !slices.Contains(services, who) && who != "mail" && who != "sms" {
			wrong("policy.recipients."+who, "is neither mail nor sms nor a service that people can sign in with")
		}
	}
	if p.Mail != "" {
		if a, err := mail.ParseAddress(p.Mail); err != nil || a.Address != p.Mail {
			wrong("policy.mail", "%q is not an e-mail address like privacy@example.org", p.Mail)
		}
	}
	if p.Hosting.Country != "" {
		checkCountry(wrong, "policy.hosting.country", p.Hosting.Country)
	}
	if p.Hosting.Country != "" && p.Hosting.Name == "" {
		wrong("policy.hosting.name", "is missing beside the country")
	}
	if p.Backups < 1 || p.Backups > 3650 {
		wrong("policy.backups", "%d is no number of days from 1 to 3650", p.Backups)
	}
	for region := range p.Places {
		if _, ok := d.People[region]; !ok {
			wrong("policy.places."+region, "database.people has no region of that name")
		}
	}
}
