package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// oidcFake is an OpenID Connect provider that can be told to go wrong.
type oidcFake struct {
	url        string
	alg        jose.SignatureAlgorithm // of the ID token; "none" signs nothing
	key        int                     // which of rsaKeys signs; 0 is published
	claims     func(c map[string]any)  // changes the ID token's
	userinfo   map[string]any
	discovery  func(d map[string]any)
	down       bool
	postSecret bool   // takes the secret in the form only
	err        string // of the token call
	iss        string // in the return, RFC 9207
	refresh    string // the token of that kind that it gives, "" none
	revoked    []string

	nonce, challenge string
	asked            int // discovery calls
}

func (o *oidcFake) start(t *testing.T) config.Providers {
	t.Helper()
	o.url = fake(t, map[string]http.HandlerFunc{
		"GET /.well-known/openid-configuration": o.discover,
		"GET /keys": func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, "application/json", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &rsaKeys()[0].PublicKey, KeyID: "k1", Use: "sig", Algorithm: "RS256"}}})
		},
		"GET /authorize": o.authorize,
		"POST /token":    o.token,
		"POST /revoke":   o.revoke,
		"GET /userinfo": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer t0ken" || o.userinfo == nil {
				writeJSON(w, http.StatusUnauthorized, "application/json", map[string]string{"error": "invalid_token", "error_description": gossip})
				return
			}
			writeJSON(w, http.StatusOK, "application/json", o.userinfo)
		},
	})
	return config.Providers{OIDC: map[string]config.OIDCProvider{"club": {
		Issuer: o.url, ClientID: "waypost", ClientSecret: "s: %h", Label: "Club", Scopes: []string{"openid", "email", "profile"},
	}}}
}

func (o *oidcFake) discover(w http.ResponseWriter, _ *http.Request) {
	o.asked++
	if o.down {
		http.Error(w, gossip, http.StatusServiceUnavailable)
		return
	}
	d := map[string]any{
		"issuer": o.url, "authorization_endpoint": o.url + "/authorize", "token_endpoint": o.url + "/token",
		"jwks_uri": o.url + "/keys", "userinfo_endpoint": o.url + "/userinfo",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
	if o.postSecret {
		d["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	}
	if o.discovery != nil {
		o.discovery(d)
	}
	writeJSON(w, http.StatusOK, "application/json", d)
}

func (o *oidcFake) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	o.nonce, o.challenge = q.Get("nonce"), q.Get("code_challenge")
	if o.nonce == "" || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "openid email profile" || q.Get("response_type") != "code" {
		http.Error(w, "parameters", http.StatusBadRequest)
		return
	}
	back := url.Values{"code": {"c0de"}}
	if o.iss != "" {
		back.Set("iss", o.iss)
	}
	sendBack(w, r, back)
}

func (o *oidcFake) token(w http.ResponseWriter, r *http.Request) {
	id, secret, basic := r.BasicAuth()
	if basic { // RFC 6749 2.3.1: both are form-encoded first
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	code := o.err
	switch {
	case code != "":
	case id != "waypost" || secret != "s: %h" || basic == o.postSecret:
		code = "invalid_client"
	case base64.RawURLEncoding.EncodeToString(sum[:]) != o.challenge || r.PostFormValue("code") != "c0de":
		code = "invalid_grant"
	default:
		answer := map[string]any{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 300, "id_token": o.idToken()}
		if o.refresh != "" {
			answer["refresh_token"] = o.refresh
		}
		writeJSON(w, http.StatusOK, "application/json", answer)
		return
	}
	writeJSON(w, http.StatusBadRequest, "application/json", map[string]string{"error": code, "error_description": gossip})
}

func (o *oidcFake) idToken() string {
	hash := sha256.Sum256([]byte("t0ken"))
	c := map[string]any{
		"iss": o.url, "aud": "waypost", "sub": "s-1", "nonce": o.nonce,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(hash[:16]),
		"email":   "erika@club.example", "email_verified": true, "name": "Erika Beispiel", "picture": "https://pic.example/1",
	}
	if o.claims != nil {
		o.claims(c)
	}
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return signToken(o.alg, o.key, c)
}

func signToken(alg jose.SignatureAlgorithm, which int, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	var key any = rsaKeys()[which]
	switch alg {
	case "":
		alg = jose.RS256
	case "none":
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"none","kid":"k1"}`)) + "." + encode(payload) + "."
	case jose.HS256:
		key = []byte("s: %h, and so on to thirty-two bytes")
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

// claim changes one claim of the ID token.
func claim(name string, value any) func(map[string]any) {
	return func(c map[string]any) { c[name] = value }
}

func TestOIDC(t *testing.T) {
	erika := provider.Identity{Provider: "oidc-club", Subject: "s-1", Email: "erika@club.example", EmailVerified: true, Name: "Erika Beispiel", Picture: "https://pic.example/1"}
	bare := func(c map[string]any) {
		for _, name := range []string{"email", "email_verified", "name", "picture", "at_hash"} {
			delete(c, name)
		}
	}
	for _, tc := range []struct {
		name string
		fake oidcFake
		want func(*provider.Identity)
	}{
		{"everything in the ID token", oidcFake{}, func(*provider.Identity) {}},
		{"the secret in the form", oidcFake{postSecret: true}, func(*provider.Identity) {}},
		{"verified said as a text", oidcFake{claims: claim("email_verified", "true")}, func(*provider.Identity) {}},
		{"not verified", oidcFake{claims: claim("email_verified", false)}, func(i *provider.Identity) { i.EmailVerified = false }},
		{"for several, issued to us", oidcFake{claims: func(c map[string]any) { c["aud"], c["azp"] = []string{"waypost", "x"}, "waypost" }}, func(*provider.Identity) {}},
		{"the rest in the userinfo answer", oidcFake{claims: bare, userinfo: map[string]any{
			"sub": "s-1", "email": "erika@club.example", "email_verified": "true", "preferred_username": "erika", "picture": "http://pic.example/1",
		}}, func(i *provider.Identity) { i.Name, i.Picture = "erika", "" }},
		{"its own issuer in the return", oidcFake{discovery: claim("authorization_response_iss_parameter_supported", true), iss: "own"}, func(*provider.Identity) {}},
		{"an e-mail that is none", oidcFake{claims: claim("email", "erika at club")}, func(i *provider.Identity) { i.Email, i.EmailVerified = "", false }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := tc.fake.start(t)
			if tc.fake.iss == "own" {
				tc.fake.iss = tc.fake.url
			}
			f := begin(t, c, "oidc-club")
			if f.provider.Name() != "Club" {
				t.Errorf("button %q, want the operator's label", f.provider.Name())
			}
			got, err := f.back(t, f.allow(t))
			want := erika
			tc.want(&want)
			wantIdentity(t, got, err, want)
		})
	}
}

func TestOIDCFailures(t *testing.T) {
	past := time.Now().Add(-time.Hour).Unix()
	for _, tc := range []struct {
		name string
		fake oidcFake
		want string
	}{
		{"another nonce", oidcFake{claims: claim("nonce", "x")}, "sign_in_untrusted"},
		{"no nonce", oidcFake{claims: claim("nonce", nil)}, "sign_in_untrusted"},
		{"another audience", oidcFake{claims: claim("aud", "x")}, "sign_in_untrusted"},
		{"for several, without a word to whom", oidcFake{claims: claim("aud", []string{"waypost", "x"})}, "sign_in_untrusted"},
		{"for several, issued to another", oidcFake{claims: func(c map[string]any) { c["aud"], c["azp"] = []string{"waypost", "x"}, "x" }}, "sign_in_untrusted"},
		{"another issuer", oidcFake{claims: claim("iss", "https://other.example")}, "sign_in_untrusted"},
		{"expired", oidcFake{claims: claim("exp", past)}, "sign_in_untrusted"},
		{"without an end", oidcFake{claims: claim("exp", nil)}, "sign_in_untrusted"},
		{"another access token's", oidcFake{claims: claim("at_hash", "AAAA")}, "sign_in_untrusted"},
		{"without a subject", oidcFake{claims: claim("sub", "")}, "sign_in_untrusted"},
		{"not signed, alg none", oidcFake{alg: "none"}, "sign_in_untrusted"},
		{"signed with the shared secret", oidcFake{alg: jose.HS256}, "sign_in_untrusted"},
		{"signed with an algorithm that wasn't announced", oidcFake{alg: jose.PS512}, "sign_in_untrusted"},
		{"signed with a key that isn't published", oidcFake{key: 1}, "sign_in_untrusted"},
		{"userinfo of somebody else", oidcFake{claims: claim("email", nil), userinfo: map[string]any{"sub": "s-2"}}, "sign_in_untrusted"},
		{"userinfo refused", oidcFake{claims: claim("email", nil)}, "sign_in_unavailable"},
		{"a code that was used", oidcFake{err: "invalid_grant"}, "sign_in_expired"},
		{"a client that isn't known", oidcFake{err: "invalid_client"}, "sign_in_setup"},
		{"another issuer's return", oidcFake{iss: "https://other.example"}, "sign_in_untrusted"},
		{"a return without the issuer that was announced", oidcFake{discovery: claim("authorization_response_iss_parameter_supported", true)}, "sign_in_untrusted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := begin(t, tc.fake.start(t), "oidc-club")
			_, err := f.back(t, f.allow(t))
			wantFault(t, err, tc.want)
		})
	}
}

func TestOIDCReturns(t *testing.T) {
	o := &oidcFake{}
	f := begin(t, o.start(t), "oidc-club")
	for code, want := range map[string]string{
		"access_denied": "sign_in_cancelled", "login_required": "sign_in_expired", "temporarily_unavailable": "sign_in_unavailable", "invalid_scope": "sign_in_setup",
	} {
		_, err := f.back(t, url.Values{"error": {code}, "error_description": {gossip}, "state": {f.begin.State}})
		wantFault(t, err, want)
	}
	form := f.allow(t)
	f.begin.Verifier += "x"
	_, err := f.back(t, form)
	wantFault(t, err, "sign_in_expired")
}

func TestOIDCDiscovery(t *testing.T) {
	t.Run("is asked once, when first needed", func(t *testing.T) {
		o := &oidcFake{}
		f := begin(t, o.start(t), "oidc-club")
		if _, err := f.back(t, f.allow(t)); err != nil {
			t.Fatal(err)
		}
		if o.asked != 1 {
			t.Errorf("asked %d times, want 1", o.asked)
		}
	})
	for _, tc := range []struct {
		name string
		fake oidcFake
		want string
	}{
		{"a provider that is down", oidcFake{down: true}, "sign_in_unavailable"},
		{"an issuer that calls itself otherwise", oidcFake{discovery: claim("issuer", "https://other.example")}, "sign_in_setup"},
		{"an endless answer", oidcFake{discovery: claim("padding", strings.Repeat("x", 2<<20))}, "sign_in_unavailable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set, err := provider.New(tc.fake.start(t))
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				_, err = set.All()[0].Begin(t.Context(), provider.Begin{State: "s", Nonce: "n", Verifier: "v", Redirect: ours})
				wantFault(t, err, tc.want)
			}
			if tc.fake.asked != 1 {
				t.Errorf("asked %d times, want 1 and then a rest", tc.fake.asked)
			}
		})
	}
	t.Run("that leads to a private address is not followed", func(t *testing.T) {
		asked := false
		inner := fake(t, map[string]http.HandlerFunc{"/": func(http.ResponseWriter, *http.Request) { asked = true }})
		o := &oidcFake{discovery: claim("token_endpoint", inner+"/token")}
		f := begin(t, o.start(t), "oidc-club")
		_, err := f.back(t, f.allow(t))
		wantFault(t, err, "sign_in_unavailable")
		if asked {
			t.Error("an address that the operator did not name was called")
		}
	})
}

func TestGoogleIsOpenIDConnect(t *testing.T) {
	o := &oidcFake{}
	club := o.start(t).OIDC["club"]
	c := config.Providers{Google: config.GoogleProvider{ClientID: club.ClientID, ClientSecret: club.ClientSecret, Issuer: club.Issuer}}
	f := begin(t, c, "google")
	if got := f.address.Query().Get("prompt"); got != "select_account" {
		t.Errorf("prompt %q, want select_account", got)
	}
	got, err := f.back(t, f.allow(t))
	if err != nil || got.Provider != "google" || got.Subject != "s-1" {
		t.Errorf("got %+v, %v", got, err)
	}
}
