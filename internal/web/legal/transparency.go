package legal

import (
	"net/http"
	"time"

	"waypost/internal/lawful"
	"waypost/internal/web/ui"
)

// A transparencyView is how many requests of authorities came, by halves of a year.
type transparencyView struct{ Halves []halfView }

type halfView struct {
	Title string
	Rows  []requestsView
}

// A requestsView is what came of one kind from one country.
type requestsView struct {
	Kind, Country string
	Numbers       []numberView
}

type numberView struct{ What, Band string }

// serveTransparency serves GET /transparency: what authorities asked for in halves of
// a year that are over. Numbers are bands, and the running half isn't shown, so that
// nobody is singled out and no law that forbids to tell is broken.
func (p *Pages) serveTransparency(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	counts, err := p.counts(r.Context(), time.Now())
	if err != nil {
		return err
	}
	var view transparencyView
	for i, c := range counts {
		if i == 0 || c.Half != counts[i-1].Half {
			view.Halves = append(view.Halves, halfView{Title: halfWords(reader, c.Half)})
		}
		last := &view.Halves[len(view.Halves)-1]
		last.Rows = append(last.Rows, requestsView{reader.Say("transparency.kind." + string(c.Kind)), reader.Country(c.Country), []numberView{
			{reader.Say("transparency.received"), band(reader, c.Received)},
			{reader.Say("transparency.refused"), band(reader, c.Refused)},
			{reader.Say("transparency.narrowed"), band(reader, c.Narrowed)},
			{reader.Say("transparency.disclosed"), band(reader, c.Disclosed)},
			{reader.Say("transparency.people"), band(reader, c.People)},
		}})
	}
	head := ui.Head{Title: reader.Say("transparency.title"), About: reader.Say("transparency.about"), Here: "/transparency"}
	return p.requests.Reply(w, r, http.StatusOK, reader, head, view)
}

func halfWords(reader ui.Reader, h lawful.Half) string {
	return reader.Say("transparency.half", "from", reader.Day(h.Begins()), "to", reader.Day(h.Ends().AddDate(0, 0, -1)))
}

// band is a number as it is published.
func band(reader ui.Reader, n int) string {
	from, to := lawful.Band(n)
	if to == 0 {
		return reader.Say("transparency.zero")
	}
	return reader.Say("transparency.band", "from", from, "to", to)
}
