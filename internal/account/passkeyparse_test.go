package account_test

import (
	"testing"

	"waypost/internal/account"
	"waypost/internal/fault"
)

func FuzzPasskeyAnswers(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`,
		`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AA","userHandle":"AA"}}`,
		`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, err := range account.ParsePasskeyAnswers(answer) {
			if err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q is answered with %v", answer, err)
			}
		}
	})
}
