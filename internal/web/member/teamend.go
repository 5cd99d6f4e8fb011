package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// owned lets pass who may hand a business account over or close it; they show
// first that they are who they are.
func (p *Pages) owned(w http.ResponseWriter, r *http.Request, v visit.Visit, page func(f *form, t account.Team) error) error {
	f := p.blank(r)
	t, err := p.members.Teams().Get(r.Context(), v.Session, teamOf(r))
	if err != nil {
		return err
	}
	if !t.Role.Can(account.OwnTeam) {
		return p.teamFault(w, r, f, account.ErrTeamRight, nil)
	}
	if !v.Session.Fresh() {
		return p.goTo(w, r, through("/account/prove", r.URL.Path))
	}
	return page(f, t)
}

// serveHandover serves GET /teams/{team}/handover: to whom, and whether one
// stays an owner.
func (p *Pages) serveHandover(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.owned(w, r, v, func(f *form, t account.Team) error {
		mates, err := p.members.Teams().Mates(r.Context(), v.Session, t.ID)
		if err != nil {
			return err
		}
		href := "/teams/" + string(t.ID)
		view := formView{
			Title: f.say("team.handover", "name", t.Name), Lead: f.say("team.handover_lead"),
			Points: []string{f.say("team.handover_takes"), f.say("team.handover_until")},
			Below:  []link{{href, f.say("team.back")}},
		}
		var others []choice
		for _, m := range mates {
			if m.Role != account.RoleOwner {
				others = append(others, choice{Value: string(m.Account), Label: mateName(f, m) + ", " + f.say("team.role."+string(m.Role))})
			}
		}
		if len(others) == 0 {
			view.Points = []string{f.say("team.handover_nobody")}
			return p.reply(w, r, f, "account", view)
		}
		view.Action, view.Go = href+"/handover", f.say("team.handover_go")
		view.Fields = []field{
			{Name: "to", Label: f.say("team.handover_to"), Choices: others},
			{Name: "keep", Label: f.say("team.handover_then"), Choices: []choice{
				{Value: "no", Label: f.say("team.handover_admin"), Chosen: true}, {Value: "yes", Label: f.say("team.handover_keep")},
			}},
		}
		return p.reply(w, r, f, "account", view)
	})
}

// offerTeam serves POST /teams/{team}/handover: to, and keep=yes to stay an owner.
func (p *Pages) offerTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "offered", func(f *form) error {
		return p.members.Teams().Offer(r.Context(), v.Session, teamOf(r), account.ID(f.text("to")), f.text("keep") == "yes")
	})
}

// serveLeave serves GET /teams/{team}/leave.
func (p *Pages) serveLeave(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	t, err := p.members.Teams().Get(r.Context(), v.Session, teamOf(r))
	if err != nil {
		return err
	}
	return p.leavePage(w, r, p.blank(r), t)
}

func (p *Pages) leavePage(w http.ResponseWriter, r *http.Request, f *form, t account.Team) error {
	return p.reply(w, r, f, "account", formView{
		Title: f.say("team.leave", "name", t.Name), Lead: f.say("team.leave_lead"),
		Action: "/teams/" + string(t.ID) + "/leave", Go: f.say("team.leave_go"), Grave: true,
		Below: []link{{"/teams/" + string(t.ID), f.say("team.back")}},
	})
}

// leaveTeam serves POST /teams/{team}/leave.
func (p *Pages) leaveTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	t, err := p.members.Teams().Get(r.Context(), v.Session, teamOf(r))
	if err != nil {
		return err
	}
	if err := p.members.Teams().Leave(r.Context(), v.Session, t.ID); err != nil {
		return p.teamFault(w, r, f, err, func() error { return p.leavePage(w, r, f, t) })
	}
	return p.goTo(w, r, "/teams")
}

// serveClose serves GET /teams/{team}/close.
func (p *Pages) serveClose(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.owned(w, r, v, func(f *form, t account.Team) error {
		return p.reply(w, r, f, "account", formView{
			Title: f.say("team.close", "name", t.Name), Lead: f.say("team.close_lead"),
			Points: []string{f.say("team.close_back"), f.say("team.close_gone")},
			Action: "/teams/" + string(t.ID) + "/close", Go: f.say("team.close_go"), Grave: true,
			Below: []link{{"/teams/" + string(t.ID), f.say("team.back")}},
		})
	})
}

// closeTeam serves POST /teams/{team}/close.
func (p *Pages) closeTeam(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.changeTeam(w, r, v, "closed", func(*form) error {
		return p.members.Teams().Close(r.Context(), v.Session, teamOf(r))
	})
}

// serveInvited serves GET /invited/{token}: what one is invited to. It changes
// nothing, because programs follow the links of messages.
func (p *Pages) serveInvited(w http.ResponseWriter, r *http.Request) error {
	return p.invitedPage(w, r, p.blank(r))
}

func (p *Pages) invitedPage(w http.ResponseWriter, r *http.Request, f *form) error {
	i, err := p.members.Teams().Invitation(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return p.gone(w, r, err)
	}
	view := formView{
		Title: f.say("invited.title", "name", i.Called), Lead: f.say("invited.lead", "by", i.By, "name", i.Called, "role", f.say("team.role."+string(i.Role))),
		Points: []string{f.say("invited.role." + string(i.Role)), f.say("invited.bound", "to", i.To.Masked()), f.say("team.until", "day", f.reader.Day(i.Ends))},
		Action: r.URL.Path, Others: []button{{"answer", "no", f.say("invited.no")}},
	}
	if visit.Of(r.Context()).SignedIn() {
		view.Go = f.say("invited.yes")
		return p.reply(w, r, f, "", view)
	}
	view.Points = append(view.Points, f.say("invited.sign_in"))
	view.Below = []link{
		{through("/signin", r.URL.Path), f.say("nav.signin")}, {through("/signup", r.URL.Path), f.say("signup.title")},
	}
	return p.reply(w, r, f, "", view)
}

// answerInvited serves POST /invited/{token}: answer=no declines, which needs no
// sign-in.
func (p *Pages) answerInvited(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	token := account.Token(r.PathValue("token"))
	if f.text("answer") == "no" {
		if err := p.members.Teams().Decline(r.Context(), token); err != nil {
			return p.gone(w, r, err)
		}
		return p.reply(w, r, f, "", formView{Title: f.say("invited.declined"), Lead: f.say("invited.declined_lead")})
	}
	v := visit.Of(r.Context())
	if !v.SignedIn() {
		return p.goTo(w, r, through("/signin", r.URL.Path))
	}
	id, err := p.members.Teams().Accept(r.Context(), v.Session, token)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return p.gone(w, r, err)
		}
		if fault.KindOf(err) == fault.Denied { // it is another's, or they are no adult
			view := formView{Title: f.say("over.title"), Lead: says(f.reader, err), Below: []link{{r.URL.Path, f.say("invited.back")}}}
			return p.form.Reply(w, r, http.StatusForbidden, f.reader, titled(view.Title, "", "/"), view)
		}
		return again(f, err, func() error { return p.invitedPage(w, r, f) })
	}
	return p.goTo(w, r, "/teams/"+string(id)+"?done=joined")
}
