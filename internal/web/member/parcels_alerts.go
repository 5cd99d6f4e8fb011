package member

import (
	"net/http"
	"slices"

	"waypost/internal/account"
	"waypost/internal/watch"
)

// A parcelAlertsView is which alerts a member wants of one parcel.
type parcelAlertsView struct {
	Number, Name string
	Action       string
	Own          bool // a choice of its own, in place of the default
	Statuses     []choice
	Back         link
}

// serveParcelAlerts serves GET /parcels/alerts/{id}.
func (p *Pages) serveParcelAlerts(w http.ResponseWriter, r *http.Request, s shelf) error {
	of, err := s.Get(r.Context(), s.owner, watch.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	store, err := p.messages.Of(account.ID(s.owner))
	if err != nil {
		return err
	}
	settings, err := store.Settings(r.Context(), s.owner)
	if err != nil {
		return err
	}
	f, here := p.blank(r), "/parcels/"+string(of.ID)
	on := settings.On
	if of.Alerts.Own {
		on = of.Alerts.On
	}
	view := parcelAlertsView{
		Number: of.Number, Name: of.Name, Action: "/parcels/alerts/" + string(of.ID), Own: of.Alerts.Own, Back: link{here, f.say("alerts.back")},
	}
	for _, m := range offered {
		view.Statuses = append(view.Statuses, choice{string(m), mainly(f.reader, m), slices.Contains(on, m)})
	}
	return p.parcelAlerts.Reply(w, r, http.StatusOK, f.reader, titled(f.say("alerts.title"), "parcels", view.Action), view)
}

// setParcelAlerts serves POST /parcels/alerts/{id}: own=yes and on, or the default.
func (p *Pages) setParcelAlerts(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	alerts := watch.Alerts{Own: f.text("own") == "yes"}
	if alerts.Own {
		alerts.On = picked(f)
	}
	id := watch.ID(r.PathValue("id"))
	done, err := s.Edit(r.Context(), s.owner, id, watch.Edit{Alerts: &alerts})
	if err != nil {
		return err
	}
	return p.goTo(w, r, "/parcels/"+string(id)+told("", "edit", done.Changed, done))
}
