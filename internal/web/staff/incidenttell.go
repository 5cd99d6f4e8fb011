package staff

import (
	"net/http"
	"strconv"
	"strings"

	"waypost/internal/account"
	"waypost/internal/incident"
	"waypost/internal/web/ui"
)

type noticesView struct {
	Tabs    []tab
	Wrong   string
	ID      string
	May     bool // write
	Approve bool // have it sent
	Asked   string
	Lacks   []string
	Drafts  []draftLine
	Form    noticeForm
	Preview ui.Concern
	Holds   string
	Can     bool // ask for approval
}

// A draftLine is a notice in the list.
type draftLine struct {
	Href, Name, Changed string
	Whole, Here         bool
}

type noticeForm struct {
	Region, Lang string
	Regions      []choice
	Langs        []choice
	Dir          string
	Fields       []typed
}

// serveNotices serves GET /staff/incidents/{incident}/notices: region, lang of the
// notice that is shown.
func (p *Pages) serveNotices(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.noticesPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) noticesPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	one, err := p.incidents.Get(r.Context(), c, idOf(r))
	if err != nil {
		return err
	}
	drafts, err := p.incidents.Drafts(r.Context(), c, one.ID)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := noticesView{Tabs: p.tabs(reader, one.ID, "/notices"), Wrong: wrong, ID: string(one.ID)}
	open := one.State != incident.Closed
	view.May, view.Approve = open && c.Can(account.HandleIncidents), open && c.Can(account.ApproveNotices) && !one.Asked.IsZero()
	if !one.Asked.IsZero() {
		view.Asked = reader.Say("incident.asked", "when", moment(reader, one.Asked))
	}
	if one.Frozen > 0 {
		view.Holds = reader.Say("incident.holds", "n", one.Frozen)
	}
	if view.Lacks, err = p.incidents.Lacks(r.Context(), c, one.ID); err != nil {
		return err
	}
	view.Can = view.May && one.Frozen > 0 && one.Asked.IsZero()
	shown := p.shown(r, reader, one, drafts)
	for _, d := range drafts {
		view.Drafts = append(view.Drafts, draftLine{
			noticeAt(one.ID, d.Region, d.Lang), p.forWhom(reader, d.Region) + reader.Say("list.comma") + d.Lang, moment(reader, d.Changed), d.Whole(), d.Region == shown.Region && d.Lang == shown.Lang,
		})
	}
	view.Form = p.noticeForm(reader, shown)
	view.Preview = p.concern(shown.Lang, shown.Text)
	return p.incidentNotices.Reply(w, r, status, reader, titled(reader.Say("incident.notices")+" "+string(one.ID), "/staff/incidents/"+string(one.ID)+"/notices"), view)
}

func noticeAt(id incident.ID, region, lang string) string {
	return "/staff/incidents/" + string(id) + "/notices?region=" + region + "&of=" + lang
}

// shown is the notice that a page is about: what was sent, else what was written,
// else the template.
func (p *Pages) shown(r *http.Request, reader ui.Reader, one incident.Incident, drafts []incident.Draft) incident.Draft {
	if text(r, "act") == "save" {
		return draftOf(r)
	}
	region, lang := r.URL.Query().Get("region"), r.URL.Query().Get("of")
	if lang == "" {
		lang = reader.Lang
	}
	for _, d := range drafts {
		if d.Region == region && d.Lang == lang {
			return d
		}
	}
	return incident.Draft{Region: region, Lang: lang, Text: p.incidents.Template(lang, one)}
}

func draftOf(r *http.Request) incident.Draft {
	return incident.Draft{Region: text(r, "region"), Lang: text(r, "of"), Text: incident.Text{
		Title: strings.TrimSpace(text(r, "title")), Happened: text(r, "happened"), Effects: text(r, "effects"), Done: text(r, "done"), Do: text(r, "do"), Remedies: text(r, "remedies"),
	}}
}

// forWhom is whose people a notice is for.
func (p *Pages) forWhom(reader ui.Reader, region string) string {
	if region == "" {
		return reader.Say("incident.everywhere")
	}
	return region
}

func (p *Pages) noticeForm(reader ui.Reader, d incident.Draft) noticeForm {
	form := noticeForm{Region: d.Region, Lang: d.Lang, Dir: "ltr"}
	for _, region := range append([]string{""}, p.incidents.Regions()...) {
		form.Regions = append(form.Regions, choice{region, p.forWhom(reader, region), region == d.Region})
	}
	for _, words := range p.kit.Words() {
		form.Langs = append(form.Langs, choice{words.Lang, words.Name, words.Lang == d.Lang})
		if words.Lang == d.Lang {
			form.Dir = words.Dir
		}
	}
	form.Fields = []typed{{Name: "title", Kind: "text", Label: reader.Say("incident.notice_title"), Value: d.Text.Title}}
	for _, part := range d.Text.Parts() {
		form.Fields = append(form.Fields, typed{Name: part.Key, Kind: "area", Label: p.called(reader, "part", part.Key), Value: part.Text})
	}
	return form
}

// concern is a notice as the member's page shows it.
func (p *Pages) concern(lang string, t incident.Text) ui.Concern {
	to := ui.Concern{Lang: lang, Dir: "ltr", Title: t.Title, Level: "h3"}
	for _, words := range p.kit.Words() {
		if words.Lang == lang {
			to.Dir = words.Dir
		}
	}
	for _, part := range t.Parts() {
		to.Parts = append(to.Parts, ui.ConcernPart{Heading: p.incidents.Called(lang, "part", part.Key), Text: part.Text})
	}
	return to
}

// changeNotices serves POST /staff/incidents/{incident}/notices: act=save with
// region, of, title and the five parts; ask; approve with sure=yes.
func (p *Pages) changeNotices(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	id, ctx := idOf(r), r.Context()
	if text(r, "act") != "approve" {
		if err := c.Must(account.HandleIncidents); err != nil {
			return err
		}
	} else if !c.Can(account.ApproveNotices) {
		return c.Must(account.ApproveNotices)
	}
	to := "/staff/incidents/" + string(id) + "/notices"
	var err error
	switch text(r, "act") {
	case "save":
		d := draftOf(r)
		err, to = p.incidents.SaveDraft(ctx, c, id, d), noticeAt(id, d.Region, d.Lang)
	case "ask":
		err = p.incidents.Ask(ctx, c, id)
	case "approve":
		if err = errUnsure; text(r, "sure") == "yes" {
			err, to = p.incidents.Approve(ctx, c, id), "/staff/incidents/"+string(id)+"/telling"
		}
	default:
		err = errNoAct
	}
	if codeOf(err) == "prove_again" {
		return err
	}
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.noticesPage(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, to)
}

type tellingView struct {
	Tabs    []tab
	ID      string
	Lead    string
	Facts   []fact
	Tries   []tryRow
	May     bool
	Calls   string // how many wait for one, "" none
	Letters string
}

// A tryRow is what came of a channel.
type tryRow struct{ Region, Channel, Outcome, N string }

// serveTelling serves GET /staff/incidents/{incident}/telling: how far telling
// people is.
func (p *Pages) serveTelling(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	one, err := p.incidents.Get(r.Context(), c, idOf(r))
	if err != nil {
		return err
	}
	told, err := p.incidents.Told(r.Context(), c, one.ID)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := tellingView{Tabs: p.tabs(reader, one.ID, "/telling"), ID: string(one.ID), May: c.Can(account.HandleIncidents)}
	switch {
	case one.Spared:
		view.Lead = reader.Say("incident.nobody_told")
	case one.Approved == 0:
		view.Lead = reader.Say("incident.not_approved")
	}
	for _, state := range []incident.Delivery{incident.Queued, incident.Sending, incident.Sent, incident.ByHand, incident.Done} {
		if n := told.Waiting[state]; n > 0 {
			view.Facts = append(view.Facts, fact{reader.Say("incident.delivery." + string(state)), strconv.Itoa(n)})
		}
	}
	if one.Approved > 0 {
		view.Facts = append(view.Facts, fact{reader.Say("incident.seen"), strconv.Itoa(told.Seen)})
	}
	for _, t := range told.Tries {
		view.Tries = append(view.Tries, tryRow{t.Region, p.called(reader, "channel", t.What), p.called(reader, "outcome", t.Value), strconv.Itoa(t.N)})
	}
	if n := told.Hands[incident.ByCall]; n > 0 {
		view.Calls = reader.Say("incident.calls_wait", "n", n)
	}
	if n := told.Hands[incident.ByLetter]; n > 0 {
		view.Letters = reader.Say("incident.letters_wait", "n", n)
	}
	return p.incidentTelling.Reply(w, r, http.StatusOK, reader, titled(reader.Say("incident.telling")+" "+string(one.ID), "/staff/incidents/"+string(one.ID)+"/telling"), view)
}

type handView struct {
	Title   string
	ID      string
	Letters bool
	Hint    string
	People  []person
	After   string // leads to the next ones, "" there are none
	Company string
}

// A person is somebody whom the staff call or write to.
type person struct {
	ID, Name, Country, Phone string
	Hello, Kinds             string
	Concern                  ui.Concern
}

// serveHand serves GET /staff/incidents/{incident}/calls and /letters: whom the
// staff call or write to, after one.
func (p *Pages) serveHand(by incident.Channel) clerks {
	return func(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
		id := idOf(r)
		people, err := p.incidents.ByHand(r.Context(), c, id, by, account.ID(r.URL.Query().Get("after")))
		if err != nil {
			return err
		}
		reader := p.kit.Reader(r)
		word := map[incident.Channel]string{incident.ByCall: "incident.calls", incident.ByLetter: "incident.letters"}[by]
		view := handView{Title: reader.Say(word), ID: string(id), Letters: by == incident.ByLetter, Hint: reader.Say(word + "_hint")}
		path := "/staff/incidents/" + string(id) + "/calls"
		if view.Letters {
			path = "/staff/incidents/" + string(id) + "/letters"
		}
		for _, one := range people {
			to := person{ID: string(one.ID), Name: one.Name, Phone: one.Phone, Concern: p.concern(one.Lang, one.Text)}
			if one.Country != "" {
				to.Country = reader.Country(one.Country)
			}
			if view.Letters {
				to.Concern.Level = "h2"
			}
			to.Hello, to.Kinds = p.incidents.Hello(one)
			view.People = append(view.People, to)
			if len(view.People) == incident.MostByHand {
				view.After = path + "?after=" + string(one.ID)
			}
		}
		return p.incidentHand.Reply(w, r, http.StatusOK, reader, titled(view.Title+" "+string(id), path), view)
	}
}

// settle serves POST /staff/incidents/{incident}/telling: outcome and person, once
// or several times.
func (p *Pages) settle(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return errNoAct
	}
	var people []account.ID
	for _, id := range r.PostForm["person"] {
		people = append(people, account.ID(id))
	}
	outcome := incident.Outcome(text(r, "outcome"))
	if err := p.incidents.Settle(r.Context(), c, idOf(r), outcome, people...); err != nil {
		return err
	}
	path := "/telling"
	switch text(r, "from") {
	case "calls", "letters":
		path = "/" + text(r, "from")
	}
	return p.goTo(w, r, "/staff/incidents/"+string(idOf(r))+path)
}
