package mail

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "mara@example.org", "mara@example.org"},
		{"spaces around it", "  mara@example.org\n", "mara@example.org"},
		{"a domain in capitals, a name as it is", "Mara.B+parcels@EXAMPLE.Org", "Mara.B+parcels@example.org"},
		{"an umlaut domain", "mara@bücher.example", "mara@xn--bcher-kva.example"},
		{"a Chinese domain with its own full stop", "mara@例子。例", "mara@xn--fsqu00a.xn--fsq"},
		{"a domain in ASCII already", "mara@xn--bcher-kva.example", "mara@xn--bcher-kva.example"},
		{"all marks that need no quotes", "!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"},
		{"nothing", "", ""},
		{"no at", "example.org", ""},
		{"no name", "@example.org", ""},
		{"no domain", "mara@", ""},
		{"one label", "mara@localhost", ""},
		{"a number", "mara@192.0.2.1", ""},
		{"a number in brackets", "mara@[192.0.2.1]", ""},
		{"a display name", "Mara <mara@example.org>", ""},
		{"angle brackets", "<mara@example.org>", ""},
		{"a comment", "mara@example.org (Mara)", ""},
		{"two", "mara@example.org,eve@example.org", ""},
		{"two ats", "mara@eve@example.org", ""},
		{"quotes", `"mara b"@example.org`, ""},
		{"two dots", "mara..b@example.org", ""},
		{"a dot first", ".mara@example.org", ""},
		{"a line break", "mara@example.org\r\nBcc: eve@example.org", ""},
		{"a line break before the at", "mara\n@example.org", ""},
		{"a NUL", "mara\x00@example.org", ""},
		{"a name beyond ASCII", "mär@example.org", ""},
		{"a space in the domain", "mara@exam ple.org", ""},
		{"an underscore in the domain", "mara@exam_ple.org", ""},
		{"a hyphen first in a label", "mara@-example.org", ""},
		{"a dot at the end", "mara@example.org.", ""},
		{"a name too long", strings.Repeat("m", 65) + "@example.org", ""},
		{"a label too long", "mara@" + strings.Repeat("m", 64) + ".example", ""},
		{"a domain too long", "mara@" + strings.Repeat("m.", 130) + "example", ""},
		{"broken UTF-8", "mara@ex\xffample.org", ""},
	} {
		got, err := Address(tc.in)
		if got != tc.want || (tc.want == "") != errors.Is(err, ErrAddress) {
			t.Errorf("%s: Address(%q) = %q, %v, want %q", tc.name, tc.in, got, err, tc.want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"mara@example.org", "mara@bücher.example", "a@b@c.example", "\"q\"@x.example", "m@例子。例", "x@y.example\r\nBcc: z", "a@[::1]", ".a@b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Address(text)
		if err != nil {
			if !errors.Is(err, ErrAddress) || got != "" {
				t.Fatalf("Address(%q) = %q, %v", text, got, err)
			}
			return
		}
		for _, r := range got {
			if r <= ' ' || r > '~' || strings.ContainsRune(`<>,;:()[]"\`, r) {
				t.Fatalf("Address(%q) = %q has %q", text, got, r)
			}
		}
		if parsed, err := mail.ParseAddress("<" + got + ">"); err != nil || parsed.Address != got {
			t.Fatalf("Address(%q) = %q, which is read as %v, %v", text, got, parsed, err)
		}
		if again, err := Address(got); err != nil || again != got {
			t.Fatalf("Address(%q) = %q, and of that %q, %v", text, got, again, err)
		}
	})
}
