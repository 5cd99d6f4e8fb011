package track17

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/watch"
)

// A Happening is what a webhook tells of.
type Happening string

// Happenings.
const (
	Updated Happening = "TRACKING_UPDATED"
	Ended   Happening = "TRACKING_STOPPED"
)

// A Message is what a webhook carries, in the form of a version.
type Message struct {
	version Version
	event   Happening
	data    []byte
}

// Render writes what happened to a registration, whose parcel is as it was at
// the moment. It is pure: the same registration, moment and catalogue make the
// same bytes.
func Render(v Version, catalogue *carrier.Catalogue, h Happening, r watch.Registration, at time.Time) Message {
	t := &text{}
	rendering := newRendering(v, catalogue, r, r.AsSent(), at)
	t.object("", func() {
		if h == Ended {
			rendering.stopped(t)
		} else {
			rendering.item(t)
		}
	})
	return Message{v, h, t.b}
}

// stopped writes what is said of a registration that is no longer tracked.
func (r *rendering) stopped(t *text) {
	t.str("number", r.number)
	t.num("carrier", keyOf(r.catalogue, r.Carrier))
	if r.version.from(V22) {
		t.opt("param", r.Param)
	}
	t.opt("tag", r.Tag)
}

// Body is the message without a signature.
func (m Message) Body() []byte { return m.body("") }

func (m Message) body(sign string) []byte {
	t := &text{}
	t.object("", func() {
		if sign != "" {
			t.str("sign", sign)
		}
		t.str("event", string(m.event))
		t.raw("data", m.data)
	})
	return t.b
}

// Sign returns the message and its signature, which goes into the header
// "sign", as receivers check it who know the key: SHA-256 over the body, a slash
// and the key. v1 has a signature in the body, of another text; it is the same
// as the header's.
func (m Message) Sign(key string) (body []byte, sign string) {
	if m.version == V1 {
		sign = digest(string(m.event) + "/" + string(m.data) + "/" + key)
		return m.body(sign), sign
	}
	body = m.Body()
	return body, digest(string(body) + "/" + key)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
