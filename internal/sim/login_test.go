package sim_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"waypost/internal/sim"
)

const appAddress = "http://app.example/back"

// A relying is a client of the simulated provider, by a library that others wrote.
type relying struct {
	*oauth2.Config
	provider *oidc.Provider
}

func newRelying(t *testing.T) relying {
	t.Helper()
	server := httptest.NewServer(sim.New(sim.Options{}).Handler())
	t.Cleanup(server.Close)
	p, err := oidc.NewProvider(t.Context(), server.URL+sim.LoginPath)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams // trying both would use up the code
	return relying{&oauth2.Config{ClientID: "app", Endpoint: endpoint, RedirectURL: appAddress, Scopes: []string{oidc.ScopeOpenID}}, p}
}

// choose says who somebody is, and returns what they are sent back with.
func (c relying) choose(t *testing.T, verifier, who string) url.Values {
	t.Helper()
	address := c.AuthCodeURL("state", oidc.Nonce("nonce"), oauth2.S256ChallengeOption(verifier))
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(url.Values{"who": {who}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil || !strings.HasPrefix(to.String(), appAddress+"?") || to.Query().Get("state") != "state" {
		t.Fatalf("sent to %v, %v", to, err)
	}
	return to.Query()
}

func TestTheSimulatedProviderSignsIn(t *testing.T) {
	c, verifier := newRelying(t), oauth2.GenerateVerifier()
	code := c.choose(t, verifier, "sim-1").Get("code")
	if _, err := c.Exchange(t.Context(), code, oauth2.VerifierOption("another")); err == nil {
		t.Error("another verifier is taken")
	}
	if _, err := c.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code is taken twice")
	}
	token, err := c.Exchange(t.Context(), c.choose(t, verifier, "sim-1").Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if id := c.verify(t.Context(), t, token); id.Subject != "sim-1" || id.Nonce != "nonce" {
		t.Errorf("ID token of %q with nonce %q", id.Subject, id.Nonce)
	}
	if got := c.choose(t, verifier, ""); got.Get("error") != "access_denied" || got.Has("code") {
		t.Errorf("who doesn't want to is sent back with %v", got)
	}
}

func (c relying) verify(ctx context.Context, t *testing.T, token *oauth2.Token) *oidc.IDToken {
	t.Helper()
	raw, _ := token.Extra("id_token").(string)
	id, err := c.provider.Verifier(&oidc.Config{ClientID: "app"}).Verify(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
