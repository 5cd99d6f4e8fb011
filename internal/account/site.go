package account

import (
	"cmp"
	"crypto/rand"
	"net/netip"
	"net/url"
	"strings"
)

// A Site is what authenticators and providers know the installation by. The
// zero Site has no passkeys, and nobody sent to a provider finds the way back.
type Site struct {
	Name    string   // what it is called where its passkeys and codes are kept; "" Waypost
	Domain  string   // to which passkeys belong for ever: track.example, or localhost; "" no passkeys
	Origins []string // where its pages are: https://track.example; providers send people back to the first
}

// SiteAt is the site at an address. One whose host is a number has no passkeys:
// they belong to names.
func SiteAt(name, address string) Site {
	s := Site{Name: name, Origins: []string{strings.TrimSuffix(address, "/")}}
	if u, err := url.Parse(address); err == nil {
		if _, err := netip.ParseAddr(u.Hostname()); err != nil {
			s.Domain = u.Hostname()
		}
	}
	return s
}

func (s Site) name() string { return cmp.Or(s.Name, "Waypost") }

// handleBytes of randomness are in a handle.
const handleBytes = 32

// newHandle makes what passkeys know an account by: its region, so that it is
// found, and nothing else of it. WebAuthn allows 64 bytes.
func newHandle(region string) []byte {
	b := make([]byte, handleBytes)
	rand.Read(b) //nolint:errcheck // it never fails
	return append([]byte(region+"."), b...)
}

// handleRegion is the region that a handle names, "" when it is none.
func handleRegion(handle []byte) string {
	region, rest, _ := strings.Cut(string(handle), ".")
	if len(rest) != handleBytes {
		return ""
	}
	return region
}
