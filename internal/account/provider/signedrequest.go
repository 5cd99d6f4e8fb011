package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"waypost/internal/fault"
)

var errSignedRequest = fault.New(fault.Invalid, "signed_request_invalid",
	"The signed request is not from Facebook for this app, or is older than a day.")

const (
	maxSignedRequest = 8 << 10 // bytes
	signedRequestAge = 24 * time.Hour
	clockSkew        = 5 * time.Minute
)

// signedRequest returns the user_id in a signed_request: a signature and a JSON
// object, both in base64url, with a point between. The signature is over the
// second part as it stands, and is looked at before the part is.
func signedRequest(signed string, secret []byte, now time.Time) (string, error) {
	signature, payload, ok := strings.Cut(signed, ".")
	if !ok || len(signed) > maxSignedRequest {
		return "", errSignedRequest.Because(errors.New("not of two parts, or too long"))
	}
	given, err := unbase64(signature)
	if err != nil {
		return "", errSignedRequest.Because(errors.New("the signature is not base64url"))
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(payload)) // a Hash's Write never fails
	if !hmac.Equal(given, mac.Sum(nil)) {
		return "", errSignedRequest.Because(errors.New("the signature is wrong"))
	}
	raw, err := unbase64(payload)
	if err != nil {
		return "", errSignedRequest.Because(errors.New("the payload is not base64url"))
	}
	var in struct {
		Algorithm string `json:"algorithm"`
		UserID    text   `json:"user_id"`
		IssuedAt  int64  `json:"issued_at"` // seconds
	}
	if json.Unmarshal(raw, &in) != nil || !strings.EqualFold(in.Algorithm, "HMAC-SHA256") || in.UserID == "" {
		return "", errSignedRequest.Because(errors.New("the payload lacks what it should hold"))
	}
	if age := now.Sub(time.Unix(in.IssuedAt, 0)); age > signedRequestAge || age < -clockSkew {
		return "", errSignedRequest.Because(errors.New("issued too long ago, or in the future"))
	}
	return string(in.UserID), nil
}

// unbase64 reads base64url with or without padding.
func unbase64(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}
