package dbtest

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// A Proxy is a way to a database's server that can be cut.
type Proxy struct {
	to, address string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
}

// Through returns the url of a PostgreSQL database with the way there leading
// through a proxy, which is open until the test cuts it or ends.
func Through(t testing.TB, address string) (string, *Proxy) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{to: u.Host, address: "127.0.0.1:0", open: map[net.Conn]bool{}}
	p.Mend(t)
	t.Cleanup(p.Cut)
	return p.Lead(t, address), p
}

// Lead returns the url of another database of the same server, through the proxy.
func (p *Proxy) Lead(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.address
	return u.String()
}

// Cut closes every connection and takes no more.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return
	}
	p.listener.Close() //nolint:errcheck // nobody is let in any more
	p.listener = nil
	for c := range p.open {
		c.Close() //nolint:errcheck // that is what it is for
	}
	clear(p.open)
}

// Mend takes connections again.
func (p *Proxy) Mend(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.listener, p.address = l, l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(conn)
		}
	}()
}

func (p *Proxy) pass(conn net.Conn) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.to)
	if err != nil {
		conn.Close() //nolint:errcheck // there is nobody to pass on to
		return
	}
	if !p.keep(conn, server) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{conn, server}, {server, conn}} {
		both.Go(func() {
			io.Copy(way[0], way[1]) //nolint:errcheck // it ends when either side does
			way[0].Close()          //nolint:errcheck // so the other side hears of it
		})
	}
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, conn)
	delete(p.open, server)
}

// keep notes connections to cut; those that come when it is cut are cut at once.
func (p *Proxy) keep(all ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range all {
		p.open[c] = true
		if p.listener == nil {
			c.Close() //nolint:errcheck // that is what it is for
		}
	}
	return p.listener != nil
}
