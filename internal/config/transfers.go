package config

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Transfers say why people's data may cross borders, as they do by other settings.
type Transfers struct {
	// Countries are those that data goes to, ISO 3166-1 alpha-2.
	Countries map[string]Assessment `koanf:"countries"`
	// Grounds are on what it goes there.
	Grounds []TransferGround `koanf:"grounds"`
}

// An Assessment is how well people's data is protected in a country.
type Assessment struct {
	// Level is adequate (as well as at home, by law), safeguarded (as well, by what was
	// agreed with who receives it) or lower.
	Level    string `koanf:"level"`
	Assessed string `koanf:"assessed"` // the day, 2026-03-02
	Review   string `koanf:"review"`   // the day by which it is assessed again
}

// Next is the day by which a country is assessed again, UTC: its beginning. It is
// overdue when that day is over.
func (a Assessment) Next() time.Time { return dayOf(a.Review) }

func dayOf(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text) // check said what was wrong
	return t
}

// A TransferGround is on what a region's data goes to a country.
type TransferGround struct {
	From   string `koanf:"from"`   // a region of Database.People
	To     string `koanf:"to"`     // ISO 3166-1 alpha-2
	Ground string `koanf:"ground"` // one of Grounds
	Record string `koanf:"record"` // where it is on record: the contract's number; optional
}

// Grounds are those on which data may cross a border, and how well it has to be
// protected there for each.
var Grounds = map[string][]string{
	"adequacy":                     {"adequate"},
	"standard_contractual_clauses": {"adequate", "safeguarded"},
	"consent":                      {"adequate", "safeguarded", "lower"},
}

// What a Crossing can be of, besides those who get something.
const (
	OfTeams  = "teams"  // business accounts of another region that somebody joins
	OfCopies = "copies" // standbys and backups
)

// A Crossing is something that the installation, as it is set up, sends across a
// border.
type Crossing struct {
	From string // a region
	// Of is who gets it, mail, sms, hosting or a provider's code, or one of the above.
	Of     string
	To     string // ISO 3166-1 alpha-2
	Ground string // "" none is given
	Record string
}

// Crossings are all of them, as far as countries are known, by region.
func (c Config) Crossings() []Crossing {
	var all []Crossing
	regions := slices.Sorted(maps.Keys(c.Database.People))
	for _, from := range regions {
		home := c.Policy.Countries[from]
		cross := func(of, to string) {
			if home != "" && to != "" && to != home {
				all = append(all, c.Transfers.grounded(Crossing{From: from, Of: of, To: to}))
			}
		}
		cross("hosting", c.Policy.Hosting.Country)
		for _, country := range c.Database.Copies[from] {
			cross(OfCopies, country)
		}
		for _, of := range slices.Sorted(maps.Keys(c.Policy.Recipients)) {
			if c.gets(of) {
				cross(of, c.Policy.Recipients[of])
			}
		}
		var met []string
		for _, other := range regions {
			if to := c.Policy.Countries[other]; other != from && !slices.Contains(met, to) {
				met = append(met, to)
				cross(OfTeams, to)
			}
		}
	}
	return all
}

// gets reports whether a recipient of Policy.Recipients gets anything.
func (c Config) gets(of string) bool {
	switch of {
	case "mail":
		return c.Mail.SMTP != ""
	case "sms":
		return c.SMS.Provider != ""
	}
	return true
}

func (t Transfers) grounded(c Crossing) Crossing {
	for _, g := range t.Grounds {
		if g.From == c.From && g.To == c.To {
			c.Ground, c.Record = g.Ground, g.Record
		}
	}
	return c
}

// completeTransfers brings countries into their one form, and refuses what crosses a
// border without a ground or an assessment.
func (c *Config) completeTransfers(wrong func(name, format string, args ...any)) {
	countries := map[string]Assessment{}
	for code, a := range c.Transfers.Countries {
		code = strings.ToUpper(code)
		checkCountry(wrong, "transfers.countries."+code, code)
		countries[code] = a
		a.check("transfers.countries."+code, wrong)
	}
	c.Transfers.Countries = countries
	for _, g := range c.Transfers.Grounds {
		g.check(*c, wrong)
	}
	for region := range c.Database.Copies {
		if c.Policy.Countries[region] == "" {
			wrong("policy.countries."+region, "is missing: copies of the region's data are kept, and whether they cross a border has to be known")
		}
	}
	asked := map[string]bool{}
	for _, x := range c.Crossings() {
		if at := x.From + " " + x.To; x.Ground == "" && !asked[at] {
			asked[at] = true
			wrong("transfers.grounds", "data of the region %s goes to %s (%s), and no ground is given; add: {from: %s, to: %s, ground: standard_contractual_clauses}, or adequacy, or consent", x.From, x.To, x.Of, x.From, x.To)
		}
		a, known := countries[x.To]
		switch {
		case !known && !asked[x.To]:
			asked[x.To] = true
			wrong("transfers.countries."+x.To, "is missing: data goes there; say its level of protection, when that was assessed, and by when it is again: {level: safeguarded, assessed: 2026-03-02, review: 2027-03-02}")
		case known && x.Ground != "" && a.Level != "" && !slices.Contains(Grounds[x.Ground], a.Level) && Grounds[x.Ground] != nil && !asked[x.Ground+x.To]:
			asked[x.Ground+x.To] = true
			wrong("transfers.grounds", "%s can't be the ground for %s, where the level of protection is %s", x.Ground, x.To, a.Level)
		}
	}
}

func (a Assessment) check(at string, wrong func(name, format string, args ...any)) {
	if !slices.Contains(Grounds["consent"], a.Level) {
		wrong(at+".level", "%q is none of adequate, safeguarded and lower", a.Level)
	}
	const firstZone = 14 * time.Hour // where a day comes first, it is so much ahead of UTC
	assessed, err := time.Parse(time.DateOnly, a.Assessed)
	if err != nil || assessed.After(time.Now().Add(firstZone)) {
		wrong(at+".assessed", "%q is no day like 2026-03-02 that has come", a.Assessed)
	}
	if review, err := time.Parse(time.DateOnly, a.Review); err != nil || !review.After(assessed) {
		wrong(at+".review", "%q is no day like 2027-03-02 after the one of the assessment", a.Review)
	}
}

func (g TransferGround) check(c Config, wrong func(name, format string, args ...any)) {
	if _, ok := c.Database.People[g.From]; !ok {
		wrong("transfers.grounds", "from: database.people has no region %q", g.From)
	}
	checkCountry(wrong, "transfers.grounds: to", g.To)
	if Grounds[g.Ground] == nil {
		wrong("transfers.grounds", "%q is none of adequacy, standard_contractual_clauses and consent", g.Ground)
	}
}

func isCountry(code string) bool {
	return len(code) == 2 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func checkCountry(wrong func(name, format string, args ...any), at, code string) {
	if !isCountry(code) {
		wrong(at, "%q is not a country's code of two capital letters", code)
	}
}
