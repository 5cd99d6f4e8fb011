// Package member is the pages of those who have an account, or are about to:
// signing up and in, my account, my parcels, my programs. It turns forms into questions to
// the rooms below, and what they answer into words and pages; which rights a
// session gives is the rooms' to say.
package member

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"waypost/internal/account"
	"waypost/internal/closing"
	"waypost/internal/copies"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/message"
	"waypost/internal/outbox"
	"waypost/internal/quota"
	"waypost/internal/request"
	"waypost/internal/rights"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
	"waypost/internal/webhook"
)

// How much a request may bring, in bytes.
const (
	maxForm = 64 << 10
	maxFile = 5 << 20 // a form with a picture, which the account room bounds to 4 MB
)

// OpenRoutes are the patterns whose requests may come from other sites' pages,
// because they carry their own proof.
var OpenRoutes = []string{unsubscribing, returning, revoking}

// Options are what the pages are made of.
type Options struct {
	Kit      *ui.Kit
	Door     *visit.Door
	Members  *account.Members
	URL      string         // the address that people use
	Outbox   *outbox.Outbox // what a demonstration sent; nil elsewhere
	Watches  *watch.Watches
	Live     Broker
	Messages *message.Messages
	Quotas   *quota.Stores  // what members' programs may do; nil: nothing
	Webhooks *webhook.Hooks // what they are told; nil: nothing
	Rights   *rights.Rights // what is held of members
	Closing  *closing.Closing
	Copies   *copies.Copies    // which they asked for
	Requests *request.Requests // about their data
	Reviews  Reviews           // what their going touches; nil: nothing is said of it
	Holds    *hold.Holds       // whose data has to stay; nil: nobody's
	// Incidents are what happened to people's data; nil there is no page of them.
	Incidents *incident.Incidents
	// Told is which services outside will be told when somebody is erased, in words of
	// a language; nil: none.
	Told func(ctx context.Context, who inventory.Subject, lang string) ([]string, error)
	// Carriers are those of the carrier files as they are now.
	Carriers func() tell.Carriers
	// Sign is a keyed hash, the same on every replica, for what must not be made up.
	Sign func(text string) string
	// Fail answers with a page that says what went wrong.
	Fail func(w http.ResponseWriter, r *http.Request, status int)
	Log  *slog.Logger
}

// Pages serves the members' pages. It is safe for concurrent use.
type Pages struct {
	kit       *ui.Kit
	door      *visit.Door
	members   *account.Members
	url       string
	passkeys  bool // whether the address can have them
	sign      func(text string) string
	outbox    *outbox.Outbox
	messages  *message.Messages
	watches   *watch.Watches
	quotas    *quota.Stores
	webhooks  *webhook.Hooks
	rights    *rights.Rights
	told      func(ctx context.Context, who inventory.Subject, lang string) ([]string, error)
	copies    *copies.Copies
	closing   *closing.Closing
	reviews   Reviews
	holds     *hold.Holds
	incidents *incident.Incidents
	requests  *request.Requests
	live      Broker
	streams   *ui.Streams
	carriers  func() tell.Carriers
	refuse    func(w http.ResponseWriter, r *http.Request, status int)
	log       *slog.Logger
	routes    *http.ServeMux
	served    []string
	countries map[string][]choice // by language, in its order

	form         *ui.Page[formView]
	joining      *ui.Page[signUpView]
	away         *ui.Page[awayView]
	mine         *ui.Page[accountView]
	terms        *ui.Page[termsView]
	sent         *ui.Page[outboxView]
	teams        *ui.Page[teamsView]
	team         *ui.Page[teamView]
	list         *ui.Page[parcelsView]
	one          *ui.Page[parcelView]
	registered   *ui.Page[registeredView]
	imports      *ui.Page[importView]
	alerts       *ui.Page[alertsView]
	parcelAlerts *ui.Page[parcelAlertsView]
	consents     *ui.Page[consentsView]
	data         *ui.Page[dataView]
	concerns     *ui.Page[concernsView]
	raising      *ui.Page[raiseView]
	asked        *ui.Page[requestView]
	objects      *ui.Page[objectView]
	overview     *ui.Page[programsView]
	keys         *ui.Page[keysView]
	key          *ui.Page[keyView]
	secret       *ui.Page[secretView]
	usage        *ui.Page[usageView]
	hookList     *ui.Page[hooksView]
	hookPage     *ui.Page[hookView]
	hookForm     *ui.Page[hookFormView]
	hookSecret   *ui.Page[hookSecretView]
	hookLog      *ui.Page[hookLogView]
	hookDelivery *ui.Page[hookDeliveryView]
}

//go:embed pages
var pages embed.FS

// New makes the pages. It fails only when a template is wrong.
func New(o Options) (*Pages, error) {
	p := &Pages{
		kit: o.Kit, door: o.Door, members: o.Members, url: o.URL, sign: o.Sign, outbox: o.Outbox, messages: o.Messages, refuse: o.Fail, log: o.Log,
		watches: o.Watches, quotas: o.Quotas, webhooks: o.Webhooks, rights: o.Rights, told: o.Told, copies: o.Copies, closing: o.Closing, requests: o.Requests, reviews: o.Reviews, holds: o.Holds, incidents: o.Incidents, live: o.Live, streams: ui.NewStreams(0), carriers: o.Carriers,
		routes: http.NewServeMux(), countries: countries(o.Kit.Words()),
		passkeys: account.SiteAt("", o.URL).Domain != "",
	}
	if err := p.readPages(); err != nil {
		return nil, fmt.Errorf("make the members' pages: %w", err)
	}
	if p.outbox != nil {
		p.kit.ShowOutbox()
	}
	p.route()
	return p, nil
}

func (p *Pages) readPages() (err error) {
	const parts = "pages/parts.html"
	if p.form, err = ui.NewPage[formView](p.kit, pages, parts, "pages/form.html"); err != nil {
		return err
	}
	if p.joining, err = ui.NewPage[signUpView](p.kit, pages, parts, "pages/signup.html"); err != nil {
		return err
	}
	if p.mine, err = ui.NewPage[accountView](p.kit, pages, parts, "pages/account.html"); err != nil {
		return err
	}
	if p.away, err = ui.NewPage[awayView](p.kit, pages, "pages/away.html"); err != nil {
		return err
	}
	if p.terms, err = ui.NewPage[termsView](p.kit, pages, "pages/terms.html"); err != nil {
		return err
	}
	if p.teams, err = ui.NewPage[teamsView](p.kit, pages, parts, "pages/teams.html"); err != nil {
		return err
	}
	if p.team, err = ui.NewPage[teamView](p.kit, pages, parts, "pages/team.html"); err != nil {
		return err
	}
	if p.sent, err = ui.NewPage[outboxView](p.kit, pages, "pages/outbox.html"); err != nil {
		return err
	}
	if p.consents, err = ui.NewPage[consentsView](p.kit, pages, parts, "pages/consents.html"); err != nil {
		return err
	}
	if p.data, err = ui.NewPage[dataView](p.kit, pages, parts, "pages/data.html"); err != nil {
		return err
	}
	if p.concerns, err = ui.NewPage[concernsView](p.kit, pages, "pages/concerns.html"); err != nil {
		return err
	}
	if p.raising, err = ui.NewPage[raiseView](p.kit, pages, parts, "pages/request.html"); err != nil {
		return err
	}
	if p.asked, err = ui.NewPage[requestView](p.kit, pages, parts, "pages/request_one.html"); err != nil {
		return err
	}
	if p.objects, err = ui.NewPage[objectView](p.kit, pages, parts, "pages/object.html"); err != nil {
		return err
	}
	if err := p.readAlertPages(); err != nil {
		return err
	}
	if err := p.readProgramPages(); err != nil {
		return err
	}
	return p.readParcelPages()
}

// route is the list of all addresses.
func (p *Pages) route() {
	p.handle("GET /signup", p.serveSignUp)
	p.handle("POST /signup", p.signUp)
	p.handle("GET /signup/waiting", p.serveWaiting)
	p.handle("GET /signin", p.serveSignIn)
	p.handle("POST /signin", p.signIn)
	p.handle("GET /signin/second", p.serveSecond)
	p.handle("POST /signin/second", p.second)
	p.handle("GET /forgot", p.serveForgot)
	p.handle("POST /forgot", p.forgot)
	p.handle("GET /forgot/password", p.serveNewPassword)
	p.handle("POST /forgot/password", p.newPassword)
	for _, path := range []string{"/signup/code", "/signin/code", "/forgot/code", "/account/prove/code", "/account/address/code"} {
		p.handle("GET "+path, p.serveCode)
		p.handle("POST "+path, p.enterCode)
	}
	p.handle("POST /password/grade", p.grade)
	p.handle("POST /signout", p.signOut)
	p.handle("GET /terms", p.serveTerms)
	p.handle("GET /guardian/{token}", p.serveQuestion)
	p.handle("POST /guardian/{token}", p.answer)
	p.handle("GET /undo/{token}", p.serveUndo)
	p.handle("POST /undo/{token}", p.undo)

	p.own("GET /welcome", p.serveWelcome)
	p.own("GET /account", p.serveAccount)
	p.own("GET /account/picture", p.servePicture)
	p.own("POST /account/profile", p.editProfile)
	p.ownFile("POST /account/picture", p.editPicture)
	p.own("POST /account/main", p.setMain)
	p.own("POST /account/devices", p.revoke)
	p.own("GET /account/prove", p.serveProve)
	p.own("POST /account/prove", p.prove)
	p.own("GET /account/password", p.proven(p.servePassword))
	p.own("POST /account/password", p.proven(p.setPassword))
	p.own("GET /account/app", p.proven(p.serveApp))
	p.own("POST /account/app", p.proven(p.setApp))
	p.own("GET /account/recovery", p.proven(p.serveRecovery))
	p.own("POST /account/recovery", p.proven(p.makeCodes))
	p.own("GET /account/address/{kind}", p.proven(p.serveAddress))
	p.own("POST /account/address/{kind}", p.proven(p.changeAddress))
	p.own("GET /account/address/{kind}/remove", p.proven(p.serveRemove))
	p.own("POST /account/address/{kind}/remove", p.proven(p.removeAddress))
	p.own("GET /account/consents", p.serveConsents)
	p.own("POST /account/consents", p.decide)
	p.own("GET /account/consents/download", p.downloadConsents)
	p.handle("GET /closing", p.serveClosing)
	p.own("POST /closing", p.chooseClosing)
	p.own("GET /account/call", p.serveCall)
	p.own("POST /account/call", p.showCall)
	p.own("GET /my-data", p.serveData)
	p.own("GET /my-data/copy", p.proven(p.serveAskCopy))
	p.own("POST /my-data/copy", p.proven(p.askCopy))
	p.own("POST /my-data/restrict", p.restrict)
	p.own("GET /my-data/object", p.serveObject)
	p.own("POST /my-data/object", p.object)
	p.own("GET /my-data/delete", p.proven(p.serveDelete))
	p.own("POST /my-data/delete", p.proven(p.deleteAccount))
	p.own("GET /my-data/copy/{secret}", p.serveFetchCopy)
	p.own("POST /my-data/copy/{secret}", p.fetchCopy)
	if p.incidents != nil {
		p.own("GET /account/incidents", p.serveConcerns)
	}
	p.own("GET /account/deactivate", p.proven(p.serveDeactivate))
	p.own("POST /account/deactivate", p.proven(p.deactivate))

	p.routeRequests()
	p.routePasskeys()
	p.routeProviders()
	p.routeTeams()
	p.routeParcels()
	p.routeAlerts()
	p.routePrograms()

	if p.outbox != nil {
		p.handle("GET /outbox", p.serveOutbox)
		p.handle("GET /outbox/{id}", p.serveSent)
	}
}

// Routes are the patterns that the pages serve.
func (p *Pages) Routes() []string { return p.served }

// ServeHTTP answers the patterns of Routes.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.routes.ServeHTTP(w, r)
}

type handler = func(http.ResponseWriter, *http.Request) error

// handle serves pattern with h, and answers what h returns as an error.
func (p *Pages) handle(pattern string, h handler) { p.bounded(pattern, maxForm, h) }

func (p *Pages) bounded(pattern string, most int64, h handler) {
	p.served = append(p.served, pattern)
	p.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		if account.Away(err) {
			p.unreachable(w, r, err)
			return
		}
		status := ui.Status(err)
		if status >= http.StatusInternalServerError {
			p.log.Error("page failed", "route", pattern, "err", err)
		}
		p.refuse(w, r, status)
	})
}

// A member's is a page of who is signed in.
type members = func(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error

// own serves pattern to who is signed in; others sign in first and come back.
func (p *Pages) own(pattern string, h members) { p.handle(pattern, p.signedIn(h)) }

// ownFile is own for a form with a file.
func (p *Pages) ownFile(pattern string, h members) { p.bounded(pattern, maxFile, p.signedIn(h)) }

func (p *Pages) signedIn(h members) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := visit.Of(r.Context())
		if v.Away {
			return account.ErrAway
		}
		if !v.SignedIn() {
			return p.goTo(w, r, through("/signin", back(r)))
		}
		s, err := p.members.Of(v.Session.Account)
		if err != nil {
			return err
		}
		return h(w, r, v, s)
	}
}

// back is where somebody goes on after signing in: where they are, when a GET
// leads there.
func back(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	return "/account"
}

// goTo sends the browser to another address of this site.
func (p *Pages) goTo(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, p.kit.Reader(r).Link(address), http.StatusSeeOther)
	return nil
}

// from is where a request comes from, with the page's language.
func from(v account.From, f *form) account.From {
	v.Language = f.reader.Lang
	return v
}

// signOut serves POST /signout.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.door.SignOut(w, r); err != nil && fault.KindOf(err) != fault.Denied {
		return err
	}
	return p.goTo(w, r, "/")
}

// titled is the head of a page that nobody else is to see or find.
func titled(title, section, here string) ui.Head {
	return ui.Head{Title: title, Section: section, Here: here, Private: true, Secret: true}
}

// asked is the address of a request, for the links to other languages. An
// address with a secret in it is left alone by them.
func asked(r *http.Request) string { return strings.TrimSuffix(r.URL.RequestURI(), "?") }
