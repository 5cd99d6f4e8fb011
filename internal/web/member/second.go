package member

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// serveSecond serves GET /signin/second: what a password or a code alone isn't
// enough for. by=recovery takes a recovery code instead of the app's.
func (p *Pages) serveSecond(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	f.values.Set("next", r.URL.Query().Get("next"))
	f.values.Set("by", r.URL.Query().Get("by"))
	return p.secondPage(w, r, f)
}

func (p *Pages) secondPage(w http.ResponseWriter, r *http.Request, f *form) error {
	flow, err := p.begun(r)
	if err != nil {
		return p.noFlow(w, r, f, err)
	}
	by := account.ByApp
	if f.text("by") == string(account.ByRecovery) {
		by = account.ByRecovery
	}
	if !slices.Contains(flow.Need, by) {
		return p.over(w, r, errNoSecond, p.signInOrUp(f)...)
	}
	view := formView{Title: f.say("second.title"), Action: "/signin/second", Next: f.next(""), Go: f.say("prove.go")}
	code := f.field("code", "text", "second.app", "one-time-code").first()
	code.Mode, code.Max = "numeric", 16
	if by == account.ByRecovery {
		code = f.field("code", "text", "second.recovery", "off").first()
		view.Hidden = map[string]string{"by": string(by)}
		view.Below = []link{{through("/signin/second", f.next("")), f.say("second.use_app")}}
	} else if slices.Contains(flow.Need, account.ByRecovery) {
		view.Below = []link{{through("/signin/second?by=recovery", f.next("")), f.say("second.use_recovery")}}
	}
	code.Value = ""
	view.Fields = []field{code}
	if slices.Contains(flow.Need, account.ByPasskey) {
		view.Passkey = p.passkey(f, "second", "/signin/second", f.say("passkey.use"))
	}
	view.Below = append(view.Below, link{"/signin", f.say("second.leave")})
	return p.reply(w, r, f, "signin", view)
}

var errNoSecond = fault.New(fault.NotFound, "no_second", "No second step is awaited here any more. Please begin again.")

// second serves POST /signin/second: code, of the app or with by=recovery a
// recovery code; or the answer of a browser that has a passkey.
func (p *Pages) second(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	flow, err := p.begun(r)
	if err != nil {
		return p.noFlow(w, r, f, err)
	}
	if f.values.Has("answer") {
		return p.showed(w, r, f, f.next(after[flow.Purpose]), func() error { return p.secondPage(w, r, f) })
	}
	enter := p.members.EnterApp
	if f.text("by") == string(account.ByRecovery) {
		enter = p.members.EnterRecovery
	}
	step, err := enter(r.Context(), p.door.Flow(r), f.text("code"), from(p.door.Know(w, r), f))
	if err != nil {
		if kind := fault.KindOf(err); kind == fault.NotFound || kind == fault.Conflict {
			return p.noFlow(w, r, f, err)
		}
		return again(f, err, func() error { return p.secondPage(w, r, f) })
	}
	return p.step(w, r, step, f.next(after[flow.Purpose]))
}

// serveApp serves GET /account/app: setting an authenticator app up, or that
// there is one.
func (p *Pages) serveApp(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	return p.appPage(w, r, p.blank(r), v, s)
}

func (p *Pages) appPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	ways, err := s.Ways(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	if ways.App {
		return p.reply(w, r, f, "account", formView{
			Title: f.say("app.title"), Lead: f.say("app.there"), Points: []string{f.say("app.codes_left", "n", ways.Recovery)},
			Action: "/account/app", Hidden: map[string]string{"remove": "1"}, Go: f.say("app.remove"), Grave: true,
			Below: []link{{"/account/recovery", f.say("recovery.make")}, p.toAccount(f)},
		})
	}
	view := formView{
		Title: f.say("app.title"), Lead: f.say("app.lead"), Action: "/account/app", Go: f.say("app.go"), Below: []link{p.toAccount(f)},
	}
	if r.Method == http.MethodGet {
		added, err := s.AddApp(r.Context(), v.Session)
		if err != nil {
			return err
		}
		png := "data:image/png;base64," + base64.StdEncoding.EncodeToString(added.QR)
		view.App = &app{template.URL(png), template.URL(added.URI)} //nolint:gosec // the account room made both
		view.Points = []string{f.say("app.typed", "secret", added.Secret)}
	}
	code := f.field("code", "text", "second.app", "one-time-code")
	code.Mode, code.Max, code.Value = "numeric", 16, ""
	view.Fields = []field{code}
	return p.reply(w, r, f, "account", view)
}

// setApp serves POST /account/app: code of the app that was set up, or remove=1.
func (p *Pages) setApp(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.appPage(w, r, f, v, s) }
	if f.text("remove") != "" {
		if err := s.RemoveApp(r.Context(), v.Session, from(v.From, f)); err != nil {
			return again(f, err, page)
		}
		return p.goTo(w, r, "/account?done=app_removed")
	}
	if err := s.ConfirmApp(r.Context(), v.Session, f.text("code"), from(v.From, f)); err != nil {
		return again(f, err, page)
	}
	return p.newCodes(w, r, f, v, s)
}

// serveRecovery serves GET /account/recovery: what new codes mean.
func (p *Pages) serveRecovery(w http.ResponseWriter, r *http.Request, _ visit.Visit, _ *account.Store) error {
	f := p.blank(r)
	return p.reply(w, r, f, "account", formView{
		Title: f.say("recovery.make"), Lead: f.say("recovery.void"), Action: "/account/recovery", Go: f.say("recovery.make"),
		Below: []link{p.toAccount(f)},
	})
}

// makeCodes serves POST /account/recovery.
func (p *Pages) makeCodes(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	return p.newCodes(w, r, f, v, s)
}

// newCodes answers with recovery codes, which are shown this once.
func (p *Pages) newCodes(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	codes, err := s.MakeRecoveryCodes(r.Context(), v.Session, from(v.From, f))
	if err != nil {
		return err
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("recovery.title"), Lead: f.say("recovery.lead"), Codes: codes, To: &link{"/account", f.say("recovery.kept")},
	})
}
