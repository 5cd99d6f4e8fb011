package provider_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// facebookFake answers as the Graph API does.
type facebookFake struct {
	err        int    // of the token call
	tokenApp   string // whose token it is
	invalid    bool
	user       string // of the profile
	silhouette bool
}

func (f facebookFake) start(t *testing.T) config.Providers {
	t.Helper()
	host := fake(t, map[string]http.HandlerFunc{
		"GET /v25.0/dialog/oauth":       func(w http.ResponseWriter, r *http.Request) { sendBack(w, r, url.Values{"code": {"c0de"}}) },
		"GET /v25.0/oauth/access_token": f.token,
		"GET /v25.0/debug_token":        f.debug,
		"GET /v25.0/me":                 f.me,
	})
	return config.Providers{Facebook: config.FacebookProvider{
		ClientID: "77", ClientSecret: "shh", Version: "v25.0", Hosts: config.Hosts{Authorize: host, Token: host, API: host},
	}}
}

func (f facebookFake) token(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.err != 0:
		f.fail(w, f.err)
	case !has(r.URL.Query(), map[string]string{"client_id": "77", "client_secret": "shh", "code": "c0de", "redirect_uri": ours + "/signin/with/facebook/callback"}):
		f.fail(w, 100)
	default:
		writeJSON(w, http.StatusOK, "application/json", map[string]any{"access_token": "t0ken", "token_type": "bearer", "expires_in": 5183944})
	}
}

func (f facebookFake) debug(w http.ResponseWriter, r *http.Request) {
	if !has(r.URL.Query(), map[string]string{"input_token": "t0ken", "access_token": "77|shh"}) {
		f.fail(w, 190)
		return
	}
	app := "77"
	if f.tokenApp != "" {
		app = f.tokenApp
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"data": map[string]any{"app_id": app, "is_valid": !f.invalid, "user_id": "4711", "type": "USER"}})
}

func (f facebookFake) me(w http.ResponseWriter, r *http.Request) {
	mac := hmac.New(sha256.New, []byte("shh"))
	mac.Write([]byte("t0ken"))
	if !has(r.URL.Query(), map[string]string{"access_token": "t0ken", "appsecret_proof": hex.EncodeToString(mac.Sum(nil))}) {
		f.fail(w, 100)
		return
	}
	user := "4711"
	if f.user != "" {
		user = f.user
	}
	writeJSON(w, http.StatusOK, "text/javascript; charset=UTF-8", map[string]any{
		"id": user, "name": "Erika Beispiel", "email": "erika@mail.example",
		"picture": map[string]any{"data": map[string]any{"url": "https://pic.example/50", "is_silhouette": f.silhouette, "width": 50}},
	})
}

func (f facebookFake) fail(w http.ResponseWriter, code int) {
	writeJSON(w, http.StatusBadRequest, "application/json", map[string]any{"error": map[string]any{
		"message": gossip, "type": "OAuthException", "code": code, "error_subcode": 36009, "fbtrace_id": "x",
	}})
}

func TestFacebook(t *testing.T) {
	want := provider.Identity{Provider: "facebook", Subject: "4711", Email: "erika@mail.example", Name: "Erika Beispiel", Picture: "https://pic.example/50"}
	f := begin(t, facebookFake{}.start(t), "facebook")
	got, err := f.back(t, f.allow(t))
	wantIdentity(t, got, err, want)

	f = begin(t, facebookFake{silhouette: true}.start(t), "facebook")
	got, err = f.back(t, f.allow(t))
	want.Picture = ""
	wantIdentity(t, got, err, want)

	for _, tc := range []struct {
		name string
		fake facebookFake
		want string
	}{
		{"a token of another app", facebookFake{tokenApp: "88"}, "sign_in_untrusted"},
		{"a token that is no longer valid", facebookFake{invalid: true}, "sign_in_untrusted"},
		{"a profile of somebody else", facebookFake{user: "4712"}, "sign_in_untrusted"},
		{"a code that was used", facebookFake{err: 100}, "sign_in_expired"},
		{"too many calls", facebookFake{err: 4}, "sign_in_unavailable"},
		{"an app that is switched off", facebookFake{err: 190}, "sign_in_setup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := begin(t, tc.fake.start(t), "facebook")
			_, err := f.back(t, f.allow(t))
			wantFault(t, err, tc.want)
		})
	}
	_, err = f.back(t, url.Values{"error": {"access_denied"}, "error_reason": {"user_denied"}, "error_description": {gossip}, "state": {f.begin.State}})
	wantFault(t, err, "sign_in_cancelled")
}

func signRequest(secret string, payload map[string]any) string {
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	part := base64.RawURLEncoding.EncodeToString(raw)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(part))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) + "." + part
}

func TestFacebookRevocation(t *testing.T) {
	set, err := provider.New(facebookFake{}.start(t))
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.Find("facebook")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	payload := func(change map[string]any) map[string]any {
		p := map[string]any{"algorithm": "HMAC-SHA256", "user_id": "4711", "issued_at": now}
		for name, value := range change {
			p[name] = value
		}
		return p
	}
	good := signRequest("shh", payload(nil))
	signature, rest, _ := strings.Cut(good, ".")
	for _, tc := range []struct {
		name, signed, want string
	}{
		{"as Facebook signs it", good, ""},
		{"with padding", signature + "=." + rest, ""},
		{"a user id that is a number", signRequest("shh", payload(map[string]any{"user_id": 4711})), ""},
		{"signed with another app's secret", signRequest("hush", payload(nil)), "signed_request_invalid"},
		{"another payload under a good signature", signature + "." + strings.Split(signRequest("x", payload(map[string]any{"user_id": "1"})), ".")[1], "signed_request_invalid"},
		{"another algorithm", signRequest("shh", payload(map[string]any{"algorithm": "none"})), "signed_request_invalid"},
		{"two days old", signRequest("shh", payload(map[string]any{"issued_at": now - 48*60*60})), "signed_request_invalid"},
		{"from the future", signRequest("shh", payload(map[string]any{"issued_at": now + 3600})), "signed_request_invalid"},
		{"nobody", signRequest("shh", payload(map[string]any{"user_id": ""})), "signed_request_invalid"},
		{"one part", "abc", "signed_request_invalid"},
		{"nothing", "", "signed_request_invalid"},
		{"far too long", good + strings.Repeat("A", 9000), "signed_request_invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			subject, err := p.(provider.Revoker).Revocation(url.Values{"signed_request": {tc.signed}})
			wantFault(t, err, tc.want)
			if tc.want == "" && subject != "4711" {
				t.Errorf("got %q, want 4711", subject)
			}
		})
	}
}
