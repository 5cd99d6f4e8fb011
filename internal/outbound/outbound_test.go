package outbound

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestRedirectsStayWithTheHostAndItsEncryption(t *testing.T) {
	for _, tc := range []struct {
		name, from, to string
		followed       bool
	}{
		{"another path", "https://carrier.example/a", "https://carrier.example/b", true},
		{"without encryption from the start", "http://carrier.example/a", "http://carrier.example/b", true},
		{"to encryption", "http://carrier.example/a", "https://carrier.example/b", true},
		{"encryption lost", "https://carrier.example/a", "http://carrier.example/a", false},
		{"another host", "https://carrier.example/a", "https://elsewhere.example/a", false},
		{"another port", "https://carrier.example/a", "https://carrier.example:8443/a", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			first, next := httptest.NewRequest(http.MethodGet, tc.from, nil), httptest.NewRequest(http.MethodGet, tc.to, nil)
			if err := fewRedirects(next, []*http.Request{first}); (err == nil) != tc.followed {
				t.Errorf("%s to %s: %v", tc.from, tc.to, err)
			}
		})
	}
}

func TestANameThatLeadsInsideIsNotCalled(t *testing.T) {
	calls := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer inside.Close()
	address := strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)
	get := func(o Options) error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(o).Do(t.Context(), r)
		return err
	}
	if err := get(Options{}); !errors.Is(err, ErrPrivate) || calls != 0 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	if err := get(Options{Allow: []string{"localhost"}}); err != nil || calls != 1 {
		t.Errorf("named by the operator: %v after %d calls", err, calls)
	}
}

func TestOnlyPublicAddressesAreCalled(t *testing.T) {
	for address, public := range map[string]bool{
		"9.9.9.9": true, "2620:fe::fe": true, "::ffff:9.9.9.9": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.0.1": false,
		"169.254.169.254": false, "fe80::1": false, "fd00::1": false, "0.0.0.0": false, "100.64.0.1": false, "224.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s: public %v, want %v", address, got, public)
		}
	}
}
