package member

import (
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/web/visit"
)

// serveProve serves GET /account/prove: showing once more that the account is
// theirs, on the way to next.
func (p *Pages) serveProve(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f := p.blank(r)
	f.values.Set("next", r.URL.Query().Get("next"))
	return p.provePage(w, r, f, v, s)
}

func (p *Pages) provePage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	ways, err := s.Proving(r.Context(), v.Session)
	if err != nil {
		return err
	}
	view := formView{
		Title: f.say("prove.title"), Lead: f.say("prove.lead"), Action: "/account/prove", Next: f.next(""),
		Below: []link{p.toAccount(f)},
	}
	if slices.Contains(ways, account.ByPassword) {
		view.Fields = []field{f.field("password", "password", "signin.password", "current-password").first()}
		view.Go = f.say("prove.go")
	}
	if slices.Contains(ways, account.ByPasskey) {
		view.Passkey = p.passkey(f, "prove", "/account/prove", f.say("passkey.use"))
	}
	if slices.Contains(ways, account.ByCode) {
		for _, c := range v.Profile.Contacts {
			view.Others = append(view.Others, button{"code", string(c.Kind), f.say("prove.code", "to", c.Masked())})
		}
	}
	if slices.Contains(ways, account.ByProvider) {
		if view.Others, err = p.provers(r, f, v); err != nil {
			return err
		}
	}
	return p.reply(w, r, f, "account", view)
}

// prove serves POST /account/prove: password, or code=mail or phone to have a
// code sent there, or the answer of a browser that has a passkey, or provider to
// be sent there.
func (p *Pages) prove(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.provePage(w, r, f, v, s) }
	if f.values.Has("answer") {
		return p.showed(w, r, f, f.next("/account"), page)
	}
	if kind := f.text("code"); kind != "" {
		token, err := s.ProveByCode(r.Context(), v.Session, account.ContactKind(kind), from(v.From, f))
		if err != nil {
			return again(f, err, page)
		}
		p.door.Begin(w, r, token)
		return p.goTo(w, r, through("/account/prove/code", f.next("")))
	}
	if f.text("provider") != "" {
		return p.proveWith(w, r, f, v)
	}
	step, err := s.Prove(r.Context(), v.Session, f.secret("password"), from(v.From, f))
	if err != nil {
		return again(f, err, page)
	}
	return p.step(w, r, step, f.next("/account"))
}
