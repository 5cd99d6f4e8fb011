package member

import (
	"errors"
	"net/http"
	"time"

	"waypost/internal/account"
	"waypost/internal/closing"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// serveClosing serves GET /closing: what is declared of the business, and what
// everybody can do until its day.
func (p *Pages) serveClosing(w http.ResponseWriter, r *http.Request) error {
	return p.closingPage(w, r, p.blank(r), "")
}

func (p *Pages) closingPage(w http.ResponseWriter, r *http.Request, f *form, note string) error {
	d, err := p.closing.Current(r.Context())
	if errors.Is(err, closing.ErrNone) {
		return p.reply(w, r, f, "account", formView{Title: f.say("closing.title"), Lead: f.say("closing.none")})
	}
	if err != nil {
		return err
	}
	day := utc(f, d.Ends)
	if !d.Done.IsZero() {
		return p.reply(w, r, f, "account", formView{Title: f.say("closing.title.closed"), Lead: f.say("closing.done", "day", day)})
	}
	view := formView{Title: f.say("closing.title." + string(d.Kind)), Note: note}
	chooses := d.Kind == closing.Transfer && d.Ends.After(time.Now())
	if d.Kind == closing.Transfer {
		view.Lead = f.say("closing.lead.transfer", "to", d.To, "day", day)
		view.Parts = []part{{Title: f.say("closing.changes"), Points: []string{d.Changes}}}
		if d.Consent {
			view.Points = []string{f.say("closing.consent")}
		} else if chooses {
			view.Points = []string{f.say("closing.object")}
		}
	} else {
		view.Lead = f.say("closing.lead.closure", "day", day)
		if d.Changes != "" {
			view.Parts = []part{{Title: f.say("closing.said"), Points: []string{d.Changes}}}
		}
	}
	view.Points = append(view.Points, f.say("closing.copy"), f.say("closing.delete"), f.say("closing.contact", "contact", d.Contact))
	view.Below = []link{{"/my-data/copy", f.say("copy.title")}, {"/my-data", f.say("data.title")}}
	v := visit.Of(r.Context())
	if chooses && v.SignedIn() {
		if err := p.closingChoice(r, f, v, d, &view); err != nil {
			return err
		}
	}
	return p.reply(w, r, f, "account", view)
}

// closingChoice adds what a member can say to their data being handed over.
func (p *Pages) closingChoice(r *http.Request, f *form, v visit.Visit, d closing.Declaration, view *formView) error {
	s, err := p.closing.Of(v.Session.Account.Subject())
	if err != nil {
		return err
	}
	chosen, err := s.Chosen(r.Context(), d, v.Session.Account.Subject())
	if err != nil {
		return err
	}
	if chosen != "" {
		view.Points = append(view.Points, f.say("closing.chose."+string(chosen)))
	}
	view.Action = "/closing"
	view.Others = []button{
		{Name: "choice", Value: string(closing.Objects), Label: f.say("closing.choice.objects")},
		{Name: "choice", Value: string(closing.Agrees), Label: f.say("closing.choice.agrees")},
	}
	return nil
}

// chooseClosing serves POST /closing: choice.
func (p *Pages) chooseClosing(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	who := v.Session.Account.Subject()
	s, err := p.closing.Of(who)
	if err != nil {
		return err
	}
	if err := s.Choose(r.Context(), who, closing.Choice(f.values.Get("choice"))); err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return err
		}
		return p.over(w, r, err, link{"/closing", f.say("closing.title")})
	}
	return p.closingPage(w, r, f, f.say("closing.kept"))
}
