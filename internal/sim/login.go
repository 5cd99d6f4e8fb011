package sim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// LoginPath is where the simulated OpenID Connect provider is, below the
// simulator's address; the two together are its issuer.
const LoginPath = "/_login"

// A login is that provider: people sign in by choosing somebody invented (code
// flow, OpenID Connect Core 1.0, 3.1; PKCE with S256, RFC 7636). Every client is
// known to it, none has a secret, and all are sent back where they wish.
type login struct {
	key   jose.JSONWebKey
	mu    sync.Mutex
	given map[string]grant // by code
}

// A grant is what a code stands for, once.
type grant struct {
	who                                invented
	client, redirect, nonce, challenge string
	ends                               time.Time
}

type invented struct{ Subject, Name, Email string }

var inventedPeople = []invented{
	{"sim-1", "Ada Simulated", "ada@people.example"},
	{"sim-2", "Bo Simulated", "bo@people.example"},
}

const codeLife = time.Minute

func newLogin() *login {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return &login{key: jose.JSONWebKey{Key: key, KeyID: "sim", Use: "sig", Algorithm: string(jose.ES256)}, given: map[string]grant{}}
}

func (l *login) serve(mux *http.ServeMux) {
	mux.HandleFunc("GET "+LoginPath+"/.well-known/openid-configuration", l.discovery)
	mux.HandleFunc("GET "+LoginPath+"/keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{l.key.Public()}})
	})
	mux.HandleFunc("GET "+LoginPath+"/authorize", l.ask)
	mux.HandleFunc("POST "+LoginPath+"/authorize", l.answer)
	mux.HandleFunc("POST "+LoginPath+"/token", l.token)
}

func issuer(r *http.Request) string { return "http://" + r.Host + LoginPath }

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck // nobody is left to tell
}

// discovery has what OpenID Connect Discovery 1.0, 3 requires.
func (l *login) discovery(w http.ResponseWriter, r *http.Request) {
	at := issuer(r)
	reply(w, http.StatusOK, obj{
		"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(jose.ES256)}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"none"}, "authorization_response_iss_parameter_supported": true,
	})
}

var asking = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Simulated sign-in</title>
<style>body{font:1.1rem/1.5 system-ui;max-width:30rem;margin:3rem auto;padding:0 1rem}button{display:block;font:inherit;width:100%;padding:.8rem;margin:.6rem 0}</style>
<h1>Simulated sign-in</h1><p>Nobody here exists. Who are you?</p>
<form method="post">{{range .}}<button name="who" value="{{.Subject}}">{{.Name}}, {{.Email}}</button>{{end}}<button name="who" value="">I’d rather not say</button></form></html>`))

func (l *login) ask(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") == "" {
		http.Error(w, "The request lacks response_type=code, code_challenge_method=S256 or redirect_uri.", http.StatusBadRequest)
		return
	}
	asking.Execute(w, inventedPeople) //nolint:errcheck // nobody is left to tell
}

// answer sends the person back, with a code or a refusal (RFC 6749, 4.1.2; RFC 9207).
func (l *login) answer(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back := url.Values{"state": {q.Get("state")}, "iss": {issuer(r)}, "error": {"access_denied"}}
	for _, who := range inventedPeople {
		if who.Subject == r.PostFormValue("who") {
			back.Del("error")
			back.Set("code", l.give(grant{who, q.Get("client_id"), q.Get("redirect_uri"), q.Get("nonce"), q.Get("code_challenge"), time.Now().Add(codeLife)}))
		}
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

func (l *login) give(g grant) (code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	code = rand.Text()
	l.given[code] = g
	return code
}

func (l *login) take(code string) grant {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.given[code]
	delete(l.given, code)
	return g
}

func (l *login) token(w http.ResponseWriter, r *http.Request) {
	g, sum := l.take(r.PostFormValue("code")), sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	proved := base64.RawURLEncoding.EncodeToString(sum[:]) == g.challenge && r.PostFormValue("redirect_uri") == g.redirect
	if r.PostFormValue("client_id") != g.client || !proved || time.Now().After(g.ends) {
		reply(w, http.StatusBadRequest, obj{"error": "invalid_grant"})
		return
	}
	token, err := l.sign(obj{
		"iss": issuer(r), "aud": g.client, "sub": g.who.Subject, "nonce": g.nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(codeLife).Unix(),
		"name": g.who.Name, "email": g.who.Email, "email_verified": true,
	})
	if err != nil {
		reply(w, http.StatusInternalServerError, obj{"error": "server_error"})
		return
	}
	reply(w, http.StatusOK, obj{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": codeLife.Seconds(), "id_token": token})
}

func (l *login) sign(claims obj) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: l.key}, nil)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed.CompactSerialize()
}
