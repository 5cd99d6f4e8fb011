package member

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/live"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// Broker tells when a member's parcels have news. *live.Broker has it.
type Broker interface {
	Subscribe(topics ...string) *live.Subscription
}

func (p *Pages) readParcelPages() (err error) {
	const parts = "pages/parts.html"
	const kept = "pages/parcels_parts.html"
	if p.list, err = ui.NewPage[parcelsView](p.kit, pages, parts, kept, "pages/parcels.html"); err != nil {
		return err
	}
	if p.one, err = ui.NewPage[parcelView](p.kit, pages, parts, kept, "pages/parcels_one.html"); err != nil {
		return err
	}
	if p.registered, err = ui.NewPage[registeredView](p.kit, pages, parts, kept, "pages/parcels_registered.html"); err != nil {
		return err
	}
	p.imports, err = ui.NewPage[importView](p.kit, pages, parts, kept, "pages/parcels_import.html")
	return err
}

func (p *Pages) routeParcels() {
	p.routeShelf("/parcels", p.kept, p.kept)
	p.routeShelf("/teams/{team}/parcels", p.inTeam(account.ReadParcels), p.inTeam(account.WriteParcels))
}

// routeShelf is the list of the addresses of a shelf, for who reads and who
// changes what is on it.
func (p *Pages) routeShelf(home string, reads, writes func(shelves) members) {
	p.own("GET "+home, reads(p.serveParcels))
	p.bounded("POST "+home, maxPaste, p.signedIn(writes(p.addParcels)))
	p.own("POST "+home+"/change", writes(p.changeParcels))
	p.own("POST "+home+"/undo", writes(p.undoParcels))
	p.own("POST "+home+"/views", writes(p.saveView))
	p.own("POST "+home+"/views/delete", writes(p.deleteView))
	p.own("GET "+home+"/live", reads(p.serveNews))
	p.own("GET "+home+"/programs", reads(p.serveRegistered))
	p.own("GET "+home+"/export", reads(p.exportParcels))
	p.own("GET "+home+"/import", writes(p.serveImport))
	p.bounded("POST "+home+"/import", maxImport, p.signedIn(writes(p.bringImport)))
	p.own("GET "+home+"/import/{id}", writes(p.servePreview))
	p.own("POST "+home+"/import/{id}", writes(p.decideImport))
	p.own("GET "+home+"/{id}", reads(p.serveParcel))
	p.own("POST "+home+"/{id}", writes(p.editParcel))
}

// teller tells parcels to the reader of a request.
func (p *Pages) teller(r *http.Request) tell.Teller {
	return tell.Teller{Reader: p.kit.Reader(r), Carriers: p.carriers(), Now: time.Now()}
}

type parcelsView struct {
	Title  string
	Home   string
	Writes bool        // whether who looks may change anything
	Others []savedView // other lists to turn to, and this one
	Tabs   []savedView // what is saved, and what programs registered; none where nothing is
	Query  string      // of the address, for what leads back here
	Wrong  string
	Did    *did
	Add    addBox
	Views  []savedView
	Search searchForm
	Chips  []chip
	Parts  []listPart
	Count  string
	Tags   []watch.Tag // to choose from
	Kept   bool        // there are parcels, here or elsewhere on the shelf
	Can    []deed
	All    int    // how many a change of everything found would change, 0 no more than are here
	First  string // address of the first page, "" this is it
	Next   string // address of the next one, "" this is the last
	Live   string
	CSV    string
	Events string
	XLSX   string
}

// An addBox is where parcels are pasted.
type addBox struct {
	Open bool
	Text string // what was pasted, when something is wrong with it
}

// A chip leads to a part of the list.
type chip struct {
	Label, Icon, Tone, Href string
	Count                   int
	Current                 bool
}

type searchForm struct {
	Text                           string
	Carriers, Tags, Shelves, Sorts []choice
	Statuses, Attentions           []string // are kept as they are
	Open                           bool
	Reset                          string // address without any of it, "" there is nothing to reset
}

// A listPart is a part of the list with a heading.
type listPart struct {
	Title string
	Rows  []parcelRow
}

// A deed is what can be done to parcels that are ticked.
type deed struct {
	Name, Label, Icon string
	Grave             bool
}

// serveParcels serves GET /parcels?q=&status=&attention=&carrier=&tag=&shelf=&sort=&after=,
// or with view=ID the list of a saved view.
func (p *Pages) serveParcels(w http.ResponseWriter, r *http.Request, s shelf) error {
	return p.parcelsPage(w, r, s, listQuery(r.URL.Query()), addBox{}, nil)
}

// parcelsPage answers with a list; wrong is what could not be done to it.
func (p *Pages) parcelsPage(w http.ResponseWriter, r *http.Request, s shelf, q watch.Query, add addBox, wrong error) error {
	t := p.teller(r)
	view := parcelsView{Title: s.title(t), Home: s.home, Writes: s.writes, Add: add}
	code := http.StatusOK
	if wrong != nil {
		if fault.KindOf(wrong) == fault.Internal {
			return wrong
		}
		view.Wrong, code = says(t.Reader, wrong), ui.Status(wrong)
	}
	views, err := s.Views(r.Context(), s.owner)
	if err != nil {
		return err
	}
	chosen := watch.ViewID("")
	if i := slices.IndexFunc(views, func(v watch.View) bool { return string(v.ID) == r.URL.Query().Get("view") }); i >= 0 {
		chosen, q = views[i].ID, viewed(views[i].Query, q)
	}
	page, err := s.List(r.Context(), s.owner, q)
	if fault.KindOf(err) == fault.Invalid && q.After != "" { // a place that is none
		q.After = ""
		page, err = s.List(r.Context(), s.owner, q)
	}
	if err != nil {
		return err
	}
	if view.Tags, err = s.Tags(r.Context(), s.owner); err != nil {
		return err
	}
	if r.Method == http.MethodGet {
		view.Did = didOf(t.Reader, s, r.URL.Query())
	}
	if view.Others, err = p.others(r, t, s); err != nil {
		return err
	}
	programs, err := s.Registers(r.Context(), s.owner)
	if err != nil {
		return err
	}
	if programs {
		view.Tabs = s.tabs(t, false)
	}
	view.fill(t, s, q, page, string(chosen))
	for _, v := range views {
		view.Views = append(view.Views, savedView{string(v.ID), v.Name, s.at("?view=") + string(v.ID), v.ID == chosen})
	}
	view.Search = newSearchForm(t, s, q, view.Tags, page.Counts)
	head := titled(view.Title, "parcels", s.list(q))
	head.Scripts = []string{"parcels.js"}
	return p.list.Reply(w, r, code, t.Reader, head, view)
}

// viewed is a saved view's query at the place of the address.
func viewed(saved, asked watch.Query) watch.Query {
	saved.After = asked.After
	return saved
}

// fill puts a page of the list into the view.
func (v *parcelsView) fill(t tell.Teller, s shelf, q watch.Query, page watch.Page, chosen string) {
	v.Query = strings.TrimPrefix(listAddress("", q), "?")
	if chosen != "" {
		v.Query = ui.Query(url.Values{"view": {chosen}})
	}
	if v.Did != nil {
		v.Did.Back = v.Query
	}
	v.Kept = page.Counts.Active+page.Counts.Archived > 0
	v.Add.Open = v.Add.Open || !v.Kept
	v.Count = t.Say("parcels.count", "n", page.Total)
	v.Chips = chips(t, s, q, page.Counts)
	v.Parts = parts(t, s, q, page.Watches)
	v.Can = deeds(t, s, q.Shelf)
	if page.Total > len(page.Watches) {
		v.All = page.Total
	}
	at := func(after watch.Cursor) string {
		if chosen != "" {
			return s.list(watch.Query{After: after}, "view", chosen)
		}
		next := q
		next.After = after
		return s.list(next)
	}
	if q.After != "" {
		v.First = at("")
	}
	if page.Next != "" {
		v.Next = at(page.Next)
	}
	v.Live = listAddress(s.at("/live"), q)
	whole := q
	whole.After = ""
	v.CSV = listAddress(s.at("/export"), whole, "format", "csv")
	v.Events = listAddress(s.at("/export"), whole, "format", "csv", "sheet", "events")
	v.XLSX = listAddress(s.at("/export"), whole, "format", "xlsx")
}

// parts are the page's parcels: what needs attention under a heading of its
// own, where the list is in that order.
func parts(t tell.Teller, s shelf, q watch.Query, watches []watch.Watch) []listPart {
	rest := listPart{Title: t.Say("parcels.list")}
	needy := listPart{Title: t.Say("parcels.attention")}
	for _, w := range watches {
		row := newParcelRow(t, s, w)
		if row.Why != nil && q.Sort == watch.ByAttention && !q.Reverse && q.Shelf == watch.Active {
			needy.Rows = append(needy.Rows, row)
			continue
		}
		rest.Rows = append(rest.Rows, row)
	}
	var all []listPart
	if len(needy.Rows) > 0 {
		all = append(all, needy)
		rest.Title = t.Say("parcels.others")
	}
	if len(rest.Rows) > 0 {
		all = append(all, rest)
	}
	return all
}

// chips are the parts of the list by status, with their counts; those of
// nothing are left out.
func chips(t tell.Teller, s shelf, q watch.Query, counts watch.Counts) []chip {
	base := q
	base.After, base.Status, base.Attention = "", nil, nil
	all, needy := 0, 0
	for _, n := range counts.Status {
		all += n
	}
	for _, a := range watch.Attentions {
		needy += counts.Attention[a]
	}
	out := []chip{{Label: t.Say("filter.all"), Tone: "calm", Href: s.list(base), Count: all, Current: len(q.Status)+len(q.Attention) == 0}}
	if current := len(q.Attention) > 0; needy > 0 || current {
		only := base
		only.Attention = watch.Attentions
		out = append(out, chip{t.Say("parcels.attention"), "st-stuck", "warn", s.list(only), needy, current})
	}
	for _, m := range status.Mains {
		current := slices.Contains(q.Status, m)
		if counts.Status[m] == 0 && !current {
			continue
		}
		only, look := base, tell.LookOf(string(m))
		only.Status = []status.Main{m}
		out = append(out, chip{t.Say("group." + string(m)), look.Icon, look.Tone, s.list(only), counts.Status[m], current})
	}
	return out
}

func deeds(t tell.Teller, s shelf, on watch.Shelf) []deed {
	if !s.writes {
		return nil
	}
	var all []deed
	if on != watch.Archived {
		all = append(all, deed{Name: string(watch.Archive), Label: t.Say("parcels.archive"), Icon: "done"})
	}
	if on != watch.Active {
		all = append(all, deed{Name: string(watch.Unarchive), Label: t.Say("parcels.unarchive"), Icon: "swap"})
	}
	return append(all, deed{Name: string(watch.Delete), Label: t.Say("parcels.delete"), Icon: "st-exception", Grave: true})
}

// searchForm is the form that narrows the list.
func newSearchForm(t tell.Teller, s shelf, q watch.Query, tags []watch.Tag, counts watch.Counts) searchForm {
	f := searchForm{Text: q.Text}
	f.Carriers = carrierChoices(t, q, counts.Carrier)
	f.Tags = []choice{{"", t.Say("parcels.any_tag"), len(q.Tags) == 0}}
	for _, tag := range tags {
		f.Tags = append(f.Tags, choice{tag.Name, tag.Name, slices.Contains(q.Tags, tag.Name)})
	}
	for _, on := range []watch.Shelf{watch.Active, watch.Archived, watch.Both} {
		name := string(on)
		if on == watch.Active {
			name = "active"
		}
		f.Shelves = append(f.Shelves, choice{string(on), t.Say("shelf." + name), q.Shelf == on})
	}
	for _, by := range []string{"", "event", "-event", "saved", "-saved", "name", "-name", "eta", "status"} {
		key := "attention"
		if by != "" {
			key = strings.Replace(by, "-", "back_", 1)
		}
		f.Sorts = append(f.Sorts, choice{by, t.Say("sort." + key), sortValue(q) == by})
	}
	v := listValues(q)
	f.Statuses, f.Attentions = v["status"], v["attention"]
	f.Open = len(q.Carrier)+len(q.Tags) > 0 || q.Shelf != watch.Active || sortValue(q) != ""
	if f.Open || narrowed(q) {
		f.Reset = s.home
	}
	return f
}

// carrierChoices are the carriers that a list can be narrowed to, by name.
func carrierChoices(t tell.Teller, q watch.Query, counts map[carrier.Code]int) []choice {
	var all []choice
	for code := range counts {
		if code != "" {
			all = append(all, choice{string(code), t.Name(code), slices.Contains(q.Carrier, code)})
		}
	}
	slices.SortFunc(all, func(a, b choice) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), strings.Compare(a.Value, b.Value))
	})
	return append([]choice{{"", t.Say("parcels.any_carrier"), len(q.Carrier) == 0}}, all...)
}
