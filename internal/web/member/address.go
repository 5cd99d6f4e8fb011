package member

import (
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

var errKind = fault.New(fault.NotFound, "contact_kind", "There is no such kind of address.")

// kindOf is the kind of address that a request is about.
func kindOf(r *http.Request) (account.ContactKind, error) {
	kind := account.ContactKind(r.PathValue("kind"))
	if kind != account.Mail && kind != account.Phone {
		return "", errKind
	}
	return kind, nil
}

// ofKind returns an account's address of a kind.
func ofKind(v visit.Visit, kind account.ContactKind) (account.Address, bool) {
	i := slices.IndexFunc(v.Profile.Contacts, func(a account.Address) bool { return a.Kind == kind })
	if i < 0 {
		return account.Address{}, false
	}
	return v.Profile.Contacts[i], true
}

// serveAddress serves GET /account/address/{kind}: another one of the kind, or the first.
func (p *Pages) serveAddress(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	return p.addressPage(w, r, p.blank(r), v, kind)
}

func (p *Pages) addressPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, kind account.ContactKind) error {
	in, act := f.field("contact", "email", "address.new_mail", "email"), "address.add_"
	if kind == account.Phone {
		in = f.field("contact", "tel", "address.new_phone", "tel")
	}
	view := formView{Action: "/account/address/" + string(kind), Go: f.say("address.go"), Below: []link{p.toAccount(f)}}
	if old, ok := ofKind(v, kind); ok {
		act = "address.change_"
		view.Lead = f.say("address.lead", "old", old.Value)
	}
	view.Title, view.Fields = f.say(act+string(kind)), []field{in.first()}
	return p.reply(w, r, f, "account", view)
}

// changeAddress serves POST /account/address/{kind}: contact, to which a code goes.
func (p *Pages) changeAddress(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.addressPage(w, r, f, v, kind) }
	contact, err := account.ParseContact(f.text("contact"), v.Profile.Country)
	if err == nil && contact.Kind != kind {
		f.wrong["contact"] = f.say("address.not_" + string(kind))
		return page()
	}
	if err != nil {
		return again(f, err, page)
	}
	token, err := p.members.ChangeContact(r.Context(), v.Session, contact, from(v.From, f))
	if err != nil {
		return again(f, err, page)
	}
	p.door.Begin(w, token)
	return p.goTo(w, r, "/account/address/code")
}

// serveRemove serves GET /account/address/{kind}/remove.
func (p *Pages) serveRemove(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.removePage(w, r, p.blank(r), v)
}

func (p *Pages) removePage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	old, ok := ofKind(v, kind)
	if !ok {
		return p.goTo(w, r, "/account")
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("address.remove_title"), Lead: f.say("address.remove_lead", "old", old.Value),
		Action: "/account/address/" + string(kind) + "/remove", Go: f.say("address.remove"), Below: []link{p.toAccount(f)},
	})
}

// removeAddress serves POST /account/address/{kind}/remove.
func (p *Pages) removeAddress(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.RemoveContact(r.Context(), v.Session, kind, from(v.From, f)); err != nil {
		return again(f, err, func() error { return p.removePage(w, r, f, v) })
	}
	return p.goTo(w, r, "/account?done=removed")
}

// setMain serves POST /account/main: kind.
func (p *Pages) setMain(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.SetMain(r.Context(), v.Session, account.ContactKind(f.text("kind"))); err != nil {
		return again(f, err, func() error { return p.accountPage(w, r, f, v, s) })
	}
	return p.goTo(w, r, "/account?done=main")
}
