package staff

import (
	"context"
	"errors"
	"net/http"
	"time"

	"waypost/internal/account"
	"waypost/internal/closing"
	"waypost/internal/web/ui"
)

// Business is what the page of its end or handing over is made of.
type Business struct {
	Closing *closing.Closing
	// Notice is how long before the day members are told at least.
	Notice time.Duration
}

type closingView struct {
	Wrong   string
	Lead    string
	Facts   []fact // of what is declared, was last, or would be
	Changes string // in the words that members read
	Regions []closingRegion
	Form    []input // of what is to be declared; nil none
	Draft   []input // the same, filled in, to be declared or changed; nil none
	Back    bool    // it can be taken back
}

// A closingRegion is how far telling a region's members is.
type closingRegion struct {
	Name  string
	Facts []fact
}

// serveClosing serves GET /staff/closing: what is declared of the business and how far
// that is, or the form that declares it.
func (p *Pages) serveClosing(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.closingPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) closingPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	if err := c.Must(account.CloseBusiness); err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := closingView{Wrong: wrong, Lead: reader.Say("business.goes_on")}
	last, err := p.business.Closing.Last(r.Context())
	if err != nil && !errors.Is(err, closing.ErrNone) {
		return err
	}
	if err == nil {
		view.Facts, view.Changes = closingFacts(reader, last), last.Changes
		if view.Regions, err = p.closingRegions(r.Context(), reader, last); err != nil {
			return err
		}
	}
	d, err := p.business.Closing.Current(r.Context())
	switch {
	case errors.Is(err, closing.ErrNone):
		view.Form = p.closingForm(reader, r)
	case err != nil:
		return err
	default:
		view.Lead, view.Back = reader.Say("business.stands."+closingState(d)), d.Ending.IsZero() && d.Ends.After(time.Now())
	}
	return p.closingOf.Reply(w, r, status, reader, titled(reader.Say("business.title"), "/staff/closing"), view)
}

// closingState is how far a declaration is that wasn't taken back.
func closingState(d closing.Declaration) string {
	switch {
	case !d.Done.IsZero():
		return "done"
	case !d.Ending.IsZero():
		return "ending"
	}
	return "declared"
}

// closingFacts are what a declaration says, and how far it is.
func closingFacts(reader ui.Reader, d closing.Declaration) []fact {
	all := []fact{{reader.Say("business.kind"), reader.Say("business.kind." + string(d.Kind))}}
	if d.Kind == closing.Transfer {
		who := "all"
		if d.Consent {
			who = "consent"
		}
		all = append(all, fact{reader.Say("business.to"), d.To}, fact{reader.Say("business.whom"), reader.Say("business.whom." + who)})
	}
	all = append(all, fact{reader.Say("business.contact"), d.Contact}, fact{reader.Say("business.day"), moment(reader, d.Ends)})
	for _, one := range []struct {
		name string
		at   time.Time
	}{{"declared", d.Declared}, {"ending", d.Ending}, {"taken_back", d.Cancelled}, {"done", d.Done}} {
		if !one.at.IsZero() {
			all = append(all, fact{reader.Say("business.at." + one.name), moment(reader, one.at)})
		}
	}
	return all
}

// closingRegions are how many members each region has, how many of them were told,
// and what they chose; the zero Declaration is of one that is to be declared.
func (p *Pages) closingRegions(ctx context.Context, reader ui.Reader, d closing.Declaration) (all []closingRegion, err error) {
	for _, s := range p.members.Stores() {
		region := closingRegion{Name: s.Region()}
		n, err := s.Count(ctx)
		if account.Away(err) {
			region.Facts = []fact{{reader.Say("business.members"), reader.Say("business.away")}}
			all = append(all, region)
			continue
		}
		if err != nil {
			return nil, err
		}
		region.Facts = []fact{{reader.Say("business.members"), reader.Say("health.count", "n", n)}}
		if d.ID != "" {
			more, err := p.closingTally(ctx, reader, d, s.Region())
			if err != nil {
				return nil, err
			}
			region.Facts = append(region.Facts, more...)
		}
		all = append(all, region)
	}
	return all, nil
}

func (p *Pages) closingTally(ctx context.Context, reader ui.Reader, d closing.Declaration, region string) (all []fact, err error) {
	part, err := p.business.Closing.In(region)
	if err != nil {
		return nil, err
	}
	t, err := part.Tally(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, step := range []closing.Step{closing.Declared, closing.Reminder, closing.Last, closing.Cancelled} {
		if n := t.Told[step]; n > 0 || step == closing.Declared {
			all = append(all, fact{reader.Say("business.told." + string(step)), reader.Say("health.count", "n", n)})
		}
	}
	if d.Kind == closing.Transfer {
		for _, choice := range []closing.Choice{closing.Agrees, closing.Objects} {
			all = append(all, fact{reader.Say("business.chose." + string(choice)), reader.Say("health.count", "n", t.Chose[choice])})
		}
	}
	return all, nil
}

// closingForm is what a declaration is made of, as it was filled in.
func (p *Pages) closingForm(reader ui.Reader, r *http.Request) []input {
	day := text(r, "ends")
	if day == "" {
		day = time.Now().UTC().Add(p.business.Notice + 24*time.Hour).Format(time.DateOnly)
	}
	return []input{
		{Name: "kind", Label: reader.Say("business.kind"), Choices: chosen(r, "kind", []closing.Kind{closing.Closure, closing.Transfer}, func(k closing.Kind) string { return reader.Say("business.kind." + string(k)) })},
		{Name: "ends", Type: "date", Label: reader.Say("business.day"), Hint: reader.Say("business.day_hint", "days", int(p.business.Notice.Hours()/24)), Value: day},
		{Name: "contact", Type: "text", Label: reader.Say("business.contact"), Hint: reader.Say("business.contact_hint"), Value: text(r, "contact")},
		{Name: "to", Type: "text", Label: reader.Say("business.to"), Hint: reader.Say("business.to_hint"), Value: text(r, "to"), Optional: true},
		{Name: "changes", Label: reader.Say("business.changes"), Hint: reader.Say("business.changes_hint"), Value: text(r, "changes"), Optional: true},
		{Name: "whom", Label: reader.Say("business.whom"), Choices: chosen(r, "whom", []string{"all", "consent"}, func(v string) string { return reader.Say("business.whom." + v) })},
	}
}

// drafted is the declaration that stands in a form.
func (p *Pages) drafted(r *http.Request) (d closing.Declaration, err error) {
	d = closing.Declaration{Kind: closing.Kind(text(r, "kind")), Contact: text(r, "contact"), Changes: text(r, "changes")}
	if d.Kind == closing.Transfer {
		d.To, d.Consent = text(r, "to"), text(r, "whom") == "consent"
	}
	if d.Ends, err = dayOf(r, "ends"); err != nil {
		return d, err
	}
	return p.business.Closing.Drafted(r.Context(), d, p.business.Notice)
}

// closeBusiness serves POST /staff/closing: act is draft, which shows what would be
// declared and to how many, declare with sure, or back. It is written down first.
func (p *Pages) closeBusiness(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.CloseBusiness); err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	var err error
	switch text(r, "act") {
	case "draft":
		err = p.draftClosing(w, r, reader, http.StatusOK, "")
	case "declare":
		if text(r, "sure") != "yes" {
			err = p.draftClosing(w, r, reader, http.StatusBadRequest, reader.Say("business.unsure"))
			break
		}
		if err = p.declareClosing(r, c); err == nil {
			return p.goTo(w, r, "/staff/closing")
		}
	case "change":
		return p.closingPage(w, r, c, http.StatusOK, "")
	case "back":
		if err = p.takeBackClosing(r, c); err == nil {
			return p.goTo(w, r, "/staff/closing")
		}
	default:
		return p.say(w, r, http.StatusBadRequest, reader.Say("staff.no_act"))
	}
	if err != nil {
		return again(reader, err, func(status int, wrong string) error { return p.closingPage(w, r, c, status, wrong) })
	}
	return nil
}

func (p *Pages) draftClosing(w http.ResponseWriter, r *http.Request, reader ui.Reader, status int, wrong string) error {
	d, err := p.drafted(r)
	if err != nil {
		return err
	}
	view := closingView{Wrong: wrong, Lead: reader.Say("business.draft." + string(d.Kind)), Facts: closingFacts(reader, d), Changes: d.Changes, Draft: p.closingForm(reader, r)}
	if view.Regions, err = p.closingRegions(r.Context(), reader, d); err != nil {
		return err
	}
	for i := range view.Draft {
		view.Draft[i].Value = text(r, view.Draft[i].Name)
	}
	return p.closingOf.Reply(w, r, status, reader, titled(reader.Say("business.title"), "/staff/closing"), view)
}

func (p *Pages) declareClosing(r *http.Request, c account.Clerk) error {
	d, err := p.drafted(r)
	if err != nil {
		return err
	}
	if err := p.staff.Business(r.Context(), c, account.DidEndBusiness); err != nil {
		return err
	}
	_, err = p.business.Closing.Declare(r.Context(), d, p.business.Notice)
	return err
}

func (p *Pages) takeBackClosing(r *http.Request, c account.Clerk) error {
	if err := p.staff.Business(r.Context(), c, account.DidKeepBusiness); err != nil {
		return err
	}
	_, err := p.business.Closing.Cancel(r.Context())
	return err
}
