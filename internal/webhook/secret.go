package webhook

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// How secrets are written (Standard Webhooks 1.0.0, "Signature scheme").
const (
	secretPrefix = "whsec_" // of an HMAC key
	publicPrefix = "whpk_"  // of an Ed25519 public key

	secretBytes = 32 // it wants 24 to 64
)

// A Secret is what an endpoint's deliveries are signed with. After a rotation
// there are several for a while, and each signs.
type Secret struct {
	Value string    // whsec_ and base64: for HMAC, and as it is for the compatible sign
	Made  time.Time // UTC
	Ends  time.Time // UTC; zero while it is the newest
	key   ed25519.PrivateKey
}

// Public is the key by which receivers check Ed25519 signatures: whpk_ and base64.
func (s Secret) Public() string {
	return publicPrefix + base64.StdEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
}

// mac is the HMAC key.
func (s Secret) mac() []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Value, secretPrefix))
	if err != nil {
		panic(err) // newSecret wrote it, and it was sealed since
	}
	return key
}

func newSecret(now time.Time) Secret {
	random := make([]byte, secretBytes+ed25519.SeedSize)
	rand.Read(random) //nolint:errcheck // it never fails
	return Secret{
		Value: secretPrefix + base64.StdEncoding.EncodeToString(random[:secretBytes]), Made: now.UTC(),
		key: ed25519.NewKeyFromSeed(random[secretBytes:]),
	}
}

// rotate puts a new secret in front. The one before goes on signing for as long
// as overlap says; those that were ending go on as they were.
func rotate(secrets []Secret, now time.Time, overlap time.Duration) []Secret {
	secrets = signing(secrets, now)
	for i := range secrets {
		if ends := now.Add(overlap).UTC(); secrets[i].Ends.IsZero() || secrets[i].Ends.After(ends) {
			secrets[i].Ends = ends
		}
	}
	return signing(append([]Secret{newSecret(now)}, secrets...), now)
}

// signing are the secrets that sign at a time, the newest first.
func signing(secrets []Secret, now time.Time) []Secret {
	return slices.DeleteFunc(slices.Clone(secrets), func(s Secret) bool { return !s.signs(now) })
}

func (s Secret) signs(now time.Time) bool { return s.Ends.IsZero() || s.Ends.After(now) }

// A storedSecret is a secret as it is sealed.
type storedSecret struct {
	Value string    `json:"value"`
	Seed  []byte    `json:"seed"`
	Made  time.Time `json:"made"`
	Ends  time.Time `json:"ends,omitzero"`
}

func storeSecrets(secrets []Secret) []storedSecret {
	stored := make([]storedSecret, len(secrets))
	for i, s := range secrets {
		stored[i] = storedSecret{Value: s.Value, Seed: s.key.Seed(), Made: s.Made, Ends: s.Ends}
	}
	return stored
}

func loadSecrets(stored []storedSecret) []Secret {
	secrets := make([]Secret, len(stored))
	for i, s := range stored {
		secrets[i] = Secret{Value: s.Value, Made: s.Made, Ends: s.Ends, key: ed25519.NewKeyFromSeed(s.Seed)}
	}
	return secrets
}
