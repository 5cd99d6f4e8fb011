package member

import (
	"net/http"
	"net/url"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

type parcelView struct {
	Crumb link
	Wrong string
	Did   *did
	Row   parcelRow
	Steps []tell.Step
	tell.History
	Asked  [][]tell.Fact
	Share  string         // the public page, which says nothing of the member
	Needs  *tell.NeedForm // what its carrier demands, nil nothing
	Form   parcelForm
	Alerts string // where the alerts of this parcel are set, "" nowhere
	Words  string // who else sees what is noted, "" it can't be changed
	Can    []deed
	Gone   string // why there is no history any more
	Saved  string // since when
}

// A parcelForm is what its owner says of a parcel, as it stands in the form.
type parcelForm struct {
	Name, Note, Tags, Order string
}

// serveParcel serves GET /parcels/{id}.
func (p *Pages) serveParcel(w http.ResponseWriter, r *http.Request, s shelf) error {
	watched, err := s.Get(r.Context(), s.owner, watch.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return p.parcelPage(w, r, s, watched, formOf(watched), nil)
}

func formOf(w watch.Watch) parcelForm {
	return parcelForm{w.Name, w.Note, strings.Join(w.Tags, ", "), w.Order}
}

func (p *Pages) parcelPage(w http.ResponseWriter, r *http.Request, s shelf, of watch.Watch, form parcelForm, wrong error) error {
	return p.parcelPageAgain(w, r, s, of, form, wrong, tried{})
}

// parcelPageAgain is parcelPage with what was filled in and can't be used of what
// the carrier demands.
func (p *Pages) parcelPageAgain(w http.ResponseWriter, r *http.Request, s shelf, of watch.Watch, form parcelForm, wrong error, again tried) error {
	t := p.teller(r)
	view := parcelView{Crumb: link{s.home, s.title(t)}, Row: newParcelRow(t, s, of), Form: form, Share: shareOf(of), Can: deeds(t, s, shelfOf(of)), Words: wordsOf(t, s)}
	view.Needs = needsOf(t, s, of, again)
	view.Saved = t.Say("parcel.saved", "day", t.Day(of.Created))
	status := http.StatusOK
	if wrong != nil {
		if fault.KindOf(wrong) == fault.Internal {
			return wrong
		}
		view.Wrong, status = says(t.Reader, wrong), ui.Status(wrong)
	}
	switch h := of.Parcel.History; {
	case of.Parcel.ID == "":
		view.Gone = t.Say("parcel.gone")
	case len(h.Legs) > 0:
		standing := of.Parcel.Standing(t.Now)
		view.Steps = t.Steps(standing, h)
		view.History = t.History(h, standing, "")
		view.Open = true
	}
	view.Asked = t.Asked(of.Parcel)
	here := s.at("/") + string(of.ID)
	if p.messages != nil && s.team == "" {
		view.Alerts = "/parcels/alerts/" + string(of.ID)
	}
	if r.Method == http.MethodGet {
		view.Did = didOf(t.Reader, s, r.URL.Query())
	}
	if view.Did != nil {
		view.Did.Next = here
	}
	title := of.Number
	if of.Name != "" {
		title = of.Name
	}
	head := titled(title, "parcels", here)
	return p.one.Reply(w, r, status, t.Reader, head, view)
}

// wordsOf says who sees what is noted on a shelf, "" when its reader can't.
func wordsOf(t tell.Teller, s shelf) string {
	switch {
	case !s.writes:
		return ""
	case s.team != "":
		return t.Say("parcel.words_team", "name", s.team)
	}
	return t.Say("parcel.words_text")
}

func shelfOf(w watch.Watch) watch.Shelf {
	if w.Archived.IsZero() {
		return watch.Active
	}
	return watch.Archived
}

// shareOf is the public page of a watch's parcel.
func shareOf(w watch.Watch) string { return trackedAt(w.Number, w.Carrier) }

// trackedAt is the public page of a number with a carrier, "" with any.
func trackedAt(number string, by carrier.Code) string {
	v := url.Values{"nums": {number}}
	if by != "" {
		v.Set("fc", string(by))
	}
	return "/track?" + ui.Query(v)
}

// editParcel serves POST /parcels/{id}: name, note, tags and order; or do, what
// is done to the parcel.
func (p *Pages) editParcel(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	id := watch.ID(r.PathValue("id"))
	of, err := s.Get(r.Context(), s.owner, id)
	if err != nil {
		return err
	}
	if do := f.text("do"); do == "give" {
		return p.giveParcel(w, r, s, of, f)
	} else if do != "" {
		return p.changeParcel(w, r, s, of, watch.Action(do))
	}
	form := parcelForm{f.text("name"), f.long("note"), f.text("tags"), f.text("order")}
	tags := strings.FieldsFunc(form.Tags, func(c rune) bool { return strings.ContainsRune(",;，；、", c) })
	done, err := s.Edit(r.Context(), s.owner, id, watch.Edit{Name: &form.Name, Note: &form.Note, Order: &form.Order, Tags: &tags})
	if err != nil {
		return p.parcelPage(w, r, s, of, form, err)
	}
	return p.goTo(w, r, s.at("/")+string(id)+told("", "edit", done.Changed, done))
}

func (p *Pages) changeParcel(w http.ResponseWriter, r *http.Request, s shelf, of watch.Watch, do watch.Action) error {
	done, err := s.Apply(r.Context(), s.owner, watch.Change{Do: do}, of.ID)
	if err != nil {
		return p.parcelPage(w, r, s, of, formOf(of), err)
	}
	return p.goTo(w, r, s.home+told("", string(do), done.Changed, done))
}

// mostNote bounds what is read of a note, in bytes; the room below bounds it in
// characters, and says so.
const mostNote = 16 << 10

// long is text for a field that may have several lines.
func (f *form) long(name string) string {
	if text := f.values.Get(name); len(text) <= mostNote {
		return strings.ReplaceAll(strings.ToValidUTF8(text, " "), "\x00", "")
	}
	return ""
}
