package staff

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/web/ui"
)

type peopleView struct {
	Wrong   string
	People  []colleague
	Contact field
	Duties  []choice
}

type colleague struct {
	ID, Name, Contact, State string
	Duties                   []choice
	You, Locked              bool
	Training                 string
	Overdue                  bool // they have to take it
	Used                     []string
	Reviewed                 string
}

// servePeople serves GET /staff/people.
func (p *Pages) servePeople(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.peoplePage(w, r, c, http.StatusOK, "")
}

func (p *Pages) peoplePage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	all, err := p.staff.List(r.Context(), c)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	choices := func(given []account.Duty) (some []choice) {
		for _, d := range account.Duties {
			one := choice{Value: string(d), Label: reader.Say("staff.duty." + string(d))}
			for _, has := range given {
				one.Chosen = one.Chosen || has == d
			}
			some = append(some, one)
		}
		return some
	}
	view := peopleView{Wrong: wrong, Duties: choices(dutiesOf(r)), Contact: field{Name: "contact", Type: "email", Label: reader.Say("staff.contact"), Value: text(r, "contact"), Complete: "off"}}
	for _, one := range all {
		view.People = append(view.People, p.colleague(reader, c, one, choices(one.Duties)))
	}
	return p.people.Reply(w, r, status, reader, titled(reader.Say("staff.people"), "/staff/people"), view)
}

func (p *Pages) colleague(reader ui.Reader, c account.Clerk, one account.Colleague, duties []choice) colleague {
	view := colleague{
		ID: string(one.ID), Name: one.Name, Contact: one.Contact.Value, State: reader.Say("staff.state." + one.State),
		Duties: duties, You: one.ID == c.ID, Locked: one.State == "locked",
		Training: reader.Say("staff.untrained"), Overdue: one.Due.IsZero(), Reviewed: reader.Say("staff.unreviewed"),
	}
	if !one.Due.IsZero() {
		view.Training = reader.Say("staff.trained", "day", reader.Day(one.Due))
	}
	for _, d := range one.Duties {
		name := reader.Say("staff.duty." + string(d))
		if at := one.Used[d]; !at.IsZero() {
			view.Used = append(view.Used, reader.Say("staff.used", "duty", name, "day", reader.Day(at)))
		} else {
			view.Used = append(view.Used, reader.Say("staff.unused", "duty", name))
		}
	}
	if !one.Reviewed.IsZero() {
		view.Reviewed = reader.Say("staff.reviewed", "day", reader.Day(one.Reviewed))
	}
	return view
}

// dutiesOf are the boxes that were ticked.
func dutiesOf(r *http.Request) (all []account.Duty) {
	for _, d := range r.PostForm["duty"] {
		all = append(all, account.Duty(d))
	}
	return all
}

// invite serves POST /staff/people: contact, duty.
func (p *Pages) invite(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if !c.Can(account.ManageStaff) {
		_, err := p.staff.List(r.Context(), c)
		return err
	}
	wrong := func(err error) error {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.peoplePage(w, r, c, status, wrong) })
	}
	contact, err := account.MailOnly(text(r, "contact"))
	if err != nil {
		return wrong(err)
	}
	if !c.Fresh() {
		return p.goTo(w, r, "/staff/prove")
	}
	link, err := p.staff.Invite(r.Context(), c, contact, dutiesOf(r))
	if err != nil {
		return wrong(err)
	}
	return p.linkPage(w, r, link)
}

// linkPage shows a link, this once: whoever it is for gets it from who sees it.
func (p *Pages) linkPage(w http.ResponseWriter, r *http.Request, link account.Link) error {
	reader := p.kit.Reader(r)
	return p.form.Reply(w, r, http.StatusOK, reader, titled(reader.Say("staff.link"), "/staff/people"), formView{
		Title: reader.Say("staff.link"), Lead: reader.Say("staff.link_lead", "when", moment(reader, link.Ends)),
		Link: p.door.URL() + "/staff/enter/" + string(link.Token), Back: true,
	})
}

// change serves POST /staff/people/{staff}: act=duties with duty, review, link,
// lock, unlock or remove.
func (p *Pages) change(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	id, ctx := account.StaffID(r.PathValue("staff")), r.Context()
	act := text(r, "act")
	if act == "link" {
		link, err := p.staff.Relink(ctx, c, id)
		if err != nil {
			return err
		}
		return p.linkPage(w, r, link)
	}
	do := map[string]func() error{
		"duties": func() error { return p.staff.SetDuties(ctx, c, id, dutiesOf(r)) },
		"review": func() error { return p.staff.Review(ctx, c, id) },
		"lock":   func() error { return p.staff.LockOut(ctx, c, id) },
		"unlock": func() error { return p.staff.LetIn(ctx, c, id) },
		"remove": func() error { return p.staff.Remove(ctx, c, id) },
	}[act]
	if do == nil {
		return p.say(w, r, http.StatusBadRequest, p.kit.Reader(r).Say("staff.no_act"))
	}
	if err := do(); err != nil {
		return err
	}
	return p.goTo(w, r, "/staff/people")
}
