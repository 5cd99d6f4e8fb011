package member

import (
	"net/http"
	"strings"

	"waypost/internal/account"
	"waypost/internal/inventory"
	"waypost/internal/quota"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// Programs are whose programs a page is about: a member's own, at /developer, or
// a business account's. Their keys and quota are in the store.
type programs struct {
	owner   inventory.Subject
	home    string // the address of the overview
	team    string // what the business account is called whose they are, "" the member's own
	manages bool   // whether who looks may make and change keys
	*quota.Store
}

type programming = func(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error

func (p *Pages) readProgramPages() (err error) {
	const parts = "pages/parts.html"
	if p.overview, err = ui.NewPage[programsView](p.kit, pages, parts, "pages/programs_parts.html", "pages/programs.html"); err != nil {
		return err
	}
	if p.keys, err = ui.NewPage[keysView](p.kit, pages, parts, "pages/programs_keys.html"); err != nil {
		return err
	}
	if p.key, err = ui.NewPage[keyView](p.kit, pages, parts, "pages/programs_key.html"); err != nil {
		return err
	}
	if p.secret, err = ui.NewPage[secretView](p.kit, pages, parts, "pages/programs_parts.html", "pages/programs_secret.html"); err != nil {
		return err
	}
	if p.usage, err = ui.NewPage[usageView](p.kit, pages, parts, "pages/programs_usage.html"); err != nil {
		return err
	}
	return p.readHookPages()
}

// routePrograms are the addresses of what members' programs need, for a
// member's own and for a business account's.
func (p *Pages) routePrograms() {
	if p.quotas == nil {
		return
	}
	for _, whose := range []struct {
		home string
		may  func(account.Right) func(programming) members
	}{{"/developer", p.ownPrograms}, {"/teams/{team}/developer", p.teamPrograms}} {
		see, manage := whose.may(account.SeePrograms), whose.may(account.ManagePrograms)
		p.own("GET "+whose.home, see(p.servePrograms))
		p.own("GET "+whose.home+"/usage", see(p.serveUsage))
		p.own("GET "+whose.home+"/keys", see(p.serveKeys))
		p.own("GET "+whose.home+"/keys/new", manage(p.provenFor(p.serveNewKey)))
		p.own("POST "+whose.home+"/keys/new", manage(p.provenFor(p.newKey)))
		p.own("GET "+whose.home+"/keys/{key}", manage(p.provenFor(p.serveKey)))
		p.own("POST "+whose.home+"/keys/{key}", manage(p.provenFor(p.editKey)))
		p.own("GET "+whose.home+"/keys/{key}/rotate", manage(p.provenFor(p.serveRotate)))
		p.own("POST "+whose.home+"/keys/{key}/rotate", manage(p.provenFor(p.rotateKey)))
		p.own("GET "+whose.home+"/keys/{key}/secrets/{secret}/end", manage(p.serveEnd))
		p.own("POST "+whose.home+"/keys/{key}/secrets/{secret}/end", manage(p.endSecret))
		p.own("GET "+whose.home+"/keys/{key}/revoke", manage(p.serveRevoke))
		p.own("POST "+whose.home+"/keys/{key}/revoke", manage(p.revokeKey))
		p.own("POST "+whose.home+"/keys/{key}/restore", manage(p.restoreKey))
		p.routeHooks(whose.home, see, manage)
	}
}

// ownPrograms serves pages of the member's own programs, who may do everything.
func (p *Pages) ownPrograms(account.Right) func(programming) members {
	return func(h programming) members {
		return func(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
			return p.programsFor(w, r, v, programs{owner: v.Session.Account.Subject(), home: "/developer", manages: true}, h)
		}
	}
}

// teamPrograms serves pages of a business account's programs to who has a right
// to them.
func (p *Pages) teamPrograms(right account.Right) func(programming) members {
	return func(h programming) members {
		return func(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
			t, err := p.members.Teams().May(r.Context(), v.Session, teamOf(r), right)
			if err != nil {
				return p.teamFault(w, r, p.blank(r), err, func() error { return p.over(w, r, err, p.toTeam(r, teamOf(r))) })
			}
			return p.programsFor(w, r, v, programs{
				owner: t.ID.Subject(), home: teamDeveloper(t.ID), team: t.Name, manages: t.Role.Can(account.ManagePrograms),
			}, h)
		}
	}
}

func teamDeveloper(id account.TeamID) string { return "/teams/" + string(id) + "/developer" }

func (p *Pages) programsFor(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs, h programming) (err error) {
	if s.Store, err = p.quotas.Of(s.owner); err != nil {
		return err
	}
	return h(w, r, v, s)
}

// provenFor is proven for pages of programs: the right is looked at first.
func (p *Pages) provenFor(h programming) programming {
	return func(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
		store, err := p.members.Of(v.Session.Account)
		if err != nil {
			return err
		}
		return p.proven(func(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
			return h(w, r, v, s)
		})(w, r, v, store)
	}
}

// at is the address of a page of theirs.
func (s programs) at(rest string) string { return s.home + rest }

// back leads to a page of theirs.
func (s programs) back(f *form, rest, label string) link { return link{s.at(rest), f.say(label)} }

// A programsView is the overview.
type programsView struct {
	Title  string
	Others []savedView // whose programs one can turn to
	Keys   string      // how many there are, "" none yet
	Used   string      // when one was last used
	First  string      // where the first is made, "" there is one or who looks may not
	All    string      // where the keys are
	Hooks  string      // where webhooks are, "" there are none here
	Quota  []fact
	Usage  string // where the days are
	Calls  []call
}

type fact struct{ Name, Value string }

// A call is a command that shows how to call.
type call struct{ Title, Text string }

// servePrograms serves GET /developer: how it stands, and how to begin.
func (p *Pages) servePrograms(w http.ResponseWriter, r *http.Request, v visit.Visit, s programs) error {
	f := p.blank(r)
	keys, err := s.List(r.Context(), s.owner)
	if err != nil {
		return err
	}
	state, err := s.State(r.Context(), s.owner)
	if err != nil {
		return err
	}
	view := programsView{
		Title: f.say("programs.title"), All: s.at("/keys"), Usage: s.at("/usage"),
		Quota: p.quotaFacts(f, state), Calls: p.calls(f, "YOUR_KEY"),
	}
	if p.webhooks != nil {
		view.Hooks = s.at("/webhooks")
	}
	if s.team != "" {
		view.Title = f.say("programs.title_team", "name", s.team)
	}
	if len(keys) > 0 {
		view.Keys, view.Used = f.say("key.count", "n", len(keys)), lastUsed(f, keys)
	} else if s.manages {
		view.First = s.at("/keys/new")
	}
	if view.Others, err = p.otherPrograms(r, f, v, s); err != nil {
		return err
	}
	return p.overview.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", s.home), view)
}

// lastUsed says when the last of the keys was used that was.
func lastUsed(f *form, keys []quota.Key) string {
	last := keys[0].Used()
	for _, k := range keys {
		if k.Used().After(last) {
			last = k.Used()
		}
	}
	if last.IsZero() {
		return f.say("key.unused")
	}
	return f.say("key.used", "when", utc(f, last))
}

// otherPrograms are those that who looks can turn to, with these among them;
// none where there are no others.
func (p *Pages) otherPrograms(r *http.Request, f *form, v visit.Visit, s programs) ([]savedView, error) {
	teams, err := p.members.Teams().Of(r.Context(), v.Session.Account)
	if err != nil {
		return nil, err
	}
	all := []savedView{{Name: f.say("programs.own"), Href: "/developer", Current: s.team == ""}}
	for _, t := range teams {
		if t.Role.Can(account.SeePrograms) && t.Closed.IsZero() {
			home := teamDeveloper(t.ID)
			all = append(all, savedView{Name: t.Name, Href: home, Current: home == s.home})
		}
	}
	if len(all) == 1 {
		return nil, nil
	}
	return all, nil
}

// calls are a first call of our own API, and one of the compatible one.
func (p *Pages) calls(f *form, key string) []call {
	curl := func(path, header, body string) string {
		return strings.Join([]string{"curl '" + p.url + path + "'", "-H '" + header + key + "'", "-H 'Content-Type: application/json'", "-d '" + body + "'"}, " \\\n  ")
	}
	return []call{
		{f.say("programs.call_own"), curl("/v1/parcels?wait=10", "Authorization: Bearer ", `{"number": "1Z4A7B2C0364182055"}`)},
		{f.say("programs.call_compatible"), curl("/track/v2.4/register", "17token: ", `[{"number": "1Z4A7B2C0364182055"}]`)},
	}
}
