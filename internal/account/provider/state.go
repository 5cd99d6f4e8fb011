package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"waypost/internal/fault"
)

// A State is what travels with a person to the provider and back: which flow
// it is, at which provider, and until when it may come back.
//
// Sign makes a text that nobody else can make, so a callback is known for ours
// before anything is read or stored. That it is used once, and in the browser
// that it began in, is the flow row's matter. A door does this:
//
//  1. GET /signin/with/{provider}: make a flow row (session, nonce, verifier,
//     redirect), sign a State for it, and redirect to Provider.Begin's address.
//  2. GET …/callback: Verify; take the flow row, once; compare its session with
//     the browser's; Exchange.
//  3. POST …/callback (Apple): a browser sends no SameSite=Lax cookie with it,
//     and it is exempt from the cross-origin check. So: Verify; keep the form
//     with the flow row, sealed, as it can hold a name and an address; answer
//     303 to GET …/callback with nothing but the state. That request brings the
//     cookie, and goes on as in 2 with the kept form.
type State struct {
	Flow     uuid.UUID
	Provider Code
	Expires  time.Time // in whole seconds
}

var errSignedState = fault.New(fault.Invalid, "sign_in_state",
	"This sign-in was not begun here, or too long ago. Please begin again.")

const (
	stateHead = 4 + 16 // bytes: seconds since 1970, flow
	stateSize = stateHead + sha256.Size
)

// Sign returns the state as 104 hexadecimal characters: WeChat takes letters
// and digits only, at most 128.
func (s State) Sign(key []byte) string {
	head := binary.BigEndian.AppendUint32(make([]byte, 0, stateSize), uint32(s.Expires.Unix())) // good until 2106
	head = append(head, s.Flow[:]...)
	return hex.EncodeToString(append(head, stateMAC(key, s.Provider, head)...))
}

// VerifyState reads a state that Sign made with the same key for a provider.
func VerifyState(key []byte, signed string, at Code, now time.Time) (State, error) {
	raw, err := hex.DecodeString(signed)
	if err != nil || len(raw) != stateSize {
		return State{}, errSignedState
	}
	head, mac := raw[:stateHead], raw[stateHead:]
	if !hmac.Equal(mac, stateMAC(key, at, head)) {
		return State{}, errSignedState
	}
	s := State{
		Flow:     uuid.UUID(head[4:]),
		Provider: at,
		Expires:  time.Unix(int64(binary.BigEndian.Uint32(head)), 0).UTC(),
	}
	if !now.Before(s.Expires) {
		return State{}, errSignedState
	}
	return s, nil
}

func stateMAC(key []byte, at Code, head []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("waypost sign-in state\x00" + string(at) + "\x00")) // a Hash's Write never fails
	mac.Write(head)
	return mac.Sum(nil)
}
