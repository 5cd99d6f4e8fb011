package staff

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/lawful"
	"waypost/internal/policy"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// Lawful is what the pages of authorities' requests are made of.
type Lawful struct {
	Requests *lawful.Requests
	// Held reads all that is held of somebody.
	Held func(ctx context.Context, who inventory.Subject) (lawful.Held, error)
	// Policy has words for kinds of data and for fields.
	Policy *policy.Policy
}

// A lawfulRow is a request in the list.
type lawfulRow struct {
	Ref, Kind, Country, State, Received, Deadline string
	Late                                          bool
}

type lawfulView struct {
	Away string // which regions are missing, in words
	Rows []lawfulRow
}

// serveLawful serves GET /staff/lawful: the requests of authorities.
func (p *Pages) serveLawful(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleLawful); err != nil {
		return err
	}
	all, away, err := p.lawful.Requests.List(r.Context())
	if err != nil {
		return err
	}
	reader, now := p.kit.Reader(r), time.Now()
	view := lawfulView{Away: missing(reader, away)}
	for i := range all {
		one := &all[i]
		row := lawfulRow{
			Ref: one.Ref, Kind: reader.Say("lawful.kind." + string(one.Kind)), Country: reader.Country(one.Country),
			State: stateOf(reader, one), Received: reader.Day(one.Received),
		}
		if !one.Deadline.IsZero() {
			row.Deadline = reader.Day(one.Deadline)
			row.Late = one.Decided.IsZero() && one.Deadline.Before(now)
		}
		view.Rows = append(view.Rows, row)
	}
	return p.lawfulList.Reply(w, r, http.StatusOK, reader, titled(reader.Say("lawful.title"), "/staff/lawful"), view)
}

func stateOf(reader ui.Reader, r *lawful.Request) string {
	return reader.Say("lawful.state." + string(r.State))
}

// An input is a field of a longer form.
type input struct {
	Name, Label, Hint string
	Type              string // of an input; "" a text of several lines
	Value             string
	Choices           []choice
	Optional          bool
}

type lawfulNewView struct {
	Wrong  string
	Inputs []input
}

// serveNewLawful serves GET /staff/lawful/new.
func (p *Pages) serveNewLawful(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleLawful); err != nil {
		return err
	}
	return p.newLawfulPage(w, r, http.StatusOK, "")
}

func (p *Pages) newLawfulPage(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	reader := p.kit.Reader(r)
	view := lawfulNewView{Wrong: wrong}
	if regions := p.lawful.Requests.Regions(); len(regions) > 1 {
		view.Inputs = append(view.Inputs, input{Name: "region", Label: reader.Say("lawful.region"), Hint: reader.Say("lawful.region_hint"), Choices: chosen(r, "region", regions, func(name string) string { return name })})
	}
	countries := []choice{{"", reader.Say("lawful.choose"), false}}
	for _, one := range tell.Countries(reader.Words) {
		countries = append(countries, choice{one.Value, one.Label, text(r, "country") == one.Value})
	}
	view.Inputs = append(view.Inputs,
		input{Name: "authority", Type: "text", Label: reader.Say("lawful.authority")},
		input{Name: "country", Label: reader.Say("lawful.country"), Choices: countries},
		input{Name: "reference", Type: "text", Label: reader.Say("lawful.reference")},
		input{Name: "contact", Type: "text", Label: reader.Say("lawful.contact"), Hint: reader.Say("lawful.contact_hint")},
		input{Name: "received", Type: "date", Label: reader.Say("lawful.received")},
		input{Name: "way", Label: reader.Say("lawful.way"), Choices: chosen(r, "way", lawful.Ways, func(v lawful.Way) string { return reader.Say("lawful.way." + string(v)) })},
		input{Name: "deadline", Type: "date", Label: reader.Say("lawful.deadline"), Optional: true},
		input{Name: "kind", Label: reader.Say("lawful.kind"), Choices: chosen(r, "kind", lawful.Kinds, func(v lawful.Kind) string { return reader.Say("lawful.kind." + string(v)) })},
		input{Name: "basis", Label: reader.Say("lawful.basis"), Hint: reader.Say("lawful.basis_hint")},
		input{Name: "whom", Label: reader.Say("lawful.whom"), Hint: reader.Say("lawful.whom_hint")},
		input{Name: "asks", Label: reader.Say("lawful.asks"), Hint: reader.Say("lawful.asks_hint")},
	)
	view.Inputs = append(view.Inputs, gagInputs(reader)...)
	for i := range view.Inputs {
		view.Inputs[i].Value = text(r, view.Inputs[i].Name)
	}
	return p.lawfulNew.Reply(w, r, status, reader, titled(reader.Say("lawful.new"), "/staff/lawful/new"), view)
}

func gagInputs(reader ui.Reader) []input {
	return []input{
		{Name: "gag", Type: "date", Label: reader.Say("lawful.gag"), Hint: reader.Say("lawful.gag_hint"), Optional: true},
		{Name: "gag_basis", Type: "text", Label: reader.Say("lawful.gag_basis"), Optional: true},
	}
}

// chosen are what a field can be, with what was entered before.
func chosen[T ~string](r *http.Request, name string, all []T, say func(T) string) []choice {
	var choices []choice
	for _, one := range all {
		choices = append(choices, choice{string(one), say(one), text(r, name) == string(one)})
	}
	return choices
}

// enterLawful serves POST /staff/lawful.
func (p *Pages) enterLawful(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleLawful); err != nil {
		return err
	}
	ref, err := p.entered(r, c)
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.newLawfulPage(w, r, status, wrong) })
	}
	return p.goTo(w, r, "/staff/lawful/"+ref)
}

func (p *Pages) entered(r *http.Request, c account.Clerk) (string, error) {
	e := lawful.Entry{
		Region: text(r, "region"), Kind: lawful.Kind(text(r, "kind")), Country: text(r, "country"), Way: lawful.Way(text(r, "way")),
		Authority: text(r, "authority"), Reference: text(r, "reference"), Basis: text(r, "basis"), Contact: text(r, "contact"),
		Whom: text(r, "whom"), Asks: text(r, "asks"),
	}
	if regions := p.lawful.Requests.Regions(); e.Region == "" && len(regions) == 1 {
		e.Region = regions[0]
	}
	var err error
	if e.Received, err = dayOf(r, "received"); err != nil {
		return "", err
	}
	if e.Deadline, err = dayOf(r, "deadline"); err != nil {
		return "", err
	}
	if e.Gag, err = gagOf(r); err != nil {
		return "", err
	}
	ref, err := p.lawful.Requests.Enter(r.Context(), string(c.ID), e)
	if err != nil {
		return "", err
	}
	return ref, p.staff.Hush(r.Context(), ref, e.Gag.Until)
}

func gagOf(r *http.Request) (lawful.Gag, error) {
	until, err := dayOf(r, "gag")
	return lawful.Gag{Until: until, Basis: text(r, "gag_basis")}, err
}

// A lawfulOneView is a request whole.
type lawfulOneView struct {
	Ref, State, Wrong string
	Over              bool
	Revision          int64
	Facts             []fact
	Words             []fact // of several lines
	Steps             []lawfulStep
	Checks            []choice // nil: it was decided
	Scope             *lawfulScope
	Chosen            []lawfulChosen
	Window            string
	People            []string
	Gag               []input
	Propose, Approve  bool
	Proposed          string // who approved first; "" nobody
	Grounds           []choice
	Close             bool
	Make              bool
	Fetch             string // until when; "" there is nothing to fetch
	Hash              string
}

type lawfulStep struct {
	When, Who, What string
	Counts          []string
}

type lawfulChosen struct {
	Kind, Why string
	Fields    []string
}

// A lawfulScope is the form by which it is chosen what is given.
type lawfulScope struct {
	Lang, Dir string // of the fields' names
	People    string
	From, To  string
	Items     bool // an order to preserve has none
	Kinds     []lawfulKind
	Narrower  bool
}

type lawfulKind struct {
	Kind, Label, Why string
	Open             bool
	Fields           []choice
}

// serveLawfulOne serves GET /staff/lawful/{ref}.
func (p *Pages) serveLawfulOne(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleLawful); err != nil {
		return err
	}
	return p.lawfulPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) lawfulPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	one, err := p.lawful.Requests.Get(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	names, err := p.staff.Names(r.Context(), c)
	if err != nil {
		return err
	}
	reader, now := p.kit.Reader(r), time.Now()
	view := lawfulOneView{Ref: one.Ref, State: stateOf(reader, &one), Wrong: wrong, Over: one.Over, Revision: one.Revision}
	view.Facts, view.Words = lawfulFacts(reader, &one), lawfulWords(reader, &one)
	for _, s := range one.Steps {
		view.Steps = append(view.Steps, p.stepOf(reader, s, names))
	}
	view.Chosen, view.Window = p.chosenOf(reader, &one), windowOf(reader, &one)
	for _, who := range one.People {
		view.People = append(view.People, string(who))
	}
	if one.Over {
		return p.lawfulOne.Reply(w, r, status, reader, titled(one.Ref, "/staff/lawful/"+one.Ref), view)
	}
	view.Gag = gagInputs(reader)
	view.Gag[0].Value, view.Gag[1].Value = dateOf(one.Gag.Until), one.Gag.Basis
	if one.Decided.IsZero() {
		p.openLawful(r, reader, c, &one, &view)
		if one.Proposed != "" {
			view.Proposed = calledBy(reader, names, account.StaffID(one.Proposed), "lawful.program")
		}
	}
	mine := one.Approver() == string(c.ID) && (one.State == lawful.Approved || one.State == lawful.Disclosed)
	waits := one.File.Fetched.IsZero() && one.File.Ends.After(now)
	view.Make = mine && one.Kind != lawful.Preservation && !waits
	if view.Hash = one.File.Hash; mine && waits {
		view.Fetch = moment(reader, one.File.Ends)
	}
	view.Close = one.State == lawful.Refused || one.State == lawful.Disclosed || one.State == lawful.Approved && one.Kind == lawful.Preservation
	return p.lawfulOne.Reply(w, r, status, reader, titled(one.Ref, "/staff/lawful/"+one.Ref), view)
}

// openLawful fills in what can be done to a request that wasn't decided.
func (p *Pages) openLawful(r *http.Request, reader ui.Reader, c account.Clerk, one *lawful.Request, view *lawfulOneView) {
	for _, check := range lawful.Checks {
		view.Checks = append(view.Checks, choice{string(check), reader.Say("lawful.check." + string(check)), slices.Contains(one.Checked, check)})
	}
	for _, g := range lawful.Grounds {
		view.Grounds = append(view.Grounds, choice{string(g), reader.Say("lawful.ground." + string(g)), false})
	}
	view.Scope = p.scopeForm(r, reader, one)
	view.Propose = one.Ready() && one.Proposed == ""
	view.Approve = one.Ready() && one.Proposed != "" && !one.Had(string(c.ID))
}

// scopeForm is what is given as it was chosen, or as it was entered just now and
// isn't right.
func (p *Pages) scopeForm(r *http.Request, reader ui.Reader, one *lawful.Request) *lawfulScope {
	entered := text(r, "act") == "scope"
	var people []string
	for _, who := range one.People {
		people = append(people, string(who))
	}
	form := &lawfulScope{
		Lang: factsLang(reader), People: strings.Join(people, "\n"), From: dateOf(one.From), Narrower: one.Narrower, Items: one.Kind != lawful.Preservation,
	}
	if !one.To.IsZero() {
		form.To = dateOf(one.To.AddDate(0, 0, -1))
	}
	if form.Lang != reader.Lang {
		form.Dir = "ltr"
	}
	if entered {
		form.People, form.From, form.To, form.Narrower = text(r, "people"), text(r, "from"), text(r, "to"), text(r, "narrower") == "yes"
	}
	for _, of := range p.lawful.Requests.Choices() {
		kind := lawfulKind{Kind: string(of.Kind), Label: p.lawful.Policy.Kind(form.Lang, of.Kind)}
		at := slices.IndexFunc(one.Items, func(i lawful.Item) bool { return i.Kind == of.Kind })
		if at >= 0 {
			kind.Why = one.Items[at].Why
		}
		if entered {
			kind.Why = text(r, "why_"+string(of.Kind))
		}
		for _, f := range of.Fields {
			has := at >= 0 && slices.Contains(one.Items[at].Fields, f.ID)
			if entered {
				has = slices.Contains(r.PostForm["field"], string(f.ID))
			}
			kind.Open = kind.Open || has
			kind.Fields = append(kind.Fields, choice{string(f.ID), p.lawful.Policy.Field(form.Lang, f.Field), has})
		}
		form.Kinds = append(form.Kinds, kind)
	}
	return form
}

// factsLang is the language in which fields are described.
func factsLang(reader ui.Reader) string {
	if slices.Contains(policy.Langs, reader.Lang) {
		return reader.Lang
	}
	return policy.Langs[0]
}

func dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// windowOf is the time that is asked about, in words; "" not said yet.
func windowOf(reader ui.Reader, one *lawful.Request) string {
	if one.From.IsZero() {
		return ""
	}
	return reader.Say("lawful.window_of", "from", reader.Day(one.From), "to", reader.Day(one.To.AddDate(0, 0, -1)))
}

func (p *Pages) chosenOf(reader ui.Reader, one *lawful.Request) (all []lawfulChosen) {
	lang := factsLang(reader)
	for _, item := range one.Items {
		chosen := lawfulChosen{Kind: p.lawful.Policy.Kind(lang, item.Kind), Why: item.Why}
		for _, id := range item.Fields {
			chosen.Fields = append(chosen.Fields, p.fieldWords(lang, id))
		}
		all = append(all, chosen)
	}
	return all
}

// fieldWords is what a field is, in words; its name where it isn't declared any more.
func (p *Pages) fieldWords(lang string, id lawful.FieldID) string {
	for _, c := range p.lawful.Requests.Choices() {
		for _, f := range c.Fields {
			if f.ID == id {
				return p.lawful.Policy.Field(lang, f.Field)
			}
		}
	}
	return string(id)
}

func (p *Pages) stepOf(reader ui.Reader, s lawful.Step, names map[account.StaffID]string) lawfulStep {
	step := lawfulStep{When: moment(reader, s.At), What: reader.Say("lawful.step." + string(s.What)), Who: calledBy(reader, names, account.StaffID(s.By), "lawful.program")}
	var ids []string
	for id := range s.Counts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		step.Counts = append(step.Counts, reader.Say("lawful.count", "field", p.fieldWords(factsLang(reader), lawful.FieldID(id)), "n", s.Counts[id]))
	}
	return step
}

func lawfulFacts(reader ui.Reader, one *lawful.Request) []fact {
	all := []fact{
		{reader.Say("lawful.authority"), one.Authority},
		{reader.Say("lawful.country"), reader.Country(one.Country)},
		{reader.Say("lawful.reference"), one.Reference},
		{reader.Say("lawful.contact"), one.Contact},
		{reader.Say("lawful.received"), reader.Day(one.Received)},
		{reader.Say("lawful.kind"), reader.Say("lawful.kind." + string(one.Kind))},
		{reader.Say("lawful.gag_is"), reader.Say("lawful.gag_none")},
	}
	if one.Way != "" {
		all = append(all, fact{reader.Say("lawful.way"), reader.Say("lawful.way." + string(one.Way))})
	}
	if !one.Gag.Until.IsZero() {
		all[6].Value = reader.Say("lawful.gag_until", "day", reader.Day(one.Gag.Until))
	}
	if !one.Deadline.IsZero() {
		all = append(all, fact{reader.Say("lawful.deadline"), reader.Day(one.Deadline)})
	}
	if one.Ground != "" {
		all = append(all, fact{reader.Say("lawful.refused_for"), reader.Say("lawful.ground." + string(one.Ground))})
	}
	if one.Narrower {
		all = append(all, fact{reader.Say("lawful.given"), reader.Say("lawful.narrowed")})
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

func lawfulWords(reader ui.Reader, one *lawful.Request) []fact {
	all := []fact{
		{reader.Say("lawful.basis"), one.Basis},
		{reader.Say("lawful.whom"), one.Whom},
		{reader.Say("lawful.asks"), one.Asks},
		{reader.Say("lawful.gag_basis"), one.Gag.Basis},
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

// errNobodyThere says of a line of the form that it names no account.
var errNobodyThere = fault.New(fault.Invalid, "lawful_unknown", "There is no account that belongs to line %d. Only accounts can be asked about; if nothing is held, refuse the request on that ground.")
