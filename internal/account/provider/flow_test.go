package provider_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
	"waypost/internal/fault"
)

// gossip stands in everything that a fake says of a failure: it must reach
// neither a person nor the log.
const gossip = "gossip about Erika"

const ours = "https://track.example"

// A flow is one person's sign-in, as a door runs it.
type flow struct {
	provider provider.Provider
	begin    provider.Begin
	address  *url.URL // where the person was sent
}

func begin(t *testing.T, c config.Providers, code provider.Code, change ...func(*provider.Begin)) flow {
	t.Helper()
	set, err := provider.New(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.Find(code)
	if err != nil {
		t.Fatal(err)
	}
	nonce, verifier := provider.Fresh()
	f := flow{provider: p, begin: provider.Begin{
		State: strings.Repeat("5a", 64), Nonce: nonce, Verifier: verifier, Redirect: ours + provider.CallbackPath(code), Lang: "en",
	}}
	for _, c := range change {
		c(&f.begin)
	}
	address, err := p.Begin(t.Context(), f.begin)
	if err != nil {
		t.Fatal(err)
	}
	if f.address, err = url.Parse(address); err != nil {
		t.Fatal(err)
	}
	return f
}

// allow visits the provider as a person who says yes, and returns what comes back.
func (f flow) allow(t *testing.T) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(f.address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	location, err := resp.Location()
	if err != nil {
		t.Fatalf("the fake refused %s: %s", f.address, resp.Status)
	}
	if want := f.begin.Redirect; !strings.HasPrefix(location.String(), want+"?") {
		t.Fatalf("sent back to %s, want %s", location, want)
	}
	return location.Query()
}

func (f flow) back(t *testing.T, form url.Values) (provider.Identity, error) {
	t.Helper()
	return f.provider.Exchange(t.Context(), provider.Callback{
		Form: form, State: f.begin.State, Nonce: f.begin.Nonce, Verifier: f.begin.Verifier, Redirect: f.begin.Redirect,
	})
}

func wantIdentity(t *testing.T, got provider.Identity, err error, want provider.Identity) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// wantFault wants a fault by its code ("" for none), with words that hold
// nothing of the provider's.
func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		if code != "" || err != nil {
			t.Fatalf("got %v, want a fault %q", err, code)
		}
		return
	}
	if f.Code != code {
		t.Errorf("got %v, want %q", err, code)
	}
	if strings.Contains(err.Error()+f.Text, "Erika") || strings.Contains(f.Text, "%") {
		t.Errorf("the fault tells too much, or lacks a word: %v; %s", err, f.Text)
	}
}

// A fake is a provider's server: paths and what is done there.
func fake(t *testing.T, paths map[string]http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, serve := range paths {
		mux.HandleFunc(path, serve)
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// sendBack redirects a person to where the app wants them, with more parameters.
func sendBack(w http.ResponseWriter, r *http.Request, more url.Values) {
	to, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if err != nil {
		http.Error(w, "redirect_uri", http.StatusBadRequest)
		return
	}
	query := to.Query()
	query.Set("state", r.URL.Query().Get("state"))
	for name := range more {
		query.Set(name, more.Get(name))
	}
	to.RawQuery = query.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

func writeJSON(w http.ResponseWriter, status int, kind string, value any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}

// has reports whether the values are all there.
func has(v url.Values, want map[string]string) bool {
	for name, value := range want {
		if v.Get(name) != value {
			return false
		}
	}
	return true
}
