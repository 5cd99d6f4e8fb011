package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"

	"waypost/internal/fault"
)

var (
	errKeyText = fault.New(fault.Invalid, "regional_key_invalid",
		"The regional key in %s can't be used: %s. A key is 32 random bytes in base64, as `openssl rand -base64 32` prints them.")
	errNoRegional = fault.New(fault.Unavailable, "regional_key_missing",
		"The key store needs the regional key %s, and this program has only %s. Configure that key as well (keys.REGION.file or keys.REGION.key); without it, what it protects can't be read.")
)

// A KeyID tells regional keys apart. It follows from the key, so nobody has to
// name one and two can't be mixed up; it gives nothing of the key away.
type KeyID string

// A Ring is the keys of one region, which wrap those of its people. The newest
// wraps; the older ones still unwrap until Rewrap is done with them. It hides
// itself from logs.
type Ring struct {
	current KeyID
	keys    map[KeyID]cipher.AEAD
}

// What a wrapped key is for; none opens in another's place.
const (
	purposeRoot    = "root"
	purposeSubject = "subject"
)

// ParseRing reads the keys, newest first, each 32 bytes in base64. where says
// in errors where they are from.
func ParseRing(where string, texts ...string) (Ring, error) {
	if len(texts) == 0 {
		return Ring{}, errKeyText.With(where, "there is none")
	}
	ring := Ring{keys: map[KeyID]cipher.AEAD{}}
	for i, text := range texts {
		secret, err := base64.StdEncoding.DecodeString(text)
		switch {
		case err != nil:
			return Ring{}, errKeyText.With(where, fmt.Sprintf("key %d is not base64", i+1))
		case len(secret) != secretLength:
			return Ring{}, errKeyText.With(where, fmt.Sprintf("key %d has %d bytes", i+1, len(secret)))
		}
		id := KeyID(hex.EncodeToString(derive(secret, "waypost regional key: name", 8)))
		if _, twice := ring.keys[id]; twice {
			return Ring{}, errKeyText.With(where, fmt.Sprintf("key %d is there twice", i+1))
		}
		ring.keys[id] = newAEAD(derive(secret, "waypost regional key: wrap", secretLength))
		if i == 0 {
			ring.current = id
		}
	}
	return ring, nil
}

// Current names the key that wraps.
func (r Ring) Current() KeyID { return r.current }

func (Ring) String() string { return "[regional keys]" }

// GoString keeps %#v from showing it.
func (Ring) GoString() string { return "[regional keys]" }

// LogValue keeps slog from showing it.
func (Ring) LogValue() slog.Value { return slog.StringValue("[regional keys]") }

// wrap seals a key with the current regional key, bound to what it is for and whose.
func (r Ring) wrap(purpose, name string, secret []byte) []byte {
	return seal(r.keys[r.current], secret, bind(purpose, name))
}

func (r Ring) unwrap(id KeyID, purpose, name string, wrapped []byte) ([]byte, error) {
	aead, ok := r.keys[id]
	if !ok {
		return nil, errNoRegional.With(id, r.current)
	}
	if len(wrapped) == 0 {
		return nil, errDamaged.Because(fmt.Errorf("%s key is empty", purpose))
	}
	secret, err := open(aead, wrapped, bind(purpose, name))
	if err != nil {
		return nil, errDamaged.Because(fmt.Errorf("%s key: %w", purpose, err))
	}
	if len(secret) != secretLength {
		return nil, errDamaged.Because(fmt.Errorf("%s key has %d bytes", purpose, len(secret)))
	}
	return secret, nil
}

// derive makes a key for one use out of another; what for keeps uses apart.
func derive(secret []byte, what string, length int) []byte {
	derived, err := hkdf.Key(sha256.New, secret, nil, what, length)
	if err != nil {
		panic(err) // only for a length beyond 255 hashes
	}
	return derived
}
