package staff

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/incident"
	"waypost/internal/web/ui"
)

var (
	errMoment  = fault.New(fault.Invalid, "staff_moment", "Write times in UTC, like 2026-03-02 14:30.")
	errRecords = fault.New(fault.Invalid, "staff_records", "About how many records it concerns is a number; leave it empty when nobody knows yet.")
	errUnsure  = fault.New(fault.Invalid, "staff_unsure_told", "Nothing was done: please confirm first that you have checked it.")
)

func (p *Pages) readIncidentPages() (err error) {
	const parts, own = "pages/parts.html", "pages/incident_parts.html"
	if p.incidentList, err = ui.NewPage[incidentsView](p.kit, pages, parts, own, "pages/incidents.html"); err != nil {
		return err
	}
	if p.incidentPage, err = ui.NewPage[incidentView](p.kit, pages, parts, own, "pages/incident.html"); err != nil {
		return err
	}
	if p.incidentScope, err = ui.NewPage[scopeView](p.kit, pages, parts, own, "pages/incident_scope.html"); err != nil {
		return err
	}
	if p.incidentNotices, err = ui.NewPage[noticesView](p.kit, pages, parts, own, "pages/incident_notices.html"); err != nil {
		return err
	}
	if p.incidentTelling, err = ui.NewPage[tellingView](p.kit, pages, parts, own, "pages/incident_telling.html"); err != nil {
		return err
	}
	p.incidentHand, err = ui.NewPage[handView](p.kit, pages, parts, own, "pages/incident_hand.html")
	return err
}

func (p *Pages) routeIncidents() {
	p.own("GET /staff/incidents", p.serveIncidents)
	p.own("POST /staff/incidents", p.declare)
	p.own("GET /staff/incidents/{incident}", p.serveIncident)
	p.own("POST /staff/incidents/{incident}", p.actOnIncident)
	p.own("GET /staff/incidents/{incident}/scope", p.serveScope)
	p.own("POST /staff/incidents/{incident}/scope", p.changeScope)
	p.own("GET /staff/incidents/{incident}/notices", p.serveNotices)
	p.own("POST /staff/incidents/{incident}/notices", p.changeNotices)
	p.own("GET /staff/incidents/{incident}/telling", p.serveTelling)
	p.own("GET /staff/incidents/{incident}/calls", p.serveHand(incident.ByCall))
	p.own("GET /staff/incidents/{incident}/letters", p.serveHand(incident.ByLetter))
	p.own("POST /staff/incidents/{incident}/telling", p.settle)
	p.own("GET /staff/incidents/{incident}/authority/{region}/{law}", p.serveAuthority)
	p.own("POST /staff/incidents/{incident}/export", p.export)
}

type incidentsView struct {
	Wrong     string
	Incidents []incidentLine
	Form      *factsForm // nil for who may not declare one
}

// An incidentLine is one in the list.
type incidentLine struct {
	ID, Title, State, Severity string
	Clocks                     []clock
	Closed                     bool
}

// A clock is how it stands with telling an authority.
type clock struct {
	Region, Law       string
	Name, Source      string
	Contact           string
	Says              string
	Late, Soon        bool
	Open              bool // it is neither told nor spared
	Draft             string
	TellID, SpareID   string
	Now, WhenName, By string
}

// A factsForm is what is known of an incident, to be typed.
type factsForm struct {
	Action, Act, Go string
	Fields          []typed
	Severities      []choice
}

// A typed is an input of a form about an incident.
type typed struct {
	Name, Label, Hint, Value string
	Kind                     string // text, time, number, or area
	Optional                 bool
}

// serveIncidents serves GET /staff/incidents.
func (p *Pages) serveIncidents(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.incidentsPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) incidentsPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	all, err := p.incidents.List(r.Context(), c)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := incidentsView{Wrong: wrong}
	for _, one := range all {
		line := incidentLine{
			ID: string(one.ID), Title: one.Facts.Title, State: p.called(reader, "state", string(one.State)), Severity: p.called(reader, "severity", string(one.Severity)),
			Closed: one.State == incident.Closed,
		}
		for _, d := range one.Duties {
			if k := p.clock(reader, one, d); k.Open {
				line.Clocks = append(line.Clocks, k)
			}
		}
		view.Incidents = append(view.Incidents, line)
	}
	if c.Can(account.HandleIncidents) {
		form := p.factsForm(reader, func(name, _ string) string { return text(r, name) }, incident.Severity(text(r, "severity")))
		form.Action, form.Go = "/staff/incidents", reader.Say("incident.declare_go")
		view.Form = &form
	}
	return p.incidentList.Reply(w, r, status, reader, titled(reader.Say("incident.list"), "/staff/incidents"), view)
}

// called is what something of incidents is called in the page's language.
func (p *Pages) called(reader ui.Reader, what, value string) string {
	return p.incidents.Called(reader.Lang, what, value)
}

// factsForm makes the fields of what is known; value is what one begins with.
func (p *Pages) factsForm(reader ui.Reader, value func(name, empty string) string, severity incident.Severity) factsForm {
	field := func(name, kind string, optional bool) typed {
		t := typed{Name: name, Kind: kind, Label: reader.Say("incident.fact." + name), Value: value(name, ""), Optional: optional}
		if reader.Has("incident.fact." + name + "_hint") {
			t.Hint = reader.Say("incident.fact." + name + "_hint")
		}
		return t
	}
	form := factsForm{Fields: []typed{
		field("title", "text", false), field("noticed", "time", false), field("began", "time", true), field("ended", "time", true),
		field("happened", "area", false), field("effects", "area", true), field("measures", "area", true), field("records", "number", true),
	}}
	for _, s := range incident.Severities {
		form.Severities = append(form.Severities, choice{string(s), p.called(reader, "severity", string(s)), s == severity})
	}
	return form
}

// clock is how it stands with an authority.
func (p *Pages) clock(reader ui.Reader, one incident.Incident, d incident.Duty) clock {
	now := time.Now()
	k := clock{
		Region: d.Region, Law: d.Law, Name: d.Authority, Source: d.Source, Contact: d.Contact, Open: !d.Settled(), Late: d.Late(now),
		Draft:  "/staff/incidents/" + string(one.ID) + "/authority/" + d.Region + "/" + d.Law,
		TellID: "told-" + d.Region + "-" + d.Law, SpareID: "spare-" + d.Region + "-" + d.Law, Now: spell(now),
	}
	if k.Name == "" {
		k.Name = reader.Say("incident.unnamed")
	}
	switch left := d.Due.Sub(now); {
	case d.Spared:
		k.Says = reader.Say("incident.spared_authority", "why", d.Words)
	case !d.Told.IsZero():
		k.Says = reader.Say("incident.told_authority", "when", moment(reader, d.Told), "ref", d.Words)
		if k.Late {
			k.Says = reader.Say("incident.told_late", "when", moment(reader, d.Told), "ref", d.Words, "due", moment(reader, d.Due))
		}
	case d.Hours == 0:
		k.Says = reader.Say("incident.at_once")
	case left <= 0:
		k.Says = reader.Say("incident.overdue", "due", moment(reader, d.Due))
	default:
		k.Soon = left < time.Duration(d.Hours)*time.Hour/3
		k.Says = reader.Say("incident.left", "hours", int(left.Hours()), "minutes", int(left.Minutes())%60, "due", moment(reader, d.Due))
	}
	return k
}

// factsOf reads what is known of an incident from a form.
func factsOf(r *http.Request) (incident.Severity, incident.Facts, incident.Times, error) {
	f := incident.Facts{Title: text(r, "title"), Happened: text(r, "happened"), Effects: text(r, "effects"), Measures: text(r, "measures")}
	if n := strings.TrimSpace(text(r, "records")); n != "" {
		var err error
		if f.Records, err = strconv.ParseInt(n, 10, 64); err != nil || f.Records < 0 {
			return "", f, incident.Times{}, errRecords
		}
	}
	var t incident.Times
	for name, to := range map[string]*time.Time{"noticed": &t.Noticed, "began": &t.Began, "ended": &t.Ended} {
		var err error
		if *to, err = timeOf(text(r, name)); err != nil {
			return "", f, t, err
		}
	}
	return incident.Severity(text(r, "severity")), f, t, nil
}

// timeOf reads a time as a browser or somebody writes it, in UTC; zero for none.
func timeOf(written string) (time.Time, error) {
	written = strings.Replace(strings.TrimSpace(written), " ", "T", 1)
	if written == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, written); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errMoment
}

// spell writes a time as an input has it, "" none.
func spell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04")
}

// declare serves POST /staff/incidents: title, severity, noticed, began, ended,
// happened, effects, measures, records.
func (p *Pages) declare(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	severity, f, t, err := factsOf(r)
	var id incident.ID
	if err == nil {
		id, err = p.incidents.Declare(r.Context(), c, severity, f, t)
	}
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.incidentsPage(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, "/staff/incidents/"+string(id))
}

type incidentView struct {
	Tabs    []tab
	Wrong   string
	ID      string
	Title   string
	State   string
	Facts   []fact
	Texts   []fact
	Clocks  []clock
	Next    []string // what is to be done, in order
	Form    *factsForm
	May     mays
	Steps   []step
	Now     string
	Lessons string
}

// mays are what a clerk can do with an incident as it stands.
type mays struct{ Note, Contain, Settle, Spare, Close, Export bool }

// A tab leads to one of an incident's pages.
type tab struct {
	Href, Label string
	Here        bool
}

// A step is something that was done.
type step struct{ When, Who, Did, Words string }

func (p *Pages) tabs(reader ui.Reader, id incident.ID, here string) (all []tab) {
	for _, one := range []struct{ path, word string }{
		{"", "incident.overview"}, {"/scope", "incident.scope"}, {"/notices", "incident.notices"}, {"/telling", "incident.telling"},
	} {
		all = append(all, tab{"/staff/incidents/" + string(id) + one.path, reader.Say(one.word), one.path == here})
	}
	return all
}

// serveIncident serves GET /staff/incidents/{incident}.
func (p *Pages) serveIncident(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.incidentOverview(w, r, c, http.StatusOK, "")
}

func (p *Pages) incidentOverview(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	one, err := p.incidents.Get(r.Context(), c, idOf(r))
	if err != nil {
		return err
	}
	history, err := p.incidents.History(r.Context(), c, one.ID)
	if err != nil {
		return err
	}
	names, err := p.staff.Names(r.Context(), c)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := incidentView{
		Tabs: p.tabs(reader, one.ID, ""), Wrong: wrong, ID: string(one.ID), Title: one.Facts.Title, State: p.called(reader, "state", string(one.State)),
		Now: spell(time.Now()), Lessons: text(r, "lessons"), Next: p.next(reader, one),
	}
	view.Facts, view.Texts = p.incidentFacts(reader, one)
	for _, d := range one.Duties {
		view.Clocks = append(view.Clocks, p.clock(reader, one, d))
	}
	for _, s := range history {
		who := calledBy(reader, names, s.By, "incident.program")
		view.Steps = append(view.Steps, step{moment(reader, s.At), who, p.called(reader, "did", string(s.Did)), s.Words})
	}
	slices.Reverse(view.Steps)
	if c.Can(account.HandleIncidents) {
		open := one.State != incident.Closed
		view.May = mays{Note: true, Contain: open && one.Contained.IsZero(), Settle: open, Spare: open && one.Approved == 0 && !one.Spared, Close: open, Export: true}
		if open {
			form := p.factsForm(reader, factsValue(r, one), one.Severity)
			form.Action, form.Act, form.Go = "/staff/incidents/"+string(one.ID), "edit", reader.Say("incident.edit_go")
			view.Form = &form
		}
	}
	return p.incidentPage.Reply(w, r, status, reader, titled(string(one.ID)+" "+one.Facts.Title, "/staff/incidents/"+string(one.ID)), view)
}

// factsValue is what a field begins with: what was sent, else what is known.
func factsValue(r *http.Request, one incident.Incident) func(name, empty string) string {
	records := ""
	if one.Facts.Records > 0 {
		records = strconv.FormatInt(one.Facts.Records, 10)
	}
	known := map[string]string{
		"title": one.Facts.Title, "happened": one.Facts.Happened, "effects": one.Facts.Effects, "measures": one.Facts.Measures, "records": records,
		"noticed": spell(one.Times.Noticed), "began": spell(one.Times.Began), "ended": spell(one.Times.Ended),
	}
	return func(name, _ string) string {
		if text(r, "act") == "edit" {
			return text(r, name)
		}
		return known[name]
	}
}

// next is what is to be done, in order.
func (p *Pages) next(reader ui.Reader, one incident.Incident) (all []string) {
	for _, todo := range []struct {
		is   bool
		word string
	}{
		{one.Contained.IsZero(), "incident.next.contain"},
		{slices.ContainsFunc(one.Duties, func(d incident.Duty) bool { return !d.Settled() }), "incident.next.authority"},
		{one.Frozen == 0 && !one.Spared, "incident.next.scope"},
		{one.Frozen > 0 && one.Asked.IsZero() && one.Approved == 0 && !one.Spared, "incident.next.notices"},
		{!one.Asked.IsZero(), "incident.next.approve"},
		{one.Approved > 0 && one.State != incident.Told, "incident.next.telling"},
		{one.State == incident.Told, "incident.next.close"},
	} {
		if todo.is && one.State != incident.Closed {
			all = append(all, reader.Say(todo.word))
		}
	}
	return all
}

// incidentFacts are what is known, in short and in long.
func (p *Pages) incidentFacts(reader ui.Reader, one incident.Incident) (short, long []fact) {
	short = []fact{{reader.Say("incident.severity"), p.called(reader, "severity", string(one.Severity))}}
	for _, t := range []struct {
		name string
		at   time.Time
	}{
		{"noticed", one.Times.Noticed}, {"began", one.Times.Began}, {"ended", one.Times.Ended}, {"contained", one.Contained}, {"declared", one.Declared}, {"closed", one.Closed},
	} {
		if !t.at.IsZero() {
			short = append(short, fact{reader.Say("incident.fact." + t.name), moment(reader, t.at)})
		}
	}
	if one.Facts.Records > 0 {
		short = append(short, fact{reader.Say("incident.fact.records"), strconv.FormatInt(one.Facts.Records, 10)})
	}
	for _, f := range []fact{{"happened", one.Facts.Happened}, {"effects", one.Facts.Effects}, {"measures", one.Facts.Measures}, {"lessons", one.Facts.Lessons}} {
		if f.Value != "" {
			long = append(long, fact{reader.Say("incident.fact." + f.Name), f.Value})
		}
	}
	return short, long
}

// actOnIncident serves POST /staff/incidents/{incident}: act=edit with what declare
// takes; note with words; contain with since; tell with region, law, when and
// words; spare_authority with region, law and words; spare with words; close with
// lessons.
func (p *Pages) actOnIncident(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	id := idOf(r)
	if err := p.incidentAct(r, c, id); err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.incidentOverview(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, "/staff/incidents/"+string(id))
}

func (p *Pages) incidentAct(r *http.Request, c account.Clerk, id incident.ID) error {
	ctx, words := r.Context(), text(r, "words")
	switch text(r, "act") {
	case "edit":
		severity, f, t, err := factsOf(r)
		if err != nil {
			return err
		}
		return p.incidents.Edit(ctx, c, id, severity, f, t)
	case "note":
		return p.incidents.Note(ctx, c, id, words)
	case "contain":
		since, err := timeOf(text(r, "since"))
		if err != nil {
			return err
		}
		return p.incidents.Contain(ctx, c, id, since)
	case "tell":
		when, err := timeOf(text(r, "when"))
		if err != nil {
			return err
		}
		return p.incidents.TellAuthority(ctx, c, id, text(r, "region"), text(r, "law"), when, words)
	case "spare_authority":
		return p.incidents.SpareAuthority(ctx, c, id, text(r, "region"), text(r, "law"), words)
	case "spare":
		if text(r, "sure") != "yes" {
			return errUnsure
		}
		return p.incidents.Spare(ctx, c, id, words)
	case "close":
		return p.incidents.Close(ctx, c, id, text(r, "lessons"))
	}
	return errNoAct
}

var errNoAct = fault.New(fault.Invalid, "staff_no_act", "Please say what is to be done.")

// idOf is the incident of an address.
func idOf(r *http.Request) incident.ID { return incident.ID(r.PathValue("incident")) }

// serveAuthority serves GET /staff/incidents/{incident}/authority/{region}/{law}: the
// draft of what that authority is told, as a file.
func (p *Pages) serveAuthority(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	id, region, law := idOf(r), r.PathValue("region"), r.PathValue("law")
	var file strings.Builder
	if err := p.incidents.AuthorityNotice(r.Context(), c, id, region, law, p.kit.Reader(r).Lang, &file); err != nil {
		return err
	}
	return attach(w, "text/html; charset=utf-8", string(id)+"-"+region+"-"+law+".html", file.String())
}

// export serves POST /staff/incidents/{incident}/export: people=yes with the list
// of those whom it concerns.
func (p *Pages) export(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	id, people := idOf(r), text(r, "people") == "yes"
	var file strings.Builder
	if err := p.incidents.Export(r.Context(), c, id, incident.Export{Lang: p.kit.Reader(r).Lang, People: people}, &file); err != nil {
		return err
	}
	return attach(w, "application/zip", string(id)+".zip", file.String())
}

// attach answers with a file that is to be kept.
func attach(w http.ResponseWriter, kind, name, content string) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	_, err := w.Write([]byte(content))
	return err
}
