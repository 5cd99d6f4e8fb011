package member

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/fault"
	"waypost/internal/web/ui"
	"waypost/internal/webhook"
)

// A hookLogView is the log of deliveries.
type hookLogView struct {
	Title      string
	Action     string
	Hook       field
	State      field
	Number     field
	Deliveries []deliveryRow
	Older      string // "" there are none
	Newest     string // "" here
	Filtered   bool
	Back       link
}

// A deliveryRow is a delivery as lists show it.
type deliveryRow struct {
	Seq         string
	Number      string
	What        string // what happened
	Where       string // to which endpoint, "" it is clear
	When, ISO   string
	State, Tone string
	Href        string
}

// serveHookLog serves GET /developer/webhooks/log: hook, state, number, before.
func (p *Pages) serveHookLog(w http.ResponseWriter, r *http.Request, s hooks) error {
	f := p.blank(r)
	f.values = r.URL.Query()
	all, err := s.Endpoints(r.Context(), s.owner)
	if err != nil {
		return err
	}
	q := webhook.LogQuery{
		Endpoint: webhook.EndpointID(chosen(f, "hook")), State: webhook.DeliveryState(chosen(f, "state")),
		Number: strings.ToUpper(strings.TrimSpace(f.text("number"))), Before: webhook.LogCursor(f.text("before")),
	}
	page, err := s.Store.Log(r.Context(), s.owner, q)
	if err != nil {
		return err
	}
	view := hookLogView{
		Title: f.say("hook.log"), Action: s.at("/webhooks/log"), Filtered: q.Endpoint != "" || q.State != "" || q.Number != "", Back: s.back(f, "/webhooks", "hook.title"),
		Number: f.field("number", "text", "hook.log_number", "off").optional(),
	}
	names, hooks, states := map[webhook.EndpointID]string{}, []choice{{anyOf, f.say("hook.log_all"), q.Endpoint == ""}}, []choice{{anyOf, f.say("hook.log_any"), q.State == ""}}
	for _, e := range all {
		names[e.ID] = called(f, e)
		hooks = append(hooks, choice{string(e.ID), names[e.ID], q.Endpoint == e.ID})
	}
	for _, one := range webhook.DeliveryStates {
		states = append(states, choice{string(one), f.say("hook.delivery." + string(one)), q.State == one})
	}
	view.Hook, view.State = f.field("hook", "", "hook.log_hook", "off").of(hooks), f.field("state", "", "hook.log_state", "off").of(states)
	for _, d := range page.Deliveries {
		view.Deliveries = append(view.Deliveries, s.delivery(f, d, names[d.Endpoint]))
	}
	leaf := url.Values{"hook": {string(q.Endpoint)}, "state": {string(q.State)}, "number": {q.Number}}
	if q.Before != "" {
		view.Newest = view.Action + "?" + ui.Query(leaf)
	}
	if page.Next != "" {
		leaf.Set("before", string(page.Next))
		view.Older = view.Action + "?" + ui.Query(leaf)
	}
	return p.hookLog.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", view.Action), view)
}

// anyOf stands for all where one can be chosen.
const anyOf = "all"

// chosen is what was chosen of a list, "" for all.
func chosen(f *form, name string) string {
	if text := f.text(name); text != anyOf {
		return text
	}
	return ""
}

// delivered is the address of a delivery's page.
func (s hooks) delivered(to webhook.EndpointID, seq int64) string {
	return s.of(to, "/deliveries/"+strconv.FormatInt(seq, 10))
}

func (s hooks) delivery(f *form, d webhook.Delivery, where string) deliveryRow {
	row := deliveryRow{
		Seq: strconv.FormatInt(d.Seq, 10), Number: d.Number, What: f.say("hook.kind." + string(d.Kind)), Where: where,
		When: utc(f, d.Made), ISO: d.Made.Format(time.RFC3339), Href: s.delivered(d.Endpoint, d.Seq),
	}
	if d.Kind == webhook.Updated {
		row.What = f.say("group." + string(d.Status.Main()))
	}
	row.State, row.Tone = deliveryWords(f, d)
	return row
}

// deliveryWords says how a delivery stands, and how that is to look.
func deliveryWords(f *form, d webhook.Delivery) (text, tone string) {
	switch {
	case d.State == webhook.Taken:
		return f.say("hook.delivery.taken"), "good"
	case d.State == webhook.Failed:
		return f.say("hook.delivery.failed"), "bad"
	case d.Failures > 0:
		return f.say("hook.delivery.again", "when", utc(f, d.Due)), "bad"
	}
	return f.say("hook.delivery.waiting"), ""
}

// A hookDeliveryView is one delivery.
type hookDeliveryView struct {
	Title, Done, Wrong string
	State, Tone        string
	Facts              []fact
	Headers            []fact
	Body               string
	Answer             string // how the receiver's began, "" nothing
	Cut                bool
	Tries              []string
	Again              string // where it is sent again, "" who looks may not
	Seq                string
	Look               string // where to look again, "" all is done
	Inspect            bool
	Back               link
}

// serveDelivery serves GET /developer/webhooks/{hook}/deliveries/{seq}.
func (p *Pages) serveDelivery(w http.ResponseWriter, r *http.Request, s hooks) error {
	f := p.blank(r)
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil {
		return webhook.ErrDelivery
	}
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	d, err := s.Store.Record(r.Context(), s.owner, e.ID, seq)
	if err != nil {
		return err
	}
	row := s.delivery(f, d.Delivery, "")
	view := hookDeliveryView{
		Title: f.say("hook.delivery_title", "seq", row.Seq), Done: f.done(r, "hook.done."), State: row.State, Tone: row.Tone, Seq: row.Seq, Body: pretty(d.Body),
		Answer: d.Answer.Body, Cut: d.Answer.Cut, Inspect: e.Inspect, Back: link{s.of(e.ID, ""), called(f, e)},
		Facts: []fact{{f.say("hook.number"), d.Number}, {f.say("hook.what"), row.What}, {f.say("hook.when"), row.When}, {f.say("hook.event"), string(d.Event)}},
	}
	if !d.At.IsZero() && !e.Inspect {
		view.Facts = append(view.Facts, fact{f.say("hook.last"), tryWords(f, d.Try)})
	}
	for _, name := range slices.Sorted(keysOf(d.Header)) {
		view.Headers = append(view.Headers, fact{strings.ToLower(name), d.Header.Get(name)})
	}
	for _, t := range d.Tries {
		view.Tries = append(view.Tries, tryWords(f, t))
	}
	if s.manages && e.State == webhook.On {
		view.Again = s.of(e.ID, "/replay")
	}
	if d.State == webhook.Waiting {
		view.Look = s.delivered(e.ID, seq)
	}
	return p.hookDelivery.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", s.delivered(e.ID, seq)), view)
}

func keysOf(h http.Header) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range h {
			if !yield(name) {
				return
			}
		}
	}
}

// pretty is JSON as people read it; what isn't JSON stays as it is.
func pretty(body []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil {
		return string(body)
	}
	return out.String()
}

// tryWords says what came of an attempt.
func tryWords(f *form, t webhook.Try) string {
	what := f.say("hook.problem." + string(t.Problem))
	if t.Code != 0 {
		what = f.say("hook.answered", "code", strconv.Itoa(t.Code))
	}
	if t.Problem == webhook.Redirected {
		what = f.say("hook.problem.redirect")
	}
	return f.say("hook.try", "when", utc(f, t.At), "what", what, "ms", strconv.FormatInt(t.Took.Milliseconds(), 10))
}

// serveReplay serves GET /developer/webhooks/{hook}/replay.
func (p *Pages) serveReplay(w http.ResponseWriter, r *http.Request, s hooks) error {
	return p.replayPage(w, r, p.blank(r), s)
}

func (p *Pages) replayPage(w http.ResponseWriter, r *http.Request, f *form, s hooks) error {
	e, err := s.endpoint(r)
	if err != nil {
		return err
	}
	after, last, err := s.Span(r.Context(), s.owner)
	if err != nil {
		return err
	}
	view := formView{
		Title: f.say("hook.replay_title", "name", called(f, e)), Lead: f.say("hook.replay_lead"), Below: []link{{s.of(e.ID, ""), called(f, e)}},
	}
	if last == after {
		view.Lead = f.say("hook.replay_none")
		return p.reply(w, r, f, "developer", view)
	}
	view.Points = []string{f.say("hook.replay_span", "first", strconv.FormatInt(after+1, 10), "last", strconv.FormatInt(last, 10)), f.say("hook.replay_ids")}
	view.Action, view.Go = r.URL.Path, f.say("hook.replay")
	for name, seq := range map[string]int64{"first": max(after+1, last-99), "last": last} {
		if !f.values.Has(name) {
			f.values.Set(name, strconv.FormatInt(seq, 10))
		}
	}
	for _, name := range []string{"first", "last"} {
		in := f.field(name, "text", "hook.replay_"+name, "off")
		in.Mode, in.Max = "numeric", 18
		view.Fields = append(view.Fields, in)
	}
	return p.reply(w, r, f, "developer", view)
}

// replayHook serves POST /developer/webhooks/{hook}/replay: first and last, the
// numbers of events.
func (p *Pages) replayHook(w http.ResponseWriter, r *http.Request, s hooks) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	first, _ := strconv.ParseInt(strings.TrimSpace(f.text("first")), 10, 64) //nolint:errcheck // what is no number is refused as 0
	last, _ := strconv.ParseInt(strings.TrimSpace(f.text("last")), 10, 64)   //nolint:errcheck // as before
	if _, err := s.Replay(r.Context(), s.owner, hookOf(r), first, last); fault.KindOf(err) == fault.NotFound {
		return err
	} else if err != nil {
		return again(f, err, func() error { return p.replayPage(w, r, f, s) })
	}
	if first == last {
		return p.goTo(w, r, s.delivered(hookOf(r), first)+"?done=replayed")
	}
	return p.goTo(w, r, s.of(hookOf(r), "?done=replayed"))
}
