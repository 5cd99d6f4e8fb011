package carrier_test

import (
	"strings"
	"testing"

	"waypost/internal/carrier"
)

func TestAMisplacedFieldIsNamed(t *testing.T) {
	const identity = "carrier: fjordpost\nnames: {en: Fjord Post}\nkind: postal\n"
	const connect = "connect: {base: 'https://fjordpost.example', budget: {calls: 1, per: 1s}, ask: {get: '/{number}'}, auth: {%}}\n"
	with := func(auth string) string { return identity + strings.Replace(connect, "%", auth, 1) }
	for _, tc := range []struct{ name, text, want string }{
		{"a carrier that answers for any", with("") + "fallback: yes\n", "fallback: is for a source of its own"},
		{"tokens without a host", with("oauth2: {base: tokens, post: /token}"), `connect.auth.oauth2.base: "tokens" is not an address`},
		{"a login without a host", with("login: {base: /login, post: /token, token: .t}"), `connect.auth.login.base: "/login" is not an address`},
	} {
		_, _, mistakes := carrier.LoadFile("fjordpost.yaml", []byte(tc.text))
		if len(mistakes) != 1 || !strings.Contains(mistakes[0].String(), tc.want) {
			t.Errorf("%s: got %v, want one mistake with %q", tc.name, mistakes, tc.want)
		}
	}
}
