package member

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/request"
	"waypost/internal/web/visit"
)

// routeRequests are the addresses of requests about people's data.
func (p *Pages) routeRequests() {
	p.handle("GET /privacy/request", p.serveAsk)
	p.handle("POST /privacy/request", p.ask)
	p.handle("GET /privacy/request/code/{flow}", p.serveCode)
	p.handle("POST /privacy/request/code/{flow}", p.enterAskCode)
	p.handle("GET /privacy/request/{token}", p.serveAsked)
	p.handle("POST /privacy/request/{token}", p.actOnAsked)
	p.own("GET /my-data/requests", p.serveRequests)
	p.own("POST /my-data/requests", p.raise)
	p.own("GET /my-data/requests/{number}", p.serveRequest)
	p.own("POST /my-data/requests/{number}", p.actOnRequest)
}

// Kinds that are offered. What members do themselves on My data isn't.
var (
	outsideKinds = []request.Kind{request.Access, request.Copy, request.Correct, request.Delete, request.Restrict, request.Object, request.Withdraw, request.Other}
	memberKinds  = []request.Kind{request.Object, request.Correct, request.Access, request.Other}
)

// A raiseView is a form for a request, and on a member's page those there are.
type raiseView struct {
	Title, Lead, Wrong string
	Points             []string
	Listed             bool // it is a member's page
	Rows               []requestRow
	Action             string
	Fields             []field
	Text               field
	Go                 string
	Below              []link
}

type requestRow struct{ Href, Title, State, When string }

// serveAsk serves GET /privacy/request: the form of who has no account. Who is
// signed in has one.
func (p *Pages) serveAsk(w http.ResponseWriter, r *http.Request) error {
	if visit.Of(r.Context()).SignedIn() {
		return p.goTo(w, r, "/my-data/requests")
	}
	return p.askPage(w, r, p.blank(r))
}

func (p *Pages) askPage(w http.ResponseWriter, r *http.Request, f *form) error {
	view := raiseView{
		Title: f.say("ask.title"), Lead: f.say("ask.lead"), Points: []string{f.say("ask.proof"), f.say("ask.least"), f.say("ask.clock"), f.say("ask.account")},
		Action: "/privacy/request", Go: f.say("ask.go"), Below: []link{{"/privacy", f.say("nav.privacy")}, {"/signin", f.say("nav.signin")}},
		Fields: []field{f.kinds(outsideKinds), f.persons(), f.field("contact", "text", "ask.contact", "email")},
	}
	head := titled(view.Title, "", "/privacy/request")
	head.Private, head.About = false, f.say("ask.about")
	view.Wrong, view.Text = f.wrong[""], f.words("text", "ask.text")
	return p.raising.Reply(w, r, f.status(), f.reader, head, view)
}

// kinds is the list of what can be asked.
func (f *form) kinds(all []request.Kind) field {
	var choices []choice
	for _, k := range all {
		choices = append(choices, choice{string(k), f.say("request.kind." + string(k)), f.text("kind") == string(k)})
	}
	return f.field("kind", "", "ask.kind", "").of(choices)
}

// persons is the list of who can ask that has no account.
func (f *form) persons() field {
	var choices []choice
	for _, one := range request.Outsiders {
		choices = append(choices, choice{string(one), f.say("request.person." + string(one)), f.text("person") == string(one)})
	}
	return f.field("person", "", "ask.person", "").of(choices)
}

// words is a field for several lines. What is too long for a field of one is read.
func (f *form) words(name, label string) field {
	in := f.field(name, "", label, "off")
	in.Value, in.Max = f.long(name), mostWords
	return in
}

// mostWords is how many characters of a request are read.
const mostWords = 4000

// wish is what a form asks.
func (f *form) wish() request.Wish {
	return request.Wish{Kind: request.Kind(f.text("kind")), Person: request.Person(f.text("person")), Lang: f.reader.Lang, Text: f.long("text")}
}

// ask serves POST /privacy/request: a code goes to the address. What is held of
// anybody makes no difference to the answer.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.askPage(w, r, f) }
	wish, err := f.wish().Check()
	if err == nil && !slices.Contains(request.Outsiders, wish.Person) {
		wish.Person = ""
		_, err = wish.Check()
	}
	if err != nil {
		if err := f.blame(err); err != nil {
			return err
		}
	}
	contact, err := account.ParseContact(f.text("contact"), p.nearby(r))
	if err != nil {
		f.wrong["contact"] = says(f.reader, err)
	}
	if len(f.wrong) > 0 {
		return page()
	}
	said, err := json.Marshal(wish)
	if err != nil {
		return err
	}
	where := from(visit.Of(r.Context()).From, f)
	if where.Country == "" {
		where.Country = p.nearby(r)
	}
	token, err := p.members.Ask(r.Context(), contact, said, where)
	if err != nil {
		return again(f, err, page)
	}
	return p.goTo(w, r, "/privacy/request/code/"+string(token))
}

// enterAskCode serves POST /privacy/request/code/{flow}: code, or again to have
// another sent. With it the request is there. What was begun stands in the address,
// because who asks is asked for no cookie.
func (p *Pages) enterAskCode(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	token, where := account.Token(r.PathValue("flow")), from(visit.Of(r.Context()).From, f)
	wrong := func(err error) error {
		if kind := fault.KindOf(err); kind == fault.NotFound || kind == fault.Conflict {
			return p.over(w, r, err, link{"/privacy/request", f.say("ask.title")})
		}
		return again(f, err, func() error { return p.codePage(w, r, f) })
	}
	if f.text("again") != "" {
		if err := p.members.Resend(r.Context(), token, where); err != nil {
			return wrong(err)
		}
		return p.goTo(w, r, r.URL.Path)
	}
	var opens account.Token
	err = p.members.Asked(r.Context(), token, f.text("code"), where, func(ctx context.Context, shown account.Proven) error {
		var wish request.Wish
		if err := json.Unmarshal(shown.Said, &wish); err != nil {
			return err
		}
		var err error
		opens, err = p.requests.RaiseOutside(ctx, shown, wish)
		return err
	})
	if err != nil {
		return wrong(err)
	}
	return p.goTo(w, r, "/privacy/request/"+string(opens)+"?done=sent")
}

// serveAsked serves GET /privacy/request/{token}: how a request stands.
func (p *Pages) serveAsked(w http.ResponseWriter, r *http.Request) error {
	q, err := p.requests.ByToken(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return p.noRequest(w, r, err, link{"/privacy/request", p.kit.Reader(r).Say("ask.title")})
	}
	return p.requestPage(w, r, p.blank(r), q, link{"/privacy", p.kit.Reader(r).Say("nav.privacy")})
}

// actOnAsked serves POST /privacy/request/{token}: act=answer with text, or act=back.
func (p *Pages) actOnAsked(w http.ResponseWriter, r *http.Request) error {
	q, err := p.requests.ByToken(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return p.noRequest(w, r, err, link{"/privacy/request", p.kit.Reader(r).Say("ask.title")})
	}
	return p.actOn(w, r, q, link{"/privacy", p.kit.Reader(r).Say("nav.privacy")})
}

// noRequest answers that there is no such request, or returns what else is wrong.
func (p *Pages) noRequest(w http.ResponseWriter, r *http.Request, err error, begin link) error {
	if codeOf(err) != "request_missing" {
		return err
	}
	return p.over(w, r, err, begin)
}

// serveRequests serves GET /my-data/requests: a member's, and a form for another.
func (p *Pages) serveRequests(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f := p.blank(r)
	if kind := request.Kind(r.URL.Query().Get("kind")); slices.Contains(memberKinds, kind) && f.text("kind") == "" {
		f.values.Set("kind", string(kind))
	}
	return p.requestsPage(w, r, f, v)
}

func (p *Pages) requestsPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	all, err := p.requests.OwnAll(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	view := raiseView{
		Title: f.say("requests.title"), Lead: f.say("requests.lead"), Points: []string{f.say("ask.clock")}, Listed: true,
		Action: "/my-data/requests", Fields: []field{f.kinds(memberKinds)}, Go: f.say("requests.go"), Below: []link{{"/my-data", f.say("data.title")}},
	}
	for _, q := range all {
		when := f.say("request.received_on", "day", f.reader.Day(q.Received))
		if q.Ended.IsZero() && !q.Clock.Stands {
			when = f.say("request.due_on", "day", f.reader.Day(q.Clock.Due))
		}
		view.Rows = append(view.Rows, requestRow{
			"/my-data/requests/" + string(q.Number), f.say("request.kind."+string(q.Kind)) + " · " + string(q.Number), f.say("request.state." + string(q.State)), when,
		})
	}
	view.Wrong, view.Text = f.wrong[""], f.words("text", "ask.text")
	return p.raising.Reply(w, r, f.status(), f.reader, titled(view.Title, "account", "/my-data/requests"), view)
}

// raise serves POST /my-data/requests.
func (p *Pages) raise(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	n, err := p.requests.Raise(r.Context(), v.Session.Account, f.wish())
	if err != nil {
		return again(f, err, func() error { return p.requestsPage(w, r, f, v) })
	}
	return p.goTo(w, r, "/my-data/requests/"+string(n)+"?done=sent")
}

// serveRequest serves GET /my-data/requests/{number}.
func (p *Pages) serveRequest(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	q, err := p.requests.Own(r.Context(), v.Session.Account, request.Number(r.PathValue("number")))
	if err != nil {
		return p.noRequest(w, r, err, p.toRequests(r))
	}
	return p.requestPage(w, r, p.blank(r), q, p.toRequests(r))
}

// actOnRequest serves POST /my-data/requests/{number}: act=answer with text, or act=back.
func (p *Pages) actOnRequest(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	q, err := p.requests.Own(r.Context(), v.Session.Account, request.Number(r.PathValue("number")))
	if err != nil {
		return p.noRequest(w, r, err, p.toRequests(r))
	}
	return p.actOn(w, r, q, p.toRequests(r))
}

func (p *Pages) toRequests(r *http.Request) link {
	return link{"/my-data/requests", p.kit.Reader(r).Say("requests.title")}
}

// A requestView is a request as the person sees it.
type requestView struct {
	Title, Lead string
	Wrong, Done string
	Facts       []requestFact
	Question    string
	Action      string
	Answer      field
	TakesBack   bool
	Steps       []requestStep
	Below       []link
}

type requestFact struct{ Name, Value string }

type requestStep struct{ When, What, Text string }

func (p *Pages) requestPage(w http.ResponseWriter, r *http.Request, f *form, q request.Request, below link) error {
	view := requestView{
		Title: f.say("request.title", "number", string(q.Number)), Lead: f.say("request.next." + string(q.State)), Wrong: f.wrong[""], Done: f.done(r, "request.done."),
		Question: q.Question(), Action: r.URL.Path, Answer: f.words("text", "request.answer"), TakesBack: !q.State.Ended(), Below: []link{below},
		Facts: []requestFact{
			{f.say("ask.kind"), f.say("request.kind." + string(q.Kind))},
			{f.say("request.state"), f.say("request.state." + string(q.State))},
			{f.say("request.received"), f.reader.Day(q.Received)},
		},
	}
	switch {
	case q.State.Ended():
		view.Facts = append(view.Facts, requestFact{f.say("request.ended"), f.reader.Day(q.Ended)})
	case q.Clock.Stands:
		view.Facts = append(view.Facts, requestFact{f.say("request.clock"), f.say("request.stands")}, requestFact{f.say("request.answer_by"), f.reader.Day(q.Asked.Add(request.AnswerIn))})
	default:
		view.Facts = append(view.Facts, requestFact{f.say("request.due"), f.reader.Day(q.Clock.Due)}, requestFact{f.say("request.late"), f.reader.Day(q.Clock.Late)})
	}
	if !q.State.Ended() {
		view.Facts = append(view.Facts, requestFact{f.say("request.most"), f.reader.Day(q.Clock.Most)})
	}
	for _, e := range q.Told() {
		step := requestStep{utc(f, e.At), f.say("request.step." + string(e.Step)), e.Text}
		switch e.Step {
		case request.Came:
			step.Text = q.Text
		case request.DidRefuse:
			step.What = f.say("request.refused_on", "ground", f.say("request.ground."+string(q.Ground)), "source", q.Ground.Source())
		}
		view.Steps = append(view.Steps, step)
	}
	return p.asked.Reply(w, r, f.status(), f.reader, titled(view.Title, "", asked(r)), view)
}

var errAct = fault.New(fault.Invalid, "request_act", "Please say what is to be done: answer, or take the request back.")

func (p *Pages) actOn(w http.ResponseWriter, r *http.Request, q request.Request, below link) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	done := "answered"
	switch f.text("act") {
	case "answer":
		_, err = p.requests.Answer(r.Context(), q, f.long("text"))
	case "back":
		_, err = p.requests.TakeBack(r.Context(), q)
		done = "back"
	default:
		err = errAct
	}
	if err != nil {
		return again(f, err, func() error { return p.requestPage(w, r, f, q, below) })
	}
	return p.goTo(w, r, r.URL.Path+"?done="+done)
}
