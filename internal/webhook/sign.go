package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
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

// compose writes an event for an endpoint, signed for an attempt at a time. key
// is what the compatible signature is made with.
func compose(e Event, m Message, set Settings, secrets []Secret, key string, now time.Time) request {
	body, sign := m.Sign(key)
	h := make(http.Header, 7)
	stamp := strconv.FormatInt(now.Unix(), 10)
	h[headerID] = []string{string(e.ID)}
	h[headerTimestamp] = []string{stamp}
	h[headerSignature] = []string{standard(string(e.ID)+"."+stamp+".", body, set.Ed25519, signing(secrets, now))}
	h[headerSign] = []string{sign}
	h[headerSequence] = []string{strconv.FormatInt(e.Seq, 10)}
	h["Content-Type"] = []string{"application/json"}
	h["User-Agent"] = []string{userAgent}
	return request{body, h}
}

// standard is the signature header: one signature a secret, and one a key where
// that is wanted, with blanks between.
func standard(prefix string, body []byte, asymmetric bool, secrets []Secret) string {
	var all []string
	for _, s := range secrets {
		mac := hmac.New(sha256.New, s.mac())
		mac.Write([]byte(prefix))
		mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	for _, s := range secrets {
		if asymmetric {
			all = append(all, "v1a,"+base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, append([]byte(prefix), body...))))
		}
	}
	return strings.Join(all, " ")
}
