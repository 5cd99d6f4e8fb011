package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waypost/internal/api/inbound"
	"waypost/internal/api/track17"
	"waypost/internal/web/member"
	"waypost/internal/web/visit"
)

// ownRoutes are the patterns that app serves itself, for those who run it.
var ownRoutes = []string{"GET /healthz", "GET /readyz", "GET /metrics"}

// openRoutes are the patterns whose requests carry their own proof, so that they
// may come from anywhere.
var openRoutes = slices.Concat(member.OpenRoutes, inbound.Routes, track17.Routes, []string{apiRoutes})

// apiRoutes is where our own API is. It knows no cookies, but keys.
const apiRoutes = "/v1/"

// handler is everything that is served, in the order in which a request passes it.
func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for i, h := range []http.Handler{
		http.HandlerFunc(healthy), http.HandlerFunc(s.ready), onlyFrom(s.cfg.Metrics, promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{})),
	} {
		mux.Handle(ownRoutes[i], h)
	}
	for _, pattern := range s.member.Routes() {
		mux.Handle(pattern, s.member)
	}
	for _, pattern := range s.legal.Routes() {
		mux.Handle(pattern, s.legal)
	}
	for _, pattern := range s.staff.Routes() {
		mux.Handle(pattern, s.staff)
	}
	for _, pattern := range inbound.Routes {
		mux.Handle(pattern, s.inbound)
	}
	for _, pattern := range append(track17.Routes, track17.Path) {
		mux.Handle(pattern, s.compat)
	}
	mux.Handle(apiRoutes, s.api)
	for _, pattern := range s.reference.Routes() {
		mux.Handle(pattern, s.reference)
	}
	mux.Handle("/", s.site)
	refuse := func(w http.ResponseWriter, r *http.Request, err error) {
		s.log.Warn("request refused", "why", err)
		s.site.Fail(w, r, http.StatusForbidden)
	}
	return s.kit.Headers(clientAddress(s.cfg.Proxies, track17.Plain(visit.Guard(s.door.Wrap(measured(s.registry, mux)), refuse, openRoutes...))))
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte("ok\n")) //nolint:errcheck // nobody is left to tell
}

// ready says whether requests can be answered: the database can be reached, and the
// program is not about to stop. A region that can't be reached is named; the others
// are served all the same.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if s.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	if err := s.databases.Parcels.Ping(ctx); err != nil {
		s.log.Warn("not ready", "err", err)
		http.Error(w, "the database can't be reached", http.StatusServiceUnavailable)
		return
	}
	healthy(w, r)
	for _, name := range s.people.away() {
		fmt.Fprintf(w, "the region %s can't be reached\n", name)
	}
}

// clientAddress puts the client's address into RemoteAddr: the last one of
// X-Forwarded-For that is not a trusted proxy's, if the request came from one.
// Then it takes the headers away that say so; where they are left, the request
// came through somebody who isn't trusted.
func clientAddress(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client, ok := forwardedClient(r, proxies); ok {
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
			for _, header := range forwarding {
				r.Header.Del(header)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// forwarding are the headers by which proxies name their client (RFC 7239).
var forwarding = []string{"X-Forwarded-For", "Forwarded"}

func forwardedClient(r *http.Request, proxies []netip.Prefix) (netip.Addr, bool) {
	if !within(proxies, remoteAddr(r)) {
		return netip.Addr{}, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return netip.Addr{}, false
		}
		if !within(proxies, addr) {
			return addr.Unmap(), true
		}
	}
	return netip.Addr{}, false
}

// onlyFrom answers 404 to clients outside the networks, and to those behind a
// proxy that isn't trusted: its own address says nothing of theirs.
func onlyFrom(networks []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		behind := slices.ContainsFunc(forwarding, func(header string) bool { return r.Header.Get(header) != "" })
		if behind || !within(networks, remoteAddr(r)) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func within(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(addr.Unmap()) })
}

// remoteAddr is the address the request came from, invalid if it can't be told.
func remoteAddr(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr()
}

// measured counts requests and how long they took, by the route's pattern.
func measured(registry prometheus.Registerer, mux *http.ServeMux) http.Handler {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "waypost_http_request_seconds",
		Help:    "Time to answer requests, by route and class of status.",
		Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10},
	}, []string{"route", "class"})
	registry.MustRegister(seconds)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(seen, r)
		seconds.WithLabelValues(r.Pattern, statusClass(seen.status)).Observe(time.Since(start).Seconds())
	})
}

func statusClass(status int) string { return string(rune('0'+status/100)) + "xx" }

// A statusWriter remembers the status it was given.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController flush through it.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
