package site

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/status"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// refreshAfter is when a page without script asks again, while a parcel is
// asked about for the first time.
const refreshAfter = 5

type resultsView struct {
	Here    string // canonical address
	Live    string // address of the stream; "" when nothing is awaited
	Waiting int    // seconds until a page without script asks again, 0 never
	Cards   []card
	Filters []filter
	Ignored []ignored
	KeepAll *keepAll // what a member doesn't keep yet, where it is more than one
	Join    string   // where a visitor signs up to keep them
	Nums    string   // what they would keep, and the carriers that they named
	Named   string
	Member  bool
	More    int
	Box     box
}

type filter struct {
	Group, Label, Icon, Tone, Href string
	Count                          int
	Current, Hidden                bool
}

type ignored struct{ Text, Why string }

// serveTrack serves GET /track?nums=A,B&fc=KEY&status=GROUP. With of=NUMBER and
// is=CODE, as the form that chooses a carrier sends them, it leads to the list
// with that choice.
func (s *Site) serveTrack(w http.ResponseWriter, r *http.Request) error {
	k, values := s.knowFor(r), r.URL.Query()
	q := readQuery(values, k)
	if of := values.Get("of"); of != "" {
		code := q.carrier(values.Get("is"), k)
		http.Redirect(w, r, s.kit.Reader(r).Link(q.choosing(of, code).address("/track")), http.StatusSeeOther)
		return nil
	}
	return s.list(w, r, k, q)
}

// serveText serves POST /track: text holds anything. A pasted text never goes
// into an address, because it may be anybody's e-mail.
func (s *Site) serveText(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxText)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read the form: %w", asInvalid(err))
	}
	k := s.knowFor(r)
	return s.list(w, r, k, readText(r.PostForm.Get("text"), k))
}

var errForm = fault.New(fault.Invalid, "form", "What the browser sent can't be read.")

// asInvalid keeps an error about size as it is: it has an answer of its own.
func asInvalid(err error) error {
	if ui.Status(err) == http.StatusRequestEntityTooLarge {
		return err
	}
	return errForm.Because(err)
}

// list answers with a list of parcels, or with a page that says that too many
// were looked up.
func (s *Site) list(w http.ResponseWriter, r *http.Request, k Knowledge, q query) error {
	if ok, err := s.charged(w, r, q); !ok {
		return err
	}
	return s.show(w, r, k, q, nil)
}

// show answers with a list; tried is a form on it that can't be used, nil none.
func (s *Site) show(w http.ResponseWriter, r *http.Request, k Knowledge, q query, tried *tried) error {
	reader := s.kit.Reader(r)
	rows, err := s.want(r.Context(), k, q, s.marksOf(r))
	if err != nil {
		return err
	}
	of, err := s.keeping(r, rows)
	if err != nil {
		return err
	}
	if s.known != nil {
		s.known.Remind(w, r)
	}
	desk := newDesk(reader, k, q, of)
	desk.tried = tried
	view := resultsView{Here: q.address("/track"), More: q.more, Box: box{Rows: 4}}
	var marks []string
	for _, row := range rows {
		c := desk.card(row)
		c.Hidden = q.status != "" && c.Group != q.status
		view.Cards = append(view.Cards, c)
		if c.Awaited {
			view.Live = q.address("/track/live")
		}
		if c.Group == tell.Checking {
			view.Waiting = refreshAfter
		}
		mark, err := s.mark(reader, c)
		if err != nil {
			return err
		}
		marks = append(marks, mark)
	}
	if view.Live != "" {
		view.Live = liveAddress(q, marks)
	}
	view.keeping(of, q)
	view.Filters = filters(reader, q, view.Cards)
	view.Ignored = desk.ignored()
	head := ui.Head{
		Title: reader.Say("results.title", "n", len(view.Cards)), About: reader.Say("results.about"),
		Here: view.Here, Private: true, Refresh: view.Waiting, Scripts: []string{"results.js", "keep.js"},
	}
	if len(view.Cards) == 0 {
		head.Title, head.Here, head.Scripts = reader.Say("results.none"), "/", nil
	}
	status := http.StatusOK
	if tried != nil {
		status = ui.Status(errForm)
	}
	return s.results.Reply(w, r, status, reader, head, view)
}

// A row is one number of the list, what is asked about it, and the parcel if
// there is one.
type row struct {
	item
	plan   poll.Plan
	parcel *parcel.Parcel
}

// want makes sure that what can be asked is asked, and returns the list's rows.
// known are the parcels that the reader knows more of than the number.
func (s *Site) want(ctx context.Context, k Knowledge, q query, known map[string]parcel.Mark) ([]row, error) {
	rows := plan(k, q)
	if err := s.wantKnown(ctx, rows, known); err != nil {
		return nil, err
	}
	var wants []parcel.Want
	until := time.Now().Add(wantFor)
	for _, row := range rows {
		if row.parcel == nil && len(row.plan.Askings) > 0 {
			wants = append(wants, parcel.Want{
				Key: row.key(), Askings: row.plan.Askings, Choice: row.plan.Choice, Until: until, Visitor: true,
			})
		}
	}
	if len(wants) == 0 {
		return rows, nil
	}
	parcels, err := s.parcels.Want(ctx, wants)
	if err != nil {
		return nil, fmt.Errorf("want parcels: %w", err)
	}
	fill(rows, parcels)
	return rows, nil
}

func plan(k Knowledge, q query) []row {
	rows := make([]row, len(q.items))
	for i, it := range q.items {
		rows[i] = row{item: it, plan: k.Plan(it.Number, it.named, nil)}
	}
	return rows
}

func (r row) key() parcel.Key { return r.plan.Key }

// fill puts parcels into the rows that asked for them.
func fill(rows []row, parcels []parcel.Parcel) {
	byKey := make(map[parcel.Key]*parcel.Parcel, len(parcels))
	for i := range parcels {
		byKey[parcels[i].Key] = &parcels[i]
	}
	for i := range rows {
		if p := byKey[rows[i].key()]; p != nil {
			rows[i].parcel = p
		}
	}
}

// filters are the groups with their counts; the empty ones are hidden, because
// a live page may need them.
func filters(reader ui.Reader, q query, cards []card) []filter {
	counts := map[string]int{}
	for _, c := range cards {
		counts[c.Group]++
	}
	all := []filter{{Label: reader.Say("filter.all"), Tone: "calm", Href: q.showing("").address("/track"), Count: len(cards), Current: q.status == ""}}
	groups := []string{tell.Stuck, tell.Checking}
	for _, m := range status.Mains {
		groups = append(groups, string(m))
	}
	for _, g := range groups {
		look := tell.LookOf(g)
		all = append(all, filter{
			Group: g, Label: reader.Say("group." + g), Icon: look.Icon, Tone: look.Tone,
			Href: q.showing(g).address("/track"), Count: counts[g], Current: q.status == g,
			Hidden: counts[g] == 0 && q.status != g,
		})
	}
	return all
}

// carrierOf is the carrier that a row is taken for, "" while that is open.
func (r row) carrierOf() carrier.Code {
	switch {
	case r.parcel != nil && r.parcel.Found != "":
		return r.parcel.Found
	case r.named != "":
		return r.named
	case r.parcel == nil && r.obstacle().Why != poll.NotOnAGuess && r.obstacle().Carrier != "":
		return r.obstacle().Carrier
	case len(r.Candidates) == 1:
		return r.Candidates[0].Carrier
	}
	return ""
}
