package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

type concernsView struct{ Concerns []concern }

// A concern is what the member is told of an incident, and since when, of which
// data of theirs.
type concern struct {
	Since, Kinds string
	ui.Concern
}

// serveConcerns serves GET /account/incidents: what the member is told of incidents
// that concern them. Whoever opens it has seen it.
func (p *Pages) serveConcerns(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	who, f := v.Session.Account, p.blank(r)
	told, err := p.incidents.Concerns(r.Context(), who, f.reader.Lang)
	if err != nil {
		return err
	}
	if err := p.incidents.Saw(r.Context(), who); err != nil {
		return err
	}
	var view concernsView
	for _, c := range told {
		to := concern{
			Kinds:   f.say("concern.kinds", "kinds", p.incidents.KindWords(f.reader.Lang, c.Kinds...)),
			Since:   f.say("concern.since", "id", string(c.ID), "when", utc(f, c.Since)),
			Concern: ui.Concern{Lang: c.Lang, Dir: "ltr", Level: "h2", Title: c.Text.Title},
		}
		for _, words := range p.kit.Words() {
			if words.Lang == c.Lang {
				to.Dir = words.Dir
			}
		}
		for _, part := range c.Text.Parts() {
			to.Parts = append(to.Parts, ui.ConcernPart{Heading: p.incidents.Called(c.Lang, "part", part.Key), Text: part.Text})
		}
		view.Concerns = append(view.Concerns, to)
	}
	return p.concerns.Reply(w, r, http.StatusOK, f.reader, titled(f.say("concern.title"), "account", "/account/incidents"), view)
}
