package config_test

import (
	"strings"
	"testing"

	"waypost/internal/config"
)

func TestWhatThePolicySaysOfTheOperator(t *testing.T) {
	c, err := config.Load("", []string{
		"WAYPOST_POLICY__COMPANY=Heron Post", "WAYPOST_POLICY__MAIL=privacy@heron.example",
		"WAYPOST_POLICY__HOSTING__NAME=Reed Clouds", "WAYPOST_POLICY__HOSTING__COUNTRY=CH", "WAYPOST_POLICY__PLACES__DEFAULT=Zurich",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Policy; p.Company != "Heron Post" || p.Hosting.Country != "CH" || p.Places["default"] != "Zurich" || p.Backups != 30 {
		t.Errorf("read %+v", p)
	}
	_, err = config.Load("", []string{
		"WAYPOST_POLICY__MAIL=Heron <a@b.example>", "WAYPOST_POLICY__HOSTING__COUNTRY=Swiss", "WAYPOST_POLICY__PLACES__MOON=far",
		"WAYPOST_POLICY__BACKUPS=0",
	}, nil)
	for _, want := range []string{"policy.backups", "policy.mail", "policy.hosting.country", "policy.hosting.name", "policy.places.moon"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is taken: %v", want, err)
		}
	}
}
