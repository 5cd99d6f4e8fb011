package v1

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"waypost/internal/fault"
	"waypost/internal/once"
)

// idempotencyKey is the header in which a program names a request that it may
// repeat (draft-ietf-httpapi-idempotency-key-header).
const idempotencyKey = "Idempotency-Key"

var (
	errKeyForm = fault.New(fault.Invalid, "invalid", "An Idempotency-Key is 1 to 255 printable ASCII characters.")
	errBody    = fault.New(fault.Invalid, "too_large", "The body is larger than a megabyte.")
)

// repeatable has what changes something done once for each name that a program
// gives its request.
func (d *Door) repeatable(op operation, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		names := r.Header.Values(idempotencyKey)
		if !op.once || len(names) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if len(names) > 1 || !isName(names[0]) {
			d.refuse(w, &placedError{error: errKeyForm, header: idempotencyKey})
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil || len(body) > maxBody {
			d.refuse(w, errBody)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		who := callerOf(r.Context())
		request := once.Request{Owner: who.Owner, Name: names[0], Asked: strings.Join([]string{op.route, r.URL.RequestURI(), string(body)}, "\n")}
		a, again, err := d.Once.Do(r.Context(), who.Region, request, succeeded, func() (once.Answer, error) {
			kept := &kept{ResponseWriter: w, status: http.StatusOK}
			next.ServeHTTP(kept, r)
			return once.Answer{Status: kept.status, Body: kept.body.Bytes()}, nil
		})
		if err != nil {
			d.refuse(w, err)
			return
		}
		if again {
			w.Header().Set("Idempotent-Replayed", "true")
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(a.Status)
		w.Write(a.Body) //nolint:errcheck // nobody is left to tell
	})
}

func succeeded(a once.Answer) bool { return a.Status < http.StatusMultipleChoices }

func isName(text string) bool {
	return text != "" && len(text) <= 255 && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
