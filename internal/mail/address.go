package mail

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Bounds of an address (RFC 5321, 4.5.3.1).
const (
	maxAddress = 254
	maxLocal   = 64
)

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.StrictDomainName(true))

// Address returns an address as it is written to: without spaces around it,
// with its domain in small ASCII letters (bücher.example becomes
// xn--bcher-kva.example). It takes what most mail servers can deliver: a plain
// ASCII name before the @ and a domain name after it; no quotes, comments,
// display names or numeric addresses. Otherwise the error is ErrAddress.
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	local, domain, ok := cutLast(text, "@")
	if !ok || len(text) > 4*maxAddress || !utf8.ValidString(text) || len(local) > maxLocal || !isPlain(local) {
		return "", ErrAddress
	}
	domain, err := domains.ToASCII(domain)
	if err != nil || !isHostName(domain) {
		return "", ErrAddress
	}
	address := local + "@" + domain
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address || len(address) > maxAddress {
		return "", ErrAddress
	}
	return address, nil
}

func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// isPlain reports whether a local part needs no quotes (RFC 5322, 3.2.3).
func isPlain(local string) bool {
	const marks = "!#$%&'*+/=?^_`{|}~-."
	for _, r := range local {
		if !isLetterOrDigit(r) && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	return local != ""
}

func isLetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// isHostName reports whether a domain has at least two labels and can't be
// taken for a number.
func isHostName(domain string) bool {
	_, last, ok := cutLast(domain, ".")
	return ok && strings.ContainsFunc(last, func(r rune) bool { return r >= 'a' && r <= 'z' })
}
