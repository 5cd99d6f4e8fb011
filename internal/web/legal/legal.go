// Package legal is the pages of the privacy policy: as it stands, as it was
// published, what changed, what the site is made of, how often authorities asked,
// and where services that got data of somebody confirm that they erased them, too.
// What it says is the policy room's to write.
package legal

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"waypost/internal/fault"
	"waypost/internal/figure"
	"waypost/internal/lawful"
	"waypost/internal/policy"
	"waypost/internal/recipient"
	"waypost/internal/web/ui"
)

// noticeEvery is how often it is looked up whether there is something to announce.
const noticeEvery = time.Minute

// Options are what the pages are made of.
type Options struct {
	Kit      *ui.Kit
	Policy   *policy.Policy
	Facts    policy.Facts
	Versions Versions
	Modules  []Module
	// Counts are the requests of authorities in halves of a year that are over, newest first.
	Counts func(ctx context.Context, now time.Time) ([]lawful.Count, error)
	// Gate is what figures about people pass that everybody reads.
	Gate figure.Gate
	// Recipients are the services outside that are told of erasures.
	Recipients *recipient.Recipients
	// Fail answers with a page that says what went wrong.
	Fail func(w http.ResponseWriter, r *http.Request, status int)
	Log  *slog.Logger
}

// Versions are what the pages need of those that were published. *policy.Book has it.
type Versions interface {
	Versions(ctx context.Context) ([]policy.Version, error)
	Version(ctx context.Context, number int) (policy.Version, error)
	Announced(ctx context.Context, now time.Time) (policy.Version, error)
}

// A Module is a library that is built in.
type Module struct{ Path, Version string }

// Pages serves them. It is safe for concurrent use.
type Pages struct {
	kit        *ui.Kit
	documents  []policy.Document // as it stands, in each language of policy.Langs
	parties    []policy.Table    // likewise
	versions   Versions
	modules    []Module
	counts     func(ctx context.Context, now time.Time) ([]lawful.Count, error)
	gate       figure.Gate
	fail       func(w http.ResponseWriter, r *http.Request, status int)
	log        *slog.Logger
	routes     *http.ServeMux
	served     []string
	recipients *recipient.Recipients

	mu     sync.Mutex
	notice ui.Notice
	asked  time.Time

	document     *ui.Page[documentView]
	published    *ui.Page[versionsView]
	changes      *ui.Page[changesView]
	components   *ui.Page[componentsView]
	transparency *ui.Page[transparencyView]
	told         *ui.Page[toldView]
}

//go:embed pages
var pages embed.FS

// New makes the pages, and has the frame announce what is to come. It fails only
// when a template is wrong.
func New(o Options) (*Pages, error) {
	p := &Pages{kit: o.Kit, versions: o.Versions, modules: o.Modules, recipients: o.Recipients, counts: o.Counts, gate: o.Gate, fail: o.Fail, log: o.Log, routes: http.NewServeMux()}
	for _, lang := range policy.Langs {
		p.documents = append(p.documents, o.Policy.Write(lang, o.Facts))
		p.parties = append(p.parties, o.Policy.Parties(lang, o.Facts))
	}
	if err := p.readPages(); err != nil {
		return nil, fmt.Errorf("make the pages of the policy: %w", err)
	}
	p.kit.ShowNotice(p.announced)
	p.handle("GET /privacy", p.servePolicy)
	p.handle("GET /privacy/versions", p.serveVersions)
	p.handle("GET /privacy/versions/{number}", p.serveVersion)
	p.handle("GET /privacy/changes", p.serveChanges)
	p.handle("GET /components", p.serveComponents)
	p.handle("GET /transparency", p.serveTransparency)
	p.handle("GET /told/{notice}/{secret}", p.serveTold)
	p.handle("POST /told/{notice}/{secret}", p.confirmTold)
	p.handle("GET /.well-known/gpc.json", serveGPC)
	return p, nil
}

func (p *Pages) readPages() (err error) {
	const parts = "pages/parts.html"
	if p.document, err = ui.NewPage[documentView](p.kit, pages, parts, "pages/policy.html"); err != nil {
		return err
	}
	if p.published, err = ui.NewPage[versionsView](p.kit, pages, parts, "pages/versions.html"); err != nil {
		return err
	}
	if p.changes, err = ui.NewPage[changesView](p.kit, pages, parts, "pages/changes.html"); err != nil {
		return err
	}
	if p.told, err = ui.NewPage[toldView](p.kit, pages, parts, "pages/told.html"); err != nil {
		return err
	}
	if p.components, err = ui.NewPage[componentsView](p.kit, pages, parts, "pages/components.html"); err != nil {
		return err
	}
	p.transparency, err = ui.NewPage[transparencyView](p.kit, pages, parts, "pages/transparency.html")
	return err
}

// Routes are the patterns that the pages serve.
func (p *Pages) Routes() []string { return p.served }

// ServeHTTP answers the patterns of Routes.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.routes.ServeHTTP(w, r) }

func (p *Pages) handle(pattern string, h func(http.ResponseWriter, *http.Request) error) {
	p.served = append(p.served, pattern)
	p.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		status := ui.Status(err)
		if status >= http.StatusInternalServerError {
			p.log.Error("page failed", "route", pattern, "err", err)
		}
		p.fail(w, r, status)
	})
}

// announced is what every page announces, the zero Notice when nothing is. It may
// be a minute old.
func (p *Pages) announced(ctx context.Context) ui.Notice {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.asked) < noticeEvery {
		return p.notice
	}
	p.asked = now
	switch v, err := p.versions.Announced(ctx, now); {
	case err == nil:
		p.notice = ui.Notice{Applies: v.Applies, Href: changesPath(v.Number-1, v.Number)}
	case fault.KindOf(err) == fault.NotFound:
		p.notice = ui.Notice{}
	default:
		p.asked = time.Time{}
		p.log.Warn("what is announced can't be read", "err", err)
	}
	return p.notice
}

func changesPath(from, to int) string { return fmt.Sprintf("/privacy/changes?from=%d&to=%d", from, to) }

// index is the place of a reader's language in policy.Langs.
func index(reader ui.Reader) int { return max(0, slices.Index(policy.Langs, reader.Lang)) }

// A documentView is the policy, as it stands or as it was published.
type documentView struct {
	policy.Document
	Version string // which one it is, in words
	Foreign bool   // it isn't written in the reader's language
	Spaced  bool   // sentences are written with spaces between them
	Changes string // where it says what changed since; "" nowhere
}

// servePolicy serves GET /privacy: the policy as it stands.
func (p *Pages) servePolicy(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	all, err := p.versions.Versions(r.Context())
	if err != nil {
		return err
	}
	view := documentView{Document: p.documents[index(reader)], Version: reader.Say("privacy.unpublished")}
	if len(all) > 0 {
		last := all[0]
		view.Version = told(reader, last)
		if len(policy.Changed(policy.Diff(last.Document(view.Lang), view.Document))) > 0 {
			view.Version = reader.Say("privacy.differs", "number", last.Number, "day", reader.Day(last.Published))
			view.Changes = changesPath(last.Number, 0)
		}
	}
	return p.reply(w, r, reader, "/privacy", view)
}

// serveVersion serves GET /privacy/versions/{number}.
func (p *Pages) serveVersion(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	v, err := p.version(r.Context(), r.PathValue("number"))
	if err != nil {
		return err
	}
	view := documentView{Document: v.Document(reader.Lang), Version: told(reader, v), Changes: changesPath(v.Number, 0)}
	return p.reply(w, r, reader, "/privacy/versions/"+strconv.Itoa(v.Number), view)
}

func (p *Pages) version(ctx context.Context, number string) (policy.Version, error) {
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 0
	}
	return p.versions.Version(ctx, n)
}

func (p *Pages) reply(w http.ResponseWriter, r *http.Request, reader ui.Reader, here string, view documentView) error {
	view.Foreign, view.Spaced = view.Lang != reader.Lang, view.Lang != "zh"
	head := ui.Head{Title: reader.Say("privacy.title"), About: reader.Say("privacy.about"), Here: here}
	return p.document.Reply(w, r, http.StatusOK, reader, head, view)
}

// told names a version in words.
func told(reader ui.Reader, v policy.Version) string {
	return reader.Say("privacy.version", "number", v.Number, "day", reader.Day(v.Published), "from", reader.Day(v.Applies))
}

type versionsView struct {
	Rows []versionRow
}

type versionRow struct {
	Number int
	Text   string
	Newest bool
}

// serveVersions serves GET /privacy/versions.
func (p *Pages) serveVersions(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	all, err := p.versions.Versions(r.Context())
	if err != nil {
		return err
	}
	var view versionsView
	for i, v := range all {
		view.Rows = append(view.Rows, versionRow{v.Number, told(reader, v), i == 0})
	}
	head := ui.Head{Title: reader.Say("privacy.versions"), About: reader.Say("privacy.versions_about"), Here: "/privacy/versions"}
	return p.published.Reply(w, r, http.StatusOK, reader, head, view)
}

// A changesView is what changed from one version to another.
type changesView struct {
	From, To string // in words
	Lang     string
	Foreign  bool
	Sections []changedSection
}

type changedSection struct {
	Title   string
	Changes []policy.Change
}

// serveChanges serves GET /privacy/changes?from=1&to=2: to=0 is what holds now.
func (p *Pages) serveChanges(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	from, err := p.version(r.Context(), r.FormValue("from"))
	if err != nil {
		return err
	}
	now := p.documents[index(reader)]
	view := changesView{From: told(reader, from), To: reader.Say("privacy.now"), Lang: now.Lang, Foreign: now.Lang != reader.Lang}
	if to := r.FormValue("to"); to != "" && to != "0" {
		v, err := p.version(r.Context(), to)
		if err != nil {
			return err
		}
		now, view.To = v.Document(reader.Lang), told(reader, v)
	}
	for _, c := range policy.Changed(policy.Diff(from.Document(reader.Lang), now)) {
		if n := len(view.Sections); n == 0 || view.Sections[n-1].Title != c.Section {
			view.Sections = append(view.Sections, changedSection{Title: c.Section})
		}
		last := &view.Sections[len(view.Sections)-1]
		last.Changes = append(last.Changes, c)
	}
	head := ui.Head{Title: reader.Say("privacy.changes"), Here: r.URL.RequestURI(), Private: true}
	return p.changes.Reply(w, r, http.StatusOK, reader, head, view)
}

type componentsView struct {
	Lang    string
	Foreign bool
	Parties policy.Table
	Modules []Module
}

// serveComponents serves GET /components.
func (p *Pages) serveComponents(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	i := index(reader)
	view := componentsView{policy.Langs[i], policy.Langs[i] != reader.Lang, p.parties[i], p.modules}
	head := ui.Head{Title: reader.Say("components.title"), About: reader.Say("components.about"), Here: "/components"}
	return p.components.Reply(w, r, http.StatusOK, reader, head, view)
}

// gpcSince is since when Global Privacy Control is heard.
const gpcSince = "2026-11-29"

// serveGPC serves GET /.well-known/gpc.json: that it is heard
// (https://www.w3.org/TR/gpc/, 4).
func serveGPC(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write([]byte(`{"gpc": true, "lastUpdate": "` + gpcSince + `"}` + "\n"))
	return err
}
