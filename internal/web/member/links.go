package member

import (
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/web/visit"
)

// A linked is an account at a provider as the account's page shows it.
type linked struct{ Name, Nickname, When, Removal string }

// linksOf are an account's links for its page, and where others are added.
func (p *Pages) linksOf(r *http.Request, f *form, v visit.Visit) (there []linked, more []link, err error) {
	all, err := p.members.Links(r.Context(), v.Session)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range all {
		when := f.say("link.unused", "since", f.reader.Day(l.Created))
		if !l.Used.IsZero() {
			when = f.say("passkey.used", "day", f.reader.Day(l.Used))
		}
		there = append(there, linked{l.Name, l.Nickname, when, linkAt(l.Provider) + "/remove"})
	}
	for _, o := range p.members.Offers() {
		if !slices.ContainsFunc(all, func(l account.ProviderLink) bool { return l.Provider == o.Provider }) {
			more = append(more, link{linkAt(o.Provider), f.say("link.add", "provider", o.Name)})
		}
	}
	return there, more, nil
}

func linkAt(code provider.Code) string { return "/account/links/" + string(code) }

// serveLink serves GET /account/links/{provider}: what linking means.
func (p *Pages) serveLink(w http.ResponseWriter, r *http.Request, _ visit.Visit, _ *account.Store) error {
	f := p.blank(r)
	o, err := p.members.Offer(providerOf(r))
	if err != nil {
		return p.notWith(w, r, err)
	}
	return p.reply(w, r, f, "account", formView{
		Title: f.say("link.add", "provider", o.Name), Lead: f.say("link.lead", "provider", o.Name),
		Points: []string{f.say("link.asks", "provider", o.Name), f.say("link.quiet", "provider", o.Name)},
		Action: linkAt(o.Provider), Go: f.say("with.go", "provider", o.Name), Below: []link{p.toAccount(f)},
	})
}

// beginLink serves POST /account/links/{provider}.
func (p *Pages) beginLink(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	address, flow, err := p.members.BeginLink(r.Context(), v.Session, providerOf(r), from(v.From, f))
	if err != nil {
		return p.notWith(w, r, err)
	}
	return p.send(w, r, f, providerOf(r), address, flow)
}

// unlink serves POST /account/links/{provider}/remove. A link that is gone
// already is what was wanted.
func (p *Pages) unlink(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	err = p.members.Unlink(r.Context(), v.Session, providerOf(r), from(v.From, f))
	if err != nil && codeOf(err) != "link_missing" {
		return again(f, err, func() error { return p.accountPage(w, r, f, v, s) })
	}
	return p.goTo(w, r, "/account?done=unlinked")
}

// proveWith sends a member to a provider to show that the account is theirs.
func (p *Pages) proveWith(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	code := provider.Code(f.text("provider"))
	address, flow, err := p.members.ProveByProvider(r.Context(), v.Session, code, from(v.From, f))
	if err != nil {
		return p.notWith(w, r, err)
	}
	return p.send(w, r, f, code, address, flow)
}

// provers are the buttons of the linked providers by which a member can show
// that the account is theirs.
func (p *Pages) provers(r *http.Request, f *form, v visit.Visit) (buttons []button, err error) {
	links, err := p.members.Links(r.Context(), v.Session)
	for _, l := range links {
		buttons = append(buttons, button{"provider", string(l.Provider), f.say("with.go", "provider", l.Name)})
	}
	return buttons, err
}
