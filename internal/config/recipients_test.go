package config

import (
	"strings"
	"testing"
	"time"
)

func TestRecipients(t *testing.T) {
	c, err := Load("", []string{"WAYPOST_RECIPIENTS__CONTACTS__SF_EXPRESS=privacy@sf.example", "WAYPOST_RECIPIENTS__OWN=mail, sms"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Recipients
	if r.Contacts["sf-express"] != "privacy@sf.example" || len(r.Own) != 2 || r.Lang != "en" || r.Escalate != 7*24*time.Hour {
		t.Errorf("got %+v", r)
	}
	for _, tc := range []struct{ name, value, want string }{
		{"recipients.contacts.mail", "Reed <privacy@relay.example>", "recipients.contacts.mail: "},
		{"recipients.contacts.Mail server", "privacy@relay.example", "is no service"},
		{"recipients.own", "google, the relay", `"the relay" is no service`},
		{"recipients.lang", "de", "is none of en, zh, ar"},
		{"recipients.escalate", "10m", "is not between 1h and 2160h"},
	} {
		_, err := Load("", nil, map[string]any{tc.name: tc.value})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %s is answered %v, want %q", tc.name, tc.value, err, tc.want)
		}
	}
	_, err = Load("", nil, map[string]any{"recipients.contacts.mail": "privacy@relay.example", "recipients.own": "mail"})
	if err == nil || !strings.Contains(err.Error(), "stands in recipients.own, too") {
		t.Errorf("a service that is the operator's and somebody else's: %v", err)
	}
}
