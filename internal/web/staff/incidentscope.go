package staff

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/web/ui"
)

// maxList bounds a form with a list of people, in bytes.
const maxList = 1 << 20

var errListTooLong = fault.New(fault.Invalid, "staff_list_too_long", "The list is larger than 1 MiB. Leave out everything but ids or addresses, or add it in parts.")

type scopeView struct {
	Tabs     []tab
	Wrong    string
	ID       string
	May      bool // change it
	Criteria []criterion
	Form     *criterionForm
	Scope    *scopeNumbers // nil while nobody searched
	Holds    string        // which list holds, "" none
}

// A criterion is a way of finding people, in words.
type criterion struct {
	N     int
	Way   string
	Facts []fact
}

type criterionForm struct {
	Ways    []choice
	Regions []choice
	Kinds   []choice
	Tables  []tableGroup
	Clerks  []choice
	From    string
	Until   string
	List    string
}

// A tableGroup is the tables of a kind of data.
type tableGroup struct {
	Kind   string
	Tables []choice
}

type scopeNumbers struct {
	Title  string
	Done   bool
	Lead   string
	Others string
	Rows   []scopeRow
	Differ string // from the list that holds
	Freeze bool
}

// A scopeRow is a figure of a list.
type scopeRow struct{ Region, What, N string }

// serveScope serves GET /staff/incidents/{incident}/scope: whom it concerns, in numbers.
func (p *Pages) serveScope(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.scopePage(w, r, c, http.StatusOK, "")
}

func (p *Pages) scopePage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	one, err := p.incidents.Get(r.Context(), c, idOf(r))
	if err != nil {
		return err
	}
	scope, err := p.incidents.Scope(r.Context(), c, one.ID)
	if err != nil {
		return err
	}
	names, err := p.staff.Names(r.Context(), c)
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := scopeView{Tabs: p.tabs(reader, one.ID, "/scope"), Wrong: wrong, ID: string(one.ID), May: c.Can(account.HandleIncidents) && one.State != incident.Closed}
	for n, found := range one.Criteria {
		view.Criteria = append(view.Criteria, p.criterion(reader, n, found, names))
	}
	if one.Frozen > 0 {
		view.Holds = reader.Say("incident.holds", "n", one.Frozen)
	}
	if scope.List > 0 {
		view.Scope = p.numbers(reader, one, scope)
		view.Scope.Freeze = view.May && scope.Done && one.Frozen != scope.List
	}
	if view.May {
		view.Form = p.criterionForm(r, reader, names)
	}
	head := titled(reader.Say("incident.scope")+" "+string(one.ID), "/staff/incidents/"+string(one.ID)+"/scope")
	if view.Scope != nil && !scope.Done {
		head.Refresh = 3
	}
	return p.incidentScope.Reply(w, r, status, reader, head, view)
}

// criterion puts a way of finding people into words.
func (p *Pages) criterion(reader ui.Reader, n int, c incident.Criterion, names map[account.StaffID]string) criterion {
	to := criterion{N: n, Way: reader.Say("incident.way." + string(c.Way))}
	add := func(key, value string) {
		if value != "" {
			to.Facts = append(to.Facts, fact{reader.Say(key), value})
		}
	}
	add("incident.regions", strings.Join(c.Regions, reader.Say("list.comma")))
	add("incident.tables", strings.Join(c.Tables, reader.Say("list.comma")))
	if len(c.Kinds) > 0 {
		add("incident.kinds", p.incidents.KindWords(reader.Lang, c.Kinds...))
	}
	if c.Clerk != "" {
		name := names[c.Clerk]
		if name == "" {
			name = string(c.Clerk)
		}
		add("incident.clerk", name)
	}
	if !c.From.IsZero() {
		add("incident.from", moment(reader, c.From))
	}
	if !c.Until.IsZero() {
		add("incident.until", moment(reader, c.Until))
	}
	if c.Way == incident.ByList {
		add("incident.listed", reader.Say("incident.listed_of", "found", len(c.Found), "missing", c.Missing))
	}
	return to
}

// numbers are whom the newest list has.
func (p *Pages) numbers(reader ui.Reader, one incident.Incident, s incident.Scope) *scopeNumbers {
	to := &scopeNumbers{Title: reader.Say("incident.list_n", "n", s.List), Done: s.Done}
	to.Lead = reader.Say("incident.concerns", "n", s.People)
	if s.Others > 0 {
		to.Others = reader.Say("incident.others", "n", s.Others)
	}
	for _, what := range []string{"person", "country", "language", "kind"} {
		for _, n := range s.Counts {
			if n.What != what {
				continue
			}
			name := reader.Say("incident.people")
			switch what {
			case "country":
				name = reader.Country(n.Value)
			case "language":
				name = reader.Say("incident.reads", "lang", n.Value)
			case "kind":
				name = p.incidents.KindWords(reader.Lang, inventory.Kind(n.Value))
			}
			to.Rows = append(to.Rows, scopeRow{n.Region, name, strconv.Itoa(n.N)})
		}
	}
	if one.Frozen > 0 && one.Frozen != s.List && s.Done {
		to.Differ = reader.Say("incident.differs", "n", one.Frozen, "before", s.Before, "added", s.Added, "gone", s.Gone)
	}
	return to
}

func (p *Pages) criterionForm(r *http.Request, reader ui.Reader, names map[account.StaffID]string) *criterionForm {
	form := &criterionForm{From: text(r, "from"), Until: text(r, "until"), List: text(r, "list")}
	for _, way := range incident.Ways {
		form.Ways = append(form.Ways, choice{string(way), reader.Say("incident.way." + string(way)), text(r, "way") == string(way)})
	}
	for _, region := range p.incidents.Regions() {
		form.Regions = append(form.Regions, choice{region, region, slices.Contains(r.PostForm["region"], region)})
	}
	for _, k := range p.incidents.Kinds() {
		form.Kinds = append(form.Kinds, choice{string(k), p.incidents.KindWords(reader.Lang, k), slices.Contains(r.PostForm["kind"], string(k))})
		group := tableGroup{Kind: p.incidents.KindWords(reader.Lang, k)}
		for _, t := range p.incidents.Tables() {
			if t.Kinds[0] == k {
				group.Tables = append(group.Tables, choice{t.Name, t.Name, slices.Contains(r.PostForm["table"], t.Name)})
			}
		}
		if len(group.Tables) > 0 {
			form.Tables = append(form.Tables, group)
		}
	}
	form.Clerks = []choice{{"", reader.Say("incident.nobody"), false}}
	for id, name := range names {
		if name != "" {
			form.Clerks = append(form.Clerks, choice{string(id), name, text(r, "clerk") == string(id)})
		}
	}
	slices.SortFunc(form.Clerks[1:], func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	return form
}

// changeScope serves POST /staff/incidents/{incident}/scope: act=add with way,
// region, kind, table, from, until, clerk, and list or file; remove with n; look;
// freeze.
func (p *Pages) changeScope(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	if err := p.scopeAct(r, c, idOf(r)); err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.scopePage(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, "/staff/incidents/"+string(idOf(r))+"/scope")
}

func (p *Pages) scopeAct(r *http.Request, c account.Clerk, id incident.ID) error {
	if err := r.ParseMultipartForm(maxList); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return errListTooLong
	}
	switch text(r, "act") {
	case "add":
		criterion, err := criterionOf(r)
		if err != nil {
			return err
		}
		return p.incidents.AddCriterion(r.Context(), c, id, criterion)
	case "remove":
		n, err := strconv.Atoi(text(r, "n"))
		if err != nil {
			n = -1
		}
		return p.incidents.RemoveCriterion(r.Context(), c, id, n)
	case "look":
		return p.incidents.Look(r.Context(), c, id)
	case "freeze":
		return p.incidents.Freeze(r.Context(), c, id)
	}
	return errNoAct
}

func criterionOf(r *http.Request) (incident.Criterion, error) {
	c := incident.Criterion{Way: incident.Way(text(r, "way")), Regions: r.PostForm["region"]}
	var err error
	if c.From, err = timeOf(text(r, "from")); err != nil {
		return c, err
	}
	if c.Until, err = timeOf(text(r, "until")); err != nil {
		return c, err
	}
	switch c.Way {
	case incident.ByRows:
		c.Tables = r.PostForm["table"]
		return c, nil
	case incident.ByLooks:
		c.Clerk = account.StaffID(text(r, "clerk"))
	case incident.ByList:
		lines := text(r, "list")
		if file, _, err := r.FormFile("file"); err == nil {
			defer file.Close()
			content, err := io.ReadAll(io.LimitReader(file, maxList+1))
			if err != nil || len(content) > maxList {
				return c, errListTooLong
			}
			lines += "\n" + strings.ToValidUTF8(string(content), "")
		}
		for line := range strings.FieldsFuncSeq(lines, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' }) {
			if line = strings.TrimSpace(line); line != "" {
				c.List = append(c.List, line)
			}
		}
	}
	for _, k := range r.PostForm["kind"] {
		c.Kinds = append(c.Kinds, inventory.Kind(k))
	}
	return c, nil
}
