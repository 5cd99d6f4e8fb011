package sms

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/url"
	"testing"

	"waypost/internal/fault"
)

func TestGenericSpeaksAsDescribed(t *testing.T) {
	base, client, calls := fake(t, 202, "")
	for _, tc := range []struct {
		name    string
		generic Generic
		read    func(c call) (to, text string, err error)
	}{
		{"JSON, which is what a body is unless said", Generic{URL: base + "/v1/send", Body: `{"message":{"to":"{to}","text":"{text}"}}`}, func(c call) (string, string, error) {
			var in struct{ Message struct{ To, Text string } }
			err := json.Unmarshal([]byte(c.body), &in)
			return in.Message.To, in.Message.Text, err
		}},
		{"a form", Generic{URL: base, Headers: map[string]string{"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, Body: "to=%2B{digits}&text={text}&flash=0"}, func(c call) (string, string, error) {
			form, err := url.ParseQuery(c.body)
			return form.Get("to"), form.Get("text"), err
		}},
		{"XML", Generic{URL: base, Headers: map[string]string{"Content-Type": "text/xml"}, Body: "<sms to=\"{to}\"><text>{text}</text></sms>"}, func(c call) (string, string, error) {
			var in struct {
				To   string `xml:"to,attr"`
				Text string `xml:"text"`
			}
			err := xml.Unmarshal([]byte(c.body), &in)
			return in.To, in.Text, err
		}},
		{"an address alone", Generic{Method: "GET", URL: base + "/send/{to}?text={text}"}, func(c call) (string, string, error) {
			return c.URL.Path[len("/send/"):], c.URL.Query().Get("text"), nil
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.generic.Headers == nil {
				tc.generic.Headers = map[string]string{}
			}
			tc.generic.Headers["X-Api-Key"] = "hush"
			s, err := NewGeneric(tc.generic, client, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{hello.Text, "{to} {digits} %41 \\u0041 </text> ]]> \"}}"} {
				m := hello
				m.Text = text
				*calls = nil
				if err := s.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				c := (*calls)[0]
				to, got, err := tc.read(c)
				if err != nil || to != m.To || got != text || c.Header.Get("X-Api-Key") != "hush" {
					t.Errorf("to %q, text %q, %v from %s %s", to, got, err, c.RequestURI, c.body)
				}
			}
		})
	}
}

func TestGenericReadsTheStatus(t *testing.T) {
	for _, tc := range []struct {
		name    string
		status  int
		success []int
		want    error
	}{
		{"any success", 204, nil, nil},
		{"the one that counts", 202, []int{202}, nil},
		{"another one, which does not count", 200, []int{202}, errSetup},
		{"a bad request", 400, nil, errRejected},
		{"a wrong key", 401, nil, errSetup},
		{"too many", 429, nil, errLimited},
		{"down", 503, nil, errUnreachable},
	} {
		base, client, _ := fake(t, tc.status, `{"error": "+41790000001 does not take 482913"}`)
		s, err := NewGeneric(Generic{URL: base, Body: `{"a":"{to}","b":"{text}"}`, Success: tc.success}, client, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Send(t.Context(), hello)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if err != nil {
			tells(t, err)
		}
	}
}

func TestGenericIsCheckedAtStart(t *testing.T) {
	for name, g := range map[string]Generic{
		"a body that is no JSON":    {URL: "https://sms.example", Body: `{"to": {to}`},
		"no address":                {URL: "://", Body: `{"to": "{to}"}`},
		"a method with a space":     {Method: "PO ST", URL: "https://sms.example"},
		"a content type of nowhere": {URL: "https://sms.example", Headers: map[string]string{"Content-Type": ";"}, Body: "x"},
	} {
		if _, err := NewGeneric(g, nil, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
