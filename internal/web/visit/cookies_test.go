package visit

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// No script reads a cookie, no other site's form brings one along, and over
// https they go no other way. Those whose names are ours can't be set by
// another host of the domain.
func TestCookiesAreGuarded(t *testing.T) {
	for url, https := range map[string]bool{"https://waypost.example": true, "http://127.0.0.1:8080": false} {
		d := New(Options{URL: url, Sign: func(text string) string { return text }})
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/signup", nil)
		d.SignIn(w, r, "eu.secret")
		d.Begin(w, r, "eu.begun")
		d.Prefer(w, "DE")
		d.Know(w, r)
		seen := map[string]bool{}
		for _, c := range w.Result().Cookies() {
			seen[c.Name] = true
			if !c.HttpOnly || c.Secure != https || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: the cookie %s is %+v", url, c.Name, c)
			}
		}
		for _, name := range map[bool][]string{
			true: {"__Host-waypost_session", "__Host-waypost_flow", "_yq_bid", "Country"}, false: {"waypost_session", "waypost_flow", "_yq_bid", "Country"},
		}[https] {
			if !seen[name] {
				t.Errorf("%s: there is no %s among %v", url, name, seen)
			}
		}
	}
}
