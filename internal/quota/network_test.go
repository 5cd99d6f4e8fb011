package quota_test

import (
	"net/netip"
	"strings"
	"testing"

	"waypost/internal/quota"
)

func TestRangesAreRead(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{"192.0.2.7", "192.0.2.7"},
		{"192.0.2.7, 2001:db8::7\n198.51.100.0/24", "192.0.2.7 2001:db8::7 198.51.100.0/24"},
		{"192.0.2.7/32", "192.0.2.7"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"::/0", "::/0"},
		{"2001:db8:0:0::/64", "2001:db8::/64"},
		{"192.0.2.0-192.0.2.255", "192.0.2.0/24"},
		{"192.0.2.1 - 192.0.2.9", "192.0.2.1-192.0.2.9"},
		{"192.0.2.1–192.0.2.9", "192.0.2.1-192.0.2.9"},
		{"2001:db8::1-2001:db8::ff", "2001:db8::1-2001:db8::ff"},
		{"::ffff:192.0.2.7", "192.0.2.7"},
	} {
		got, err := quota.ParseRanges(tc.in)
		if err != nil {
			t.Errorf("ParseRanges(%q): %v", tc.in, err)
			continue
		}
		var words []string
		for _, r := range got {
			words = append(words, r.String())
		}
		if text := strings.Join(words, " "); text != tc.want {
			t.Errorf("ParseRanges(%q) = %q, want %q", tc.in, text, tc.want)
		}
	}
}

func TestWhatIsNoRange(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"office", "address_malformed"},
		{"192.0.2.256", "address_malformed"},
		{"192.0.2", "address_malformed"},
		{"192.0.2.0/33", "address_malformed"},
		{"fe80::1%eth0", "address_malformed"},
		{"192.0.2.1-", "address_malformed"},
		{"192.0.2.1-fe80::1%eth0", "address_malformed"},
		{"::ffff:192.0.2.0/120", "address_malformed"},
		{"192.0.2.7/24", "address_bits"},
		{"192.0.2.9-192.0.2.1", "address_order"},
		{"192.0.2.9-2001:db8::1", "address_order"},
		{strings.Repeat("192.0.2.7 ", 101), "address_many"},
	} {
		_, err := quota.ParseRanges(tc.in)
		wantFault(t, err, tc.want)
	}
}

func FuzzParseRanges(f *testing.F) {
	for _, seed := range []string{"192.0.2.7", "192.0.2.0/24", "10.0.0.1-10.0.0.9", "2001:db8::/32", "::ffff:1.2.3.4", "1.2.3.4 - 5.6.7.8", "fe80::1%a"} {
		f.Add(seed, "192.0.2.7")
	}
	f.Fuzz(func(t *testing.T, text, address string) {
		ranges, err := quota.ParseRanges(text)
		if err != nil {
			return
		}
		a, err := netip.ParseAddr(address)
		for _, r := range ranges {
			again, wrong := quota.ParseRanges(r.String())
			if wrong != nil || len(again) != 1 || again[0] != r {
				t.Fatalf("%s of %q is read as %v, %v", r, text, again, wrong)
			}
			if err == nil && again[0].Contains(a) != r.Contains(a) {
				t.Fatalf("%s contains %s and doesn't", r, a)
			}
		}
	})
}
