package site

import (
	"net/url"
	"strings"

	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// A choice is the form with which a carrier is chosen or corrected.
type choice struct {
	Title, Why string
	Open       bool
	Number     string // of=
	Nums       string // the whole list, which the choice leads back to
	Carriers   string // fc of the whole list
	Lang       string // when the address names it
	Candidates []candidate
	All        string // address of the catalogue, for this choice
	Undo       string // address of the list without a named carrier
}

type candidate struct {
	Badge      tell.Badge
	Code, Name string
	Sure       string
	Reasons    []string
	Current    bool
}

// mostCandidates are offered in a card; the catalogue has all carriers.
const mostCandidates = 6

func (d *desk) choice(r row, stuck bool) *choice {
	c := &choice{
		Title: d.Say("choice.title"), Number: r.Text, Nums: d.list.nums(), Carriers: d.list.carriers(),
		All: d.catalogueFor(r.Text),
	}
	current := r.carrierOf()
	if stuck && r.named == "" || current == "" {
		c.Title = d.Say("choice.title_pick")
	}
	if d.Named {
		c.Lang = d.Lang
	}
	if r.parcel != nil && r.parcel.Choice != parcel.Unchosen {
		c.Why = d.Say("choice." + string(r.parcel.Choice))
	}
	if r.named != "" {
		c.Undo = d.list.choosing(r.Text, "").address("/track")
	}
	for _, m := range r.Candidates[:min(len(r.Candidates), mostCandidates)] {
		known, ok := d.know.Catalogue.Carrier(m.Carrier)
		if !ok {
			continue
		}
		one := candidate{Badge: tell.BadgeOf(known), Code: string(m.Carrier), Name: known.Name(d.Lang), Sure: d.sure(m.Score), Current: m.Carrier == current && (r.parcel != nil || r.named != "")}
		for _, reason := range m.Reasons {
			one.Reasons = append(one.Reasons, d.Reason(reason))
		}
		c.Candidates = append(c.Candidates, one)
	}
	return c
}

// catalogueFor is the catalogue's address for choosing a number's carrier.
func (d *desk) catalogueFor(number string) string {
	v := url.Values{"of": {number}, "nums": {d.list.nums()}}
	if fc := d.list.carriers(); fc != "" {
		v.Set("fc", fc)
	}
	return "/carriers?" + ui.Query(v)
}

func (d *desk) sure(score float64) string {
	switch {
	case score >= recognise.Certain:
		return d.Say("choice.certain")
	case score >= 0.4:
		return d.Say("choice.likely")
	}
	return d.Say("choice.possible")
}

// ignored words what was not taken for a number, and why.
func (d *desk) ignored() []ignored {
	var all []ignored
	for _, code := range d.list.unknown {
		all = append(all, ignored{code, d.Say("results.no_carrier")})
	}
	for _, i := range d.list.ignored {
		all = append(all, ignored{shortened(i.Text), d.Reason(i.Why)})
	}
	return all
}

func shortened(text string) string {
	const most = 80
	if runes := []rune(strings.TrimSpace(text)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
