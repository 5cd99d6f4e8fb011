package v1

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"waypost/internal/quota"
)

// documentRoute is where the OpenAPI document is.
const documentRoute = "GET /v1/openapi.json"

// maxBody bounds what is read of a request, in bytes.
const maxBody = 1 << 20

// An operation is one thing that a program can ask for, as the document says it.
type operation struct {
	route   string // as ServeMux knows it
	id      string // unique, stable: programs made from the document call their functions so
	tag     string
	summary string
	about   string // a sentence or more
	scope   quota.Scope
	status  int   // of success; 0 is 200
	may     []int // statuses of problems that are its own, beside those that every operation may have
	once    bool  // it may be repeated by the same Idempotency-Key
	stream  bool  // it answers with server-sent events
}

// tags are the chapters of the document, in order.
var tags = []*huma.Tag{
	{Name: "recognise", Description: "Text to tracking numbers, and to the carriers that they can belong to."},
	{Name: "carriers", Description: "The carriers that Waypost knows."},
	{Name: "parcels", Description: "A parcel is a number at a carrier, and what happened to it. It belongs to nobody."},
	{Name: "watches", Description: "The parcels that your account keeps, with what you say of them."},
	{Name: "events", Description: "What happens to the parcels that your account keeps: listed, streamed, or sent to webhooks, always the same."},
	{Name: "webhooks", Description: "Endpoints that events are sent to."},
	{Name: "keys", Description: "What the account's programs call with."},
	{Name: "account", Description: "Who you are here, and what you may still use."},
	{Name: "test", Description: "Numbers whose parcels move when you say so, for trying a program out."},
}

// describe makes the API that operations are added to.
func (d *Door) describe() {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Waypost", Version: d.Version, Description: "Where is my parcel? Waypost's own API; docs/api.md explains it.",
			},
			Servers: []*huma.Server{{URL: d.URL}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"key": {Type: "http", Scheme: "bearer", Description: "A key of your account, made at /developer/keys."},
				},
			},
			Security: []map[string][]string{{"key": {}}},
			Tags:     tags,
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{d.addressed},
	}
	d.api = humago.New(router{d}, config)
}

// A router puts an operation's handler behind what every request passes.
type router struct{ *Door }

func (r router) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	op := r.operations[slices.IndexFunc(r.operations, func(op operation) bool { return op.route == pattern })]
	r.mux.Handle(pattern, r.enter(op, r.typed(r.repeatable(op, r.tagged(op, http.HandlerFunc(handler))))))
}

// add adds an operation. What its handler returns of the rooms' errors is
// answered as a problem.
func add[I, O any](d *Door, op operation, handler func(context.Context, *I) (*O, error)) {
	d.operations = append(d.operations, op)
	method, path, _ := strings.Cut(op.route, " ")
	statuses := append([]int{400, 401, 403, 406, 408, 413, 415, 422, 429, 500, 503}, op.may...)
	if method != http.MethodGet {
		statuses = append(statuses, 409)
	}
	if strings.Contains(path, "{") {
		statuses = append(statuses, 404)
	}
	slices.Sort(statuses)
	responses := map[string]*huma.Response{}
	if op.stream {
		responses["200"] = &huma.Response{Description: "Server-sent events", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	}
	huma.Register(d.api, huma.Operation{
		OperationID: op.id, Method: method, Path: path, Tags: []string{op.tag}, Summary: op.summary, Description: op.about,
		DefaultStatus: op.status, Errors: slices.Compact(statuses), MaxBodyBytes: maxBody,
		Extensions: op.extensions(), Responses: responses,
	}, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, d.problem(op, err)
		}
		return out, nil
	})
}

// extensions are what the document says of an operation in words of our own.
func (op operation) extensions() map[string]any {
	all := map[string]any{"x-scope": string(op.scope)}
	if op.stream {
		all["x-stream"] = true
	}
	return all
}

// publish renders the document and serves it.
func (d *Door) publish() error {
	doc := d.api.OpenAPI()
	for _, op := range d.operations {
		method, path, _ := strings.Cut(op.route, " ")
		if method == http.MethodGet && !op.stream {
			conditional(doc.Paths[path].Get)
		}
		if op.once {
			repeatable(operationOf(doc.Paths[path], method))
		}
		limited(operationOf(doc.Paths[path], method))
		for _, p := range operationOf(doc.Paths[path], method).Parameters {
			p.AllowEmptyValue = p.In == "query" && !p.Required // what is empty is absent
		}
	}
	text, err := optionalMayBeNull(doc)
	if err != nil {
		return fmt.Errorf("write the OpenAPI document: %w", err)
	}
	d.document = append(text, '\n')
	d.mux.Handle(documentRoute, d.tagged(operation{}, http.HandlerFunc(d.serveDocument)))
	return nil
}

func operationOf(p *huma.PathItem, method string) *huma.Operation {
	switch method {
	case http.MethodGet:
		return p.Get
	case http.MethodPost:
		return p.Post
	case http.MethodPatch:
		return p.Patch
	case http.MethodPut:
		return p.Put
	}
	return p.Delete
}

// conditional says of an operation that it answers 304 to who has its answer.
func conditional(op *huma.Operation) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "If-None-Match", In: "header", Description: "The ETag of the answer that you have. While it holds, the answer is 304 without a body.",
		Schema: &huma.Schema{Type: huma.TypeString},
	})
	for code, resp := range op.Responses {
		if strings.HasPrefix(code, "2") {
			header(resp, "ETag", "Changes when the answer does.")
		}
	}
	op.Responses["304"] = &huma.Response{Description: "What you have still holds."}
}

// repeatable says of an operation that it may be repeated.
func repeatable(op *huma.Operation) {
	shortest, longest := 1, 255
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: idempotencyKey, In: "header", Description: "A name of your choice for this request. Repeated by the same name within a day, it is answered as before and not done again.",
		Schema: &huma.Schema{Type: huma.TypeString, MinLength: &shortest, MaxLength: &longest},
	})
	for code, resp := range op.Responses {
		if strings.HasPrefix(code, "2") {
			header(resp, "Idempotent-Replayed", "true, where this was answered before.")
		}
	}
}

// limited says of an operation's answers which headers tell of its limits.
func limited(op *huma.Operation) {
	for code, resp := range op.Responses {
		status, _ := strconv.Atoi(code)
		if status < 400 {
			header(resp, "RateLimit-Policy", "How many requests a key may make, and in how many seconds.")
		}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			header(resp, "Retry-After", "After how many seconds to try again.")
		}
		if status == http.StatusUnauthorized {
			header(resp, "WWW-Authenticate", "That a key is wanted as a bearer token.")
		}
	}
}

func header(resp *huma.Response, name, about string) {
	if resp.Headers == nil {
		resp.Headers = map[string]*huma.Param{}
	}
	resp.Headers[name] = &huma.Param{Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
}

// serveDocument serves GET /v1/openapi.json to anybody, and to pages of other
// sites: it is the same for everybody.
func (d *Door) serveDocument(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Write(d.document) //nolint:errcheck // nobody is left to tell
}
