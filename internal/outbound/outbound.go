// Package outbound is the one HTTP client for calls to the outside: with
// timeouts, bounded answers, and a guard that keeps it away from private
// addresses, also behind redirects and names. It knows nothing of who is called.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	defaultTimeout = 30 * time.Second
	defaultLimit   = 4 << 20 // bytes of an answer, unpacked
	maxRedirects   = 5
	idlePerHost    = 64
)

// Options are what a client is made with. The zero value works.
type Options struct {
	Timeout   time.Duration // of a whole call, 30 s
	Limit     int64         // bytes of an answer, unpacked, 4 MiB
	Allow     []string      // HOST:PORT or HOST that the operator named: the guard lets them be private
	UserAgent string

	Stay     bool          // redirects aren't followed: they are the answer
	Cut      bool          // of an answer that is too large, or breaks off, the beginning is the answer
	Resolver *net.Resolver // of names, default the machine's
}

// A Client calls out. It is safe for concurrent use.
type Client struct {
	http  *http.Client
	limit int64
	cut   bool
	agent string
}

// An Answer is what came back, whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// ErrTooLarge is an answer beyond the limit.
var ErrTooLarge = errors.New("answer is too large")

// ErrPrivate is a call to an address that the guard keeps.
var ErrPrivate = errors.New("address is private")

// New makes a client.
func New(o Options) *Client {
	c := &Client{limit: o.Limit, cut: o.Cut, agent: o.UserAgent}
	if c.limit == 0 {
		c.limit = defaultLimit
	}
	if c.agent == "" {
		c.agent = "Waypost"
	}
	timeout := o.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	guarded := &net.Dialer{Timeout: 10 * time.Second, Control: guard, Resolver: o.Resolver}
	open := &net.Dialer{Timeout: 10 * time.Second, Resolver: o.Resolver}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, _ := net.SplitHostPort(address) // dialled addresses are well-formed
			if slices.Contains(o.Allow, address) || slices.Contains(o.Allow, host) {
				return open.DialContext(ctx, network, address)
			}
			return guarded.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: idlePerHost,
		IdleConnTimeout:     90 * time.Second,
	}
	c.http = &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: fewRedirects}
	if o.Stay {
		c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return c
}

// Do sends a request and reads the whole answer, up to the limit.
func (c *Client) Do(ctx context.Context, r *http.Request) (Answer, error) {
	r = r.WithContext(ctx)
	r.Header.Set("User-Agent", c.agent)
	resp, err := c.http.Do(r)
	if err != nil {
		return Answer{}, fmt.Errorf("call %s: %w", r.URL.Host, withoutAddress(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.limit+1))
	if c.cut {
		return Answer{resp.StatusCode, resp.Header, body[:min(int64(len(body)), c.limit)]}, nil
	}
	if int64(len(body)) > c.limit {
		return Answer{}, fmt.Errorf("call %s: %w (more than %d bytes)", r.URL.Host, ErrTooLarge, c.limit)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("read answer of %s: %w", r.URL.Host, err)
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

// withoutAddress takes the address out of an error: keys can stand in it.
func withoutAddress(err error) error {
	var e interface{ Unwrap() error }
	if errors.As(err, &e) {
		if inner := e.Unwrap(); inner != nil {
			return inner
		}
	}
	return err
}

func fewRedirects(r *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errors.New("too many redirects")
	}
	if via[0].URL.Host != r.URL.Host {
		return errors.New("redirected to another host")
	}
	if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errors.New("redirected to an address without encryption") // keys in headers would go there in the clear
	}
	return nil
}

// guard refuses what is not a public address, once the name is resolved.
func guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !Public(at.Addr()) {
		return ErrPrivate
	}
	return nil
}

// reserved are networks that are not public beside those netip knows (IANA's
// registries of special-purpose addresses). In IPv6 what is public is in
// 2000::/3, so IPv4 addresses that are written into others outside of it
// (64:ff9b::/96, ::/96 …) need no line here.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("168.63.129.16/32"), // Azure answers its virtual machines there
	netip.MustParsePrefix("2001::/23"),        // protocols' own, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
}

var public6 = netip.MustParsePrefix("2000::/3")

// Public reports whether an address is one of the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if a.Is6() && !public6.Contains(a.WithZone("")) {
		return false
	}
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}
