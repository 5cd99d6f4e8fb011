package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/web/visit"
)

// serveCall serves GET /account/call: for who is on the phone with the staff.
func (p *Pages) serveCall(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	called, err := s.Called(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	f := p.blank(r)
	view := formView{Title: f.say("call.title_own"), Lead: f.say("call.nobody"), Points: []string{f.say("call.warning"), f.say("call.again")}, Below: []link{p.toAccount(f)}}
	if called {
		view.Lead, view.Action, view.Go = f.say("call.lead_own"), "/account/call", f.say("call.show")
		view.Points = []string{f.say("call.warning"), f.say("call.written_own")}
	}
	return p.reply(w, r, f, "account", view)
}

// showCall serves POST /account/call: a code to be read out.
func (p *Pages) showCall(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	c, err := s.CallCode(r.Context(), v.Session.Account)
	if codeOf(err) == "call_missing" {
		return p.goTo(w, r, "/account/call")
	}
	if err != nil {
		return err
	}
	f := p.blank(r)
	return p.reply(w, r, f, "account", formView{
		Title: f.say("call.title_own"), Lead: f.say("call.read_out"), Codes: []string{c.Code[:3] + " " + c.Code[3:]},
		Points: []string{f.say("call.until", "when", utc(f, c.Ends)), f.say("call.warning")}, Below: []link{p.toAccount(f)},
	})
}
