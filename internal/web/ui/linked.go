package ui

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// A Piece is a part of a text that somebody wrote: words, or a link out.
type Piece struct {
	Text string
	Href string // "" for words
	Host string // where the link leads, in ASCII, so that no letter passes for another
}

var (
	address  = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"'` + "`" + `\p{Cc}\p{Cf}]+`)
	trailing = ".,;:!?)]}»”’…。，、！？；：）】》"
)

// Linked takes a text apart that is not Waypost's own, so that the web
// addresses in it can be links. Whatever could lead elsewhere than it seems
// stays words: other schemes than http and https, names before an @, bare
// machines and their numbers, hosts that aren't spelled as the standard has them.
func Linked(text string) []Piece {
	var all []Piece
	done := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		typed := strings.TrimRight(text[at[0]:at[1]], trailing)
		link, ok := outward(typed)
		if !ok {
			continue
		}
		if at[0] > done {
			all = append(all, Piece{Text: text[done:at[0]]})
		}
		all = append(all, link)
		done = at[0] + len(typed)
	}
	if done < len(text) {
		all = append(all, Piece{Text: text[done:]})
	}
	return all
}

// mostShown is how much of an address is shown.
const mostShown = 60

func outward(typed string) (Piece, bool) {
	u, err := url.Parse(typed)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return Piece{}, false
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil || !strings.Contains(strings.Trim(host, "."), ".") {
		return Piece{}, false
	}
	if _, err := netip.ParseAddr(host); err == nil || numeric(host) {
		return Piece{}, false
	}
	if u.Host = host; u.Port() != "" || strings.Contains(typed[len(u.Scheme)+3:], host+":") {
		return Piece{}, false
	}
	shown := strings.TrimPrefix(strings.TrimSuffix(u.String(), "/"), u.Scheme+"://")
	if len(shown) > mostShown {
		shown = strings.ToValidUTF8(shown[:mostShown], "") + "…"
	}
	return Piece{Text: shown, Href: u.String(), Host: host}, true
}

// numeric reports whether a host's last part begins with a digit, which browsers
// read as a number of a machine in some odd notation.
func numeric(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && last[0] >= '0' && last[0] <= '9'
}
