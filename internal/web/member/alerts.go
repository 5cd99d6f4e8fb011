package member

import (
	"net/http"
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/message"
	"waypost/internal/place"
	"waypost/internal/status"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// offered are the statuses that alerts can be had of. Of the other two, that
// nobody knows a number and that it expired, no carrier tells.
var offered = []status.Main{
	status.InfoReceived, status.InTransit, status.AvailableForPickup, status.OutForDelivery,
	status.DeliveryFailure, status.Delivered, status.Exception,
}

// pauses are how long somebody may want to be left alone from now on.
var pauses = []struct {
	value, label string
	length       time.Duration
}{
	{"day", "alerts.pause_day", 24 * time.Hour},
	{"week", "alerts.pause_week", 7 * 24 * time.Hour},
	{"month", "alerts.pause_month", 30 * 24 * time.Hour},
}

// An alertsView is which alerts a member wants.
type alertsView struct {
	Wrong, Done string
	To          string // where they go, "" nowhere yet
	Mail        bool
	Statuses    []choice
	Quiet       bool
	From, Until field
	Zone        field
	Pause       field
}

func (p *Pages) readAlertPages() (err error) {
	const parts = "pages/parts.html"
	if p.alerts, err = ui.NewPage[alertsView](p.kit, pages, parts, "pages/alerts.html"); err != nil {
		return err
	}
	p.parcelAlerts, err = ui.NewPage[parcelAlertsView](p.kit, pages, parts, "pages/parcel_alerts.html")
	return err
}

// routeAlerts are the addresses of what members are told of, and how that ends.
func (p *Pages) routeAlerts() {
	if p.messages == nil {
		return
	}
	p.own("GET /account/alerts", p.serveAlerts)
	p.own("POST /account/alerts", p.setAlerts)
	p.own("GET /parcels/alerts/{id}", p.kept(p.serveParcelAlerts))
	p.own("POST /parcels/alerts/{id}", p.kept(p.setParcelAlerts))
	p.handle("GET /unsubscribe/{token}", p.serveUnsubscribe)
	p.handle(unsubscribing, p.unsubscribe)
}

// serveAlerts serves GET /account/alerts.
func (p *Pages) serveAlerts(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.alertsPage(w, r, p.blank(r), v)
}

func (p *Pages) alertsPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	store, err := p.messages.Of(v.Session.Account)
	if err != nil {
		return err
	}
	now, err := store.Settings(r.Context(), v.Session.Account.Subject())
	if err != nil {
		return err
	}
	if len(f.values) == 0 {
		f.values.Set("from", now.Quiet.From.Clock())
		f.values.Set("until", now.Quiet.To.Clock())
		f.values.Set("zone", zoneOf(now, v.Profile.Country))
	} else {
		now.Mail, now.Quiet.On = f.text("mail") != "", f.text("quiet") != ""
		now.On = picked(f)
	}
	view := alertsView{
		Mail: now.Mail, Quiet: now.Quiet.On, Wrong: f.wrong[""],
		From:  f.field("from", "time", "alerts.from", ""),
		Until: f.field("until", "time", "alerts.until", ""),
		Zone:  f.field("zone", "text", "alerts.zone", ""),
		Pause: f.field("pause", "", "alerts.pause", "").of(pauseChoices(f, now)),
	}
	if done := r.URL.Query().Get("done"); done == "alerts" && r.Method == http.MethodGet {
		view.Done = f.say("done.alerts")
	}
	for _, m := range offered {
		view.Statuses = append(view.Statuses, choice{string(m), mainly(f.reader, m), slices.Contains(now.On, m)})
	}
	for _, a := range v.Profile.Contacts {
		if a.Kind == account.Mail {
			view.To = a.Value
		}
	}
	return p.alerts.Reply(w, r, f.status(), f.reader, titled(f.say("alerts.title"), "account", "/account/alerts"), view)
}

// zoneOf is the time zone of somebody's quiet hours.
func zoneOf(s message.Settings, country string) string {
	if s.Zone != "" {
		return s.Zone
	}
	if z, ok := place.Zone(place.Place{Country: country}); ok {
		return z.String()
	}
	return time.UTC.String()
}

// pauseChoices are no pause, those that begin now, and the one that is on.
func pauseChoices(f *form, now message.Settings) []choice {
	on := now.Pause.After(time.Now())
	all := []choice{{"none", f.say("alerts.pause_none"), !on}}
	if on {
		all = append(all, choice{"keep", f.say("alerts.pause_keep", "day", f.reader.Day(now.Pause)), true})
	}
	for _, pause := range pauses {
		all = append(all, choice{pause.value, f.say(pause.label), f.text("pause") == pause.value})
	}
	return all
}

// mainly is a main status in words: its plainest kind.
func mainly(reader ui.Reader, m status.Main) string {
	if m == status.InfoReceived {
		return reader.Say("status." + string(m))
	}
	return reader.Say("status." + string(m) + "_Other")
}

// picked are the statuses that are ticked.
func picked(f *form) []status.Main {
	var on []status.Main
	for _, m := range offered {
		if slices.Contains(f.values["on"], string(m)) {
			on = append(on, m)
		}
	}
	return on
}

// setAlerts serves POST /account/alerts.
func (p *Pages) setAlerts(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	from, wrongFrom := message.ParseMinute(f.text("from"))
	until, wrongUntil := message.ParseMinute(f.text("until"))
	for _, err := range []error{wrongFrom, wrongUntil} {
		if err != nil {
			return again(f, err, func() error { return p.alertsPage(w, r, f, v) })
		}
	}
	store, err := p.messages.Of(v.Session.Account)
	if err != nil {
		return err
	}
	err = store.Change(r.Context(), v.Session.Account.Subject(), func(s *message.Settings) {
		s.Mail, s.On, s.Zone = f.text("mail") != "", picked(f), f.text("zone")
		s.Quiet = message.Quiet{On: f.text("quiet") != "", From: from, To: until}
		s.Pause = paused(f, s.Pause)
	})
	if err != nil {
		return again(f, err, func() error { return p.alertsPage(w, r, f, v) })
	}
	return p.goTo(w, r, "/account/alerts?done=alerts")
}

// paused is until when somebody wants to be left alone.
func paused(f *form, before time.Time) time.Time {
	for _, pause := range pauses {
		if f.text("pause") == pause.value {
			return time.Now().Add(pause.length)
		}
	}
	if f.text("pause") == "keep" {
		return before
	}
	return time.Time{}
}
