package app

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddressBelievesTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32")}
	for _, tc := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"nobody in front", "203.0.113.5:4711", nil, "203.0.113.5:4711"},
		{"a stranger who claims to be another", "203.0.113.5:4711", []string{"198.51.100.1"}, "203.0.113.5:4711"},
		{"one proxy", "10.1.2.3:80", []string{"198.51.100.1"}, "198.51.100.1:0"},
		{"two proxies, and a forged first hop", "10.1.2.3:80", []string{"1.1.1.1, 198.51.100.1, 192.0.2.7"}, "198.51.100.1:0"},
		{"hops in two headers", "10.1.2.3:80", []string{"198.51.100.1", "10.9.9.9"}, "198.51.100.1:0"},
		{"IPv6 client", "10.1.2.3:80", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		{"a proxy that says nothing", "10.1.2.3:80", nil, "10.1.2.3:80"},
		{"nonsense from a proxy", "10.1.2.3:80", []string{"unknown"}, "10.1.2.3:80"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tc.remote
			r.Header["X-Forwarded-For"] = tc.forwarded
			var got string
			clientAddress(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).
				ServeHTTP(httptest.NewRecorder(), r)
			if got != tc.want {
				t.Errorf("client %q, want %q", got, tc.want)
			}
		})
	}
}

func TestOnlyFromHidesFromOthers(t *testing.T) {
	t.Parallel()
	networks := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	page := onlyFrom(networks, http.HandlerFunc(healthy))
	for remote, want := range map[string]int{
		"127.0.0.1:5": 200, "[::1]:5": 200, "[::ffff:127.0.0.1]:5": 200, "203.0.113.5:5": 404, "nonsense": 404,
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from %s: %d, want %d", remote, w.Code, want)
		}
	}
}

// A proxy on the same machine that the operator didn't name comes from an
// address that may read the metrics; who is behind it may not.
func TestNobodyIsTakenForTheirProxy(t *testing.T) {
	t.Parallel()
	here := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, tc := range []struct {
		name, header, client string
		proxies              []netip.Prefix
		want                 int
	}{
		{"nobody in between", "", "", nil, 200},
		{"an unnamed proxy", "X-Forwarded-For", "203.0.113.5", nil, 404},
		{"an unnamed proxy that speaks RFC 7239", "Forwarded", "for=203.0.113.5", nil, 404},
		{"a named proxy", "X-Forwarded-For", "203.0.113.5", here, 404},
		{"a named proxy, from a network that may", "X-Forwarded-For", "192.0.2.9", here, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			networks := append([]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, here...)
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.RemoteAddr = "127.0.0.1:5"
			if tc.header != "" {
				r.Header.Set(tc.header, tc.client)
			}
			w := httptest.NewRecorder()
			clientAddress(tc.proxies, onlyFrom(networks, http.HandlerFunc(healthy))).ServeHTTP(w, r)
			if w.Code != tc.want {
				t.Errorf("%d, want %d", w.Code, tc.want)
			}
		})
	}
}
