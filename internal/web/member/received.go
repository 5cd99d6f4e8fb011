package member

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// toReceived is where a member looks at what a provider said, and links it.
const toReceived = "/account/links/received"

// toLink reports whether an address leads there, in whatever language.
func toLink(address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return path == toReceived
}

// How somebody agreed to a link, as the ledger notes it.
const (
	joinedHow = "sign-up form with what the provider said, sent off"
	linkedHow = "page with what the provider said, button pressed"
)

// A receivedView is what a provider said of somebody.
type receivedView struct {
	Title   string
	Picture template.URL // "" none
	About   string       // of the picture
	Said    []string
	Agree   string // what is agreed to
}

func (p *Pages) receivedView(f *form, who *account.Received) *receivedView {
	view := &receivedView{
		Title: f.say("with.received", "provider", who.Name), About: f.say("with.picture"), Agree: f.say("with.agree", "provider", who.Name),
	}
	if len(who.Picture) > 0 {
		view.Picture = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(who.Picture)) //nolint:gosec // redrawn by the account room
	}
	if who.Nickname != "" {
		view.Said = append(view.Said, f.say("with.nickname", "nickname", who.Nickname))
	}
	if !who.Mail.IsZero() {
		view.Said = append(view.Said, f.say("with.mail", "mail", who.Mail.Value))
	}
	view.Said = append(view.Said, f.say("with.id"))
	return view
}

// agreement is the yes to a link, in the words that were shown.
func agreement(f *form, who *account.Received, how string) account.Terms {
	return account.Terms{Version: TermsVersion, Wording: f.say("with.agree", "provider", who.Name), How: how}
}

// received returns who is back from a provider in this browser.
func (p *Pages) received(r *http.Request) (*account.Received, error) {
	token := p.door.Returned(r)
	if token == "" {
		return nil, errNoCookie
	}
	flow, err := p.members.Flow(r.Context(), token)
	if err == nil && flow.Received == nil {
		err = errNoCookie
	}
	return flow.Received, err
}

// serveSignUpWith serves GET /signup/with: what a provider said, and whether an
// account is to be made.
func (p *Pages) serveSignUpWith(w http.ResponseWriter, r *http.Request) error {
	if visit.Of(r.Context()).SignedIn() {
		return p.goTo(w, r, toReceived)
	}
	f := p.blank(r)
	who, err := p.received(r)
	if err != nil {
		return p.noFlow(w, r, f, err)
	}
	f.values.Set("next", r.URL.Query().Get("next"))
	f.values.Set("country", p.nearby(r))
	f.values.Set("nickname", who.Nickname)
	f.values.Set("contact", who.Mail.Value)
	return p.signUpWithPage(w, r, f, who)
}

func (p *Pages) signUpWithPage(w http.ResponseWriter, r *http.Request, f *form, who *account.Received) error {
	view := p.signUpView(f)
	view.Title, view.Lead = f.say("with.signup", "provider", who.Name), f.say("with.signup_lead", "provider", who.Name)
	view.Action, view.Received = "/signup/with", p.receivedView(f, who)
	view.With, view.Password = nil, field{} // one has a way in already
	view.Contact = view.Contact.optional()
	view.Contact.Hint = f.say("with.contact", "provider", who.Name)
	if len(who.Picture) > 0 {
		view.Picture = &check{Name: "picture", Label: f.say("with.take_picture"), Ticked: f.text("picture") != ""}
	}
	view.After = f.say("with.next")
	view.Below = link{through("/signin", toReceived), f.say("with.have")}
	return p.joining.Reply(w, r, f.status(), f.reader, titled(view.Title, "signin", "/signup/with"), view)
}

// signUpWith serves POST /signup/with.
func (p *Pages) signUpWith(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	who, err := p.received(r)
	if err != nil {
		return p.noFlow(w, r, f, err)
	}
	a := p.application(f)
	a.Link, a.Picture = agreement(f, who, joinedHow), f.text("picture") != ""
	if exists(a.Country) {
		p.door.Prefer(w, a.Country)
	}
	p.check(f, &a, strings.TrimSpace(f.text("contact")) != "")
	page := func() error { return p.signUpWithPage(w, r, f, who) }
	if len(f.wrong) > 0 {
		return page()
	}
	step, err := p.members.SignUpWith(r.Context(), p.door.Returned(r), a, from(p.door.Know(w, r), f))
	if fault.KindOf(err) == fault.NotFound {
		return p.noFlow(w, r, f, err)
	}
	if err != nil {
		return again(f, err, page)
	}
	if step.Flow != "" {
		p.door.Begin(w, r, step.Flow)
		return p.goTo(w, r, through("/signup/code", f.next("")))
	}
	p.door.Forget(w, r)
	return p.step(w, r, step, f.next("/welcome"))
}

// serveReceived serves GET /account/links/received: what a provider said, and
// whether it is to be linked to the account.
func (p *Pages) serveReceived(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f := p.blank(r)
	who, err := p.received(r)
	if err != nil {
		return p.notReceived(w, r, f, err)
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("link.ask", "provider", who.Name), Lead: f.say("link.ask_lead", "provider", who.Name, "name", v.Profile.Nickname),
		Received: p.receivedView(f, who), Action: toReceived, Go: f.say("link.go"), Below: []link{p.toAccount(f)},
	})
}

// link serves POST /account/links/received.
func (p *Pages) link(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	who, err := p.received(r)
	if err != nil {
		return p.notReceived(w, r, f, err)
	}
	err = p.members.Link(r.Context(), v.Session, p.door.Returned(r), agreement(f, who, linkedHow), from(v.From, f))
	if err != nil {
		return p.notWith(w, r, err)
	}
	p.door.Forget(w, r)
	return p.goTo(w, r, "/account?done=linked")
}

// notReceived answers a member who has nobody back from a provider, or no longer.
func (p *Pages) notReceived(w http.ResponseWriter, r *http.Request, f *form, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	p.door.Forget(w, r)
	return p.over(w, r, err, p.toAccount(f))
}
