package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// version begins whatever is sealed: AES-256-GCM with a random nonce of 12
// bytes in front and a tag of 16 behind.
const version = 1

// secretLength is the length of every key, in bytes.
const secretLength = 32

var errDamaged = fault.New(fault.Internal, "sealed_damaged",
	"A stored value can't be read: it was damaged, or belongs to another place or account.")

// A Field is where a sealed value lies: room.table.column, a constant of the
// room that owns it. Renaming one makes what was sealed under it unreadable.
type Field string

// A Sealer seals and opens one subject's fields. Safe for concurrent use.
type Sealer struct {
	subject inventory.Subject
	aead    cipher.AEAD
}

// Seal encrypts plain, bound to the field and the subject: put elsewhere it
// does not open. It adds 29 bytes, and shows how long plain is. An empty value
// stays empty, so that what was not given costs nothing; whoever can write to
// the database could empty a field as well as delete its row.
func (s *Sealer) Seal(f Field, plain []byte) []byte {
	if len(plain) == 0 {
		return []byte{}
	}
	return seal(s.aead, plain, s.bound(f))
}

// Open returns what was sealed for this field of this subject; anything else
// is the fault sealed_damaged.
func (s *Sealer) Open(f Field, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return []byte{}, nil
	}
	plain, err := open(s.aead, sealed, s.bound(f))
	if err != nil {
		return nil, errDamaged.Because(fmt.Errorf("%s: %w", f, err))
	}
	return plain, nil
}

// SealText is Seal for text.
func (s *Sealer) SealText(f Field, plain string) []byte { return s.Seal(f, []byte(plain)) }

// OpenText is Open for text.
func (s *Sealer) OpenText(f Field, sealed []byte) (string, error) {
	plain, err := s.Open(f, sealed)
	return string(plain), err
}

// SealJSON is Seal for a value that goes through JSON.
func (s *Sealer) SealJSON(f Field, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	return s.Seal(f, plain), nil
}

// OpenJSON is Open for what SealJSON sealed; an empty value leaves v as it is.
func (s *Sealer) OpenJSON(f Field, sealed []byte, v any) error {
	plain, err := s.Open(f, sealed)
	if err != nil || len(plain) == 0 {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return nil
}

// bound is what a sealed value is tied to.
func (s *Sealer) bound(f Field) []byte { return bind(string(f), string(s.subject)) }

// bind joins names, none of which but the last has a zero byte, so that no two
// lists of names look alike.
func bind(first, second string) []byte {
	bound := make([]byte, 0, len(first)+1+len(second))
	bound = append(bound, first...)
	bound = append(bound, 0)
	return append(bound, second...)
}

func seal(aead cipher.AEAD, plain, bound []byte) []byte {
	sealed := make([]byte, 1, 1+aead.Overhead()+len(plain))
	sealed[0] = version
	return aead.Seal(sealed, nil, plain, bound)
}

func open(aead cipher.AEAD, sealed, bound []byte) ([]byte, error) {
	if sealed[0] != version {
		return nil, fmt.Errorf("is of version %d, and this program knows %d", sealed[0], version)
	}
	plain, err := aead.Open(nil, nil, sealed[1:], bound)
	if err != nil {
		return nil, errors.New("does not open with this key at this place")
	}
	return plain, nil
}

// newSecret returns a new key.
func newSecret() []byte {
	secret := make([]byte, secretLength)
	rand.Read(secret) //nolint:errcheck // it never fails
	return secret
}

// newAEAD takes a key of secretLength. Random nonces are safe for 2³² values a
// key (NIST SP 800-38D, 8.3).
func newAEAD(secret []byte) cipher.AEAD {
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err) // only for another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for another cipher's block
	}
	return aead
}
