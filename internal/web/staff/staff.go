// Package staff is the pages of those who work for the installation: coming in,
// looking an account up for a purpose, hearing who calls, the training, what was
// done, who is among them, what authorities ask for, and how the carriers' sources
// are doing. It turns forms into questions to the rooms, and what those answer into
// pages; which duty may do what is the room's to say.
package staff

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/health"
	"waypost/internal/hold"
	"waypost/internal/incident"
	"waypost/internal/parcel"
	"waypost/internal/retention"
	"waypost/internal/training"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// maxForm bounds a form, in bytes.
const maxForm = 64 << 10

// Options are what the pages are made of.
type Options struct {
	Kit     *ui.Kit
	Door    *visit.Door
	Members *account.Members
	// Health says how the carriers' sources are doing, what is urgent first.
	Health func(context.Context) ([]health.State, error)
	// Seen notes that somebody has looked at a source's changes until a time.
	Seen func(ctx context.Context, source carrier.SourceCode, until, at time.Time) error
	// Unmapped lists codes that carriers sent and their files don't have.
	Unmapped func(context.Context) ([]parcel.Unmapped, error)
	// Requests are those about people's data.
	Requests Requests
	// Files takes in files of what carriers sent.
	Files Files
	// Recipients are the services outside that are told of erasures.
	Recipients Recipients
	// Holds are whose data has to stay.
	Holds *hold.Holds
	// Purges are the reports of what was deleted because its time was over.
	Purges *retention.Book
	// Business is that it ends or is handed over.
	Business Business
	// Lawful are the requests of authorities.
	Lawful Lawful
	// Incidents are what happened to people's data; nil there are no such pages.
	Incidents *incident.Incidents
	// Training is what the staff has to read.
	Training *training.Training
	// Fail answers with a page that says what went wrong.
	Fail func(w http.ResponseWriter, r *http.Request, status int)
	Log  *slog.Logger
}

// Pages serves the staff's pages. It is safe for concurrent use.
type Pages struct {
	kit      *ui.Kit
	door     *visit.Door
	members  *account.Members
	staff    account.Staff
	health   func(context.Context) ([]health.State, error)
	saw      func(ctx context.Context, source carrier.SourceCode, until, at time.Time) error
	codes    func(context.Context) ([]parcel.Unmapped, error)
	files    Files
	requests Requests
	holds    *hold.Holds
	purges   *retention.Book

	incidents *incident.Incidents
	training  *training.Training

	refuse func(w http.ResponseWriter, r *http.Request, status int)
	log    *slog.Logger
	routes *http.ServeMux
	served []string

	recipients Recipients

	form   *ui.Page[formView]
	home   *ui.Page[homeView]
	seen   *ui.Page[seenView]
	trail  *ui.Page[logView]
	people *ui.Page[peopleView]
	course *ui.Page[trainingView]

	carriers *ui.Page[carriersView]
	source   *ui.Page[sourceView]
	upload   *ui.Page[filesView]
	told     *ui.Page[recipientsView]
	letter   *ui.Page[noticeLetterView]
	heldBack *ui.Page[holdsView]
	held     *ui.Page[holdView]
	gone     *ui.Page[purgesView]

	business  Business
	closingOf *ui.Page[closingView]

	lawful     Lawful
	lawfulList *ui.Page[lawfulView]
	lawfulNew  *ui.Page[lawfulNewView]
	lawfulOne  *ui.Page[lawfulOneView]
	lawfulFile *ui.Page[lawfulFileView]

	incidentList    *ui.Page[incidentsView]
	incidentPage    *ui.Page[incidentView]
	incidentScope   *ui.Page[scopeView]
	incidentNotices *ui.Page[noticesView]
	incidentTelling *ui.Page[tellingView]
	incidentHand    *ui.Page[handView]

	requestList   *ui.Page[requestsView]
	requestEntry  *ui.Page[entryView]
	requestPage   *ui.Page[requestView]
	requestLetter *ui.Page[letterView]
}

//go:embed pages
var pages embed.FS

// New makes the pages. It fails only when a template is wrong.
func New(o Options) (*Pages, error) {
	p := &Pages{kit: o.Kit, door: o.Door, members: o.Members, staff: o.Members.Staff(), business: o.Business, health: o.Health, saw: o.Seen, codes: o.Unmapped, files: o.Files, recipients: o.Recipients, requests: o.Requests, holds: o.Holds, purges: o.Purges, lawful: o.Lawful, incidents: o.Incidents, training: o.Training, refuse: o.Fail, log: o.Log, routes: http.NewServeMux()}
	if err := p.readPages(); err != nil {
		return nil, fmt.Errorf("make the staff's pages: %w", err)
	}
	p.route()
	return p, nil
}

func (p *Pages) readPages() (err error) {
	const parts = "pages/parts.html"
	if p.form, err = ui.NewPage[formView](p.kit, pages, parts, "pages/form.html"); err != nil {
		return err
	}
	if p.home, err = ui.NewPage[homeView](p.kit, pages, parts, "pages/home.html"); err != nil {
		return err
	}
	if p.seen, err = ui.NewPage[seenView](p.kit, pages, parts, "pages/account.html"); err != nil {
		return err
	}
	if p.trail, err = ui.NewPage[logView](p.kit, pages, parts, "pages/log.html"); err != nil {
		return err
	}
	if p.people, err = ui.NewPage[peopleView](p.kit, pages, parts, "pages/people.html"); err != nil {
		return err
	}
	if p.course, err = ui.NewPage[trainingView](p.kit, pages, parts, "pages/training.html"); err != nil {
		return err
	}
	if p.carriers, err = ui.NewPage[carriersView](p.kit, pages, parts, "pages/carriers.html"); err != nil {
		return err
	}
	if p.upload, err = ui.NewPage[filesView](p.kit, pages, parts, "pages/files.html"); err != nil {
		return err
	}
	if p.told, err = ui.NewPage[recipientsView](p.kit, pages, parts, "pages/recipients.html"); err != nil {
		return err
	}
	if p.letter, err = ui.NewPage[noticeLetterView](p.kit, pages, parts, "pages/letter.html"); err != nil {
		return err
	}
	if err := p.readIncidentPages(); err != nil {
		return err
	}
	if p.heldBack, err = ui.NewPage[holdsView](p.kit, pages, parts, "pages/holds.html"); err != nil {
		return err
	}
	if p.held, err = ui.NewPage[holdView](p.kit, pages, parts, "pages/hold.html"); err != nil {
		return err
	}
	if p.gone, err = ui.NewPage[purgesView](p.kit, pages, parts, "pages/purges.html"); err != nil {
		return err
	}
	if p.closingOf, err = ui.NewPage[closingView](p.kit, pages, parts, "pages/closing.html"); err != nil {
		return err
	}
	if p.source, err = ui.NewPage[sourceView](p.kit, pages, parts, "pages/carrier.html"); err != nil {
		return err
	}
	if err := p.readLawful(parts); err != nil {
		return err
	}
	return p.readRequestPages()
}

func (p *Pages) readLawful(parts string) (err error) {
	if p.lawfulList, err = ui.NewPage[lawfulView](p.kit, pages, parts, "pages/lawful.html"); err != nil {
		return err
	}
	if p.lawfulNew, err = ui.NewPage[lawfulNewView](p.kit, pages, parts, "pages/lawful_new.html"); err != nil {
		return err
	}
	if p.lawfulOne, err = ui.NewPage[lawfulOneView](p.kit, pages, parts, "pages/lawful_one.html"); err != nil {
		return err
	}
	p.lawfulFile, err = ui.NewPage[lawfulFileView](p.kit, pages, parts, "pages/lawful_file.html")
	return err
}

// route is the list of all addresses.
func (p *Pages) route() {
	p.handle("GET /staff/enter/{token}", p.serveEnter)
	p.handle("POST /staff/enter/{token}", p.enter)
	p.handle("GET /staff/enter/{token}/qr", p.serveQR)
	p.handle("GET /staff/signin", p.serveSignIn)
	p.handle("POST /staff/signin", p.signIn)
	p.handle("POST /staff/signout", p.signOut)
	p.own("GET /staff", p.serveHome)
	p.known("GET /staff/prove", p.serveProve)
	p.known("POST /staff/prove", p.prove)
	p.known("GET /staff/training", p.serveTraining)
	p.known("POST /staff/training", p.train)
	p.own("POST /staff/find", p.find)
	p.own("GET /staff/looks/{look}", p.serveLook)
	p.own("POST /staff/looks/{look}", p.act)
	p.own("GET /staff/log", p.serveLog)
	p.own("GET /staff/people", p.servePeople)
	p.own("POST /staff/people", p.invite)
	p.own("POST /staff/people/{staff}", p.change)
	p.own("GET /staff/carriers", p.serveCarriers)
	p.own("GET /staff/carriers/{source}", p.serveCarrier)
	p.own("POST /staff/carriers/{source}", p.seeCarrier)
	p.own("GET /staff/holds", p.serveHolds)
	p.own("POST /staff/holds", p.setHold)
	p.own("GET /staff/holds/{hold}", p.serveHold)
	p.own("POST /staff/holds/{hold}", p.changeHold)
	p.own("GET /staff/retention", p.servePurges)
	p.own("GET /staff/closing", p.serveClosing)
	p.own("POST /staff/closing", p.closeBusiness)
	p.own("GET /staff/lawful", p.serveLawful)
	p.own("POST /staff/lawful", p.enterLawful)
	p.own("GET /staff/lawful/new", p.serveNewLawful)
	p.own("GET /staff/lawful/{ref}", p.serveLawfulOne)
	p.own("POST /staff/lawful/{ref}", p.actLawful)
	p.own("POST /staff/lawful/{ref}/file", p.makeLawful)
	p.own("POST /staff/lawful/{ref}/fetch", p.fetchLawful)
	p.own("GET /staff/recipients", p.serveRecipients)
	p.own("POST /staff/recipients/{notice}", p.takeNotice)
	p.own("GET /staff/files", p.serveFiles)
	p.own("POST /staff/files", p.bringFile)
	if p.incidents != nil {
		p.routeIncidents()
	}
	p.routeRequests()
}

// Routes are the patterns that the pages serve.
func (p *Pages) Routes() []string { return p.served }

// ServeHTTP answers the patterns of Routes. The frame doesn't show a member who
// is signed in by the same browser: here it is about the staff.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.routes.ServeHTTP(w, r.WithContext(ui.WithWho(r.Context(), ui.Who{})))
}

// handle serves pattern with h, and answers what h returns as an error.
func (p *Pages) handle(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	p.served = append(p.served, pattern)
	p.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyOf(pattern))
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		if status, words, ok := told(p.kit.Reader(r), err); ok {
			if err = p.say(w, r, status, words); err == nil {
				return
			}
		}
		status := ui.Status(err)
		if status >= http.StatusInternalServerError {
			p.log.Error("page failed", "route", pattern, "err", err)
		}
		p.refuse(w, r, status)
	})
}

// bodyOf bounds what is read of a request, in bytes.
func bodyOf(pattern string) int64 {
	switch pattern {
	case "POST /staff/files":
		return maxUploadForm
	case "POST /staff/incidents/{incident}/scope":
		return maxList + maxForm
	}
	return maxForm
}

// told is what a page says of an error that somebody can do something about.
func told(reader ui.Reader, err error) (int, string, bool) {
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind == fault.Internal || e.Kind == fault.Unavailable {
		return 0, "", false
	}
	status := ui.Status(err)
	if e.Kind == fault.Denied {
		status = http.StatusForbidden
	}
	return status, reader.Fault(err), true
}

// codeOf is an error's code, "" none.
func codeOf(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// A clerks' page is one of who is signed in.
type clerks = func(w http.ResponseWriter, r *http.Request, c account.Clerk) error

// own serves pattern to who is signed in and trained; others take the training first.
func (p *Pages) own(pattern string, h clerks) {
	p.known(pattern, func(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
		if c.Untrained() {
			return p.goTo(w, r, "/staff/training")
		}
		return h(w, r, c)
	})
}

// known serves pattern to who is signed in; others sign in first. What wants a
// code of the last ten minutes asks for one first.
func (p *Pages) known(pattern string, h clerks) {
	p.handle(pattern, func(w http.ResponseWriter, r *http.Request) error {
		c, err := p.staff.Session(r.Context(), p.door.Staff(r))
		if fault.KindOf(err) == fault.Denied {
			return p.goTo(w, r, "/staff/signin")
		}
		if err != nil {
			return err
		}
		err = h(w, r, c)
		if codeOf(err) == "prove_again" {
			return p.goTo(w, r, "/staff/prove")
		}
		return err
	})
}

// goTo sends the browser to another address of this site.
func (p *Pages) goTo(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, p.kit.Reader(r).Link(address), http.StatusSeeOther)
	return nil
}

// titled is the head of a page that nobody else is to see or find.
func titled(title, here string) ui.Head {
	return ui.Head{Title: title, Here: here, Private: true, Secret: true}
}

// A field is an input as a page shows it.
type field struct {
	Name, Type, Label string
	Value             string
	Complete          string
	Choices           []choice
}

type choice struct {
	Value, Label string
	Chosen       bool
}

// A formView is a page with a form, or only something to say.
type formView struct {
	Title, Lead string
	Wrong       string
	Points      []string
	QR          string // address of a picture
	Secret      string // what it shows, to be typed
	URI         string // what it shows, to be opened
	Action      string
	Fields      []field
	Go          string
	Back        bool // leads to /staff
	Link        string
}

// say answers with a page that only says something.
func (p *Pages) say(w http.ResponseWriter, r *http.Request, status int, words string) error {
	reader := p.kit.Reader(r)
	return p.form.Reply(w, r, status, reader, titled(reader.Say("staff.title"), "/staff"), formView{Title: reader.Say("staff.title"), Lead: words, Back: true})
}

// again answers a form that has something wrong in it, with page.
func again(reader ui.Reader, err error, page func(status int, wrong string) error) error {
	status, words, ok := told(reader, err)
	if !ok || status == http.StatusNotFound {
		return err
	}
	return page(status, words)
}

// missing says which regions can't be reached now, in any order and perhaps twice, so
// that what is there isn't on a page; "" where none is missing.
func missing(reader ui.Reader, away []string) string {
	if len(away) == 0 {
		return ""
	}
	return reader.Say("staff.away", "regions", strings.Join(slices.Compact(slices.Sorted(slices.Values(away))), reader.Say("list.comma")))
}

// calledBy is what somebody of the staff is called in a list of what was done: who has
// left has no name any more. none are the words for nobody.
func calledBy(reader ui.Reader, names map[account.StaffID]string, id account.StaffID, none string) string {
	if id == "" {
		return reader.Say(none)
	}
	if name := names[id]; name != "" {
		return name
	}
	return reader.Say("staff.left", "id", string(id))
}

// text returns what stands in a field of a form.
func text(r *http.Request, name string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(r.PostFormValue(name), "\x00", ""), "")
}

// moment is a time as people read it, in UTC.
func moment(reader ui.Reader, t time.Time) string {
	return reader.Say("date.utc", "moment", reader.Moment(t))
}
