package account_test

import (
	"strings"
	"testing"

	"waypost/internal/account"
)

func TestParseContact(t *testing.T) {
	for _, tc := range []struct {
		name, in, country string
		want              account.Contact
		bad               string
	}{
		{"a plain address", "mia@mail.example", "", account.Contact{Kind: account.Mail, Value: "mia@mail.example"}, ""},
		{"spaces around, capitals behind the at", "  Mia@MAIL.Example ", "", account.Contact{Kind: account.Mail, Value: "Mia@mail.example"}, ""},
		{"a domain in another script", "mia@bücher.example", "", account.Contact{Kind: account.Mail, Value: "mia@xn--bcher-kva.example"}, ""},
		{"a mailbox in another script", "用户@mail.example", "", account.Contact{Kind: account.Mail, Value: "用户@mail.example"}, ""},
		{"a tag", "mia+parcels@mail.example", "", account.Contact{Kind: account.Mail, Value: "mia+parcels@mail.example"}, ""},
		{"a name and brackets", "Mia <mia@mail.example>", "", account.Contact{}, "mail_address"},
		{"two addresses", "mia@mail.example, noah@mail.example", "", account.Contact{}, "mail_address"},
		{"no domain", "mia@", "", account.Contact{}, "mail_address"},
		{"no mailbox", "@mail.example", "", account.Contact{}, "mail_address"},
		{"a domain of one label", "mia@localhost", "", account.Contact{}, "mail_address"},
		{"an address literal", "mia@[192.0.2.1]", "", account.Contact{}, "mail_address"},
		{"a quoted mailbox", `"mia mia"@mail.example`, "", account.Contact{}, "mail_address"},
		{"a line's end within", "mia@mail.example\r\nBcc: noah@mail.example", "", account.Contact{}, "mail_address"},
		{"a mailbox that is too long", strings.Repeat("m", 65) + "@mail.example", "", account.Contact{}, "mail_address"},
		{"something far too long", strings.Repeat("m", 400) + "@mail.example", "", account.Contact{}, "contact"},
		{"a number with its country", "+49 30 1234567", "", account.Contact{Kind: account.Phone, Value: "+49301234567"}, ""},
		{"a number as it is dialled at home", "(030) 123-4567", "DE", account.Contact{Kind: account.Phone, Value: "+49301234567"}, ""},
		{"a number of nowhere", "030 1234567", "", account.Contact{}, "phone_number"},
		{"a number that is too short", "+49 1", "", account.Contact{}, "phone_number"},
		{"nothing", " ", "", account.Contact{}, "contact"},
		{"a word", "mia", "", account.Contact{}, "contact"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := account.ParseContact(tc.in, tc.country)
			if tc.bad != "" {
				wantFault(t, err, tc.bad)
				return
			}
			if err != nil || got != tc.want {
				t.Errorf("ParseContact(%q) = %+v, %v, want %+v", tc.in, got, err, tc.want)
			}
		})
	}
}

func TestMaskedContacts(t *testing.T) {
	for in, want := range map[account.Contact]string{
		mia: "m…@mail.example",
		{Kind: account.Phone, Value: "+49301234567"}: "+49…67",
		{}: "…",
	} {
		if got := in.Masked(); got != want {
			t.Errorf("%v masked is %q, want %q", in, got, want)
		}
	}
}

// What is read once is read the same again, fits its limits, and has nothing
// that a message's head would stumble over.
func FuzzParseContact(f *testing.F) {
	for _, seed := range []string{"mia@mail.example", "mia@bücher.example", "+49 30 1234567", "030 1234567", `"a b"@c.example`, "a@b\r\nc.example", "＋４９ ３０ １２３４５６７"} {
		f.Add(seed, "DE")
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		c, err := account.ParseContact(text, country)
		if err != nil {
			return
		}
		if len(c.Value) > 254 || strings.ContainsAny(c.Value, " \t\r\n<>\"") {
			t.Errorf("ParseContact(%q) = %q", text, c.Value)
		}
		again, err := account.ParseContact(c.Value, "")
		if err != nil || again != c {
			t.Errorf("ParseContact(%q) = %+v, and that again is %+v, %v", text, c, again, err)
		}
	})
}
