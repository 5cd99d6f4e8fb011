package mail

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"waypost/internal/fault"
)

// maxKeyFile bounds a key file, in bytes.
const maxKeyFile = 64 << 10

// signed are the headers that a signature covers, and each once more, so that
// nobody can add one (RFC 6376, 8.15). RFC 8058 asks for List-Unsubscribe-Post.
var signed = []string{
	"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Language",
	"Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// A DKIM signs messages for a domain (RFC 6376), with RSA or Ed25519.
type DKIM struct {
	domain, selector string
	key              crypto.Signer
}

var (
	errKey    = fault.New(fault.Invalid, "dkim_key", "The DKIM key %s can't be used: %s.")
	dnsLabels = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$`)
)

// ReadDKIM reads a private key in PEM: RSA of at least 2048 bits, or Ed25519.
// The public key is at selector._domainkey.domain in the DNS.
func ReadDKIM(domain, selector, file string) (*DKIM, error) {
	if !dnsLabels.MatchString(domain) || !dnsLabels.MatchString(selector) {
		return nil, fault.New(fault.Invalid, "dkim_name", "The DKIM domain and selector must be names as in the DNS.")
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, errKey.With(file, "it can't be read; is the name right, and may this user read it?").Because(err)
	}
	if info.Size() > maxKeyFile {
		return nil, errKey.With(file, "it is larger than 64 KiB")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, errKey.With(file, "it can't be read").Because(err)
	}
	key, err := gomail.PrivKeyFromPEM(text)
	if err != nil {
		return nil, errKey.With(file, "it is no private key in PEM, RSA or Ed25519").Because(err)
	}
	if k, ok := key.(*rsa.PrivateKey); ok && k.N.BitLen() < 2048 {
		return nil, errKey.With(file, "it has fewer than 2048 bits")
	}
	return &DKIM{domain, selector, key}, nil
}

// sign puts a signature before a message.
func (d *DKIM) sign(raw []byte) ([]byte, error) {
	end := bytes.Index(raw, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, errors.New("sign e-mail: it has no body")
	}
	signer := gomail.NewDKIMSigner(d.domain, d.selector, d.key) // one a message: it keeps state
	signer.SignHeaders(signed...)
	signer.OversignHeaders(signed...)
	line, err := signer.Sign(raw[:end+2], raw[end+4:])
	if err != nil {
		return nil, fmt.Errorf("sign e-mail: %w", err)
	}
	return append([]byte(refold(line)), raw...), nil
}

// refold breaks a signature's line between its tags only. The library breaks
// a long list of headers in the middle of a name, where the space of the new
// line is not part of what was signed, and the signature fails.
func refold(line string) string {
	return strings.ReplaceAll(strings.ReplaceAll(line, "\r\n ", ""), "; ", ";\r\n ")
}
