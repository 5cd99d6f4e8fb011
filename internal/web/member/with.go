package member

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/fault"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// returning is where a provider has browsers post a form from its own page
// (Apple's response_mode form_post), without cookies. The form carries a state
// that was signed here.
const returning = "POST /signin/with/{provider}/callback"

// routeProviders is the list of the addresses that providers need.
func (p *Pages) routeProviders() {
	p.handle("POST /signin/with/{provider}", p.signInWith)
	p.handle("GET /signin/with/{provider}/callback", p.cameBack)
	p.handle(returning, p.keepPosted)
	p.handle(revoking, p.revokeLink)
	p.handle("GET /signin/with/{provider}/revoked/{receipt}", p.serveRevoked)
	p.handle("GET /signup/with", p.serveSignUpWith)
	p.handle("POST /signup/with", p.signUpWith)
	p.own("GET /account/links/received", p.proven(p.serveReceived))
	p.own("POST /account/links/received", p.proven(p.link))
	p.own("GET /account/links/{provider}", p.proven(p.serveLink))
	p.own("POST /account/links/{provider}", p.proven(p.beginLink))
	p.own("POST /account/links/{provider}/remove", p.unlink)
}

func providerOf(r *http.Request) provider.Code { return provider.Code(r.PathValue("provider")) }

// A withView is the buttons of the providers that are offered.
type withView struct {
	Title   string
	Next    string
	Buttons []link
}

// with returns the buttons of all providers; nil when there are none.
func (p *Pages) with(f *form, title string) *withView {
	view := &withView{Title: f.say(title), Next: f.next("")}
	for _, o := range p.members.Offers() {
		view.Buttons = append(view.Buttons, link{"/signin/with/" + string(o.Provider), f.say("with.go", "provider", o.Name)})
	}
	if len(view.Buttons) == 0 {
		return nil
	}
	return view
}

// signInWith serves POST /signin/with/{provider}: next.
func (p *Pages) signInWith(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	address, flow, err := p.members.BeginProvider(r.Context(), providerOf(r), from(p.door.Know(w, r), f))
	if err != nil {
		return p.notWith(w, r, err)
	}
	return p.send(w, r, f, providerOf(r), address, flow)
}

// An awayView is the page on the way to a provider.
type awayView struct{ Title, Lead, Go, Address string }

// send answers with a page that goes on to a provider by itself. It is no
// redirect: the answer to a form may lead to nowhere but this site, as the
// policy of the form's page says (CSP 3, form-action).
func (p *Pages) send(w http.ResponseWriter, r *http.Request, f *form, code provider.Code, address string, flow account.Token) error {
	o, err := p.members.Offer(code)
	if err != nil {
		return err
	}
	p.door.Send(w, r, flow, f.reader.Link(f.next("")))
	w.Header().Set("Refresh", "0;url="+address)
	view := awayView{f.say("with.away", "provider", o.Name), f.say("with.away_lead"), f.say("with.away_go", "provider", o.Name), address}
	return p.away.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "signin", "/signin"), view)
}

// keepPosted serves POST /signin/with/{provider}/callback.
func (p *Pages) keepPosted(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return asForm(err)
	}
	state, err := p.members.KeepPosted(r.Context(), providerOf(r), r.PostForm)
	if err != nil {
		return p.notWith(w, r, err)
	}
	http.Redirect(w, r, provider.CallbackPath(providerOf(r))+"?"+ui.Query(url.Values{"state": {state}}), http.StatusSeeOther)
	return nil
}

// cameBack serves GET /signin/with/{provider}/callback: whatever the provider
// put into the address.
func (p *Pages) cameBack(w http.ResponseWriter, r *http.Request) error {
	form, next := r.URL.Query(), p.door.Next(r)
	r, next = speaking(r, next), here(next, "")
	token := p.door.Flow(r)
	if token == "" {
		return p.notWith(w, r, errNoCookie)
	}
	step, err := p.members.FinishProvider(r.Context(), token, providerOf(r), form, from(p.door.Know(w, r), p.blank(r)))
	if err != nil {
		return p.notWith(w, r, err)
	}
	if step.Received == nil {
		return p.step(w, r, step, cmp.Or(next, "/account"))
	}
	p.door.Return(w, r, step.Flow)
	if step.Account != "" {
		return p.goTo(w, r, toReceived)
	}
	return p.goTo(w, r, through("/signup/with", next))
}

// speaking is a request in the language that an address of this site names:
// where a provider sends people back to names none.
func speaking(r *http.Request, address string) *http.Request {
	u, err := url.Parse(address)
	if err != nil || !u.Query().Has("lang") {
		return r
	}
	r = r.Clone(r.Context())
	r.URL.RawQuery = url.Values{"lang": u.Query()["lang"]}.Encode()
	return r
}

// notWith answers that a provider signed nobody in, with a way on.
func (p *Pages) notWith(w http.ResponseWriter, r *http.Request, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	level := slog.LevelInfo
	if e.Kind == fault.Internal {
		level = slog.LevelError
	}
	p.log.Log(r.Context(), level, "a provider signed nobody in", "err", err)
	f := p.blank(r)
	view := formView{Title: f.say("with.failed"), Lead: says(f.reader, err), Below: p.signInOrUp(f)}
	if visit.Of(r.Context()).SignedIn() {
		view.Below = []link{p.toAccount(f)}
	}
	return p.form.Reply(w, r, ui.Status(err), f.reader, titled(view.Title, "", "/"), view)
}
