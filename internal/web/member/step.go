package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// step goes on to what comes after an answer: another question, or signed in
// to where they wanted to go.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, step account.Step, next string) error {
	switch {
	case step.Session != "":
		p.door.SignIn(w, r, step.Session)
		if toLink(next) {
			p.door.Return(w, r, p.door.Returned(r))
		}
		if step.Back {
			return p.goTo(w, r, through("/welcome?back=1", next))
		}
		return p.goTo(w, r, next)
	case step.Waiting:
		p.door.Forget(w, r)
		return p.goTo(w, r, "/signup/waiting")
	case step.NewPassword:
		p.door.Begin(w, r, step.Flow)
		return p.goTo(w, r, through("/forgot/password", next))
	case step.Code:
		p.door.Begin(w, r, step.Flow)
		return p.goTo(w, r, through(r.URL.Path, next))
	case len(step.Need) > 0:
		p.door.Begin(w, r, step.Flow)
		return p.goTo(w, r, through("/signin/second", next))
	}
	p.door.End(w, r)
	return p.goTo(w, r, next)
}

// serveCode serves GET /…/code: the page on which a code is entered that was
// sent. What was begun decides its words.
func (p *Pages) serveCode(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	f.values.Set("next", r.URL.Query().Get("next"))
	return p.codePage(w, r, f)
}

func (p *Pages) codePage(w http.ResponseWriter, r *http.Request, f *form) error {
	flow, err := p.begun(r)
	if err != nil {
		return p.noFlow(w, r, f, err)
	}
	if !flow.Code {
		return p.over(w, r, errNoCode, p.signInOrUp(f)...)
	}
	code := f.field("code", "text", "code.code", "one-time-code").first()
	code.Mode, code.Max, code.Value = "numeric", 16, ""
	view := formView{
		Title:  f.say("code.title"),
		Lead:   f.say("code.lead."+string(flow.To.Kind), "to", flow.To.Value),
		Action: r.URL.Path, Next: f.next(""), Fields: []field{code}, Go: f.say("code.go." + string(flow.Purpose)),
	}
	if !flow.Next.IsZero() {
		view.Points, view.Go = []string{f.say("code.then", "next", flow.Next.Value)}, f.say("code.go.prove")
	}
	view.Points = append(view.Points, f.say("code.life"))
	if flow.To.Kind == account.Phone && flow.Purpose != account.Asking {
		view.Points = append(view.Points, f.say("code.phone"))
	}
	if wait := until(flow.Resend); wait > 0 {
		view.Points = append(view.Points, f.say("code.wait", "wait", span(f.reader, wait)))
	} else {
		view.Others = []button{{"again", "1", f.say("code.again")}}
	}
	if p.outbox != nil {
		view.Below = append(view.Below, link{"/outbox", f.say("code.outbox")})
	}
	view.Below = append(view.Below, beginning(f, flow.Purpose))
	return p.reply(w, r, f, "signin", view)
}

// beginning leads back to where another address can be given.
func beginning(f *form, purpose account.Purpose) link {
	switch purpose {
	case account.SigningUp:
		return link{"/signup", f.say("code.other")}
	case account.Asking:
		return link{"/privacy/request", f.say("code.other")}
	case account.Proving, account.NewContact:
		return link{"/account", f.say("code.leave")}
	}
	return link{"/signin", f.say("code.other")}
}

var (
	errNoCode   = fault.New(fault.NotFound, "no_code", "No code is awaited here any more. Please begin again.")
	errNoCookie = fault.New(fault.NotFound, "no_cookie", "Nothing has been begun here, or it took longer than 15 minutes. Signing up and in needs a cookie, so your browser has to accept it from this site. Finding parcels works without.")
)

// begun returns what the browser has begun, by the address or its cookie.
func (p *Pages) begun(r *http.Request) (account.Flow, error) {
	token := account.Token(r.PathValue("flow"))
	if token == "" {
		token = p.door.Flow(r)
	}
	if token == "" {
		return account.Flow{}, errNoCookie
	}
	return p.members.Flow(r.Context(), token)
}

// noFlow answers who has nothing begun, or no longer.
func (p *Pages) noFlow(w http.ResponseWriter, r *http.Request, f *form, err error) error {
	if fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Conflict {
		return err
	}
	p.door.End(w, r)
	return p.over(w, r, err, p.signInOrUp(f)...)
}

// enterCode serves POST /…/code: code, or again to have another sent.
func (p *Pages) enterCode(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	token, where := p.door.Flow(r), from(p.door.Know(w, r), f)
	if token == "" {
		return p.noFlow(w, r, f, errNoCookie)
	}
	if f.text("again") != "" {
		if err := p.members.Resend(r.Context(), token, where); err != nil {
			return p.codeWrong(w, r, f, err)
		}
		return p.goTo(w, r, through(r.URL.Path, f.next("")))
	}
	flow, err := p.members.Flow(r.Context(), token)
	if err != nil {
		return p.noFlow(w, r, f, err)
	}
	step, err := p.members.Enter(r.Context(), token, f.text("code"), where)
	if err != nil {
		return p.codeWrong(w, r, f, err)
	}
	return p.step(w, r, step, f.next(after[flow.Purpose]))
}

// after is where one goes when something is finished and no other wish is known.
var after = map[account.Purpose]string{
	account.SigningUp: "/welcome", account.SigningIn: "/account", account.Resetting: "", // a new password comes first
	account.Proving: "/account", account.NewContact: "/account?done=address",
}

func (p *Pages) codeWrong(w http.ResponseWriter, r *http.Request, f *form, err error) error {
	if kind := fault.KindOf(err); kind == fault.NotFound || kind == fault.Conflict {
		return p.noFlow(w, r, f, err)
	}
	return again(f, err, func() error { return p.codePage(w, r, f) })
}

// serveWelcome serves GET /welcome: who has signed up, or come back.
func (p *Pages) serveWelcome(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f := p.blank(r)
	view := formView{Title: f.say("welcome.title", "name", v.Profile.Nickname), Lead: f.say("welcome.lead")}
	if r.URL.Query().Get("back") != "" {
		view.Title, view.Lead = f.say("welcome.back", "name", v.Profile.Nickname), f.say("welcome.back_lead")
	}
	view.To = &link{here(r.URL.Query().Get("next"), "/"), f.say("welcome.go")}
	view.Below = []link{{"/parcels", f.say("nav.parcels")}, {"/account", f.say("nav.account")}}
	view.Offer = true
	return p.reply(w, r, f, "", view)
}
