package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/inventory"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/visit"
)

// A shelf is where parcels are kept: whose they are, and the room that has them.
type shelf struct {
	owner  inventory.Subject
	home   string // the address of its list
	team   string // what the business account is called whose it is, "" the member's own
	writes bool   // whether who looks may change it
	keys   string // where its owner's programs get their keys, "" nowhere that who looks may go
	*watch.Store
}

type shelves = func(w http.ResponseWriter, r *http.Request, s shelf) error

// kept serves a page of the member's own parcels.
func (p *Pages) kept(h shelves) members {
	return func(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
		return p.keptFor(w, r, shelf{owner: v.Session.Account.Subject(), home: "/parcels", writes: true, keys: p.keysAt("/developer")}, h)
	}
}

// inTeam serves pages of a business account's parcels to who has a right to them.
func (p *Pages) inTeam(right account.Right) func(shelves) members {
	return func(h shelves) members {
		return func(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
			t, err := p.members.Teams().May(r.Context(), v.Session, teamOf(r), right)
			if err != nil {
				return p.teamFault(w, r, p.blank(r), err, func() error { return p.over(w, r, err, p.toTeam(r, teamOf(r))) })
			}
			s := shelf{owner: t.ID.Subject(), home: teamParcels(t.ID), team: t.Name, writes: t.Role.Can(account.WriteParcels)}
			if t.Role.Can(account.SeePrograms) {
				s.keys = p.keysAt(teamDeveloper(t.ID))
			}
			return p.keptFor(w, r, s, h)
		}
	}
}

func (p *Pages) keptFor(w http.ResponseWriter, r *http.Request, s shelf, h shelves) (err error) {
	if s.Store, err = p.watches.Of(s.owner); err != nil {
		return err
	}
	return h(w, r, s)
}

// keysAt is the overview of programs at an address, "" where there are no programs.
func (p *Pages) keysAt(developer string) string {
	if p.quotas == nil {
		return ""
	}
	return developer
}

func teamParcels(id account.TeamID) string { return "/teams/" + string(id) + "/parcels" }

// at is the address of a page of the shelf.
func (s shelf) at(rest string) string { return s.home + rest }

// list is where a query's list is.
func (s shelf) list(q watch.Query, more ...string) string { return listAddress(s.home, q, more...) }

// title is what the shelf's list is called.
func (s shelf) title(t tell.Teller) string {
	if s.team != "" {
		return t.Say("parcels.title_team", "name", s.team)
	}
	return t.Say("parcels.title")
}

// others are the lists that the reader of a page can turn to, with this one
// among them; none where there is no other.
func (p *Pages) others(r *http.Request, t tell.Teller, s shelf) ([]savedView, error) {
	teams, err := p.members.Teams().Of(r.Context(), visit.Of(r.Context()).Session.Account)
	if err != nil {
		return nil, err
	}
	all := []savedView{{Name: t.Say("parcels.title"), Href: "/parcels", Current: s.team == ""}}
	for _, team := range teams {
		if team.Role.Can(account.ReadParcels) && team.Closed.IsZero() {
			home := teamParcels(team.ID)
			all = append(all, savedView{Name: team.Name, Href: home, Current: home == s.home})
		}
	}
	if len(all) == 1 {
		return nil, nil
	}
	return all, nil
}
