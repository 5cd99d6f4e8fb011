package legal

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"waypost/internal/figure"
	"waypost/internal/lawful"
	"waypost/internal/web/ui"
)

// A transparencyView is how many requests of authorities came, by halves of a year.
type transparencyView struct {
	Halves []halfView
	How    string // numbers are published
	Away   bool   // a part of what was counted can't be reached
}

type halfView struct {
	Title string
	Rows  []originView
}

// An originView is what came of one kind from one country.
type originView struct {
	Kind, Country string
	Numbers       []numberView
}

type numberView struct{ What, Band string }

// serveTransparency serves GET /transparency: what authorities asked for in halves of
// a year that are over. Requests are told in bands and accounts through the gate, and
// the running half isn't shown, so that nobody is singled out and no law that forbids
// to tell is broken. While a region can't be reached nothing is told: what the others
// counted would say by the difference what that one did.
func (p *Pages) serveTransparency(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	head := ui.Head{Title: reader.Say("transparency.title"), About: reader.Say("transparency.about"), Here: "/transparency"}
	counts, err := p.counts(r.Context(), time.Now())
	if errors.Is(err, lawful.ErrAway) {
		return p.transparency.Reply(w, r, http.StatusServiceUnavailable, reader, head, transparencyView{Away: true})
	}
	if err != nil {
		return err
	}
	accounts := p.accounts(counts)
	view := transparencyView{How: reader.Say("transparency.how", "least", p.gate.Group())}
	for i, c := range counts {
		if i == 0 || c.Half != counts[i-1].Half {
			view.Halves = append(view.Halves, halfView{Title: halfWords(reader, c.Half)})
		}
		last := &view.Halves[len(view.Halves)-1]
		last.Rows = append(last.Rows, originView{reader.Say("lawful.kind." + string(c.Kind)), reader.Country(c.Country), []numberView{
			{reader.Say("transparency.received"), band(reader, c.Received)},
			{reader.Say("transparency.refused"), band(reader, c.Refused)},
			{reader.Say("transparency.narrowed"), band(reader, c.Narrowed)},
			{reader.Say("transparency.disclosed"), band(reader, c.Disclosed)},
			{reader.Say("transparency.people"), p.group(reader, accounts[i])},
		}})
	}
	return p.transparency.Reply(w, r, http.StatusOK, reader, head, view)
}

func halfWords(reader ui.Reader, h lawful.Half) string {
	return reader.Say("transparency.half", "from", reader.Day(h.Begins()), "to", reader.Day(h.Ends().AddDate(0, 0, -1)))
}

// accounts are of how many accounts something was given, of each count, as far as it
// is published.
func (p *Pages) accounts(counts []lawful.Count) []figure.Published {
	var all []figure.Count
	for _, c := range counts {
		ground := strings.ReplaceAll(string(c.Kind), "_", "-")
		all = append(all, figure.Count{At: []string{c.Half.Begins().Format("2006-01"), ground, c.Country}, N: c.People})
	}
	return p.gate.Publish(figure.Given, all)
}

// group is a number of accounts as it is published, a dash where it can't be.
func (p *Pages) group(reader ui.Reader, f figure.Published) string {
	switch {
	case f.Withheld != nil:
		return "—"
	case f.N == 0:
		return reader.Say("transparency.fewer", "least", p.gate.Group())
	}
	return reader.Say("transparency.more", "from", f.N)
}

// band is a number of requests as it is published.
func band(reader ui.Reader, n int) string {
	from, to := lawful.Band(n)
	if to == 0 {
		return reader.Say("transparency.zero")
	}
	return reader.Say("transparency.band", "from", from, "to", to)
}
