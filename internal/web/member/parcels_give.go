package member

import (
	"net/http"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
)

// A tried is what was filled in of what a carrier demands, and can't be used.
type tried struct {
	typed carrier.Given
	wrong []carrier.Need
}

var errNeeds = fault.New(fault.Invalid, "needs", "What was entered can't be used.")

// needsOf asks for what the carrier of a watch's parcel demands, nil nothing.
func needsOf(t tell.Teller, s shelf, of watch.Watch, again tried) *tell.NeedForm {
	if !s.writes {
		return nil
	}
	by, needs := s.Demands(of)
	if len(needs) == 0 {
		return nil
	}
	f := t.NeedForm("need", by, needs, again.typed, again.wrong)
	f.Action = s.at("/") + string(of.ID)
	f.Hidden = []tell.Fact{{Name: "do", Value: "give"}, {Name: "by", Value: string(by)}}
	return f
}

// giveParcel tells a parcel's carrier what it demands besides the number.
func (p *Pages) giveParcel(w http.ResponseWriter, r *http.Request, s shelf, of watch.Watch, f *form) error {
	given, typed, wrong := tell.ReadNeeds(f.values)
	if len(wrong) > 0 || len(given) == 0 {
		return p.parcelPageAgain(w, r, s, of, formOf(of), errNeeds, tried{typed, wrong})
	}
	done, err := s.Give(r.Context(), s.owner, of.ID, carrier.Code(f.text("by")), given)
	if err != nil {
		return p.parcelPage(w, r, s, of, formOf(of), err)
	}
	return p.goTo(w, r, s.at("/")+string(of.ID)+told("", "give", done.Changed, done))
}

// linePrefix begins the names of an import's fields of one line, of which the
// rest is the need's.
func linePrefix(at int) string { return "line-" + strconv.Itoa(at) + "-" }

// giveImport takes what was filled in beside the lines of an import. Fields that
// were left empty are no mistake: a line can be taken without.
func (p *Pages) giveImport(w http.ResponseWriter, r *http.Request, s shelf, f *form, id watch.ImportID) error {
	preview, err := s.Preview(r.Context(), s.owner, id)
	if err != nil {
		return p.previewPage(w, r, s, err)
	}
	all, again := map[int]carrier.Given{}, map[int]tried{}
	for _, l := range preview.Lines {
		filled := map[string][]string{}
		for _, need := range l.Needs {
			if text := f.values.Get(linePrefix(l.At) + string(need)); strings.TrimSpace(text) != "" {
				filled[string(need)] = []string{text}
			}
		}
		given, typed, wrong := tell.ReadNeeds(filled)
		if len(given) > 0 {
			all[l.At] = given
		}
		if len(wrong) > 0 {
			again[l.At] = tried{typed, wrong}
		}
	}
	if len(all) > 0 {
		if _, err := s.Reread(r.Context(), s.owner, id, watch.Reading{Given: all}); err != nil {
			return p.previewPage(w, r, s, err)
		}
	}
	if len(again) > 0 {
		return p.previewPageAgain(w, r, s, errNeeds, again)
	}
	return p.goTo(w, r, s.at("/import/")+string(id))
}

// lineNeeds are the fields that ask for what the carrier of an import's line
// demands.
func lineNeeds(t tell.Teller, l watch.Line, again tried) []tell.NeedField {
	var by carrier.Code
	switch {
	case l.Carrier != "":
		by = l.Carrier
	case len(l.Candidates) > 0:
		by = l.Candidates[0]
	}
	form := t.NeedForm("line-"+strconv.Itoa(l.At), by, l.Needs, again.typed, again.wrong)
	for i := range form.Fields {
		form.Fields[i].Name = linePrefix(l.At) + form.Fields[i].Name
		form.Fields[i].Optional = true
	}
	return form.Fields
}
