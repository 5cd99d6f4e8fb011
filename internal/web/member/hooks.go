package member

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
	"waypost/internal/webhook"
)

// Hooks are whose webhooks a page is about.
type hooks struct {
	programs
	*webhook.Store
	owner inventory.Subject
}

type hooking = func(w http.ResponseWriter, r *http.Request, s hooks) error

func (p *Pages) readHookPages() (err error) {
	const parts = "pages/parts.html"
	if p.hookList, err = ui.NewPage[hooksView](p.kit, pages, parts, "pages/hooks.html"); err != nil {
		return err
	}
	if p.hookPage, err = ui.NewPage[hookView](p.kit, pages, parts, "pages/hooks_parts.html", "pages/hooks_one.html"); err != nil {
		return err
	}
	if p.hookForm, err = ui.NewPage[hookFormView](p.kit, pages, parts, "pages/hooks_form.html"); err != nil {
		return err
	}
	if p.hookSecret, err = ui.NewPage[hookSecretView](p.kit, pages, parts, "pages/hooks_secret.html"); err != nil {
		return err
	}
	if p.hookLog, err = ui.NewPage[hookLogView](p.kit, pages, parts, "pages/hooks_parts.html", "pages/hooks_log.html"); err != nil {
		return err
	}
	p.hookDelivery, err = ui.NewPage[hookDeliveryView](p.kit, pages, parts, "pages/hooks_delivery.html")
	return err
}

// routeHooks are the addresses of webhooks, beside those of keys.
func (p *Pages) routeHooks(home string, see, manage func(programming) members) {
	if p.webhooks == nil {
		return
	}
	home += "/webhooks"
	at := home + "/{hook}"
	for pattern, h := range map[string]hooking{
		"GET " + home: p.serveHooks, "GET " + home + "/log": p.serveHookLog, "GET " + at: p.serveHook, "GET " + at + "/deliveries/{seq}": p.serveDelivery,
	} {
		p.own(pattern, see(p.hooksFor(h)))
	}
	for pattern, h := range map[string]hooking{
		"POST " + at + "/switch": p.switchHook, "GET " + at + "/delete": p.serveDeleteHook, "POST " + at + "/delete": p.deleteHook,
		"POST " + at + "/test": p.testHook, "GET " + at + "/replay": p.serveReplay, "POST " + at + "/replay": p.replayHook,
	} {
		p.own(pattern, manage(p.hooksFor(h)))
	}
	for pattern, h := range map[string]hooking{
		"GET " + home + "/new": p.serveNewHook, "POST " + home + "/new": p.newHook, "GET " + at + "/edit": p.serveEditHook, "POST " + at + "/edit": p.editHook,
		"GET " + at + "/secret": p.serveHookSecret, "GET " + at + "/rotate": p.serveRotateHook, "POST " + at + "/rotate": p.rotateHook,
	} {
		p.own(pattern, manage(p.provenFor(p.hooksFor(h))))
	}
}

// hooksFor has a page of webhooks served, and answers who asks for what isn't there.
func (p *Pages) hooksFor(h hooking) programming {
	return func(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
		store, err := p.webhooks.Of(s.owner)
		if err != nil {
			return err
		}
		err = h(w, r, hooks{programs: s, Store: store, owner: s.owner})
		if fault.KindOf(err) == fault.NotFound {
			return p.over(w, r, err, s.back(p.blank(r), "/webhooks", "hook.title"))
		}
		return err
	}
}

// hookOf is the endpoint that an address names.
func hookOf(r *http.Request) webhook.EndpointID { return webhook.EndpointID(r.PathValue("hook")) }

// endpoint is the one that an address names.
func (s hooks) endpoint(r *http.Request) (webhook.Endpoint, error) {
	return s.Endpoint(r.Context(), s.owner, hookOf(r))
}

// of is the address of a page of an endpoint.
func (s hooks) of(id webhook.EndpointID, rest string) string {
	return s.at("/webhooks/" + string(id) + rest)
}

// A hooksView is the list of endpoints.
type hooksView struct {
	Title string
	Done  string
	Hooks []hookRow
	New   string // where one is made, "" who looks may not
	Log   string
	Back  link
}

// A hookRow is an endpoint as the list shows it.
type hookRow struct {
	Name, URL, Form string
	State, Tone     string
	Waiting         string // "" nothing waits
	Href            string
}

// serveHooks serves GET /developer/webhooks.
func (p *Pages) serveHooks(w http.ResponseWriter, r *http.Request, s hooks) error {
	f := p.blank(r)
	all, err := s.Endpoints(r.Context(), s.owner)
	if err != nil {
		return err
	}
	view := hooksView{Title: f.say("hook.title"), Done: f.done(r, "hook.done."), Log: s.at("/webhooks/log"), Back: s.back(f, "", "programs.title")}
	if s.manages {
		view.New = s.at("/webhooks/new")
	}
	for _, e := range all {
		view.Hooks = append(view.Hooks, s.row(f, e))
	}
	return p.hookList.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", s.at("/webhooks")), view)
}

// done is what a page says was done, by ?done=; "" nothing.
func (f *form) done(r *http.Request, prefix string) string {
	if key := prefix + r.URL.Query().Get("done"); f.reader.Has(key) {
		return f.say(key)
	}
	return ""
}

func (s hooks) row(f *form, e webhook.Endpoint) hookRow {
	row := hookRow{Name: called(f, e), URL: e.URL, Form: f.say("hook.form." + formWord(e.Form)), Href: s.of(e.ID, "")}
	row.State, row.Tone = hookState(f, e)
	if e.Waiting > 0 {
		row.Waiting = f.say("hook.waiting", "n", e.Waiting)
	}
	return row
}

// called is what an endpoint is called.
func called(f *form, e webhook.Endpoint) string { return cmp.Or(e.Called(), f.say("hook.inspector")) }

// formWord is a form as keys of words have it.
func formWord(form webhook.Form) string {
	if form == webhook.Own {
		return "own"
	}
	return "track" + map[webhook.Form]string{
		webhook.TrackV1: "1", webhook.TrackV2: "2", webhook.TrackV21: "21", webhook.TrackV22: "22", webhook.TrackV24: "24",
	}[form]
}

// hookState says how an endpoint does, and how that is to look.
func hookState(f *form, e webhook.Endpoint) (text, tone string) {
	switch {
	case e.State == webhook.Gone:
		return f.say("hook.state.gone"), "bad"
	case e.State == webhook.Off:
		return f.say("hook.state.off"), ""
	case e.Open.After(time.Now()):
		return f.say("hook.state.resting", "since", utc(f, e.Failing), "until", utc(f, e.Open)), "bad"
	case !e.Failing.IsZero():
		return f.say("hook.state.failing", "since", utc(f, e.Failing)), "bad"
	}
	return f.say("hook.state.on"), "good"
}

// A hookView is one endpoint.
type hookView struct {
	Title, Done, Wrong string
	State, Tone        string
	Facts              []fact
	Off                bool
	Inspect            bool
	Manages            bool
	At                 string // its address
	Deliveries         []deliveryRow
	Log                string
	Back               link
}

// latestShown is how many deliveries the page of an endpoint shows.
const latestShown = 10

// serveHook serves GET /developer/webhooks/{hook}.
func (p *Pages) serveHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	return p.hookOne(w, r, p.blank(r), s)
}

func (p *Pages) hookOne(w http.ResponseWriter, r *http.Request, f *form, s hooks) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	page, err := s.Store.Log(r.Context(), s.owner, webhook.LogQuery{Endpoint: e.ID, Most: latestShown})
	if err != nil {
		return err
	}
	view := hookView{
		Title: called(f, e), Done: f.done(r, "hook.done."), Wrong: f.wrong[""], Facts: p.hookFacts(f, e), Off: e.State != webhook.On, Inspect: e.Inspect,
		Manages: s.manages, At: s.of(e.ID, ""), Log: s.at("/webhooks/log?" + ui.Query(url.Values{"hook": {string(e.ID)}})), Back: s.back(f, "/webhooks", "hook.title"),
	}
	view.State, view.Tone = hookState(f, e)
	for _, d := range page.Deliveries {
		view.Deliveries = append(view.Deliveries, s.delivery(f, d, ""))
	}
	return p.hookPage.Reply(w, r, f.status(), f.reader, titled(view.Title, "developer", s.of(e.ID, "")), view)
}

// hookFacts are what its owner decided about an endpoint, in words.
func (p *Pages) hookFacts(f *form, e webhook.Endpoint) []fact {
	facts := []fact{{f.say("hook.form"), f.say("hook.form." + formWord(e.Form))}}
	if !e.Inspect {
		facts = append([]fact{{f.say("hook.url"), e.URL}}, facts...)
		facts = append(facts, fact{f.say("hook.schedule"), f.say("hook.schedule." + string(e.Schedule))})
	}
	facts = append(facts, fact{f.say("hook.filter"), filterWords(f, e.Filter)})
	if e.Waiting > 0 {
		facts = append(facts, fact{f.say("hook.still"), f.say("hook.waiting", "n", e.Waiting)})
	}
	return facts
}

// switchHook serves POST /developer/webhooks/{hook}/switch: on=yes, else off.
func (p *Pages) switchHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	on := f.text("on") == "yes"
	if err := s.Switch(r.Context(), s.owner, hookOf(r), on); err != nil {
		return err
	}
	return p.goTo(w, r, s.of(hookOf(r), "?done="+map[bool]string{true: "on", false: "off"}[on]))
}

// serveDeleteHook serves GET /developer/webhooks/{hook}/delete: what it means.
func (p *Pages) serveDeleteHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	f := p.blank(r)
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	return p.reply(w, r, f, "developer", formView{
		Title: f.say("hook.delete_title", "name", called(f, e)), Lead: f.say("hook.delete_lead"), Points: []string{f.say("hook.delete_events")},
		Action: r.URL.Path, Go: f.say("hook.delete"), Grave: true, Below: []link{{s.of(e.ID, ""), called(f, e)}},
	})
}

// deleteHook serves POST /developer/webhooks/{hook}/delete.
func (p *Pages) deleteHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	if _, err := s.endpoint(r); err != nil {
		return err
	}
	if err := s.Delete(r.Context(), s.owner, hookOf(r)); err != nil {
		return err
	}
	return p.goTo(w, r, s.at("/webhooks?done=deleted"))
}

// How long a page waits for a test event to be delivered.
const (
	testPatience = 3 * time.Second
	testGlance   = 50 * time.Millisecond
)

// testHook serves POST /developer/webhooks/{hook}/test: sends an event, and goes
// on to what came of it.
func (p *Pages) testHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	seq, err := s.Try(r.Context(), s.owner, hookOf(r))
	if err != nil {
		f := p.blank(r)
		return again(f, err, func() error { return p.hookOne(w, r, f, s) })
	}
	for began := time.Now(); time.Since(began) < testPatience && r.Context().Err() == nil; {
		d, err := s.Store.Record(r.Context(), s.owner, hookOf(r), seq)
		if err != nil {
			return err
		}
		if !d.At.IsZero() {
			break
		}
		select {
		case <-time.After(testGlance):
		case <-r.Context().Done():
		}
	}
	return p.goTo(w, r, s.delivered(hookOf(r), seq))
}
