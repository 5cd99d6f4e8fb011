package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// copying is the rest of a configuration with copies of us kept in a country.
func copying(rest, country string) string { return "copies: {us: [" + country + "]}\n" + rest }

// crossing is a configuration with two regions in different countries, and what
// else is said.
func crossing(t *testing.T, rest string) (Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "waypost.yaml")
	copies, rest := "", rest
	if of, after, ok := strings.Cut(rest, "\n"); ok && strings.HasPrefix(of, "copies: ") {
		copies, rest = ", "+of, after
	}
	text := "database: {people: {cn: 'sqlite:cn.db', us: 'sqlite:us.db'}, serves: {cn: [CN], us: ['*']}" + copies + "}\n" + rest
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, nil, nil)
}

const (
	stands   = "mail: {smtp: 'mail.example:587', from: post@track.example}\npolicy: {countries: {cn: CN, us: US}, recipients: {mail: DE}}\n"
	assessed = `    CN: {level: lower, assessed: 2026-01-05, review: 2027-01-05}
    us: {level: safeguarded, assessed: 2026-01-05, review: 2027-01-05}
    DE: {level: adequate, assessed: 2026-01-05, review: 2027-01-05}
`
	grounds = `    - {from: cn, to: US, ground: standard_contractual_clauses, record: C-2026-7}
    - {from: cn, to: DE, ground: adequacy}
    - {from: us, to: CN, ground: consent}
    - {from: us, to: DE, ground: adequacy}
`
)

func TestATransferNeedsAGround(t *testing.T) {
	all := stands + "transfers:\n  countries:\n" + assessed + "  grounds:\n" + grounds
	c, err := crossing(t, all)
	if err != nil {
		t.Fatal(err)
	}
	want := "[{cn mail DE adequacy } {cn teams US standard_contractual_clauses C-2026-7} {us mail DE adequacy } {us teams CN consent }]"
	if got := fmt.Sprint(c.Crossings()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c.Transfers.Countries["US"].Next().Year() != 2027 {
		t.Errorf("the countries are %+v", c.Transfers.Countries)
	}
	if c, err := crossing(t, copying(all, "DE")); err != nil || !strings.Contains(fmt.Sprint(c.Crossings()), "{us copies DE adequacy }") {
		t.Errorf("a copy with a ground: %v, %v", c.Crossings(), err)
	}
	today := time.Now().In(time.FixedZone("where a day comes first", 14*60*60)).Format(time.DateOnly)
	if _, err := crossing(t, strings.Replace(all, "level: lower, assessed: 2026-01-05", "level: lower, assessed: "+today, 1)); err != nil && strings.Contains(err.Error(), ".assessed") {
		t.Errorf("assessed today, where it is that day already: %v", err)
	}
	for _, tc := range []struct{ name, text, want string }{
		{"no country of a region", "policy: {countries: {cn: CN}}", "policy.countries.us: is missing"},
		{"no ground", strings.Replace(all, "{from: us, to: DE, ground: adequacy}", "{from: us, to: FR, ground: adequacy}", 1),
			"data of the region us goes to DE (mail), and no ground is given; add: {from: us, to: DE, ground: "},
		{"no assessment", strings.Replace(all, "    DE: {", "    FR: {", 1), "transfers.countries.DE: is missing: data goes there"},
		{"a ground that the protection there doesn't bear", strings.Replace(all, "ground: consent", "ground: adequacy", 1), "adequacy can't be the ground for CN, where the level of protection is lower"},
		{"no such ground", strings.Replace(all, "ground: consent", "ground: convenience", 1), `"convenience" is none of`},
		{"no such region", strings.Replace(all, "{from: us, to: CN", "{from: eu, to: CN", 1), `has no region "eu"`},
		{"a level that is none", strings.Replace(all, "level: lower", "level: fine", 1), `transfers.countries.CN.level: "fine" is none of`},
		{"assessed on a day to come", strings.Replace(all, "level: lower, assessed: 2026", "level: lower, assessed: 2099", 1), "transfers.countries.CN.assessed"},
		{"a copy without a ground", copying(all, "SG"), "data of the region us goes to SG (copies), and no ground is given"},
		{"no next review", strings.Replace(all, "review: 2027-01-05", "review: 2025-01-05", 1), "transfers.countries.CN.review"},
		{"a recipient that is none", strings.Replace(all, "recipients: {mail: DE}", "recipients: {gogle: US}", 1), "policy.recipients.gogle: is neither"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := crossing(t, tc.text); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	if c, err := Load("", []string{"WAYPOST_POLICY__COUNTRIES__DEFAULT=CH", "WAYPOST_POLICY__HOSTING__NAME=Reed Clouds", "WAYPOST_POLICY__HOSTING__COUNTRY=CH"}, nil); err != nil || len(c.Crossings()) > 0 {
		t.Errorf("within one country: %v, %v", c.Crossings(), err)
	}
}
