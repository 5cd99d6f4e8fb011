package provider

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"waypost/internal/config"
	"waypost/internal/outbound"
)

// apple is Sign in with Apple: OpenID Connect whose client secret is a token
// signed with the operator's key, whose return is a form posted by the browser,
// and which tells the name only once, in that form.
type apple struct {
	*openID
}

// maxAppleUser bounds the form's user field, in bytes.
const maxAppleUser = 4 << 10

func newApple(c config.AppleProvider, client *outbound.Client) (apple, []string) {
	o := newOpenID("apple", "Apple", cmp.Or(c.Issuer, "https://appleid.apple.com"), c.ClientID, "", client)
	o.scopes = []string{"openid", "name", "email"}
	o.extra = map[string]string{"response_mode": "form_post"}
	o.noPKCE = true // not offered
	key, err := applePrivateKey(string(c.PrivateKey))
	if err != nil {
		return apple{}, []string{"providers.apple.private_key: " + err.Error()}
	}
	o.secret = func(issuer string) (string, error) { return appleSecret(key, c, issuer, time.Now()) }
	return apple{o}, nil
}

// Exchange adds the name of the form, which comes with the first sign-in only.
// It isn't signed, so it is only what the person is called, and the e-mail
// beside it isn't looked at.
func (a apple) Exchange(ctx context.Context, c Callback) (Identity, error) {
	i, err := a.openID.Exchange(ctx, c)
	if err != nil {
		return Identity{}, err
	}
	var user struct {
		Name struct {
			First string `json:"firstName"`
			Last  string `json:"lastName"`
		} `json:"name"`
	}
	if given := c.Form.Get("user"); len(given) <= maxAppleUser && json.Unmarshal([]byte(given), &user) == nil {
		i.Name = cmp.Or(i.Name, cleanName(user.Name.First+" "+user.Name.Last))
	}
	return i, nil
}

// appleSecret is a client secret for one call. Apple takes at most six months;
// five minutes are enough.
func appleSecret(key *ecdsa.PrivateKey, c config.AppleProvider, audience string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: c.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: c.TeamID, Subject: c.ClientID, Audience: jwt.Audience{audience},
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute)),
	}).Serialize()
}

func applePrivateKey(text string) (*ecdsa.PrivateKey, error) {
	der, err := keyBytes(text)
	if err != nil {
		return nil, err
	}
	if any8, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if key, ok := any8.(*ecdsa.PrivateKey); ok && key.Curve == elliptic.P256() {
			return key, nil
		}
	}
	return nil, errors.New("is not the content of a .p8 file from Apple (a P-256 key in PKCS #8)")
}
