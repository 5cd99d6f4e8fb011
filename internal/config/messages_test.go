package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, environ ...string) (Config, error) {
	t.Helper()
	return Load("", environ, nil)
}

func TestTheUsualEncryptionFollowsFromTheServer(t *testing.T) {
	for _, tc := range []struct{ server, tls string }{
		{"smtp.example.org:587", "starttls"},
		{"smtp.example.org:25", "starttls"},
		{"smtp.example.org:465", "implicit"},
		{"localhost:25", "off"},
		{"127.0.0.1:2525", "off"},
		{"[::1]:25", "off"},
		{"10.0.0.7:25", "starttls"},
	} {
		c, err := load(t, "WAYPOST_MAIL__SMTP="+tc.server, "WAYPOST_MAIL__FROM=Waypost <post@track.example>")
		if err != nil || c.Mail.TLS != tc.tls {
			t.Errorf("%s: %q, %v, want %q", tc.server, c.Mail.TLS, err, tc.tls)
		}
	}
}

func TestProvidersAreReadFromTheEnvironment(t *testing.T) {
	c, err := load(t, "WAYPOST_SMS__PROVIDER=generic", "WAYPOST_SMS__GENERIC__URL=https://sms.example/send?key=hush",
		"WAYPOST_SMS__GENERIC__HEADERS__X_API_KEY=hush", `WAYPOST_SMS__GENERIC__BODY={"to": "{to}", "text": "{text}"}`,
		"WAYPOST_SMS__GENERIC__SUCCESS=200, 202")
	if err != nil {
		t.Fatal(err)
	}
	g := c.SMS.Generic
	if string(g.Headers["x-api-key"]) != "hush" || !slices.Equal(g.Success, []int{200, 202}) {
		t.Errorf("headers %v, success %v", len(g.Headers), g.Success)
	}
	if all := fmt.Sprintf("%v %+v %#v", c.SMS, c.SMS, c.SMS); strings.Contains(all, "hush") {
		t.Errorf("a secret is shown: %s", all)
	}
}

func TestMistakesInMessagesAreNamed(t *testing.T) {
	const mail, from = "WAYPOST_MAIL__SMTP=smtp.example.org:587", "WAYPOST_MAIL__FROM=post@track.example"
	for _, tc := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"a sender without a server", []string{from}, []string{"mail.smtp:"}},
		{"a server without a port and a sender", []string{"WAYPOST_MAIL__SMTP=smtp.example.org"}, []string{"mail.smtp:", "mail.from:"}},
		{"an unknown encryption, half a login, half a signature", []string{mail, from, "WAYPOST_MAIL__TLS=ssl", "WAYPOST_MAIL__USER=post", "WAYPOST_MAIL__DKIM__DOMAIN=track.example"},
			[]string{"mail.tls:", "mail:", "mail.dkim:"}},
		{"a password in the clear", []string{mail, from, "WAYPOST_MAIL__TLS=off", "WAYPOST_MAIL__USER=post", "WAYPOST_MAIL__PASSWORD=open"}, []string{"mail.tls:"}},
		{"an unknown provider", []string{"WAYPOST_SMS__PROVIDER=pigeon"}, []string{"sms.provider:"}},
		{"settings without a provider", []string{"WAYPOST_SMS__TWILIO__ACCOUNT=AC1"}, []string{"sms.provider:"}},
		{"a generic one with nothing", []string{"WAYPOST_SMS__PROVIDER=generic", "WAYPOST_SMS__GENERIC__SUCCESS=2"}, []string{"sms.generic.url:", "sms.generic:", "sms.generic.success:"}},
		{"Twilio with nothing", []string{"WAYPOST_SMS__PROVIDER=twilio"}, []string{"sms.twilio.account:", "sms.twilio.secret:", "sms.twilio:"}},
		{"Twilio with two senders", []string{"WAYPOST_SMS__PROVIDER=twilio", "WAYPOST_SMS__TWILIO__ACCOUNT=AC1", "WAYPOST_SMS__TWILIO__SECRET=s", "WAYPOST_SMS__TWILIO__FROM=Waypost", "WAYPOST_SMS__TWILIO__SERVICE=MG1"}, []string{"sms.twilio:"}},
		{"Aliyun with a template of no kind", []string{"WAYPOST_SMS__PROVIDER=aliyun", "WAYPOST_SMS__ALIYUN__TEMPLATES__ADS=SMS_1", "WAYPOST_SMS__ALIYUN__BASE=ftp://x"},
			[]string{"sms.aliyun.key_id:", "sms.aliyun.key_secret:", "sms.aliyun.sign:", "sms.aliyun.templates.ads:", "sms.aliyun.base:"}},
	} {
		_, err := load(t, tc.environ...)
		if err == nil {
			t.Errorf("%s: taken", tc.name)
			continue
		}
		for _, want := range tc.want {
			if !strings.Contains(err.Error(), "\n  "+want) {
				t.Errorf("%s: the report lacks %q:\n%v", tc.name, want, err)
			}
		}
	}
}
