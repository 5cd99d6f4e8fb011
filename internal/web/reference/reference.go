// Package reference is the pages that explain our own API: what can be asked,
// with calls to copy, and what each kind of error means. They are made of the
// API's OpenAPI document as it is served, and of nothing else; the package
// knows no part of the API by name.
package reference

import (
	"embed"
	"fmt"
	"log/slog"
	"net/http"

	"waypost/internal/fault"
	"waypost/internal/web/ui"
)

// Options are what the pages are made of.
type Options struct {
	Kit      *ui.Kit
	URL      string // the address that people use, without a slash at its end
	Document []byte // OpenAPI 3.1, as JSON
	Kinds    []Kind // of errors, the most telling order first
	Fail     func(w http.ResponseWriter, r *http.Request, status int)
	Log      *slog.Logger
}

// A Kind is one kind of error.
type Kind struct {
	Code   string
	Status int
	Title  string
	Text   string // what it means
	Help   string // what to do
}

// Pages serves them. It is safe for concurrent use.
type Pages struct {
	Options
	doc    document
	routes *http.ServeMux
	served []string

	contents  *ui.Page[contentsView]
	operation *ui.Page[operationView]
	errors    *ui.Page[errorsView]
	error     *ui.Page[Kind]
}

//go:embed pages
var pages embed.FS

// New reads the document and makes the pages.
func New(o Options) (*Pages, error) {
	p := &Pages{Options: o, routes: http.NewServeMux()}
	err := p.doc.read(o.Document)
	read := func(e error) {
		if err == nil {
			err = e
		}
	}
	var e error
	p.contents, e = ui.NewPage[contentsView](o.Kit, pages, "pages/contents.html")
	read(e)
	p.operation, e = ui.NewPage[operationView](o.Kit, pages, "pages/operation.html")
	read(e)
	p.errors, e = ui.NewPage[errorsView](o.Kit, pages, "pages/errors.html")
	read(e)
	p.error, e = ui.NewPage[Kind](o.Kit, pages, "pages/error.html")
	read(e)
	if err != nil {
		return nil, fmt.Errorf("make the reference: %w", err)
	}
	p.handle("GET /developer/reference", p.serveContents)
	p.handle("GET /developer/reference/{operation}", p.serveOperation)
	p.handle("GET /developer/errors", p.serveErrors)
	p.handle("GET /developer/errors/{code}", p.serveError)
	return p, nil
}

// Routes are the patterns that are served.
func (p *Pages) Routes() []string { return p.served }

func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.routes.ServeHTTP(w, r) }

func (p *Pages) handle(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	p.served = append(p.served, pattern)
	p.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil && r.Context().Err() == nil {
			status := ui.Status(err)
			if status >= http.StatusInternalServerError {
				p.Log.Error("page failed", "route", pattern, "err", err)
			}
			p.Fail(w, r, status)
		}
	})
}

var errNothing = fault.New(fault.NotFound, "reference_nothing", "The API has nothing of that name.")

type contentsView struct {
	Chapters []chapter
	URL      string
}

// A chapter is the operations about one thing.
type chapter struct {
	Name, About string
	Operations  []operation
}

// serveContents serves GET /developer/reference: all that can be asked.
func (p *Pages) serveContents(w http.ResponseWriter, r *http.Request) error {
	reader, view := p.Kit.Reader(r), contentsView{URL: p.URL}
	for _, tag := range p.doc.Tags {
		c := chapter{Name: tag.Name, About: tag.Description}
		for _, op := range p.doc.operations {
			if op.Tag == tag.Name {
				c.Operations = append(c.Operations, op)
			}
		}
		view.Chapters = append(view.Chapters, c)
	}
	head := ui.Head{Title: reader.Say("reference.title"), About: reader.Say("reference.about"), Here: "/developer/reference"}
	return p.contents.Reply(w, r, http.StatusOK, reader, head, view)
}

type operationView struct {
	operation
	Path, Query, Headers []field
	Body                 []field
	Answer               []field
	Success              int
	Calls                []call
	Kinds                []Kind
}

// serveOperation serves GET /developer/reference/{operation}.
func (p *Pages) serveOperation(w http.ResponseWriter, r *http.Request) error {
	op, ok := p.doc.operation(r.PathValue("operation"))
	if !ok {
		return errNothing
	}
	reader := p.Kit.Reader(r)
	view := operationView{
		operation: op, Path: p.doc.parameters(op, "path"), Query: p.doc.parameters(op, "query"), Headers: p.doc.parameters(op, "header"),
		Body: p.doc.fields(op.body(), 0), Calls: p.calls(op),
	}
	var answer *schema
	view.Success, answer = op.answer()
	view.Answer = p.doc.fields(answer, 0)
	for _, k := range p.Kinds {
		if _, may := op.Responses[fmt.Sprint(k.Status)]; may {
			view.Kinds = append(view.Kinds, k)
		}
	}
	head := ui.Head{Title: op.Summary, About: op.Description, Here: "/developer/reference/" + op.OperationID}
	return p.operation.Reply(w, r, http.StatusOK, reader, head, view)
}

type errorsView struct{ Kinds []Kind }

// serveErrors serves GET /developer/errors.
func (p *Pages) serveErrors(w http.ResponseWriter, r *http.Request) error {
	reader := p.Kit.Reader(r)
	head := ui.Head{Title: reader.Say("reference.errors"), About: reader.Say("reference.errors_about"), Here: "/developer/errors"}
	return p.errors.Reply(w, r, http.StatusOK, reader, head, errorsView{p.Kinds})
}

// serveError serves GET /developer/errors/{code}: where a problem's type leads.
func (p *Pages) serveError(w http.ResponseWriter, r *http.Request) error {
	reader := p.Kit.Reader(r)
	for _, k := range p.Kinds {
		if k.Code == r.PathValue("code") {
			head := ui.Head{Title: k.Title, About: k.Text, Here: "/developer/errors/" + k.Code}
			return p.error.Reply(w, r, http.StatusOK, reader, head, k)
		}
	}
	return errNothing
}
