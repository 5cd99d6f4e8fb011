package v1_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// A contract is the API's document, which everything that is asked and answered
// in tests is held against.
type contract struct {
	t      *testing.T
	doc    *openapi3.T
	router routers.Router
}

// newContract reads a document and fails the test unless it is a good one.
func newContract(t *testing.T, document []byte) *contract {
	t.Helper()
	doc := must(openapi3.NewLoader().LoadFromData(document))(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("the document: %v", err)
	}
	doc.Servers = nil
	return &contract{t: t, doc: doc, router: must(legacy.NewRouter(doc))(t)}
}

// holding fails the test when what is asked and answered with success, or what
// is answered at all, isn't as the document says.
func (c *contract) holding(next http.Handler) http.Handler {
	options := &openapi3filter.Options{
		IncludeResponseStatus: true, MultiError: true,
		AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error { return nil },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := c.router.FindRoute(r)
		if err != nil || route.Operation.Extensions["x-stream"] != nil {
			next.ServeHTTP(w, r) // no operation: a refusal of its own kind, or a stream, which never ends
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			c.t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen := httptest.NewRecorder()
		next.ServeHTTP(seen, r)
		defer pass(w, seen)
		if seen.Code == http.StatusMethodNotAllowed || strings.Contains(seen.Body.String(), `"code":"no_route"`) {
			return // the document's router takes an address that there isn't for its neighbour
		}
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		asked := &openapi3filter.RequestValidationInput{Request: again, PathParams: params, Route: route, Options: options}
		if seen.Code < http.StatusBadRequest {
			if err := openapi3filter.ValidateRequest(r.Context(), asked); err != nil {
				c.t.Errorf("%s %s %s was taken and isn't as the document says: %v", r.Method, r.URL, body, err)
			}
		}
		answered := &openapi3filter.ResponseValidationInput{RequestValidationInput: asked, Status: seen.Code, Header: seen.Header(), Options: options}
		answered.SetBodyBytes(seen.Body.Bytes())
		if err := openapi3filter.ValidateResponse(r.Context(), answered); err != nil {
			c.t.Errorf("%s %s answers %d %s, and the document says otherwise: %v", r.Method, r.URL, seen.Code, seen.Body, err)
		}
	})
}

func pass(w http.ResponseWriter, seen *httptest.ResponseRecorder) {
	for name, values := range seen.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(seen.Code)
	w.Write(seen.Body.Bytes()) //nolint:errcheck // the test is over
}
