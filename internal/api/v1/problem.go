package v1

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"waypost/internal/fault"
)

// A Problem is how every error is answered (RFC 9457).
type Problem struct {
	Type   string   `json:"type" format:"uri" doc:"The address of a page that explains this kind of error."`
	Title  string   `json:"title" doc:"What kind of error it is; the same whenever it comes."`
	Status int      `json:"status" doc:"The status of the answer."`
	Code   string   `json:"code" doc:"The kind for programs; the end of type."`
	Detail string   `json:"detail" doc:"What was wrong this time."`
	Help   string   `json:"help" doc:"What to do."`
	Errors []Detail `json:"errors,omitempty" doc:"What was wrong where; several where several things were."`

	header http.Header
}

// A Detail is one thing that was wrong, and where. It names one place at most.
type Detail struct {
	Detail    string `json:"detail"`
	Pointer   string `json:"pointer,omitempty" doc:"The place in the body, as a JSON Pointer in a fragment (RFC 6901): #/items/0/number. # is the whole body."`
	Parameter string `json:"parameter,omitempty" doc:"The parameter in the path or query."`
	Header    string `json:"header,omitempty" doc:"The header."`
}

func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) GetHeaders() http.Header   { return p.header }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// huma keeps these for the whole process: its own errors are answered as
// problems, too, and a list is never null.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return requestProblem(status, message, errs)
	}
}

// requestProblem is what is answered to a request that can't be read, or isn't
// as the document says. What was sent is not repeated.
func requestProblem(status int, message string, errs []error) *Problem {
	k, ok := byStatus[status]
	if !ok {
		k = Kinds[0]
	}
	p := &Problem{Title: k.Title, Status: k.Status, Code: k.Code, Detail: k.Text, Help: k.Help}
	for _, err := range errs {
		var at huma.ErrorDetailer
		if errors.As(err, &at) {
			p.Errors = append(p.Errors, detail(at.ErrorDetail()))
		}
	}
	if k.Status < http.StatusInternalServerError && len(p.Errors) == 1 {
		p.Detail = sentence(p.Errors[0].Detail)
	} else if k.Code == "malformed" && len(errs) == 0 {
		p.Detail = sentence(message)
	}
	return p
}

func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

var inLocation = regexp.MustCompile(`[^.\[\]]+`)

// detail turns huma's place, body.items[3].tags, into one of ours.
func detail(e *huma.ErrorDetail) Detail {
	out := Detail{Detail: e.Message}
	where, rest, _ := strings.Cut(e.Location, ".")
	switch root, _, _ := strings.Cut(where, "["); root {
	case "path", "query":
		out.Parameter = rest
	case "header":
		out.Header = rest
	case "body":
		out.Pointer = "#"
		for _, name := range inLocation.FindAllString(strings.TrimPrefix(e.Location, "body"), -1) {
			out.Pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		}
	}
	return out
}

// addressed gives problems the address of the page about them.
func (d *Door) addressed(_ huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*Problem); ok {
		p.Type = d.URL + ErrorPath + p.Code
	}
	return v, nil
}

// problem is how a room's error is answered.
func (d *Door) problem(op operation, err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	k := kindOf(err)
	p := &Problem{Title: k.Title, Status: k.Status, Code: k.Code, Detail: fault.Text(err), Help: k.Help, header: http.Header{}}
	var placed *placedError
	if errors.As(err, &placed) {
		p.Errors = []Detail{{Detail: p.Detail, Pointer: placed.pointer, Parameter: placed.parameter, Header: placed.header}}
	}
	var e *fault.Error
	if placed == nil && errors.As(err, &e) && places[e.Code] != "" {
		p.Errors = []Detail{{Detail: p.Detail, Pointer: places[e.Code]}}
	}
	switch k.Status {
	case http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", `Bearer realm="Waypost"`)
	case http.StatusServiceUnavailable:
		p.header.Set("Retry-After", "10")
	case http.StatusInternalServerError:
		p.Detail = k.Text
		d.Log.Error("API request failed", "route", op.route, "err", err)
	}
	return p
}

// places are where in the body it is wrong what rooms say of a field.
var places = map[string]string{
	"key_name": "#/name", "key_scopes": "#/scopes", "key_overlap": "#/overlap_hours",
	"endpoint_name": "#/name", "endpoint_url": "#/url", "endpoint_plain": "#/url", "endpoint_private": "#/url", "endpoint_form": "#/form",
	"endpoint_filter": "#/filter", "endpoint_schedule": "#/schedule", "endpoint_key": "#/key", "endpoint_overlap": "#/overlap_hours",
}

// refuse answers with a problem, before or outside of any operation.
func (d *Door) refuse(w http.ResponseWriter, err error) {
	p := d.problem(operation{}, err)
	p.Type = d.URL + ErrorPath + p.Code
	h := w.Header()
	for name, values := range p.header {
		h[name] = values
	}
	h.Set("Content-Type", p.ContentType(""))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) //nolint:errcheck // nobody is left to tell
}

// A placedError is an error that knows which part of the request it is about.
type placedError struct {
	error
	pointer, parameter, header string
}

func (e *placedError) Unwrap() error { return e.error }

// at says where in the body something was wrong: "#/number".
func at(pointer string, err error) error {
	if err == nil {
		return nil
	}
	return &placedError{error: err, pointer: pointer}
}

// inQuery says which parameter was wrong.
func inQuery(parameter string, err error) error {
	return &placedError{error: err, parameter: parameter}
}

// often is the problem of a request that comes too early.
func often(wait time.Duration, err error) error {
	seconds := strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second)))
	k := kindOf(err)
	return &Problem{
		Title: k.Title, Status: k.Status, Code: k.Code, Detail: fault.Text(err), Help: k.Help,
		header: http.Header{"Retry-After": {seconds}, "Ratelimit": {`"key";r=0;t=` + seconds}},
	}
}

// kindOf is the kind of problem that an error is: its own where its code has
// one, else its fault's.
func kindOf(err error) Kind {
	var e *fault.Error
	if errors.As(err, &e) {
		if k, ok := byCode[e.Code]; ok {
			return k
		}
	}
	return byCode[cmp.Or(generic[fault.KindOf(err)], "internal")]
}
