package member

import (
	"net/http"
	"strings"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/request"
	"waypost/internal/rights"
	"waypost/internal/web/visit"
)

// An objectView is what a member can object to.
type objectView struct {
	Wrong, Done string
	Rows        []objectRow
	Lang, Dir   string // of what is declared
	Why         string // the label of the field
}

// An objectRow is one purpose or use.
type objectRow struct {
	Code  string
	What  string
	Own   bool // What is in the page's language
	Kinds string
	State string // how it stands, "" nothing is to be said
	Ends  bool   // at once; else somebody decides
	On    bool   // they object already
}

var errObject = fault.New(fault.Invalid, "object_what", "That can't be objected to here. See what the page lists.")

// serveObject serves GET /my-data/object.
func (p *Pages) serveObject(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	return p.objectPage(w, r, p.blank(r), v, s)
}

func (p *Pages) objectPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	ledger, err := s.Consents(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	stand := map[string]account.Consent{}
	for _, c := range latest(ledger) {
		if code, ok := strings.CutPrefix(c.Purpose, account.ForObjection); ok {
			stand[code] = c
		}
	}
	view := objectView{Wrong: f.wrong[""], Done: f.done(r, "done."), Why: f.say("object.why")}
	view.Lang, view.Dir = f.declaredIn()
	for _, o := range p.rights.Objectables(f.reader.Lang) {
		row := objectRow{Code: o.Code, What: o.What, Kinds: strings.Join(o.Kinds, "; "), Ends: o.Ends}
		if row.What == "" {
			row.What, row.Own = f.say("object.use."+o.Code), true
		}
		row.What = rights.Headed(row.What)
		if c, ok := stand[o.Code]; ok {
			row.On, row.State = !c.Given, f.say(decidedAs(c), "day", f.reader.Day(c.At))
		}
		view.Rows = append(view.Rows, row)
	}
	return p.objects.Reply(w, r, f.status(), f.reader, titled(f.say("object.title"), "account", "/my-data/object"), view)
}

const objectHow = "POST /my-data/object"

// object serves POST /my-data/object: what, and why, or back=yes. What can end at
// once does; of the rest a request is made, which the staff answer, and which is
// taken back on its own page.
func (p *Pages) object(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.objectPage(w, r, f, v, s) }
	what, back := f.text("what"), f.text("back") == "yes"
	var to rights.Objectable
	for _, o := range p.rights.Objectables(f.reader.Lang) {
		if o.Code == what {
			to = o
		}
	}
	if to.Code == "" {
		return again(f, errObject, page)
	}
	words := to.What
	if words == "" {
		words = f.say("object.use." + to.Code)
	}
	wording, next := f.say("object.words", "what", words), "/my-data/object?done=objected"
	if back {
		wording, next = f.say("object.words_back", "what", words), "/my-data/object?done=objection_back"
	}
	if !to.Ends && !back {
		wish := request.Wish{Kind: request.Object, Lang: f.reader.Lang, Text: strings.TrimSpace(wording + "\n" + f.long("why"))}
		n, err := p.requests.Raise(r.Context(), v.Session.Account, wish, s.Objecting(v.Session, to.Code, wording, objectHow))
		if err != nil {
			return again(f, err, page)
		}
		return p.goTo(w, r, "/my-data/requests/"+string(n)+"?done=sent")
	}
	if err := s.Object(r.Context(), v.Session, to.Code, !back, wording, objectHow); err != nil {
		return err
	}
	return p.goTo(w, r, next)
}

// useOf is what people call a use or purpose that can be objected to.
func (p *Pages) useOf(f *form, code string) string {
	if f.reader.Has("object.use." + code) {
		return f.say("object.use." + code)
	}
	for _, o := range p.rights.Objectables(f.reader.Lang) {
		if o.Code == code {
			return o.What
		}
	}
	return code
}
