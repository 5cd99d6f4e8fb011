package staff

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/request"
	"waypost/internal/web/ui"
)

// Requests are the requests about people's data, and by what they are fulfilled.
type Requests struct {
	*request.Requests
	// Home is the region where people of a country live.
	Home func(country string) string
	// Copy has a copy of all that is held of a member sent to their verified address.
	Copy func(ctx context.Context, who inventory.Subject, lang string) error
	// Letter puts a step into words, in the language of who asks.
	Letter func(request.Letter) mail.Letter
}

func (p *Pages) routeRequests() {
	p.own("GET /staff/requests", p.serveRequests)
	p.own("GET /staff/requests/new", p.serveNewRequest)
	p.own("POST /staff/requests/new", p.enterRequest)
	p.own("GET /staff/requests/{number}", p.serveRequest)
	p.own("POST /staff/requests/{number}", p.workRequest)
	p.own("GET /staff/requests/{number}/letters/{event}", p.serveLetter)
	p.own("POST /staff/requests/{number}/letters/{event}", p.printedLetter)
}

func (p *Pages) readRequestPages() (err error) {
	const parts = "pages/parts.html"
	if p.requestList, err = ui.NewPage[requestsView](p.kit, pages, parts, "pages/requests.html"); err != nil {
		return err
	}
	if p.requestEntry, err = ui.NewPage[entryView](p.kit, pages, parts, "pages/request_new.html"); err != nil {
		return err
	}
	if p.requestPage, err = ui.NewPage[requestView](p.kit, pages, parts, "pages/request.html"); err != nil {
		return err
	}
	p.requestLetter, err = ui.NewPage[letterView](p.kit, pages, parts, "pages/request_letter.html")
	return err
}

// An entryInput is one of a form that may be left out, or have several lines.
type entryInput struct {
	Name, Type, Label string
	Hint              string
	Value             string
	Choices           []choice
	Lines, Optional   bool
}

type requestsView struct {
	Tally  string
	Away   string // which regions are missing, in words
	States []choice
	Whose  []choice
	Rows   []requestRow
}

type requestRow struct {
	Number, Kind, Person, State, Clerk, When string
	Over                                     request.Over
	OverSay                                  string
}

// whose are whose requests a list shows.
var whose = []string{"all", "mine", "nobody"}

// serveRequests serves GET /staff/requests: state, and whose=mine or nobody.
func (p *Pages) serveRequests(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	reader, query := p.kit.Reader(r), r.URL.Query()
	filter := request.Filter{State: request.State(query.Get("state"))}
	if !slices.Contains(request.States, filter.State) {
		filter.State = ""
	}
	switch query.Get("whose") {
	case "mine":
		filter.Clerk = c.ID
	case "nobody":
		filter.Free = true
	}
	all, away, err := p.requests.List(r.Context(), c, filter)
	if err != nil {
		return err
	}
	names, err := p.answerers(r.Context())
	if err != nil {
		return err
	}
	t, uncounted, err := p.requests.Tally(r.Context())
	if err != nil {
		return err
	}
	view := requestsView{Away: missing(reader, append(away, uncounted...)), Tally: reader.Say("requests.tally", "open", t.Open, "waiting", t.Waiting, "due", t.Due, "late", t.Late)}
	view.States = []choice{{"", reader.Say("requests.open"), filter.State == ""}}
	for _, s := range request.States {
		view.States = append(view.States, choice{string(s), reader.Say("request.state." + string(s)), filter.State == s})
	}
	for _, one := range whose {
		view.Whose = append(view.Whose, choice{one, reader.Say("requests.whose." + one), query.Get("whose") == one})
	}
	for _, l := range all {
		row := requestRow{
			Number: string(l.Number), Kind: reader.Say("request.kind." + string(l.Kind)), Person: reader.Say("request.person." + string(l.Person)),
			State: reader.Say("request.state." + string(l.State)), Clerk: reader.Say("requests.whose.nobody"), When: clockSay(reader, l.Clock, l.Ended), Over: l.Clock.Over,
		}
		if l.Clerk != "" {
			row.Clerk = names.of(l.Clerk)
		}
		if l.Ended.IsZero() && l.Clock.Over != request.InTime {
			row.OverSay = reader.Say("request.over." + string(l.Clock.Over))
		}
		view.Rows = append(view.Rows, row)
	}
	return p.requestList.Reply(w, r, http.StatusOK, reader, titled(reader.Say("requests.staff"), "/staff/requests"), view)
}

// clockSay is a request's clock in a few words.
func clockSay(reader ui.Reader, c request.Clock, ended time.Time) string {
	switch {
	case !ended.IsZero():
		return reader.Say("request.ended_on", "day", reader.Day(ended))
	case c.Stands:
		return reader.Say("request.stands")
	}
	return reader.Say("request.due_on", "day", reader.Day(c.Due))
}

// names are what those are called who answer requests.
type names map[account.StaffID]string

func (p *Pages) answerers(ctx context.Context) (names, error) {
	all, err := p.staff.With(ctx, account.AnswerRequest)
	if err != nil {
		return nil, err
	}
	called := names{}
	for _, c := range all {
		called[c.ID] = c.Name
	}
	return called, nil
}

// of is what somebody is called, by their id who is no longer among them.
func (n names) of(id account.StaffID) string {
	if name := n[id]; name != "" {
		return name
	}
	return string(id)
}

type entryView struct {
	Wrong  string
	Inputs []entryInput
}

// serveNewRequest serves GET /staff/requests/new: the form for a request that came
// by e-mail, letter or phone.
func (p *Pages) serveNewRequest(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.AnswerRequest); err != nil {
		return err
	}
	return p.entryPage(w, r, http.StatusOK, "")
}

func (p *Pages) entryPage(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	reader := p.kit.Reader(r)
	list := func(name, label string, all []choice) entryInput {
		for i := range all {
			all[i].Chosen = all[i].Value == text(r, name)
		}
		return entryInput{Name: name, Label: reader.Say(label), Choices: all}
	}
	received := text(r, "received")
	if received == "" {
		received = time.Now().UTC().Format(time.DateOnly)
	}
	view := entryView{Wrong: wrong, Inputs: []entryInput{
		list("way", "request.way", said(reader, "request.way.", request.EnteredWays)),
		{Name: "received", Type: "date", Label: reader.Say("request.received"), Value: received},
		list("kind", "request.kind", said(reader, "request.kind.", request.Kinds)),
		list("person", "request.person", said(reader, "request.person.", append([]request.Person{request.Member}, request.Outsiders...))),
		{Name: "account", Type: "text", Label: reader.Say("requests.account"), Hint: reader.Say("requests.account_hint"), Value: text(r, "account"), Optional: true},
		list("reach", "request.reach", said(reader, "request.reach.", []request.Reach{request.ToMail, request.ToPhone, request.ToPost})),
		{Name: "contact", Label: reader.Say("requests.contact"), Hint: reader.Say("requests.contact_hint"), Value: text(r, "contact"), Lines: true, Optional: true},
		{Name: "country", Type: "text", Label: reader.Say("requests.country"), Hint: reader.Say("requests.country_hint"), Value: text(r, "country"), Optional: true},
		list("lang", "requests.lang", p.languages()),
		{Name: "text", Label: reader.Say("requests.text"), Hint: reader.Say("requests.text_hint"), Value: text(r, "text"), Lines: true},
	}}
	return p.requestEntry.Reply(w, r, status, reader, titled(reader.Say("requests.enter"), "/staff/requests/new"), view)
}

// said are choices of codes, in words.
func said[T ~string](reader ui.Reader, key string, codes []T) (all []choice) {
	for _, one := range codes {
		all = append(all, choice{Value: string(one), Label: reader.Say(key + string(one))})
	}
	return all
}

// languages are those in which letters can be written.
func (p *Pages) languages() (all []choice) {
	for _, w := range p.kit.Words() {
		all = append(all, choice{Value: w.Lang, Label: w.Name})
	}
	return all
}

// enterRequest serves POST /staff/requests/new.
func (p *Pages) enterRequest(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.AnswerRequest); err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, text(r, "received"))
	now := time.Now().UTC()
	if received := day.Add(now.Sub(now.Truncate(24 * time.Hour))); err == nil { // the same time of day as now
		day = received
	}
	n, err := p.requests.Enter(r.Context(), c, request.Entry{
		Wish: request.Wish{Kind: request.Kind(text(r, "kind")), Person: request.Person(text(r, "person")), Lang: text(r, "lang"), Text: text(r, "text")},
		Way:  request.Way(text(r, "way")), Account: account.ID(strings.TrimSpace(text(r, "account"))), Contact: strings.TrimSpace(text(r, "contact")),
		Reach: request.Reach(text(r, "reach")), Country: strings.ToUpper(strings.TrimSpace(text(r, "country"))), Received: day,
	}, p.requests.Home)
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.entryPage(w, r, status, wrong) })
	}
	return p.goTo(w, r, "/staff/requests/"+string(n))
}

// A requestView is a request as the staff work on it.
type requestView struct {
	Number, State string
	Over          string // how urgent it is, in words; "" not
	Wrong, Done   string
	Facts         []fact
	Text          string
	Same          []string
	Steps         []requestStep
	Takes         bool
	Gives         []choice
	Proofs        []choice
	Asks, Hears   bool
	Finishes      bool
	Notes         bool
	Grounds       []choice
	Copies        bool
	Closes        bool
	Act, Typed    string // what was typed into which form, when something is wrong with it
}

type requestStep struct {
	When, Who, What, Text string
	Letter, LetterAt      string
}

// serveRequest serves GET /staff/requests/{number}.
func (p *Pages) serveRequest(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.showRequest(w, r, c, http.StatusOK, "")
}

func (p *Pages) showRequest(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	q, err := p.requests.Read(r.Context(), c, request.Number(r.PathValue("number")))
	if err != nil {
		return err
	}
	same, err := p.requests.Same(r.Context(), c, q)
	if err != nil {
		return err
	}
	called, err := p.answerers(r.Context())
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := requestView{
		Number: string(q.Number), State: reader.Say("request.state." + string(q.State)), Wrong: wrong, Text: q.Text, Facts: requestFacts(reader, q, called),
		Act: text(r, "act"), Typed: text(r, "text"), Notes: true,
	}
	if done := r.URL.Query().Get("done"); reader.Has("requests.did." + done) {
		view.Done = reader.Say("requests.did." + done)
	}
	if q.Ended.IsZero() && q.Clock.Over != request.InTime {
		view.Over = reader.Say("request.over." + string(q.Clock.Over))
	}
	for _, n := range same {
		view.Same = append(view.Same, string(n))
	}
	for _, e := range q.Events {
		view.Steps = append(view.Steps, requestStepOf(reader, q, e, called))
	}
	if !q.State.Ended() {
		view.offer(reader, c, q, called)
	}
	return p.requestPage.Reply(w, r, status, reader, titled(reader.Say("request.title", "number", string(q.Number)), "/staff/requests/"+string(q.Number)), view)
}

// offer are the forms for what can be done now.
func (v *requestView) offer(reader ui.Reader, c account.Clerk, q request.Request, called names) {
	v.Takes = c.ID != "" && q.Clerk != c.ID
	for id, name := range called {
		if id != q.Clerk && id != c.ID {
			v.Gives = append(v.Gives, choice{Value: string(id), Label: name})
		}
	}
	slices.SortFunc(v.Gives, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	if q.Verified.IsZero() && q.State != request.Waiting {
		v.Proofs = said(reader, "request.proof.", request.Proofs)
	}
	v.Hears = q.State == request.Waiting
	v.Asks, v.Finishes = !v.Hears, !q.Verified.IsZero()
	for _, rule := range request.RulesOf(q.Kind) {
		v.Grounds = append(v.Grounds, choice{Value: string(rule.Ground), Label: reader.Say("request.ground."+string(rule.Ground)) + " (" + rule.Source + ")"})
	}
	if q.Account() != "" && v.Finishes {
		v.Copies, v.Closes = fulfilled("copy", q.Kind), fulfilled("close", q.Kind)
	}
}

func requestFacts(reader ui.Reader, q request.Request, called names) []fact {
	all := []fact{
		{reader.Say("request.kind"), reader.Say("request.kind." + string(q.Kind))},
		{reader.Say("request.person"), reader.Say("request.person." + string(q.Person))},
		{reader.Say("request.way"), reader.Say("request.way." + string(q.Way))},
		{reader.Say("request.reach"), reader.Say("request.reach." + string(q.Reach))},
		{reader.Say("requests.contact"), q.Contact},
		{reader.Say("requests.account"), string(q.Account())},
		{reader.Say("request.proof"), reader.Say("request.proof.none")},
		{reader.Say("requests.clerk"), reader.Say("requests.whose.nobody")},
		{reader.Say("request.received"), reader.Day(q.Received)},
	}
	if q.Proof != "" {
		all[6].Value = reader.Say("request.proof." + string(q.Proof))
	}
	if q.Clerk != "" {
		all[7].Value = called.of(q.Clerk)
	}
	switch {
	case !q.Ended.IsZero():
		all = append(all, fact{reader.Say("request.ended"), reader.Day(q.Ended)})
	case q.Clock.Stands:
		all = append(all, fact{reader.Say("request.clock"), reader.Say("request.stands")}, fact{reader.Say("request.answer_by"), reader.Day(q.Asked.Add(request.AnswerIn))})
	default:
		all = append(all, fact{reader.Say("request.due"), reader.Say("requests.left", "day", reader.Day(q.Clock.Due), "n", q.Clock.Left)}, fact{reader.Say("request.late"), reader.Day(q.Clock.Late)})
	}
	all = append(all, fact{reader.Say("request.most"), reader.Day(q.Clock.Most)})
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

func requestStepOf(reader ui.Reader, q request.Request, e request.Event, called names) requestStep {
	s := requestStep{When: moment(reader, e.At), Who: called.of(e.Clerk), What: reader.Say("request.step." + string(e.Step)), Text: e.Text}
	switch {
	case e.Step == request.Answered:
		s.What = reader.Say("requests.step.answered")
	case e.Step == request.DidRefuse:
		s.What = reader.Say("request.refused_on", "ground", reader.Say("request.ground."+string(q.Ground)), "source", q.Ground.Source())
	case e.Given != "":
		s.What += " → " + called.of(e.Given)
	}
	if e.Letter != "" {
		s.Letter, s.LetterAt = reader.Say("requests.letter."+string(e.Letter)), "/staff/requests/"+string(q.Number)+"/letters/"+e.ID
	}
	return s
}

var errRequestAct = fault.New(fault.Invalid, "request_act", "Please say what is to be done: answer, or take the request back.")

// workRequest serves POST /staff/requests/{number}: act, and with it text, to, how
// or ground.
func (p *Pages) workRequest(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.AnswerRequest); err != nil {
		return err
	}
	act, n := text(r, "act"), request.Number(r.PathValue("number"))
	err := p.doRequest(r, c, n, act)
	var stale *fault.Error
	if errors.As(err, &stale) && stale.Code == "prove_again" {
		return err
	}
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.showRequest(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, "/staff/requests/"+string(n)+"?done="+url.QueryEscape(act))
}

func (p *Pages) doRequest(r *http.Request, c account.Clerk, n request.Number, act string) error {
	ctx, words := r.Context(), text(r, "text")
	switch act {
	case "take":
		return p.requests.Give(ctx, c, n, c.ID, nil)
	case "give":
		among, err := p.staff.With(ctx, account.AnswerRequest)
		if err != nil {
			return err
		}
		return p.requests.Give(ctx, c, n, account.StaffID(text(r, "to")), among)
	case "verify":
		return p.requests.Verify(ctx, c, n, request.Proof(text(r, "how")))
	case "ask":
		return p.requests.Ask(ctx, c, n, words)
	case "hear":
		return p.requests.Hear(ctx, c, n, words)
	case "note":
		return p.requests.Note(ctx, c, n, words)
	case "finish":
		return p.requests.Finish(ctx, c, n, words)
	case "refuse":
		return p.requests.Refuse(ctx, c, n, request.Ground(text(r, "ground")), words)
	case "copy", "close":
		return p.fulfil(ctx, c, n, act)
	}
	return errRequestAct
}

// fulfilled reports whether an act is what a kind of request asks for.
func fulfilled(act string, k request.Kind) bool {
	if act == "copy" {
		return k == request.Access || k == request.Copy
	}
	return k == request.Delete
}

// fulfil does for a member what they could do themselves on My data.
func (p *Pages) fulfil(ctx context.Context, c account.Clerk, n request.Number, act string) error {
	q, err := p.requests.Read(ctx, c, n)
	if err != nil {
		return err
	}
	switch {
	case q.Account() == "" || q.State.Ended() || !fulfilled(act, q.Kind):
		return errRequestAct
	case q.Verified.IsZero():
		return errUnproved
	}
	if act == "copy" {
		return p.requests.Copy(ctx, q.Owner, q.Lang)
	}
	return p.staff.CloseFor(ctx, c, q.Account(), account.Why{Matter: account.ForRequest, Ref: string(n)})
}

var errUnproved = fault.New(fault.Conflict, "request_unproved", "It isn't shown yet who they are. Do that first, or refuse because it can't be shown.")

// A letterView is a letter to be printed.
type letterView struct {
	Lang, Dir  string
	To         []string
	Day        string
	Title      string
	Paragraphs []string
	Page       string // the address of the request's page
	Small      []string
	Action     string
	Back       string
}

// serveLetter serves GET /staff/requests/{number}/letters/{event}.
func (p *Pages) serveLetter(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	l, err := p.requests.Print(r.Context(), c, request.Number(r.PathValue("number")), r.PathValue("event"))
	if err != nil {
		return err
	}
	reader, letter := p.kit.Reader(r), p.requests.Letter(l)
	view := letterView{
		Lang: letter.Lang, Dir: letter.Dir, Day: locale.Choose(p.kit.Words(), letter.Lang).Day(l.At), Title: letter.Title, Paragraphs: letter.Paragraphs, Page: letter.Button.URL, Small: letter.Small,
		Action: r.URL.Path, Back: "/staff/requests/" + string(l.Number),
	}
	if l.Contact.Kind == "" && l.Account == "" {
		view.To = strings.Split(l.Contact.Value, "\n")
	}
	return p.requestLetter.Reply(w, r, http.StatusOK, reader, titled(letter.Title, r.URL.Path), view)
}

// printedLetter serves POST /staff/requests/{number}/letters/{event}: it was posted.
func (p *Pages) printedLetter(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	n := request.Number(r.PathValue("number"))
	if err := p.requests.Printed(r.Context(), c, n, r.PathValue("event")); err != nil {
		return err
	}
	return p.goTo(w, r, "/staff/requests/"+string(n)+"?done=printed")
}
