package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Headers of a delivery.
const (
	headerID        = "Webhook-Id" // Standard Webhooks 1.0.0
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
	headerSign      = "Sign"             // 17TRACK Tracking API
	headerSequence  = "Waypost-Sequence" // the event's, as the cursor counts

	userAgent = "Waypost"
)

// A request is what a receiver is sent.
type request struct {
	body   []byte
	header http.Header
}

// A signer writes events for an endpoint and signs them. Safe for concurrent use.
type signer struct {
	secrets    []signingSecret
	asymmetric bool
	key        string // that makes the compatible signature
}

// A signingSecret is a secret with what is used again for each signature.
type signingSecret struct {
	Secret
	macs *sync.Pool // of *mac
}

type mac struct {
	hash hash.Hash
	room []byte
}

func newSigner(to Endpoint, key string) signer {
	s := signer{asymmetric: to.Ed25519, key: key}
	for _, secret := range to.all {
		value := secret.mac()
		s.secrets = append(s.secrets, signingSecret{secret, &sync.Pool{New: func() any { return &mac{hash: hmac.New(sha256.New, value)} }}})
	}
	return s
}

// compose writes an event, signed for an attempt at a time.
func (s signer) compose(e Event, m Message, now time.Time) request {
	body, sign := m.Sign(s.key)
	stamp := strconv.FormatInt(now.Unix(), 10)
	h := make(http.Header, 7)
	values := []string{string(e.ID), stamp, s.standard(string(e.ID), stamp, body, now), sign, strconv.FormatInt(e.Seq, 10), "application/json", userAgent}
	for i, name := range [...]string{headerID, headerTimestamp, headerSignature, headerSign, headerSequence, "Content-Type", "User-Agent"} {
		h[name] = values[i : i+1 : i+1]
	}
	return request{body, h}
}

// standard is the signature header: one signature a secret that signs then, and one
// a key where that is wanted, with blanks between.
func (s signer) standard(id, stamp string, body []byte, now time.Time) string {
	var all []byte
	for _, secret := range s.secrets {
		if secret.signs(now) {
			all = append(secret.sign(all, id, stamp, body), ' ')
		}
	}
	for _, secret := range s.secrets {
		if s.asymmetric && secret.signs(now) {
			signature := ed25519.Sign(secret.key, slices.Concat([]byte(id+"."+stamp+"."), body))
			all = append(base64.StdEncoding.AppendEncode(append(all, "v1a,"...), signature), ' ')
		}
	}
	return strings.TrimSuffix(string(all), " ")
}

// sign adds the signature of a message to a text.
func (s signingSecret) sign(to []byte, id, stamp string, body []byte) []byte {
	m := s.macs.Get().(*mac)
	defer s.macs.Put(m)
	m.hash.Reset()
	m.room = append(append(append(append(m.room[:0], id...), '.'), stamp...), '.')
	m.hash.Write(m.room)
	m.hash.Write(body)
	m.room = m.hash.Sum(m.room[:0])
	return base64.StdEncoding.AppendEncode(append(to, "v1,"...), m.room)
}
