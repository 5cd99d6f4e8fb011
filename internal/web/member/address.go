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
func (p *Pages) serveAddress(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	return p.addressPage(w, r, p.blank(r), v, s, kind)
}

func (p *Pages) addressPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store, kind account.ContactKind) error {
	awaited, err := s.Awaited(r.Context(), v.Session.Account, kind)
	if err != nil {
		return err
	}
	in, act := f.field("contact", "email", "address.new_mail", "email"), "address.add_"
	if kind == account.Phone {
		in = f.field("contact", "tel", "address.new_phone", "tel")
	}
	view := formView{Action: "/account/address/" + string(kind), Go: f.say("address.go"), Below: []link{p.toAccount(f)}}
	if _, ok := ofKind(v, kind); ok {
		act = "address.change_"
	}
	if old := v.Profile.Agrees(kind); !old.IsZero() {
		view.Lead = f.say("address.lead", "old", old.Value)
		view.Others = []button{{"lost", "yes", f.say("address.lost", "old", old.Value)}}
		if !awaited.IsZero() {
			view.Points = []string{f.say("address.awaited", "to", awaited.Value, "old", old.Value, "when", utc(f, awaited.From))}
			view.Others = append(view.Others, button{"stop", "yes", f.say("address.stop", "to", awaited.Value)})
		}
	}
	view.Title, view.Fields = f.say(act+string(kind)), []field{in.first()}
	return p.reply(w, r, f, "account", view)
}

// changeAddress serves POST /account/address/{kind}: contact, which is to be
// the address; with lost although the one before can't be read, or stop to
// forget the one that is awaited.
func (p *Pages) changeAddress(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	kind, err := kindOf(r)
	if err != nil {
		return err
	}
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if f.text("stop") != "" {
		if err := s.StopAwaiting(r.Context(), v.Session, kind); err != nil {
			return err
		}
		return p.goTo(w, r, "/account?done=stopped")
	}
	page := func() error { return p.addressPage(w, r, f, v, s, kind) }
	contact, err := account.ParseContact(f.text("contact"), v.Profile.Country)
	if err == nil && contact.Kind != kind {
		f.wrong["contact"] = f.say("address.not_" + string(kind))
		return page()
	}
	if err != nil {
		return again(f, err, page)
	}
	if f.text("lost") != "" {
		if err := s.AwaitContact(r.Context(), v.Session, contact, from(v.From, f)); err != nil {
			return again(f, err, page)
		}
		return p.goTo(w, r, r.URL.Path)
	}
	token, err := p.members.ChangeContact(r.Context(), v.Session, contact, from(v.From, f))
	if err != nil {
		return again(f, err, page)
	}
	p.door.Begin(w, r, token)
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
