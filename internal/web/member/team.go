package member

import (
	"errors"
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// routeTeams is the list of the addresses of business accounts.
func (p *Pages) routeTeams() {
	p.own("GET /teams", p.serveTeams)
	p.own("POST /teams", p.newTeam)
	p.own("GET /teams/{team}", p.serveTeam)
	p.own("POST /teams/{team}", p.renameTeam)
	p.own("POST /teams/{team}/people", p.changeMate)
	p.own("POST /teams/{team}/invitations", p.invite)
	p.own("POST /teams/{team}/invitations/{invitation}", p.changeInvitation)
	p.own("GET /teams/{team}/handover", p.serveHandover)
	p.own("POST /teams/{team}/handover", p.offerTeam)
	p.own("POST /teams/{team}/handover/answer", p.answerHandover)
	p.own("GET /teams/{team}/leave", p.serveLeave)
	p.own("POST /teams/{team}/leave", p.leaveTeam)
	p.own("GET /teams/{team}/close", p.serveClose)
	p.own("POST /teams/{team}/close", p.closeTeam)
	p.own("POST /teams/{team}/reopen", p.reopenTeam)
	p.handle("GET /invited/{token}", p.serveInvited)
	p.handle("POST /invited/{token}", p.answerInvited)
}

type teamsView struct {
	Teams []teamLink
	Wrong string
	Name  field
}

type teamLink struct{ Href, Name, Role, Closed string }

// serveTeams serves GET /teams: the business accounts one belongs to.
func (p *Pages) serveTeams(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.teamsPage(w, r, p.blank(r), v)
}

func (p *Pages) teamsPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	teams, err := p.members.Teams().Of(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	view := teamsView{Wrong: f.wrong[""], Name: f.field("name", "text", "team.name", "organization")}
	for _, t := range teams {
		one := teamLink{Href: "/teams/" + string(t.ID), Name: t.Name, Role: f.say("team.role." + string(t.Role))}
		if !t.Closed.IsZero() {
			one.Closed = f.say("team.closed_until", "day", f.reader.Day(t.Ends))
		}
		view.Teams = append(view.Teams, one)
	}
	return p.teams.Reply(w, r, f.status(), f.reader, titled(f.say("team.title"), "account", "/teams"), view)
}

// newTeam serves POST /teams: name.
func (p *Pages) newTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	id, err := p.members.Teams().New(r.Context(), v.Session, f.text("name"))
	if err != nil {
		return again(f, err, func() error { return p.teamsPage(w, r, f, v) })
	}
	return p.goTo(w, r, "/teams/"+string(id))
}

type teamView struct {
	Title, Lead string
	Done, Wrong string
	Href        string
	Closed      string // until when it can be opened again, "" it is open
	Parcels     string // where its parcels are, "" who looks may not see them
	Programs    string // where keys of its programs are, "" who looks may not see them
	Name        *field // for who may rename it
	Mates       []mate
	Offer       *offer
	Invited     []invited
	Address     *field // for who may invite
	Role        *field
	Owner       bool
}

type mate struct {
	ID, Name, Contact, Since string
	Role                     string
	You                      bool
	Choose                   *field // for who may change them
}

type invited struct{ Href, Address, Role, Until string }

type offer struct {
	Text string
	Take bool // it is offered to who looks
}

func teamOf(r *http.Request) account.TeamID { return account.TeamID(r.PathValue("team")) }

// serveTeam serves GET /teams/{team}.
func (p *Pages) serveTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.teamPage(w, r, p.blank(r), v)
}

func (p *Pages) teamPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	teams := p.members.Teams()
	t, err := teams.Get(r.Context(), v.Session, teamOf(r))
	if err != nil {
		return err
	}
	mates, err := teams.Mates(r.Context(), v.Session, t.ID)
	if err != nil {
		return err
	}
	open := t.Closed.IsZero()
	view := teamView{
		Title: t.Name, Lead: f.say("team.lead." + string(t.Role)), Wrong: f.wrong[""], Href: "/teams/" + string(t.ID),
		Owner: t.Role.Can(account.OwnTeam), Mates: p.mates(f, v, t, mates, open),
	}
	if key := "team.done." + r.URL.Query().Get("done"); r.Method == http.MethodGet && f.reader.Has(key) {
		view.Done = f.say(key)
	}
	if !open {
		view.Closed = f.say("team.closed_until", "day", f.reader.Day(t.Ends))
	}
	if open && t.Role.Can(account.ReadParcels) {
		view.Parcels = teamParcels(t.ID)
	}
	if open && p.quotas != nil && t.Role.Can(account.SeePrograms) {
		view.Programs = teamDeveloper(t.ID)
	}
	if open && t.Role.Can(account.RenameTeam) {
		if !f.values.Has("name") {
			f.values.Set("name", t.Name)
		}
		name := f.field("name", "text", "team.name", "organization")
		view.Name = &name
	}
	if open && t.Role.Can(account.ManagePeople) {
		if err := p.inviting(r, f, v, t, &view); err != nil {
			return err
		}
	}
	if view.Offer, err = p.offered(r, f, v, t, mates); err != nil {
		return err
	}
	return p.team.Reply(w, r, f.status(), f.reader, titled(t.Name, "account", view.Href), view)
}

// mateName is what others call somebody of a business account.
func mateName(f *form, m account.Mate) string {
	if m.Restricted && m.Nickname == "" {
		return f.say("team.restricted")
	}
	return m.Nickname
}

// mates are the people, each with what one may make them.
func (p *Pages) mates(f *form, v visit.Visit, t account.Team, all []account.Mate, open bool) (shown []mate) {
	for _, m := range all {
		one := mate{
			ID: string(m.Account), Name: mateName(f, m), Contact: m.Contact, You: m.Account == v.Session.Account,
			Role: f.say("team.role." + string(m.Role)), Since: f.say("team.since", "day", f.reader.Day(m.Since)),
		}
		if open && !one.You && t.Role.Manages(m.Role) {
			one.Choose = &field{Name: "role-" + one.ID, Label: f.say("team.role_of", "name", mateName(f, m)), Choices: p.roles(f, t.Role, m.Role)}
		}
		shown = append(shown, one)
	}
	return shown
}

// roles are those that somebody of a role may give.
func (p *Pages) roles(f *form, own, chosen account.Role) (all []choice) {
	for _, role := range account.Roles {
		if own.Manages(role) && (role != account.RoleOwner || role == chosen) {
			all = append(all, choice{string(role), f.say("team.role." + string(role)), role == chosen})
		}
	}
	return all
}

// inviting fills in what is there for who may invite.
func (p *Pages) inviting(r *http.Request, f *form, v visit.Visit, t account.Team, view *teamView) error {
	address := f.field("contact", "email", "team.invite_address", "off")
	chosen := account.RoleMember
	if role := account.Role(f.text("role")); slices.Contains(account.Roles, role) {
		chosen = role
	}
	role := field{Name: "role", Label: f.say("team.invite_role"), Hint: f.say("team.invite_role_hint"), Error: f.wrong["role"], Choices: p.roles(f, t.Role, chosen)}
	view.Address, view.Role = &address, &role
	invitations, err := p.members.Teams().Invitations(r.Context(), v.Session, t.ID)
	for _, i := range invitations {
		view.Invited = append(view.Invited, invited{
			Href: view.Href + "/invitations/" + i.ID, Address: i.To.Value, Role: f.say("team.role." + string(i.Role)),
			Until: f.say("team.until", "day", f.reader.Day(i.Ends)),
		})
	}
	return err
}

// offered is what is said of a business account that is being handed over.
func (p *Pages) offered(r *http.Request, f *form, v visit.Visit, t account.Team, mates []account.Mate) (*offer, error) {
	h, err := p.members.Teams().Offered(r.Context(), v.Session, t.ID)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	named := func(id account.ID) string {
		for _, m := range mates {
			if m.Account == id {
				return mateName(f, m)
			}
		}
		return ""
	}
	if h.To == v.Session.Account {
		return &offer{f.say("team.offered_you", "name", named(h.From), "day", f.reader.Day(h.Ends)), true}, nil
	}
	return &offer{f.say("team.offered", "name", named(h.To), "day", f.reader.Day(h.Ends)), false}, nil
}

// renameTeam serves POST /teams/{team}: name.
func (p *Pages) renameTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "renamed", func(f *form) error {
		return p.members.Teams().Rename(r.Context(), v.Session, teamOf(r), f.text("name"))
	})
}

// changeMate serves POST /teams/{team}/people: who, and remove=1 or role-WHO.
func (p *Pages) changeMate(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "people", func(f *form) error {
		who := account.ID(f.text("who"))
		if f.text("remove") != "" {
			return p.members.Teams().Remove(r.Context(), v.Session, teamOf(r), who)
		}
		return p.members.Teams().SetRole(r.Context(), v.Session, teamOf(r), who, account.Role(f.text("role-"+string(who))))
	})
}

// invite serves POST /teams/{team}/invitations: contact and role.
func (p *Pages) invite(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "invited", func(f *form) error {
		if _, err := p.members.Teams().Invitations(r.Context(), v.Session, teamOf(r)); err != nil {
			return err // whoever may not invite learns that first
		}
		c, err := account.MailOnly(f.text("contact"))
		if err != nil {
			return err
		}
		return p.members.Teams().Invite(r.Context(), v.Session, teamOf(r), c, account.Role(f.text("role")), from(v.From, f))
	})
}

// changeInvitation serves POST /teams/{team}/invitations/{invitation}: again=1
// sends it once more, else it is taken back.
func (p *Pages) changeInvitation(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "invitation", func(f *form) error {
		if f.text("again") != "" {
			return p.members.Teams().Again(r.Context(), v.Session, teamOf(r), r.PathValue("invitation"), from(v.From, f))
		}
		return p.members.Teams().TakeBack(r.Context(), v.Session, teamOf(r), r.PathValue("invitation"))
	})
}

// answerHandover serves POST /teams/{team}/handover/answer: take=1, else what is
// offered is refused or taken back.
func (p *Pages) answerHandover(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "handover", func(f *form) error {
		if f.text("take") != "" {
			return p.members.Teams().Take(r.Context(), v.Session, teamOf(r))
		}
		return p.members.Teams().Refuse(r.Context(), v.Session, teamOf(r))
	})
}

// reopenTeam serves POST /teams/{team}/reopen.
func (p *Pages) reopenTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "reopened", func(*form) error {
		return p.members.Teams().Reopen(r.Context(), v.Session, teamOf(r))
	})
}

// changeTeam does something with a business account, and answers with its page.
func (p *Pages) changeTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, done string, change func(f *form) error) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := change(f); err != nil {
		return p.teamFault(w, r, f, err, func() error { return p.teamPage(w, r, f, v) })
	}
	return p.goTo(w, r, "/teams/"+string(teamOf(r))+"?done="+done)
}

// toTeam leads to a business account's page.
func (p *Pages) toTeam(r *http.Request, id account.TeamID) link {
	return link{"/teams/" + string(id), p.kit.Reader(r).Say("team.back")}
}

// teamFault answers what a business account refuses: whoever has to prove once
// more goes there, whoever's role doesn't allow it is told so, and what was
// filled in wrongly is said on the page.
func (p *Pages) teamFault(w http.ResponseWriter, r *http.Request, f *form, err error, page func() error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case "prove_again":
		return p.goTo(w, r, through("/account/prove", "/teams/"+string(teamOf(r))))
	case "team_missing":
		return err
	case "team_right":
		view := formView{Title: f.say("over.title"), Lead: says(f.reader, err), Below: []link{p.toTeam(r, teamOf(r))}}
		return p.form.Reply(w, r, http.StatusForbidden, f.reader, titled(view.Title, "account", "/teams"), view)
	}
	if e.Kind == fault.NotFound { // somebody or something in it that has gone
		return p.over(w, r, err, p.toTeam(r, teamOf(r)))
	}
	return again(f, err, page)
}
