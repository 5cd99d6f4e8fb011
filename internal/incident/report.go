package incident

import (
	"archive/zip"
	"context"
	"database/sql"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/locale"
	"waypost/internal/vault"
)

//go:embed document.html
var documentHTML string

var documentTemplate = template.Must(template.New("document.html").Parse(documentHTML))

// A document is what goes out to an authority, or is kept: a page of its own.
type document struct {
	Lang, Dir, Title, Made string
	Sections               []section
}

type section struct {
	Title      string
	Paragraphs []string
	Rows       []line
}

type line struct{ Name, Value string }

// A writer puts an incident into words.
type writer struct {
	w     *locale.Words
	all   *Incidents
	one   Incident
	scope []Count // of the list that holds
}

func (i *Incidents) writer(ctx context.Context, one Incident, lang string) (writer, error) {
	counts, err := i.counts(ctx, one.ID, one.Frozen)
	if one.Frozen == 0 {
		counts = nil
	}
	return writer{locale.Choose(i.words, lang), i, one, counts}, err
}

func (o writer) moment(t time.Time) string {
	if t.IsZero() {
		return o.w.Say("report.unknown")
	}
	return o.w.Say("date.utc", "moment", o.w.Moment(t.UTC()))
}

func (o writer) document(title string) document {
	return document{Lang: o.w.Lang, Dir: o.w.Dir, Title: title, Made: o.w.Say("report.made", "when", o.moment(o.all.now()))}
}

func (o writer) orUnknown(text string) string {
	if text == "" {
		return o.w.Say("report.unknown")
	}
	return text
}

// who is the operator, as far as they say who they are (GDPR, Article 33(3)(b)).
func (o writer) who() section {
	p := o.all.operator
	s := section{Title: o.w.Say("report.who")}
	for _, l := range []line{{"report.company", p.Company}, {"report.officer", p.Officer}, {"report.mail", p.Mail}, {"report.phone", p.Phone}} {
		s.Rows = append(s.Rows, line{o.w.Say(l.Name), o.orUnknown(l.Value)})
	}
	return s
}

// nature is what happened, and when (Article 33(3)(a)).
func (o writer) nature() section {
	t := o.one.Times
	return section{Title: o.w.Say("report.nature"), Paragraphs: []string{o.one.Facts.Title, o.one.Facts.Happened}, Rows: []line{
		{o.w.Say("report.severity"), o.w.Say("severity." + string(o.one.Severity))},
		{o.w.Say("report.noticed"), o.moment(t.Noticed)},
		{o.w.Say("report.began"), o.moment(t.Began)},
		{o.w.Say("report.ended"), o.moment(t.Ended)},
		{o.w.Say("report.contained"), o.moment(o.one.Contained)},
	}}
}

// people is whom it concerns, in numbers; of one region, or of all ("").
func (o writer) people(region string) section {
	s := section{Title: o.w.Say("report.people")}
	sums := map[[2]string]int{}
	var order [][2]string
	for _, what := range []string{"person", "country", "language", "kind"} {
		for _, c := range o.scope {
			if key := [2]string{c.What, c.Value}; c.What == what && (region == "" || c.Region == region) {
				if sums[key] == 0 {
					order = append(order, key)
				}
				sums[key] += c.N
			}
		}
	}
	for _, key := range order {
		name := o.w.Say("report.persons")
		switch key[0] {
		case "country":
			name = o.w.Say("report.country", "country", o.w.Country(key[1]))
		case "language":
			name = o.w.Say("report.language", "language", o.orUnknown(key[1]))
		case "kind":
			name = o.w.Say("report.kind", "kind", o.all.kinds(o.w, []inventory.Kind{inventory.Kind(key[1])}))
		}
		s.Rows = append(s.Rows, line{name, fmt.Sprint(sums[key])})
	}
	if len(order) == 0 {
		s.Rows = append(s.Rows, line{o.w.Say("report.persons"), o.w.Say("report.unknown")})
	}
	records := o.w.Say("report.unknown")
	if o.one.Facts.Records > 0 {
		records = fmt.Sprint(o.one.Facts.Records)
	}
	s.Rows = append(s.Rows, line{o.w.Say("report.records"), records})
	return s
}

// consequences and measures are those of Article 33(3)(c) and (d).
func (o writer) consequences() []section {
	return []section{
		{Title: o.w.Say("report.likely"), Paragraphs: []string{o.orUnknown(o.one.Facts.Effects)}},
		{Title: o.w.Say("report.measures"), Paragraphs: []string{o.orUnknown(o.one.Facts.Measures)}},
	}
}

// duty is how it stands with an authority.
func (o writer) duty(d Duty) line {
	name := d.Authority
	if name == "" {
		name = o.w.Say("remind.unnamed")
	}
	value := o.w.Say("report.untold", "when", o.moment(d.Due))
	switch {
	case d.Spared:
		value = o.w.Say("report.spared_authority", "why", d.Words)
	case !d.Told.IsZero():
		value = o.w.Say("report.told_authority", "when", o.moment(d.Told))
		if d.Words != "" {
			value += o.w.Say("list.comma") + d.Words
		}
	}
	if d.Late(o.all.now()) {
		value += o.w.Say("list.comma") + o.w.Say("report.late", "when", o.moment(d.Due))
	}
	return line{d.Region + ": " + name + " (" + d.Source + ")", value}
}

// AuthorityNotice writes the draft of what an authority is told: HTML that needs
// nothing else, with what Article 33(3) of the GDPR wants.
func (i *Incidents) AuthorityNotice(ctx context.Context, c account.Clerk, id ID, region, law, lang string, w io.Writer) error {
	one, err := i.Get(ctx, c, id)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(one.Duties, func(d Duty) bool { return d.Region == region && d.Law == law })
	if n < 0 {
		return errDuty
	}
	o, err := i.writer(ctx, one, lang)
	if err != nil {
		return err
	}
	return documentTemplate.Execute(w, o.authority(one.Duties[n]))
}

func (o writer) authority(d Duty) document {
	doc := o.document(o.w.Say("report.authority", "id", string(o.one.ID), "region", d.Region))
	duty := o.duty(d)
	doc.Sections = append([]section{{Title: duty.Name, Paragraphs: []string{o.w.Say("report.draft")}}, o.who(), o.nature(), o.people(d.Region)}, o.consequences()...)
	if d.Late(o.all.now()) {
		doc.Sections = append(doc.Sections, section{Title: o.w.Say("report.delay"), Paragraphs: []string{o.w.Say("report.delay_text", "hours", d.Hours, "due", o.moment(d.Due))}})
	}
	return doc
}

// report is all that there is of an incident but the people.
func (o writer) report(steps []Step, names map[account.StaffID]string, told []Count, editions map[int][]Draft) document {
	doc := o.document(o.w.Say("report.title", "id", string(o.one.ID)))
	nature := o.nature()
	nature.Rows = append(nature.Rows,
		line{o.w.Say("report.state"), o.w.Say("state." + string(o.one.State))},
		line{o.w.Say("report.declared"), o.moment(o.one.Declared)}, line{o.w.Say("report.closed"), o.moment(o.one.Closed)})
	doc.Sections = append([]section{o.who(), nature, o.people("")}, o.consequences()...)
	duties := section{Title: o.w.Say("report.duties")}
	for _, d := range o.one.Duties {
		duties.Rows = append(duties.Rows, o.duty(d))
	}
	telling := section{Title: o.w.Say("report.telling")}
	if o.one.Spared {
		telling.Paragraphs = []string{o.w.Say("report.spared")}
	}
	for _, c := range told {
		telling.Rows = append(telling.Rows, line{c.Region + ": " + o.w.Say("channel."+c.What) + o.w.Say("list.comma") + o.w.Say("outcome."+c.Value), fmt.Sprint(c.N)})
	}
	doc.Sections = append(doc.Sections, duties, telling)
	for edition := 1; edition <= o.one.Approved; edition++ {
		for _, d := range editions[edition] {
			region := d.Region
			if region == "" {
				region = o.w.Say("report.everywhere")
			}
			s := section{Title: o.w.Say("report.notices") + ": " + o.w.Say("report.edition", "n", edition, "region", region, "lang", d.Lang), Paragraphs: []string{d.Text.Title}}
			for _, p := range d.Text.Parts() {
				s.Rows = append(s.Rows, line{o.all.Called(d.Lang, "part", p.Key), p.Text})
			}
			doc.Sections = append(doc.Sections, s)
		}
	}
	history := section{Title: o.w.Say("report.history")}
	for _, s := range steps {
		by := names[s.By]
		switch {
		case s.By == "":
			by = o.w.Say("report.program")
		case by == "":
			by = o.w.Say("report.left", "id", string(s.By))
		}
		history.Rows = append(history.Rows, line{o.moment(s.At) + o.w.Say("list.comma") + by, strings.TrimSpace(o.w.Say("did."+string(s.Did)) + " " + s.Words)})
	}
	return document{doc.Lang, doc.Dir, doc.Title, doc.Made, append(doc.Sections, history, section{Title: o.w.Say("report.lessons"), Paragraphs: []string{o.orUnknown(o.one.Facts.Lessons)}})}
}

// reportJSON is the same for programs.
type reportJSON struct {
	ID        ID        `json:"id"`
	Severity  Severity  `json:"severity"`
	State     State     `json:"state"`
	Facts     Facts     `json:"facts"`
	Noticed   time.Time `json:"noticed"`
	Began     time.Time `json:"began,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	Contained time.Time `json:"contained,omitzero"`
	Declared  time.Time `json:"declared"`
	Closed    time.Time `json:"closed,omitzero"`
	Duties    []Duty    `json:"authorities"`
	People    []Count   `json:"people"`
	Told      []Count   `json:"told"`
	History   []Step    `json:"history"`
}

// An Export is what is taken out of an incident.
type Export struct {
	Lang   string // BCP 47
	People bool   // with the list of those whom it concerns, each written down as looked at
}

// Export writes all that there is of an incident as a ZIP: the report as HTML and
// JSON, the drafts for the authorities, and only if it is asked for the list of
// those whom it concerns, as CSV; that list wants a code of the last ten minutes.
func (i *Incidents) Export(ctx context.Context, c account.Clerk, id ID, e Export, w io.Writer) error {
	if err := c.Must(account.HandleIncidents); err != nil {
		return err
	}
	words := "report"
	if e.People {
		if err := c.MustFreshly(account.HandleIncidents); err != nil {
			return err
		}
		words += ", people"
	}
	err := i.change(ctx, c, id, func(tx *db.Tx, k *vault.Sealer, _ Incident) error { return i.step(ctx, tx, k, id, c, DidExport, words) })
	if err != nil {
		return err
	}
	one, err := i.get(ctx, id)
	if err != nil {
		return err
	}
	steps, err := i.history(ctx, id)
	if err != nil {
		return err
	}
	told, err := i.counts(ctx, id, 0)
	if err != nil {
		return err
	}
	names, err := i.members.Staff().Names(ctx, c)
	if err != nil {
		return err
	}
	editions := map[int][]Draft{}
	for n := 1; n <= one.Approved; n++ {
		if editions[n], err = i.notices(ctx, id, n); err != nil {
			return err
		}
	}
	o, err := i.writer(ctx, one, e.Lang)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	put := func(name string, write func(io.Writer) error) {
		if err != nil {
			return
		}
		var file io.Writer
		if file, err = archive.Create(name); err == nil {
			err = write(file)
		}
	}
	put("report.html", func(w io.Writer) error { return documentTemplate.Execute(w, o.report(steps, names, told, editions)) })
	put("report.json", func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(reportJSON{one.ID, one.Severity, one.State, one.Facts, one.Times.Noticed, one.Times.Began, one.Times.Ended, one.Contained, one.Declared, one.Closed, one.Duties, o.scope, told, steps})
	})
	for _, d := range one.Duties {
		put("authority-"+d.Region+"-"+d.Law+".html", func(w io.Writer) error { return documentTemplate.Execute(w, o.authority(d)) })
	}
	if e.People {
		put("people.csv", func(w io.Writer) error { return i.list(ctx, c, one, w) })
	}
	if err != nil {
		return fmt.Errorf("export incident %s: %w", id, err)
	}
	return archive.Close()
}

// listed is somebody in the list that goes out.
type listed struct {
	id             account.ID
	sealed         []byte
	channel, state string
	told, seen     int64
}

// list writes whom an incident concerns, as the list has it that holds.
func (i *Incidents) list(ctx context.Context, c account.Clerk, one Incident, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "region", "country", "language", "kinds", "channel", "state", "told", "seen"}); err != nil {
		return err
	}
	for _, s := range i.Stores() {
		for after := account.ID(""); ; {
			some, err := s.listed(ctx, one, after)
			if err != nil {
				return err
			}
			if len(some) == 0 {
				break
			}
			if err := i.writeListed(ctx, c, s, one, some, out); err != nil {
				return err
			}
			after = some[len(some)-1].id
		}
	}
	out.Flush()
	return out.Error()
}

func (i *Incidents) writeListed(ctx context.Context, c account.Clerk, s *Store, one Incident, some []listed, out *csv.Writer) error {
	ids := make([]account.ID, len(some))
	for n, l := range some {
		ids[n] = l.id
	}
	if err := i.members.Staff().Note(ctx, c, account.HandleIncidents, account.DidList, one.ID.why(), ids...); err != nil {
		return err
	}
	for _, l := range some {
		k, err := s.Vault.Key(ctx, l.id.Subject())
		if err != nil {
			return err
		}
		var d detail
		if err := openJSON(k, fieldDetail, l.sealed, &d); err != nil {
			return err
		}
		var kinds []string
		for _, kind := range d.Kinds {
			kinds = append(kinds, string(kind))
		}
		if err := out.Write([]string{string(l.id), s.Name, d.Country, d.Language, strings.Join(kinds, " "), l.channel, l.state, instant(l.told), instant(l.seen)}); err != nil {
			return err
		}
	}
	return nil
}

// instant is a time as programs read it, "" none.
func instant(ms int64) string {
	if ms == 0 {
		return ""
	}
	return db.At(ms).Format(time.RFC3339)
}

func (s *Store) listed(ctx context.Context, one Incident, after account.ID) (all []listed, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (l listed, err error) {
			return l, row.Scan(&l.id, &l.sealed, &l.channel, &l.state, &l.told, &l.seen)
		}, fmt.Sprintf(`
			SELECT owner, detail, channel, state, told_ms, seen_ms FROM incident_person
			WHERE incident_id = $1 AND region = $2 AND owner > $3 AND (first_list <= $4 AND last_list >= $4 OR edition > 0) ORDER BY owner LIMIT %d`, runStep), one.ID, s.Name, string(after), one.Frozen)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the people of incident %s: %w", one.ID, err)
	}
	return all, nil
}
