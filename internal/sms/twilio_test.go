package sms

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestTwilioIsAskedAsItsReferenceSays(t *testing.T) {
	for _, tc := range []struct {
		name   string
		twilio Twilio
		auth   string
		sender url.Values
	}{
		{"by the account's token, from a number", Twilio{Account: "AC1", Secret: "token", From: "+15005550006"}, "AC1:token", url.Values{"From": {"+15005550006"}}},
		{"by a key, through a messaging service", Twilio{Account: "AC1", Key: "SK1", Secret: "hush", Service: "MG1"}, "SK1:hush", url.Values{"MessagingServiceSid": {"MG1"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, client, calls := fake(t, 201, `{"sid": "SM1", "status": "queued"}`)
			tc.twilio.Base = base + "/"
			if err := NewTwilio(tc.twilio, client, nil).Send(t.Context(), hello); err != nil {
				t.Fatal(err)
			}
			c := (*calls)[0]
			if c.Method != "POST" || c.URL.Path != "/2010-04-01/Accounts/AC1/Messages.json" || c.URL.RawQuery != "" {
				t.Errorf("%s %s", c.Method, c.URL)
			}
			credentials, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.Header.Get("Authorization"), "Basic "))
			if err != nil || string(credentials) != tc.auth {
				t.Errorf("credentials %q, %v", credentials, err)
			}
			want := url.Values{"To": {hello.To}, "Body": {hello.Text}}
			for name, values := range tc.sender {
				want[name] = values
			}
			got, err := url.ParseQuery(c.body)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("form %v, %v, want %v", got, err, want)
			}
		})
	}
}

func TestTwilioAnswers(t *testing.T) {
	for _, tc := range []struct {
		status, code int
		want         error
	}{
		{400, 21211, ErrRefused},
		{400, 21610, ErrRefused},
		{400, 21614, ErrRefused},
		{400, 21617, errRejected},
		{400, 21606, errSetup},
		{401, 20003, errSetup},
		{429, 20429, errLimited},
		{400, 21611, errLimited},
		{503, 20503, errUnreachable},
		{502, 0, errUnreachable},
	} {
		answer := "<html>bad gateway</html>"
		if tc.code != 0 {
			answer = fmt.Sprintf(`{"code": %d, "message": "The 'To' number +41790000001 is not valid for 482913", "status": %d}`, tc.code, tc.status)
		}
		base, client, _ := fake(t, tc.status, answer)
		err := NewTwilio(Twilio{Account: "AC1", Secret: "s", From: "Waypost", Base: base}, client, nil).Send(t.Context(), hello)
		if !errors.Is(err, tc.want) {
			t.Errorf("%d %d: got %v, want %v", tc.status, tc.code, err, tc.want)
			continue
		}
		tells(t, err)
	}
}
