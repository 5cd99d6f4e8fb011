package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// vkFake answers as VK ID does: it checks PKCE and device_id, echoes the
// state, and tells errors with HTTP 200 or 400.
type vkFake struct {
	err       string
	status    int
	state     string // in place of the echo
	tokenUser any
	infoUser  any
	challenge string
}

func (v *vkFake) start(t *testing.T) config.Providers {
	t.Helper()
	host := fake(t, map[string]http.HandlerFunc{
		"GET /authorize": func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			v.challenge = q.Get("code_challenge")
			if v.challenge == "" || q.Get("code_challenge_method") != "S256" {
				http.Error(w, "PKCE", http.StatusBadRequest)
				return
			}
			sendBack(w, r, url.Values{"code": {"c0de"}, "device_id": {"dev1ce"}, "type": {"code_v2"}, "expires_in": {"600"}, "ext_id": {"e"}})
		},
		"POST /oauth2/auth":      v.token,
		"POST /oauth2/user_info": v.info,
	})
	return config.Providers{VK: config.VKProvider{ClientID: "53", ServiceToken: "serv1ce", Hosts: config.Hosts{Authorize: host, Token: host, API: host}}}
}

func (v *vkFake) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	state := r.PostFormValue("state")
	if v.state != "" {
		state = v.state
	}
	switch {
	case v.err != "":
		v.fail(w, v.err, state)
	case base64.RawURLEncoding.EncodeToString(sum[:]) != v.challenge, r.PostFormValue("device_id") != "dev1ce", r.PostFormValue("code") != "c0de":
		v.fail(w, "invalid_grant", state)
	case r.PostFormValue("service_token") != "serv1ce", r.PostFormValue("client_id") != "53":
		v.fail(w, "invalid_client", state)
	default:
		writeJSON(w, http.StatusOK, "application/json", map[string]any{
			"access_token": "t0ken", "refresh_token": "r", "id_token": "i", "token_type": "Bearer", "expires_in": 3600,
			"user_id": v.tokenUser, "state": state, "scope": "email vkid.personal_info",
		})
	}
}

func (v *vkFake) info(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("access_token") != "t0ken" {
		v.fail(w, "invalid_token", "")
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"user": map[string]any{
		"user_id": v.infoUser, "first_name": "Ада", "last_name": "Пример", "avatar": "https://pic.example/200", "email": "ada@mail.example", "sex": 1, "verified": false,
	}})
}

func (v *vkFake) fail(w http.ResponseWriter, code, state string) {
	status := v.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	writeJSON(w, status, "application/json", map[string]any{"error": code, "error_description": gossip, "state": state})
}

func TestVK(t *testing.T) {
	want := provider.Identity{Provider: "vk", Subject: "1234567890123", Email: "ada@mail.example", Name: "Ада Пример", Picture: "https://pic.example/200"}
	for _, tc := range []struct {
		name string
		fake vkFake
		want string
	}{
		{"a number, then a text", vkFake{tokenUser: 1234567890123, infoUser: "1234567890123"}, ""},
		{"a text, then a number", vkFake{tokenUser: "1234567890123", infoUser: 1234567890123}, ""},
		{"two people", vkFake{tokenUser: 1, infoUser: "2"}, "sign_in_untrusted"},
		{"nobody", vkFake{}, "sign_in_untrusted"},
		{"somebody who isn't a plain value", vkFake{tokenUser: []int{1}, infoUser: []int{1}}, "sign_in_unavailable"},
		{"another state in the answer", vkFake{tokenUser: 1, infoUser: 1, state: "x"}, "sign_in_untrusted"},
		{"an error with HTTP 200", vkFake{err: "invalid_grant", status: http.StatusOK}, "sign_in_expired"},
		{"an error with HTTP 400", vkFake{err: "invalid_client"}, "sign_in_setup"},
		{"a server in trouble", vkFake{err: "server_error", status: http.StatusBadGateway}, "sign_in_unavailable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := begin(t, tc.fake.start(t), "vk")
			got, err := f.back(t, f.allow(t))
			if tc.want != "" {
				wantFault(t, err, tc.want)
				return
			}
			wantIdentity(t, got, err, want)
		})
	}
}

func TestVKReturns(t *testing.T) {
	v := &vkFake{tokenUser: 1, infoUser: 1}
	f := begin(t, v.start(t), "vk", func(b *provider.Begin) { b.Lang = "ru" })
	if got := f.address.Query().Get("lang_id"); got != "0" {
		t.Errorf("lang_id %q, want 0 for Russian", got)
	}
	form := f.allow(t)
	form.Del("device_id")
	_, err := f.back(t, form)
	wantFault(t, err, "sign_in_expired")

	_, err = f.back(t, url.Values{"error": {"access_denied"}, "error_description": {gossip}, "state": {f.begin.State}})
	wantFault(t, err, "sign_in_cancelled")

	f.begin.Verifier = "another-verifier-another-verifier-another-verifier"
	_, err = f.back(t, f.allow(t))
	wantFault(t, err, "sign_in_expired")
}
