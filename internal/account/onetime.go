package account

import (
	"encoding/base32"
	"fmt"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// newSecret makes an authenticator app's secret, in base32 without padding.
func newSecret() (string, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "-", AccountName: "-", Period: appPeriod})
	if err != nil {
		return "", fmt.Errorf("authenticator app: %w", err)
	}
	return key.Secret(), nil
}

// appOf is what an app is set up with that keeps a secret under two names.
func appOf(issuer, called, secret string) (App, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return App{}, fmt.Errorf("authenticator app: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: called, Period: appPeriod, Secret: raw})
	if err != nil {
		return App{}, fmt.Errorf("authenticator app: %w", err)
	}
	qr, err := qrCode(key.URL())
	return App{Secret: grouped(secret), URI: key.URL(), QR: qr}, err
}

// stepOf returns the step of an authenticator app whose code was entered: the
// current one, or one before or after it for clocks that differ (RFC 6238, 5.2);
// false when it is none of them.
func stepOf(secret, entered string, now int64) (int64, bool) {
	for _, step := range []int64{now, now - 1, now + 1} {
		right, err := hotp.ValidateCustom(entered, uint64(step), secret, hotp.ValidateOpts{Digits: 6})
		if err == nil && right {
			return step, true
		}
	}
	return 0, false
}
