package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// tokenBytes of randomness are in a token.
const tokenBytes = 32

// newToken makes a token of a region, and the hash that is stored of it.
func newToken(region string) (Token, []byte) {
	b := make([]byte, tokenBytes)
	rand.Read(b) //nolint:errcheck // it never fails
	t := Token(region + "." + base64.RawURLEncoding.EncodeToString(b))
	return t, t.hash()
}

// hash is how a token is stored. What is random needs no key and no salt.
func (t Token) hash() []byte {
	_, secret, _ := strings.Cut(string(t), ".")
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// rawToken is a token's random part alone, for what nobody is to know.
func rawToken() string {
	t, _ := newToken("")
	return string(t)
}
