package member

import (
	"context"
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// serveNewPasskey serves GET /account/passkeys/new.
func (p *Pages) serveNewPasskey(w http.ResponseWriter, r *http.Request, _ visit.Visit, _ *account.Store) error {
	return p.newPasskeyPage(w, r, p.blank(r))
}

func (p *Pages) newPasskeyPage(w http.ResponseWriter, r *http.Request, f *form) error {
	view := formView{
		Title: f.say("passkey.new"), Lead: f.say("passkey.lead"), Points: []string{f.say("passkey.lock"), f.say("passkey.copy")},
		Passkey: p.passkey(f, "new", "/account/passkeys/new", f.say("passkey.add")), Below: []link{p.toAccount(f)},
	}
	if view.Passkey != nil {
		view.Passkey.Does = "create"
		view.Passkey.Fields = []field{f.passkeyName().optional()}
	} else {
		view.Lead, view.Points = f.say("fault.passkeys_off"), nil
	}
	return p.reply(w, r, f, "account", view)
}

func (f *form) passkeyName() field {
	name := f.field("name", "text", "passkey.name", "off")
	name.Max = 40
	return name
}

// newPasskey serves POST /account/passkeys/new: the browser's answer, and a name.
func (p *Pages) newPasskey(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.newPasskeyPage(w, r, f) }
	token := p.door.Flow(r)
	if token == "" {
		return refused(f, errNoCookie, page)
	}
	if _, err := s.AddPasskey(r.Context(), v.Session, token, f.text("name"), f.answer(), from(v.From, f)); err != nil {
		return refused(f, err, page)
	}
	p.door.End(w, r)
	return p.goTo(w, r, "/account?done=passkey")
}

// A passkey is one as the account's page shows it.
type passkey struct{ Name, When, At, Removal string }

// passkeysOf are an account's passkeys, for its page.
func (p *Pages) passkeysOf(ctx context.Context, f *form, v visit.Visit, s *account.Store) ([]passkey, error) {
	all, err := s.Passkeys(ctx, v.Session)
	if err != nil {
		return nil, err
	}
	var shown []passkey
	for _, k := range all {
		when := f.say("passkey.unused", "since", f.reader.Day(k.Created))
		if !k.Used.IsZero() {
			when = f.say("passkey.used", "day", f.reader.Day(k.Used))
		}
		at := "/account/passkeys/" + k.ID
		shown = append(shown, passkey{k.Name, when, at, at + "/remove"})
	}
	return shown, nil
}

var errNoPasskey = fault.New(fault.NotFound, "passkey_missing", "There is no such passkey any more.")

// passkeyAt returns the passkey that an address names.
func passkeyAt(r *http.Request, v visit.Visit, s *account.Store) (account.Passkey, error) {
	all, err := s.Passkeys(r.Context(), v.Session)
	if err != nil {
		return account.Passkey{}, err
	}
	i := slices.IndexFunc(all, func(k account.Passkey) bool { return k.ID == r.PathValue("id") })
	if i < 0 {
		return account.Passkey{}, errNoPasskey
	}
	return all[i], nil
}

// servePasskey serves GET /account/passkeys/{id}: what it is called.
func (p *Pages) servePasskey(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	k, err := passkeyAt(r, v, s)
	if err != nil {
		return p.noPasskey(w, r, err)
	}
	f := p.blank(r)
	f.values.Set("name", k.Name)
	return p.renamePage(w, r, f)
}

func (p *Pages) renamePage(w http.ResponseWriter, r *http.Request, f *form) error {
	name := f.passkeyName().first()
	name.Hint = ""
	return p.reply(w, r, f, "account", formView{
		Title: f.say("passkey.rename"), Action: r.URL.Path, Fields: []field{name}, Go: f.say("form.save"), Below: []link{p.toAccount(f)},
	})
}

// renamePasskey serves POST /account/passkeys/{id}: name.
func (p *Pages) renamePasskey(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.RenamePasskey(r.Context(), v.Session, r.PathValue("id"), f.text("name")); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return p.noPasskey(w, r, err)
		}
		return again(f, err, func() error { return p.renamePage(w, r, f) })
	}
	return p.goTo(w, r, "/account?done=passkey_named")
}

// serveRemovePasskey serves GET /account/passkeys/{id}/remove: what it means.
func (p *Pages) serveRemovePasskey(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	return p.removePasskeyPage(w, r, p.blank(r), v, s)
}

func (p *Pages) removePasskeyPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	k, err := passkeyAt(r, v, s)
	if err != nil {
		return p.noPasskey(w, r, err)
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("passkey.remove"), Lead: f.say("passkey.remove_lead", "name", k.Name),
		Action: r.URL.Path, Go: f.say("passkey.remove"), Grave: true, Below: []link{p.toAccount(f)},
	})
}

// removePasskey serves POST /account/passkeys/{id}/remove.
func (p *Pages) removePasskey(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.RemovePasskey(r.Context(), v.Session, r.PathValue("id"), from(v.From, f)); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return p.noPasskey(w, r, err)
		}
		return again(f, err, func() error { return p.removePasskeyPage(w, r, f, v, s) })
	}
	return p.goTo(w, r, "/account?done=passkey_removed")
}

// noPasskey answers who asks for a passkey that the account doesn't have.
func (p *Pages) noPasskey(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return p.over(w, r, err, p.toAccount(p.blank(r)))
}
