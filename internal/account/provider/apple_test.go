package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"html"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// appleFake is Apple: the return is a page that posts a form, and the client
// secret is a token that it checks.
type appleFake struct {
	oidcFake
	key  *ecdsa.PrivateKey // of the operator
	user string            // the form's user field, at the first sign-in
}

func (a *appleFake) start(t *testing.T) config.Providers {
	t.Helper()
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.url = fake(t, map[string]http.HandlerFunc{
		"GET /.well-known/openid-configuration": a.discover,
		"GET /keys": func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, "application/json", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &rsaKeys()[0].PublicKey, KeyID: "k1", Use: "sig", Algorithm: "RS256"}}})
		},
		"GET /authorize": a.authorize,
		"POST /token":    a.token,
		"POST /revoke":   a.revoke,
	})
	a.discovery = func(d map[string]any) {
		delete(d, "userinfo_endpoint") // Apple has none
		d["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		a.revokes(d)
	}
	return config.Providers{Apple: config.AppleProvider{
		ClientID: "example.track.signin", TeamID: "TEAM567890", KeyID: "KEY4567890", Issuer: a.url,
		PrivateKey: config.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}}
}

var applePage = template.Must(template.New("page").Parse(
	`<form method="post" action="{{.To}}">{{range $name, $value := .Form}}<input name="{{$name}}" value="{{$value}}">{{end}}</form>`))

func (a *appleFake) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a.nonce = q.Get("nonce")
	if a.nonce == "" || !has(q, map[string]string{"response_mode": "form_post", "response_type": "code", "scope": "openid name email", "client_id": "example.track.signin", "code_challenge": ""}) {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	form := map[string]string{"state": q.Get("state"), "code": "c0de"}
	if a.user != "" {
		form["user"] = a.user
	}
	if err := applePage.Execute(w, map[string]any{"To": q.Get("redirect_uri"), "Form": form}); err != nil {
		panic(err)
	}
}

// knows checks the client secret as Apple documents it.
func (a *appleFake) knows(r *http.Request) bool {
	secret, err := jwt.ParseSigned(r.PostFormValue("client_secret"), []jose.SignatureAlgorithm{jose.ES256})
	var c jwt.Claims
	if err == nil {
		err = secret.Claims(&a.key.PublicKey, &c)
	}
	if err == nil {
		err = c.Validate(jwt.Expected{Issuer: "TEAM567890", Subject: "example.track.signin", AnyAudience: jwt.Audience{a.url}, Time: time.Now()})
	}
	return err == nil && secret.Headers[0].KeyID == "KEY4567890" && !c.Expiry.Time().After(time.Now().AddDate(0, 6, 0)) && r.PostFormValue("client_id") == "example.track.signin"
}

func (a *appleFake) token(w http.ResponseWriter, r *http.Request) {
	if !a.knows(r) {
		writeJSON(w, http.StatusBadRequest, "application/json", map[string]string{"error": "invalid_client"})
		return
	}
	if r.PostFormValue("code") != "c0de" {
		writeJSON(w, http.StatusBadRequest, "application/json", map[string]string{"error": "invalid_grant", "error_description": gossip})
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600, "id_token": a.idToken()})
}

var appleInput = regexp.MustCompile(`<input name="([^"]*)" value="([^"]*)">`)

// post visits Apple and returns the form that its page would post.
func post(t *testing.T, f flow) url.Values {
	t.Helper()
	resp, err := http.Get(f.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for _, input := range appleInput.FindAllStringSubmatch(string(page), -1) {
		form.Set(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	return form
}

func appleClaims(change map[string]any) func(map[string]any) {
	return func(c map[string]any) {
		for _, name := range []string{"name", "picture", "at_hash"} {
			delete(c, name)
		}
		c["aud"], c["nonce_supported"] = "example.track.signin", true
		c["email"], c["email_verified"], c["is_private_email"] = "x7q@privaterelay.example", "true", "true"
		for name, value := range change {
			c[name] = value
		}
	}
}

func TestApple(t *testing.T) {
	want := provider.Identity{Provider: "apple", Subject: "s-1", Email: "x7q@privaterelay.example", EmailVerified: true, EmailRelay: true}
	for _, tc := range []struct {
		name, user, want string
	}{
		{"the first time, with a name", `{"name":{"firstName":"Erika","lastName":"Beispiel"},"email":"forged@else.example"}`, "Erika Beispiel"},
		{"later, without", "", ""},
		{"a user field that is none", `{"name":`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := &appleFake{user: tc.user}
			a.claims = appleClaims(nil)
			f := begin(t, a.start(t), "apple")
			got, err := f.back(t, post(t, f))
			w := want
			w.Name = tc.want
			wantIdentity(t, got, err, w)
		})
	}
	t.Run("an address of one's own, with truth values", func(t *testing.T) {
		a := &appleFake{}
		a.claims = appleClaims(map[string]any{"email": "erika@mail.example", "email_verified": true, "is_private_email": false})
		f := begin(t, a.start(t), "apple")
		got, err := f.back(t, post(t, f))
		w := want
		w.Email, w.EmailRelay = "erika@mail.example", false
		wantIdentity(t, got, err, w)
	})
}

func TestAppleFailures(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"an expired token":           {"exp": time.Now().Add(-time.Minute).Unix()},
		"another nonce":              {"nonce": "x"},
		"a token for another app":    {"aud": "example.other"},
		"a token of another issuer":  {"iss": "https://other.example"},
		"a token that names no one":  {"sub": ""},
		"a token without expiration": {"exp": nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := &appleFake{}
			a.claims = appleClaims(change)
			f := begin(t, a.start(t), "apple")
			_, err := f.back(t, post(t, f))
			wantFault(t, err, "sign_in_untrusted")
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		f := begin(t, (&appleFake{}).start(t), "apple")
		_, err := f.back(t, url.Values{"state": {f.begin.State}, "error": {"user_cancelled_authorize"}})
		wantFault(t, err, "sign_in_cancelled")
	})
	t.Run("another team's key", func(t *testing.T) {
		a := &appleFake{}
		c := a.start(t)
		c.Apple.TeamID = "OTHER67890"
		f := begin(t, c, "apple")
		_, err := f.back(t, post(t, f))
		wantFault(t, err, "sign_in_setup")
	})
}
