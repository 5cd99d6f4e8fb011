package member

import (
	"net/http"
	"net/url"
	"strconv"

	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// A registeredView is the list of what programs registered.
type registeredView struct {
	Title  string
	Others []savedView // other lists to turn to, and this one
	Tabs   []savedView // what is saved, and what programs registered
	Any    bool        // there are registrations, here or in other parts of the list
	Count  string
	Shows  []savedView // parts of the list
	Rows   []parcelRow
	First  string // address of the first page, "" this is it
	Next   string // address of the next one, "" this is the last
	Keys   string // where programs get their keys, "" nowhere that who looks may go
}

// mostPage bounds the pages of an address.
const mostPage = 1_000_000

// serveRegistered serves GET /parcels/programs?show=&page=: show is tracked or
// stopped, "" both; page counts from 1.
func (p *Pages) serveRegistered(w http.ResponseWriter, r *http.Request, s shelf) error {
	t, show := p.teller(r), r.URL.Query().Get("show")
	q := watch.RegistrationQuery{}
	if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil && n >= 1 && n <= mostPage {
		q.Page = n - 1
	}
	if show == "tracked" || show == "stopped" {
		tracking := show == "tracked"
		q.Tracking = &tracking
	} else {
		show = ""
	}
	page, err := s.Registrations(r.Context(), s.owner, q)
	if err != nil {
		return err
	}
	view := registeredView{Title: t.Say("registered.title"), Tabs: s.tabs(t, true), Keys: s.keys, Count: t.Say("parcels.count", "n", page.Total)}
	if s.team != "" {
		view.Title = t.Say("registered.title_team", "name", s.team)
	}
	if view.Any, err = s.Registers(r.Context(), s.owner); err != nil {
		return err
	}
	if view.Others, err = p.others(r, t, s); err != nil {
		return err
	}
	for _, of := range page.Registrations {
		view.Rows = append(view.Rows, newRegisteredRow(t, of))
	}
	for _, part := range []struct{ show, key string }{{"", "filter.all"}, {"tracked", "registered.tracked"}, {"stopped", "registered.stopped"}} {
		view.Shows = append(view.Shows, savedView{Name: t.Say(part.key), Href: s.registered(part.show, 0), Current: part.show == show})
	}
	if q.Page > 0 {
		view.First = s.registered(show, 0)
	}
	if (q.Page+1)*watch.RegistrationPageMost < page.Total {
		view.Next = s.registered(show, q.Page+1)
	}
	return p.registered.Reply(w, r, http.StatusOK, t.Reader, titled(view.Title, "parcels", s.registered(show, q.Page)), view)
}

// registered is where a page of what programs registered is, counted from 0.
func (s shelf) registered(show string, page int) string {
	v := url.Values{}
	if show != "" {
		v.Set("show", show)
	}
	if page > 0 {
		v.Set("page", strconv.Itoa(page+1))
	}
	if len(v) == 0 {
		return s.at("/programs")
	}
	return s.at("/programs?") + ui.Query(v)
}

// tabs lead to what is saved and to what programs registered; the reader is at
// one of them.
func (s shelf) tabs(t tell.Teller, programs bool) []savedView {
	return []savedView{
		{Name: t.Say("registered.saved"), Href: s.home, Current: !programs},
		{Name: t.Say("registered.programs"), Href: s.at("/programs"), Current: programs},
	}
}

func newRegisteredRow(t tell.Teller, r watch.Registration) parcelRow {
	row := parcelRow{ID: string(r.ID), Href: trackedAt(r.Number, r.Carrier), Number: r.Number, Order: r.OrderNo, State: registeredState(t, r)}
	row.carriedBy(t, r.Carrier)
	if r.Tag != "" {
		row.Tags = []tagLink{{Name: r.Tag}}
	}
	if !r.Tracking() {
		row.Stands = t.Say("registered.over."+string(r.Why), "day", t.Day(r.Stopped))
		return row
	}
	row.Stands = t.Say("registered.since", "day", t.Day(r.Begun))
	standing := r.Parcel.Standing(t.Now)
	row.ETA = t.ETA(standing.ETA, standing.ETABy)
	return row
}

// registeredState tells how a registration's parcel is; how it was, when nobody
// is asked about it any more and there is nothing that somebody told.
func registeredState(t tell.Teller, r watch.Registration) tell.State {
	if r.Parcel.ID == "" || !r.Tracking() && len(r.Parcel.History.Legs) == 0 {
		return stateWas(t, r.Summary)
	}
	return t.State(r.Parcel)
}
