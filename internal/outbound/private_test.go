package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// An inside is a server on this machine that nobody may reach through a client.
type inside struct {
	port  string
	calls atomic.Int64
}

func startInside(t *testing.T) *inside {
	t.Helper()
	in := &inside{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { in.calls.Add(1) }))
	t.Cleanup(server.Close)
	_, in.port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return in
}

// call calls an address, and waits for no one who isn't there.
func call(t *testing.T, c *Client, address string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	_, err = c.Do(ctx, r)
	return err
}

// What leads inside is never called, in whatever form it is written.
func TestNoWayLeadsInside(t *testing.T) {
	in := startInside(t)
	for name, host := range map[string]string{
		"loopback":                              "127.0.0.1",
		"another loopback address":              "127.8.9.10",
		"loopback, in IPv6":                     "[::1]",
		"nowhere, which is this machine":        "0.0.0.0",
		"nowhere, in IPv6":                      "[::]",
		"private, class A":                      "10.0.0.1",
		"private, class B":                      "172.16.0.1",
		"private, class C":                      "192.168.1.1",
		"private, in IPv6":                      "[fd00::1]",
		"site-local, as it was":                 "[fec0::1]",
		"link-local":                            "169.254.1.1",
		"link-local, in IPv6":                   "[fe80::1]",
		"a provider's subscribers":              "100.64.0.1",
		"multicast":                             "224.0.0.1",
		"broadcast":                             "255.255.255.255",
		"metadata of AWS, GCP, Azure":           "169.254.169.254",
		"metadata of AWS, in IPv6":              "[fd00:ec2::254]",
		"metadata of Alibaba Cloud":             "100.100.100.200",
		"metadata of Oracle Cloud":              "192.0.0.192",
		"Azure's own":                           "168.63.129.16",
		"IPv4 in IPv6, mapped":                  "[::ffff:127.0.0.1]",
		"the same in hexadecimal":               "[::ffff:7f00:1]",
		"IPv4 in IPv6, compatible":              "[::127.0.0.1]",
		"IPv4 in IPv6, by NAT64":                "[64:ff9b::127.0.0.1]",
		"IPv4 in IPv6, by a NAT64 of one's own": "[64:ff9b:1::127.0.0.1]",
		"IPv4 in IPv6, by 6to4":                 "[2002:7f00:1::]",
		"IPv4 in IPv6, by Teredo":               "[2001:0:7f00:1::]",
		"decimal":                               "2130706433",
		"octal":                                 "0177.0.0.1",
		"hexadecimal":                           "0x7f000001",
		"hexadecimal, in parts":                 "0x7f.0.0.1",
		"short":                                 "127.1",
		"with leading zeros":                    "127.000.000.001",
		"a name for it":                         "localhost",
		"a name for it, with a dot":             "localhost.",
		"full-width digits":                     "１２７.０.０.１",
		"enclosed digits":                       "①②⑦.⓪.⓪.①",
		"behind a user name":                    "example.org@127.0.0.1",
	} {
		t.Run(name, func(t *testing.T) {
			address := "http://" + host + ":" + in.port + "/"
			err := call(t, New(Options{}), address)
			_, literal := netip.ParseAddr(strings.Trim(host, "[]"))
			known := literal == nil || host == "localhost" // else it may be no name either
			if err == nil || known && !errors.Is(err, ErrPrivate) || in.calls.Load() != 0 {
				t.Errorf("%s: %v, after %d calls", address, err, in.calls.Load())
			}
		})
	}
}

// A name of several addresses is refused whichever of them is tried, and one that
// leads outside at first and inside later when it leads inside.
func TestNamesThatLeadInsideAreNotFollowed(t *testing.T) {
	in := startInside(t)
	for name, addresses := range map[string][]string{
		"one address":                      {"127.0.0.1"},
		"several":                          {"10.255.255.1", "127.0.0.1", "192.168.255.1"},
		"one in each family":               {"::1", "127.0.0.1"},
		"IPv4 in IPv6":                     {"::ffff:127.0.0.1", "64:ff9b::7f00:1"},
		"metadata, then this machine":      {"169.254.169.254", "127.0.0.1"},
		"documentation, then this machine": {"203.0.113.1", "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			names := startNames(t, func(int) []string { return addresses })
			if err := call(t, New(Options{Resolver: names}), "http://hooks.example:"+in.port+"/"); !errors.Is(err, ErrPrivate) || in.calls.Load() != 0 {
				t.Errorf("%v, after %d calls", err, in.calls.Load())
			}
		})
	}
	t.Run("rebinding", func(t *testing.T) {
		turn := atomic.Int64{}
		names := startNames(t, func(int) []string {
			if turn.Load() == 0 {
				return []string{"9.9.9.9"}
			}
			return []string{"127.0.0.1"}
		})
		found, err := names.LookupHost(t.Context(), "hooks.example")
		if err != nil || len(found) == 0 || !Public(netip.MustParseAddr(found[0])) {
			t.Fatalf("whoever looks before sees %v, %v", found, err)
		}
		turn.Add(1)
		if err := call(t, New(Options{Resolver: names}), "http://hooks.example:"+in.port+"/"); !errors.Is(err, ErrPrivate) || in.calls.Load() != 0 {
			t.Errorf("%v, after %d calls", err, in.calls.Load())
		}
	})
}

// A redirect leads neither inside nor anywhere, where that isn't wanted.
func TestRedirectsDoNotLeadInside(t *testing.T) {
	in := startInside(t)
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.URL.Query().Get("to")+":"+in.port+"/", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(outside.Close)
	host := strings.TrimPrefix(outside.URL, "http://")
	for _, to := range []string{"127.0.0.1", "localhost", "[::1]", "169.254.169.254", "2130706433"} {
		for name, o := range map[string]Options{"followed": {Allow: []string{host}}, "not followed": {Allow: []string{host}, Stay: true}} {
			err := call(t, New(o), outside.URL+"/?to="+to)
			if (err == nil) != o.Stay || in.calls.Load() != 0 {
				t.Errorf("to %s, %s: %v, after %d calls", to, name, err, in.calls.Load())
			}
		}
	}
}

// What an operator allows is called, and nothing beside it.
func TestWhatTheOperatorAllowsIsCalled(t *testing.T) {
	in, other := startInside(t), startInside(t)
	for _, allow := range []string{"127.0.0.1:" + in.port, "hooks.example:" + in.port} {
		before := in.calls.Load()
		host, _, _ := net.SplitHostPort(allow)
		c := New(Options{Allow: []string{allow}, Resolver: startNames(t, func(int) []string { return []string{"127.0.0.1"} })})
		if err := call(t, c, "http://"+allow+"/"); err != nil || in.calls.Load() != before+1 {
			t.Errorf("%s: %v", allow, err)
		}
		if err := call(t, c, "http://"+host+":"+other.port+"/"); err == nil || other.calls.Load() != 0 {
			t.Errorf("another port of %s: %v", host, err)
		}
	}
}

// An answer that is too large, or breaks off, is cut where that is wanted.
func TestAnAnswerIsCut(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/breaks" {
			w.Header().Set("Content-Length", "1000")
		}
		_, _ = w.Write([]byte("0123456789"))
	}))
	t.Cleanup(server.Close)
	for path, want := range map[string]string{"/long": "01234", "/breaks": "01234"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := New(Options{Allow: []string{"127.0.0.1"}, Limit: 5, Cut: true}).Do(t.Context(), r)
		if err != nil || answer.Status != http.StatusOK || string(answer.Body) != want {
			t.Errorf("%s: %d %q, %v", path, answer.Status, answer.Body, err)
		}
	}
}

// startNames is a server of names that answers every name with the addresses.
func startNames(t *testing.T, addresses func(turn int) []string) *net.Resolver {
	t.Helper()
	socket, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for turn := 0; ; turn++ {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := answerNames(buffer[:n], addresses(turn)); err == nil {
				_, _ = socket.WriteTo(answer, from)
			}
		}
	}()
	server := socket.LocalAddr().String()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}}
}

func answerNames(question []byte, addresses []string) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil, errors.New("no question: " + strconv.Itoa(len(m.Questions)))
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	for _, text := range addresses {
		a := netip.MustParseAddr(text)
		header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}
