package provider_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"waypost/internal/account/provider"
)

func TestState(t *testing.T) {
	key, other := []byte("a key of the caller's, in a test"), []byte("another key of a caller's, also")
	now := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	s := provider.State{Flow: "a-region-of-23-letters--019a3f00-0000-7000-8000-000000000001", Provider: "apple", Expires: now.Add(10 * time.Minute)}
	signed := s.Sign(key)
	if !regexp.MustCompile(`^[a-z0-9]{1,128}$`).MatchString(signed) {
		t.Errorf("state %q, want at most 128 letters and digits, as WeChat does", signed)
	}
	if got, err := provider.VerifyState(key, signed, "apple", now); err != nil || got != s {
		t.Errorf("got %+v, %v, want %+v", got, err, s)
	}
	changed := func(at int) string {
		text := []byte(signed)
		text[at] = map[bool]byte{true: '1', false: '0'}[text[at] == '0']
		return string(text)
	}
	for _, tc := range []struct {
		name   string
		key    []byte
		signed string
		at     provider.Code
		now    time.Time
	}{
		{"another key", other, signed, "apple", now},
		{"another provider's callback", key, signed, "google", now},
		{"another mark", key, changed(3), "apple", now},
		{"another life", key, changed(27), "apple", now},
		{"another flow", key, changed(60), "apple", now},
		{"too late", key, signed, "apple", s.Expires},
		{"cut off", key, signed[:len(signed)-2], "apple", now},
		{"more at its end", key, signed + "00", "apple", now},
		{"nothing", key, "", "apple", now},
		{"no state at all", key, "%zz", "apple", now},
		{"far too long", key, strings.Repeat("0", 10_000), "apple", now},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := provider.VerifyState(tc.key, tc.signed, tc.at, tc.now)
			wantFault(t, err, "sign_in_state")
		})
	}
}

func TestSetHoldsWhatIsConfigured(t *testing.T) {
	c := weChatFake{}.start(t)
	c.QQ = qqFake{}.start(t).QQ
	c.OIDC = (&oidcFake{}).start(t).OIDC
	set, err := provider.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var codes []provider.Code
	for _, p := range set.All() {
		codes = append(codes, p.Code())
	}
	if len(codes) != 3 || codes[0] != "wechat" || codes[1] != "qq" || codes[2] != "oidc-club" {
		t.Errorf("got %q, want wechat, qq, oidc-club", codes)
	}
	_, err = set.Find("google")
	wantFault(t, err, "sign_in_provider")
}
