package staff

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/health"
	"waypost/internal/web/ui"
)

var errNoSource = fault.New(fault.NotFound, "staff_no_source", "No account is at such a source.")

type carriersView struct {
	Sources []sourceLine
}

// A sourceLine is a source in the list.
type sourceLine struct {
	Code     string
	Findings []string // in words; none: nothing to do
	Facts    []fact
}

// serveCarriers serves GET /staff/carriers: how the sources are doing, what is
// urgent first.
func (p *Pages) serveCarriers(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	all, err := p.states(r, c)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	var view carriersView
	for _, s := range all {
		line := sourceLine{Code: string(s.Source)}
		for _, f := range s.Findings() {
			line.Findings = append(line.Findings, reader.Say("health.find."+string(f)))
		}
		for _, a := range s.Accounts {
			line.Facts = append(line.Facts, fact{string(a.Code), answered(reader, a)})
		}
		view.Sources = append(view.Sources, line)
	}
	return p.carriers.Reply(w, r, http.StatusOK, reader, titled(reader.Say("health.title"), "/staff/carriers"), view)
}

// answered is in a word how an account was answered since the hour before.
func answered(reader ui.Reader, a health.AccountState) string {
	asked := a.Hour.Asked()
	if asked == 0 {
		return reader.Say("health.idle")
	}
	return reader.Say("health.answered_of", "share", share(a.Hour.Of(health.Found, health.Same, string(carrier.Missing)), asked), "n", asked)
}

func share(part, of int64) int64 { return 100 * part / max(of, 1) }

func (p *Pages) states(r *http.Request, c account.Clerk) ([]health.State, error) {
	if err := c.Must(account.ReadCarriers); err != nil {
		return nil, err
	}
	return p.health(r.Context())
}

type sourceView struct {
	Code, File string
	Todo       []todo
	Codes      []codeView
	Accounts   []accountView
	Changes    []changeView
	Loud       int64 // until when there are changes that nobody has looked at, Unix ms; 0 none
}

// A todo is something found, what to do about it, and by which commands.
type todo struct {
	Found, Do string
	Commands  []string
}

type accountView struct {
	Code      string
	Simulated bool
	Facts     []fact
	Periods   []period
}

// A period is the figures since a time.
type period struct {
	Since string
	Facts []fact
}

type changeView struct {
	Path, What, When string
	Seen             string // who has looked at it, "" nobody
	Loud             bool
}

// serveCarrier serves GET /staff/carriers/{source}.
func (p *Pages) serveCarrier(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	all, err := p.states(r, c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s health.State) bool { return string(s.Source) == r.PathValue("source") })
	if i < 0 {
		return errNoSource
	}
	s, reader := all[i], p.kit.Reader(r)
	view := sourceView{Code: string(s.Source), File: s.File}
	for _, f := range s.Findings() {
		view.Todo = append(view.Todo, todo{
			reader.Say("health.find." + string(f)),
			reader.Say("health.todo."+string(f), "source", string(s.Source), "file", s.File),
			commands(f, s),
		})
	}
	if view.Codes, err = p.codesOf(r, reader, s.Source); err != nil {
		return err
	}
	for _, a := range s.Accounts {
		view.Accounts = append(view.Accounts, accountOf(reader, a))
	}
	by, err := p.sawChanges(r, c, s)
	if err != nil {
		return err
	}
	for _, ch := range s.Changes {
		view.Changes = append(view.Changes, changeView{
			Path: ch.Path, What: reader.Say("health.change."+string(ch.Change), "forms", formsOf(reader, ch.Forms)), When: moment(reader, ch.At),
			Seen: seenBy(reader, ch.Seen, by), Loud: ch.Loud(),
		})
		if ch.Loud() {
			view.Loud = max(view.Loud, ch.At.UnixMilli())
		}
	}
	return p.source.Reply(w, r, http.StatusOK, reader, titled(string(s.Source), "/staff/carriers"), view)
}

// sawChanges is who has looked at a source's changes, by when.
func (p *Pages) sawChanges(r *http.Request, c account.Clerk, s health.State) (map[time.Time]string, error) {
	var since time.Time
	for _, ch := range s.Changes {
		if !ch.Seen.IsZero() && (since.IsZero() || ch.Seen.Before(since)) {
			since = ch.Seen
		}
	}
	if since.IsZero() {
		return nil, nil
	}
	return p.staff.SawCarrier(r.Context(), c, since)
}

func seenBy(reader ui.Reader, at time.Time, by map[time.Time]string) string {
	switch {
	case at.IsZero():
		return ""
	case by[at] == "":
		return reader.Say("health.seen_gone", "when", moment(reader, at))
	}
	return reader.Say("health.seen", "who", by[at], "when", moment(reader, at))
}

// seeCarrier serves POST /staff/carriers/{source}: until, up to when the clerk
// saw the changes that they have looked at.
func (p *Pages) seeCarrier(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	all, err := p.states(r, c)
	if err != nil {
		return err
	}
	source := carrier.SourceCode(r.PathValue("source"))
	if !slices.ContainsFunc(all, func(s health.State) bool { return s.Source == source }) {
		return errNoSource
	}
	until, _ := strconv.ParseInt(text(r, "until"), 10, 64) // what is no time is before all changes
	at, err := p.staff.SeeCarrier(r.Context(), c)
	if err != nil {
		return err
	}
	if err := p.saw(r.Context(), source, time.UnixMilli(until), at); err != nil {
		return err
	}
	return p.goTo(w, r, "/staff/carriers/"+string(source))
}

// commands are those that help with a finding.
func commands(f health.Finding, s health.State) []string {
	switch f {
	case health.Refused:
		return []string{"waypost carrier try " + string(s.Source)}
	case health.Changed, health.Unreadable:
		return []string{"waypost carrier record " + string(s.Source) + " NUMBER", "waypost carrier check " + s.File}
	case health.Unlisted:
		return []string{"waypost carrier unmapped", "waypost carrier check " + s.File}
	}
	return nil
}

func accountOf(reader ui.Reader, a health.AccountState) accountView {
	view := accountView{Code: string(a.Code), Simulated: a.Simulated}
	success := reader.Say("health.never")
	if !a.Success.IsZero() {
		success = moment(reader, a.Success)
	}
	view.Facts = append(view.Facts, fact{reader.Say("health.success"), success})
	if !a.Open.IsZero() {
		view.Facts = append(view.Facts, fact{reader.Say("health.rests"), moment(reader, a.Open)})
	}
	if n := a.News; n != nil {
		view.Facts = append(view.Facts, newsFacts(reader, n)...)
	}
	for _, t := range a.Trials {
		view.Facts = append(view.Facts, trialFact(reader, t))
	}
	hour, day := health.Since(time.Now())
	view.Periods = []period{
		{reader.Say("health.since", "when", moment(reader, hour)), figures(reader, a.Hour)},
		{reader.Say("health.since", "when", moment(reader, day)), figures(reader, a.Day)},
	}
	return view
}

// newsFacts are how it stands with subscriptions.
func newsFacts(reader ui.Reader, n *health.News) []fact {
	facts := []fact{{reader.Say("health.news"), reader.Say("health.news_of", "held", n.Held, "wished", n.Wished, "refused", n.Refused)}}
	if !n.Lapse.IsZero() {
		facts = append(facts, fact{reader.Say("health.news_lapse"), moment(reader, n.Lapse)})
	}
	if n.Failing > 0 {
		facts = append(facts, fact{reader.Say("health.news_failing"), reader.Say("health.news_failing_of", "n", n.Failing, "problem", reader.Say("health.problem."+string(n.Problem)))})
	}
	return facts
}

func trialFact(reader ui.Reader, t health.Trial) fact {
	name, came := reader.Say("health.tried"), reader.Say("health.problem."+t.Outcome)
	if t.Number != "" {
		name = reader.Say("health.canary", "number", t.Number)
	}
	switch {
	case t.Outcome == health.Found:
		came = reader.Say("health.found")
	case t.Number == "" && t.Outcome == string(carrier.Missing):
		came = reader.Say("health.accepted")
	}
	return fact{name, reader.Say("health.came", "outcome", came, "when", moment(reader, t.At))}
}

// figures are what was counted; of problems those that there were.
func figures(reader ui.Reader, f health.Figures) []fact {
	count := func(n int64) string { return reader.Say("health.count", "n", n) }
	all := []fact{
		{reader.Say("health.asked"), count(f.Asked())},
		{reader.Say("health.found"), count(f.Of(health.Found))},
		{reader.Say("health.same"), count(f.Of(health.Same))},
	}
	for _, kind := range carrier.ProblemKinds {
		if n := f.Of(string(kind)); n > 0 {
			all = append(all, fact{reader.Say("health.problem." + string(kind)), count(n)})
		}
	}
	if n := f.Of(health.Unmapped); n > 0 {
		all = append(all, fact{reader.Say("health.unmapped"), count(n)})
	}
	if f.Of(health.Calls) > 0 {
		all = append(all,
			fact{reader.Say("health.median"), reader.Say("health.ms", "n", f.Latency(.5).Milliseconds())},
			fact{reader.Say("health.p95"), reader.Say("health.ms", "n", f.Latency(.95).Milliseconds())})
	}
	return all
}

// formsOf says what stands at a path.
func formsOf(reader ui.Reader, forms carrier.Forms) string {
	var all []string
	for _, f := range carrier.AllForms {
		if forms&f != 0 {
			all = append(all, reader.Say("health.form."+strings.ReplaceAll(f.String(), " ", "_")))
		}
	}
	return strings.Join(all, reader.Say("list.comma"))
}
