package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"time"

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
	Flow     string // the flow's id, at most 60 bytes if WeChat is to take it
	Provider Code
	Expires  time.Time // in whole seconds
}

var errSignedState = fault.New(fault.Invalid, "sign_in_state",
	"This sign-in was not begun here, or too long ago. Please begin again.")

const (
	stateTime = 4  // bytes: seconds since 1970, good until 2106
	stateMark = 16 // bytes of the MAC; RFC 2104, 5: not less than half of it
	maxState  = 512
)

// stateText is lower-case letters and digits only: WeChat takes nothing else,
// and at most 128 of them.
var stateText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// Sign returns the state as a text of letters and digits.
func (s State) Sign(key []byte) string {
	body := binary.BigEndian.AppendUint32(nil, uint32(s.Expires.Unix()))
	body = append(body, s.Flow...)
	return stateText.EncodeToString(append(stateMAC(key, s.Provider, body), body...))
}

// VerifyState reads a state that Sign made with the same key for a provider.
func VerifyState(key []byte, signed string, at Code, now time.Time) (State, error) {
	if len(signed) > maxState {
		return State{}, errSignedState
	}
	raw, err := stateText.DecodeString(signed)
	if err != nil || len(raw) < stateMark+stateTime {
		return State{}, errSignedState
	}
	mac, body := raw[:stateMark], raw[stateMark:]
	if !hmac.Equal(mac, stateMAC(key, at, body)) {
		return State{}, errSignedState
	}
	s := State{
		Flow:     string(body[stateTime:]),
		Provider: at,
		Expires:  time.Unix(int64(binary.BigEndian.Uint32(body)), 0).UTC(),
	}
	if !now.Before(s.Expires) {
		return State{}, errSignedState
	}
	return s, nil
}

func stateMAC(key []byte, at Code, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("waypost sign-in state\x00" + string(at) + "\x00")) // a Hash's Write never fails
	mac.Write(body)
	return mac.Sum(nil)[:stateMark]
}
