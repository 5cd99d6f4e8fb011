package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A cost is what a hash of a password takes.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// today's cost: the OWASP Password Storage Cheat Sheet's recommendation for argon2id.
var today = cost{memory: 19 * 1024, passes: 2, threads: 1}

// What is stored can't ask for more than this, however it came to be stored.
var dearest = cost{memory: 1 << 20, passes: 16, threads: 16}

const (
	saltBytes = 16
	hashBytes = 32
	maxPHC    = 256
)

// A phc is a stored hash: $argon2id$v=19$m=19456,t=2,p=1$salt$hash, see the PHC
// string format's specification.
type phc struct {
	cost
	salt, hash []byte
}

func newPHC(password []byte, c cost) phc {
	salt := make([]byte, saltBytes)
	rand.Read(salt) //nolint:errcheck // it never fails
	return phc{cost: c, salt: salt, hash: c.hash(password, salt, hashBytes)}
}

func (c cost) hash(password, salt []byte, length int) []byte {
	return argon2.IDKey(password, salt, c.passes, c.memory, c.threads, uint32(length))
}

func (p phc) matches(password []byte) bool {
	return subtle.ConstantTimeCompare(p.cost.hash(password, p.salt, len(p.hash)), p.hash) == 1
}

func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.threads,
		base64.RawStdEncoding.EncodeToString(p.salt), base64.RawStdEncoding.EncodeToString(p.hash))
}

// parsePHC reads a stored hash, and refuses one that costs more than we would
// ever ask for.
func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(text) > maxPHC || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return phc{}, errPHC
	}
	var p phc
	var version int
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return phc{}, errPHC
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); n != 3 || err != nil {
		return phc{}, errPHC
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil {
		return phc{}, errPHC
	}
	if p.hash, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil {
		return phc{}, errPHC
	}
	if p.String() != text || !p.bearable() {
		return phc{}, errPHC
	}
	return p, nil
}

func (p phc) bearable() bool {
	return p.threads > 0 && p.threads <= dearest.threads && p.passes > 0 && p.passes <= dearest.passes &&
		p.memory >= 8*uint32(p.threads) && p.memory <= dearest.memory &&
		len(p.salt) >= 8 && len(p.hash) >= 16 && len(p.hash) <= 64
}
