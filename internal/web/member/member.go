// Package member is the pages of those who have an account, or are about to:
// signing up and in, my account, my parcels. It turns forms into questions to
// the rooms below, and what they answer into words and pages; which rights a
// session gives is the rooms' to say.
package member

import (
	"log/slog"
	"net/http"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// maxForm bounds a form without files, in bytes.
const maxForm = 64 << 10

// OpenRoutes are the patterns whose requests may come from other sites' pages,
// because they carry their own proof.
var OpenRoutes []string

// Options are what the pages are made of.
type Options struct {
	Kit     *ui.Kit
	Door    *visit.Door
	Members *account.Members
	// Fail answers with a page that says what went wrong.
	Fail func(w http.ResponseWriter, r *http.Request, status int)
	Log  *slog.Logger
}

// Pages serves the members' pages. It is safe for concurrent use.
type Pages struct {
	kit     *ui.Kit
	door    *visit.Door
	members *account.Members
	refuse  func(w http.ResponseWriter, r *http.Request, status int)
	log     *slog.Logger
	routes  *http.ServeMux
	served  []string
}

// New makes the pages. It fails only when a template is wrong.
func New(o Options) (*Pages, error) {
	p := &Pages{kit: o.Kit, door: o.Door, members: o.Members, refuse: o.Fail, log: o.Log, routes: http.NewServeMux()}
	p.route()
	return p, nil
}

// route is the list of all addresses.
func (p *Pages) route() {
	p.handle("POST /signout", p.signOut)
}

// Routes are the patterns that the pages serve.
func (p *Pages) Routes() []string { return p.served }

// ServeHTTP answers the patterns of Routes.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.kit.Headers(p.routes).ServeHTTP(w, r)
}

// handle serves pattern with h, and answers what h returns as an error.
func (p *Pages) handle(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	p.served = append(p.served, pattern)
	p.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		status := ui.Status(err)
		if status >= http.StatusInternalServerError {
			p.log.Error("page failed", "route", pattern, "err", err)
		}
		p.refuse(w, r, status)
	})
}

// goTo sends the browser to another address of this site.
func (p *Pages) goTo(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, p.kit.Reader(r).Link(address), http.StatusSeeOther)
	return nil
}

// signOut serves POST /signout.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.door.SignOut(w, r); err != nil && fault.KindOf(err) != fault.Denied {
		return err
	}
	return p.goTo(w, r, "/")
}
