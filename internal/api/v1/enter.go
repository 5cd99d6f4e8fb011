package v1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"waypost/internal/quota"
)

type callerKey struct{}

// callerOf is who calls, as enter found out.
func callerOf(ctx context.Context) quota.Caller {
	who, _ := ctx.Value(callerKey{}).(quota.Caller)
	return who
}

// enter lets a request in that has a key which may do what it asks for, and may
// do so now.
func (d *Door) enter(op operation, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-cache")
		secret, ok := bearer(r)
		if !ok {
			d.refuse(w, errNoKey)
			return
		}
		who, err := d.Keys.Enter(r.Context(), secret, address(r))
		if err != nil {
			d.refuse(w, err)
			return
		}
		if err := who.Must(op.scope); err != nil {
			d.refuse(w, err)
			return
		}
		w.Header().Set("RateLimit-Policy", `"key";q=`+strconv.Itoa(d.Rate)+`;w=1`)
		wait, err := d.Keys.Rate(r.Context(), who, quota.Own)
		if err != nil {
			d.refuse(w, err)
			return
		}
		if wait > 0 {
			d.refuse(w, often(wait, errRate))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
	})
}

// bearer is the key of a request (RFC 6750, 2.1).
func bearer(r *http.Request) (string, bool) {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	return secret, ok && secret != "" && strings.EqualFold(scheme, "Bearer")
}

// address is where a request comes from, as the proxies that are trusted say.
func address(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}

// typed lets no body through that isn't said to be JSON.
func (d *Door) typed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if r.ContentLength != 0 && (err != nil || kind != "application/json") {
			d.refuse(w, errType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// tagged gives what is read an ETag, and answers 304 to who has it already.
// Whatever the answer says is in its tag: a parcel's standing depends on the
// clock as well as on its revision.
func (d *Door) tagged(op operation, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead || op.stream {
			next.ServeHTTP(w, r)
			return
		}
		kept := &kept{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(kept, r)
		if kept.status == http.StatusOK {
			sum := sha256.Sum256(kept.body.Bytes())
			tag := `"` + hex.EncodeToString(sum[:12]) + `"`
			w.Header().Set("ETag", tag)
			if has(r.Header.Values("If-None-Match"), tag) {
				w.Header().Del("Content-Type")
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.WriteHeader(kept.status)
		w.Write(kept.body.Bytes()) //nolint:errcheck // nobody is left to tell
	})
}

// has reports whether a tag is among those of If-None-Match (RFC 9110, 13.1.2).
func has(lists []string, tag string) bool {
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
				return true
			}
		}
	}
	return false
}

// A kept is an answer that isn't sent yet.
type kept struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }
