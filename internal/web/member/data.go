package member

import (
	"context"
	"net/http"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/copies"
	"waypost/internal/rights"
	"waypost/internal/web/visit"
)

// mostEntries is how many entries of a kind of data the page shows; the copy has
// all.
const mostEntries = 20

// A dataView is what is held of a member, and what they can do about it.
type dataView struct {
	Done        string
	Rights      []right
	Restricted  string   // since when, "" it isn't
	Stops, Goes []string // what of it is restricted, and what isn't
	Lang, Dir   string   // of what is said of the data: see form.declaredIn
	Categories  []dataCategory
	Held        []string // why some has to stay
}

// A dataCategory is what is held of one kind.
type dataCategory struct {
	rights.Category
	Count   string
	More    string // "" all is shown
	Correct *link  // where it is corrected; nil: it comes about by using the site
}

// corrected is where a kind of data is corrected, and what that page is called.
var corrected = map[string]link{
	"profile": {"/account", "account.title"}, "contacts": {"/account", "account.title"}, "ways_in": {"/account", "account.title"},
	"linked": {"/account", "account.title"}, "devices": {"/account", "account.title"}, "age": {"/account", "account.title"},
	"consents": {"/account/consents", "consents.title"}, "parcels": {"/parcels", "parcels.title"}, "alerts": {"/account/alerts", "alerts.title"},
	"programs": {"/developer", "programs.title"}, "teams": {"/teams", "team.title"},
}

// serveData serves GET /my-data.
func (p *Pages) serveData(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f := p.blank(r)
	held, err := p.rights.Held(r.Context(), v.Session.Account.Subject())
	if err != nil {
		return err
	}
	view := dataView{Done: f.done(r, "done."), Stops: f.all(restrictStops), Goes: f.all(restrictGoes)}
	if !v.Profile.Restricted.IsZero() {
		view.Restricted = f.say("restrict.since", "day", f.reader.Day(v.Profile.Restricted))
	}
	if view.Rights, err = p.rightsOf(r, f, v, s); err != nil {
		return err
	}
	view.Lang, view.Dir = f.declaredIn()
	for _, c := range p.rights.Categories(held, f.reader.Lang) {
		one := dataCategory{Category: c, Count: f.say("data.count", "n", len(c.Entries))}
		if n := len(c.Entries) - mostEntries; n > 0 {
			one.Entries, one.More = c.Entries[:mostEntries], f.say("data.more", "n", n)
		}
		if to, ok := corrected[string(c.Kind)]; ok {
			one.Correct = &link{to.Href, f.say(to.Label)}
		}
		view.Categories = append(view.Categories, one)
	}
	if view.Held, err = p.held(r, f, v); err != nil {
		return err
	}
	return p.data.Reply(w, r, f.status(), f.reader, titled(f.say("data.title"), "account", "/my-data"), view)
}

// declaredIn is the language in which what rooms declare is said to a reader, BCP 47,
// and its direction, "" as the page's.
func (f *form) declaredIn() (lang, dir string) {
	if lang = rights.Lang(f.reader.Lang); lang != f.reader.Lang {
		dir = "ltr"
	}
	return lang, dir
}

// held says why a member's data has to stay, as far as they may know.
func (p *Pages) held(r *http.Request, f *form, v visit.Visit) (all []string, err error) {
	if p.holds == nil {
		return nil, nil
	}
	holds, err := p.holds.Of(r.Context(), v.Session.Account.Subject())
	for _, h := range holds {
		all = append(all, f.say("data.held."+string(h.Ground), "ref", h.Ref, "when", f.reader.Day(h.Review)))
	}
	return all, err
}

// serveAskCopy serves GET /my-data/copy: what a copy is, and where its link goes.
func (p *Pages) serveAskCopy(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.askCopyPage(w, r, p.blank(r), v)
}

func (p *Pages) askCopyPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	view := formView{
		Title: f.say("copy.title"), Lead: f.say("copy.lead"), Points: []string{f.say("copy.readable"), f.say("copy.once")},
		Below: []link{{"/my-data", f.say("data.title")}},
	}
	to := v.Profile.Main()
	if to.IsZero() {
		view.Points, view.To = []string{f.say("copy.nowhere")}, &link{"/account/address/mail", f.say("copy.add")}
		return p.reply(w, r, f, "account", view)
	}
	view.Points = append(view.Points, f.say("copy.to", "to", to.Masked()))
	view.Action, view.Go = "/my-data/copy", f.say("copy.go")
	return p.reply(w, r, f, "account", view)
}

// askCopy serves POST /my-data/copy.
func (p *Pages) askCopy(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if v.Profile.Main().IsZero() {
		return p.askCopyPage(w, r, f, v)
	}
	s, err := p.copies.Of(v.Session.Account.Subject())
	if err != nil {
		return err
	}
	if err := s.Ask(r.Context(), v.Session.Account.Subject(), f.reader.Lang); err != nil {
		return again(f, err, func() error { return p.askCopyPage(w, r, f, v) })
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("copy.asked"), Lead: f.say("copy.asked_text", "to", v.Profile.Main().Masked()), To: &link{"/my-data", f.say("data.title")},
	})
}

// copyOf is a member's copy that a link fetches.
func (p *Pages) copyOf(r *http.Request, v visit.Visit) (s *copies.Store, secret string, err error) {
	s, err = p.copies.Of(v.Session.Account.Subject())
	return s, r.PathValue("secret"), err
}

// serveFetchCopy serves GET /my-data/copy/{secret}.
func (p *Pages) serveFetchCopy(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	s, secret, err := p.copyOf(r, v)
	if err != nil {
		return err
	}
	f := p.blank(r)
	ends, err := s.There(r.Context(), v.Session.Account.Subject(), secret)
	if err != nil {
		return p.noCopy(w, r, f, err)
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("copy.there"), Lead: f.say("copy.there_text"), Points: []string{f.say("copy.until", "when", utc(f, ends)), f.say("copy.care")},
		Action: r.URL.Path, Go: f.say("copy.fetch"), Below: []link{{"/my-data", f.say("data.title")}},
	})
}

// fetchCopy serves POST /my-data/copy/{secret}: the ZIP, this once.
func (p *Pages) fetchCopy(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	s, secret, err := p.copyOf(r, v)
	if err != nil {
		return err
	}
	content, err := s.Fetch(r.Context(), v.Session.Account.Subject(), secret)
	if err != nil {
		return p.noCopy(w, r, p.blank(r), err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="waypost-my-data.zip"`)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(content)
	return err
}

// noCopy answers that a link leads to no copy, or returns what else is wrong.
func (p *Pages) noCopy(w http.ResponseWriter, r *http.Request, f *form, err error) error {
	if codeOf(err) != "copy_over" {
		return err
	}
	return p.over(w, r, err, link{"/my-data/copy", f.say("copy.title")})
}

// serveDelete serves GET /my-data/delete: what happens then.
func (p *Pages) serveDelete(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	return p.deletePage(w, r, p.blank(r), v, s)
}

func (p *Pages) deletePage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	held, err := p.held(r, f, v)
	if err != nil {
		return err
	}
	touches, err := p.reviewed(r, f, v, true)
	if err != nil {
		return err
	}
	told, err := p.toldOf(r.Context(), v, f.reader.Lang)
	if err != nil {
		return err
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("delete.title"), Lead: f.say("delete.lead"),
		Points: append(held, f.say("delete.now"), f.say("delete.back", "when", utc(f, s.LeavesAt(time.Now()))), f.say("delete.then"), toldPoint(f, told)),
		Parts:  []part{touches, p.stays(f)},
		Action: "/my-data/delete", Go: f.say("delete.go"), Grave: true,
		Below: []link{{"/my-data/copy", f.say("delete.copy")}, {"/my-data", f.say("data.title")}},
	})
}

// toldOf is which services outside will be told when a member is erased, in a
// language; "" none.
func (p *Pages) toldOf(ctx context.Context, v visit.Visit, lang string) (string, error) {
	if p.told == nil {
		return "", nil
	}
	all, err := p.told(ctx, v.Session.Account.Subject(), lang)
	return strings.Join(all, "; "), err
}

func toldPoint(f *form, services string) string {
	if services == "" {
		return f.say("delete.told_nobody")
	}
	return f.say("delete.told", "services", services)
}

// deleteAccount serves POST /my-data/delete.
func (p *Pages) deleteAccount(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	written, err := p.toldOf(r.Context(), v, v.Profile.Language)
	if err != nil {
		return err
	}
	told, err := p.toldOf(r.Context(), v, f.reader.Lang)
	if err != nil {
		return err
	}
	ends, err := s.Leave(r.Context(), v.Session, written, from(v.From, f))
	if err != nil {
		return again(f, err, func() error { return p.deletePage(w, r, f, v, s) })
	}
	if err := p.door.SignOut(w, r); err != nil && codeOf(err) != "session_over" {
		return err
	}
	view := formView{Title: f.say("deleted.title"), Lead: f.say("deleted.lead", "when", utc(f, ends)), Points: []string{toldPoint(f, told)}, To: &link{"/", f.say("waiting.go")}}
	return p.form.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "", "/"), view)
}
