package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// revoke is RFC 7009, by the one way to show the secret that the fake takes.
func (o *oidcFake) revoke(w http.ResponseWriter, r *http.Request) {
	id, secret, basic := r.BasicAuth()
	if basic {
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	switch {
	case o.down:
		http.Error(w, gossip, http.StatusServiceUnavailable)
	case id != "waypost" || secret != "s: %h" || basic == o.postSecret || r.PostFormValue("token_type_hint") != "refresh_token":
		writeJSON(w, http.StatusUnauthorized, "application/json", map[string]string{"error": "invalid_client", "error_description": gossip})
	default:
		o.revoked = append(o.revoked, r.PostFormValue("token"))
	}
}

func (a *appleFake) revoke(w http.ResponseWriter, r *http.Request) {
	if !a.knows(r) || r.PostFormValue("token_type_hint") != "refresh_token" {
		writeJSON(w, http.StatusBadRequest, "application/json", map[string]string{"error": "invalid_client"})
		return
	}
	a.revoked = append(a.revoked, r.PostFormValue("token"))
}

func (o *oidcFake) revokes(d map[string]any) { d["revocation_endpoint"] = o.url + "/revoke" }

// leaver is the configured provider that can be told that somebody left.
func leaver(t *testing.T, c config.Providers, code provider.Code) provider.Leaver {
	t.Helper()
	set, err := provider.New(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.Find(code)
	if err != nil {
		t.Fatal(err)
	}
	l, ok := p.(provider.Leaver)
	if !ok {
		t.Fatalf("%s can't be told", code)
	}
	return l
}

func TestATokenThatWasGivenIsRevoked(t *testing.T) {
	for _, post := range []bool{false, true} {
		o := &oidcFake{refresh: "r3fresh", postSecret: post}
		o.discovery = o.revokes
		c := o.start(t)
		f := begin(t, c, "oidc-club")
		got, err := f.back(t, f.allow(t))
		if err != nil || got.Refresh != "r3fresh" {
			t.Fatalf("came back with %q, %v", got.Refresh, err)
		}
		l := leaver(t, c, "oidc-club")
		if err := l.Leave(t.Context(), got.Subject, got.Refresh); err != nil || !slices.Equal(o.revoked, []string{"r3fresh"}) {
			t.Errorf("revoked %q, %v", o.revoked, err)
		}
		wantFault(t, l.Leave(t.Context(), got.Subject, ""), "sign_in_no_leave")
		o.down = true
		wantFault(t, l.Leave(t.Context(), got.Subject, got.Refresh), "sign_in_unavailable")
	}
}

func TestAProviderThatRevokesNothingIsToldAnotherWay(t *testing.T) {
	o := &oidcFake{refresh: "r3fresh"}
	wantFault(t, leaver(t, o.start(t), "oidc-club").Leave(t.Context(), "s-1", "r3fresh"), "sign_in_no_leave")
}

func TestApplesTokenIsRevokedWithASignedSecret(t *testing.T) {
	a := &appleFake{}
	a.oidcFake.refresh = "r3fresh"
	c := a.start(t)
	if err := leaver(t, c, "apple").Leave(t.Context(), "001", "r3fresh"); err != nil || !slices.Equal(a.revoked, []string{"r3fresh"}) {
		t.Errorf("revoked %q, %v", a.revoked, err)
	}
}

func TestFacebookForgetsWhatWasAllowed(t *testing.T) {
	var left []string
	host := fake(t, map[string]http.HandlerFunc{
		"DELETE /v25.0/{user}/permissions": func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Query().Get("access_token") != "77|shh":
				writeJSON(w, http.StatusBadRequest, "application/json", map[string]any{"error": map[string]any{"code": 190, "message": gossip}})
			case r.PathValue("user") != "1001":
				writeJSON(w, http.StatusBadRequest, "application/json", map[string]any{"error": map[string]any{"code": 100, "message": gossip}})
			default:
				left = append(left, r.PathValue("user"))
				writeJSON(w, http.StatusOK, "application/json", map[string]any{"success": true})
			}
		},
	})
	l := leaver(t, config.Providers{Facebook: config.FacebookProvider{
		ClientID: "77", ClientSecret: "shh", Version: "v25.0", Hosts: config.Hosts{API: host},
	}}, "facebook")
	if err := l.Leave(t.Context(), "1001", ""); err != nil || !slices.Equal(left, []string{"1001"}) {
		t.Errorf("left %q, %v", left, err)
	}
	wantFault(t, l.Leave(t.Context(), "1002", ""), "sign_in_expired")
}
