package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/api/inbound"
	"waypost/internal/api/track17"
)

// Whatever is asked, and whoever answers, carries what protects the reader.
func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	wanted := httptest.NewRecorder()
	s.kit.Headers(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(wanted, httptest.NewRequest(http.MethodGet, "/", nil))
	ask := func(route string, status int, header ...string) {
		t.Helper()
		got, with := answer(t, base, route, header...)
		if status != 0 && got != status {
			t.Errorf("%s answers %d, want %d", route, got, status)
		}
		for name := range wanted.Header() {
			if with.Get(name) == "" {
				t.Errorf("%s answers %d without %s", route, got, name)
			}
		}
	}
	for _, route := range slices.Concat(ownRoutes, s.site.Routes(), s.legal.Routes(), s.member.Routes(), s.staff.Routes(), inbound.Routes, track17.Routes, s.api.Routes(), s.reference.Routes()) {
		ask(route, 0)
	}
	ask("GET /nowhere", http.StatusNotFound)
	ask("GET /metrics", http.StatusNotFound, "X-Forwarded-For", "203.0.113.5")
	ask("DELETE /account", http.StatusNotFound)
	ask("POST /signin", http.StatusForbidden, "Sec-Fetch-Site", "cross-site")
	s.door.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for s.door.ChargeGrade(r) == nil {
			continue
		}
	})).ServeHTTP(httptest.NewRecorder(), &http.Request{RemoteAddr: "127.0.0.1:5"})
	ask("POST /password/grade", http.StatusTooManyRequests)
	s.stopping.Store(true)
	ask("GET /readyz", http.StatusServiceUnavailable)
}

// Another site's page can have nothing sent, but to what carries its own proof,
// as what carriers send does: they sign it with a secret that no browser has.
func TestOtherSitesSendNothing(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	for _, route := range slices.Concat(s.site.Routes(), s.legal.Routes(), s.member.Routes(), s.staff.Routes(), inbound.Routes) {
		if strings.HasPrefix(route, "GET ") || slices.Contains(openRoutes, route) {
			continue
		}
		if status, _ := answer(t, base, route, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"); status != http.StatusForbidden {
			t.Errorf("%s answers %d", route, status)
		}
	}
}

// What a page of another site sends to our own API is as good as what anybody
// sends who has no key.
func TestOtherSitesHaveNoKey(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	for _, route := range s.api.Routes() {
		if route == "GET /v1/openapi.json" {
			continue
		}
		status, header := answer(t, base, route, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example")
		if status != http.StatusUnauthorized || header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s answers %d, Access-Control-Allow-Origin: %q", route, status, header.Get("Access-Control-Allow-Origin"))
		}
	}
}

// answer is the status and the headers with which a route answers a stranger.
func answer(t *testing.T, base, route string, header ...string) (int, http.Header) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	method, pattern, _ := strings.Cut(route, " ")
	path := placeIn.ReplaceAllString(strings.ReplaceAll(pattern, "{$}", ""), "nothing")
	r, err := http.NewRequestWithContext(ctx, method, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s: %v", route, err)
	}
	resp.Body.Close() //nolint:errcheck // a live page goes on for ever
	return resp.StatusCode, resp.Header
}
