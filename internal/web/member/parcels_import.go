package member

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

const (
	// maxImport bounds a form with a file, in bytes; the room below bounds the
	// file, and says so.
	maxImport = 6 << 20

	// mostLines of a preview are shown at once.
	mostLines = 200
)

type importView struct {
	Crumb    link
	Wrong    string
	Text     string // what was pasted, when something is wrong with it
	Here     string // of a preview
	Revision int64
	Summary  string
	Good     int // lines that become parcels
	Chips    []chip
	Columns  []importColumn // of a table
	Header   bool
	Tags     string
	Table    bool
	Lines    []importLine
	Asks     bool // some of the lines ask for what their carriers demand
	Hidden   int  // lines that are not shown
	Cut      int
	Go       string
}

// An importColumn is a column of the file, how it begins, and what it is taken for.
type importColumn struct {
	ID      string
	Label   string
	Sample  []string
	Choices []choice
}

// An importLine says what a line will become.
type importLine struct {
	At              int
	Text            string
	Number, Carrier string
	Name            string
	ETA             string
	Outcome, Why    string
	Needs           []tell.NeedField
	Icon, Tone      string
}

var errNoFile = fault.New(fault.Invalid, "no_file", "Choose a file, or paste the numbers.")

// serveImport serves GET /parcels/import.
func (p *Pages) serveImport(w http.ResponseWriter, r *http.Request, s shelf) error {
	return p.importPage(w, r, s, importView{}, nil)
}

func (p *Pages) importPage(w http.ResponseWriter, r *http.Request, s shelf, view importView, wrong error) error {
	t := p.teller(r)
	view.Crumb = link{s.home, s.title(t)}
	status := http.StatusOK
	if wrong != nil {
		if fault.KindOf(wrong) == fault.Internal {
			return wrong
		}
		view.Wrong, status = says(t.Reader, wrong), ui.Status(wrong)
	}
	here := view.Here
	if here == "" {
		here = s.at("/import")
	}
	return p.imports.Reply(w, r, status, t.Reader, titled(t.Say("import.title"), "parcels", here), view)
}

// bringImport serves POST /parcels/import: file, or text.
func (p *Pages) bringImport(w http.ResponseWriter, r *http.Request, s shelf) error {
	if err := r.ParseMultipartForm(maxImport); err != nil {
		return asForm(err)
	}
	text := strings.ToValidUTF8(r.PostForm.Get("text"), " ")
	in := watch.File{Content: []byte(text), Pasted: true}
	if file, header, err := r.FormFile("file"); err == nil {
		defer file.Close()
		if header.Size > 0 {
			content, err := io.ReadAll(file)
			if err != nil {
				return asForm(err)
			}
			in = watch.File{Content: content}
		}
	}
	if in.Pasted && strings.TrimSpace(text) == "" {
		return p.importPage(w, r, s, importView{}, errNoFile)
	}
	preview, err := s.Import(r.Context(), s.owner, in)
	if err != nil {
		return p.importPage(w, r, s, importView{Text: text}, err)
	}
	return p.goTo(w, r, s.at("/import/")+string(preview.Import))
}

// servePreview serves GET /parcels/import/{id}?outcome=: what each line becomes.
func (p *Pages) servePreview(w http.ResponseWriter, r *http.Request, s shelf) error {
	return p.previewPage(w, r, s, nil)
}

func (p *Pages) previewPage(w http.ResponseWriter, r *http.Request, s shelf, wrong error) error {
	return p.previewPageAgain(w, r, s, wrong, nil)
}

// previewPageAgain is previewPage with what was filled in beside lines and can't
// be used.
func (p *Pages) previewPageAgain(w http.ResponseWriter, r *http.Request, s shelf, wrong error, again map[int]tried) error {
	preview, err := s.Preview(r.Context(), s.owner, watch.ImportID(r.PathValue("id")))
	if fault.KindOf(err) == fault.NotFound {
		return p.importPage(w, r, s, importView{}, err)
	}
	if err != nil {
		return err
	}
	return p.importPage(w, r, s, newImportView(p.teller(r), s, preview, watch.Outcome(r.URL.Query().Get("outcome")), again), wrong)
}

func newImportView(t tell.Teller, s shelf, p watch.Preview, only watch.Outcome, again map[int]tried) importView {
	view := importView{
		Here: s.at("/import/") + string(p.Import), Revision: p.Revision, Good: taken(p),
		Header: p.Mapping.Header, Table: p.Table, Tags: strings.Join(p.Tags, ", "), Cut: p.Cut,
	}
	view.Summary = t.Say("import.summary", "n", view.Good)
	view.Go = t.Say("import.go", "n", view.Good)
	if view.Good == 0 {
		view.Summary = t.Say("import.none")
	}
	view.Columns = importColumns(t, p)
	view.Chips = []chip{{Label: t.Say("filter.all"), Tone: "calm", Href: view.Here, Count: len(p.Lines), Current: only == ""}}
	for _, o := range outcomes {
		if n := p.Counts[o]; n > 0 {
			look := outcomeLook[o]
			view.Chips = append(view.Chips, chip{t.Say("outcome." + string(o)), look.Icon, look.Tone, view.Here + "?outcome=" + string(o), n, only == o})
		}
	}
	for _, l := range p.Lines {
		if only != "" && l.Outcome != only {
			continue
		}
		if len(view.Lines) == mostLines {
			view.Hidden++
			continue
		}
		line := newImportLine(t, l)
		if len(l.Needs) > 0 {
			line.Needs, view.Asks = lineNeeds(t, l, again[l.At]), true
		}
		view.Lines = append(view.Lines, line)
	}
	return view
}

// outcomes are in the order in which a preview counts them.
var outcomes = []watch.Outcome{
	watch.WillBeNew, watch.Ambiguous, watch.NeedsMore, watch.AlreadyThere, watch.Twice, watch.NotANumber, watch.Unusable, watch.NoRoom,
}

var outcomeLook = map[watch.Outcome]tell.Look{
	watch.WillBeNew: {Icon: "done", Tone: "good"}, watch.Ambiguous: {Icon: "swap", Tone: "move"}, watch.NeedsMore: {Icon: "info", Tone: "warn"},
	watch.AlreadyThere: {Icon: "pin", Tone: "calm"}, watch.Twice: {Icon: "copy", Tone: "calm"}, watch.NotANumber: {Icon: "st-stuck", Tone: "warn"},
	watch.Unusable: {Icon: "st-exception", Tone: "bad"}, watch.NoRoom: {Icon: "st-exception", Tone: "bad"},
}

func newImportLine(t tell.Teller, l watch.Line) importLine {
	look := outcomeLook[l.Outcome]
	line := importLine{At: l.At, Text: l.Text, Number: l.Number, Name: l.Name, ETA: t.MailedETA(l.Expected.Day, l.Expected.By), Outcome: t.Say("outcome." + string(l.Outcome)), Icon: look.Icon, Tone: look.Tone}
	switch code := l.Carrier; {
	case code != "":
		line.Carrier = t.Name(code)
	case l.Outcome.Taken() && len(l.Candidates) > 0:
		line.Carrier = t.Names(l.Candidates[:min(len(l.Candidates), 3)])
	}
	switch {
	case l.Reason != nil:
		line.Why = t.Reason(*l.Reason)
	case l.Why != watch.Fit && l.Closest != "":
		line.Why = t.Say("unfit."+string(l.Why)) + " " + t.Say("unfit.closest", "number", l.Closest)
	case l.Why != watch.Fit:
		line.Why = t.Say("unfit." + string(l.Why))
	case l.Unknown != "":
		line.Why = t.Say("import.unknown_carrier", "carrier", l.Unknown)
	case len(l.Needs) > 0:
		line.Why = t.Say("import.needs", "what", needWords(t, l.Needs))
	}
	return line
}

func needWords(t tell.Teller, needs []carrier.Need) string {
	var all []string
	for _, n := range needs {
		all = append(all, t.Say("need."+string(n)))
	}
	return strings.Join(all, t.Say("list.comma"))
}

func importColumns(t tell.Teller, p watch.Preview) []importColumn {
	var all []importColumn
	for i, column := range p.Mapping.Columns {
		c := importColumn{ID: "col-" + strconv.Itoa(i), Label: t.Say("import.column", "n", i+1)}
		for _, line := range p.Sample {
			if i < len(line) {
				c.Sample = append(c.Sample, line[i])
			}
		}
		for _, kind := range watch.Columns {
			name := string(kind)
			if kind == watch.NoColumn {
				name = "none"
			}
			c.Choices = append(c.Choices, choice{string(kind), t.Say("column." + name), kind == column})
		}
		all = append(all, c)
	}
	return all
}

// decideImport serves POST /parcels/import/{id}: do is read, which reads the
// file in another way, import or discard.
func (p *Pages) decideImport(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	id := watch.ImportID(r.PathValue("id"))
	switch f.text("do") {
	case "discard":
		if err := s.Discard(r.Context(), s.owner, id); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		return p.goTo(w, r, s.at("/import"))
	case "import":
		return p.commitImport(w, r, s, f, id)
	case "give":
		return p.giveImport(w, r, s, f, id)
	}
	tags := strings.FieldsFunc(f.text("tags"), func(c rune) bool { return strings.ContainsRune(",;，；、", c) })
	reading := watch.Reading{Tags: &tags}
	if cols, ok := f.values["col"]; ok {
		m := watch.Mapping{Header: f.text("header") != ""}
		for _, c := range cols {
			m.Columns = append(m.Columns, watch.Column(c))
		}
		reading.Mapping = &m
	}
	if _, err := s.Reread(r.Context(), s.owner, id, reading); err != nil {
		return p.previewPage(w, r, s, err)
	}
	return p.goTo(w, r, s.at("/import/")+string(id))
}

func (p *Pages) commitImport(w http.ResponseWriter, r *http.Request, s shelf, f *form, id watch.ImportID) error {
	preview, err := s.Preview(r.Context(), s.owner, id)
	if err != nil {
		return p.previewPage(w, r, s, err)
	}
	revision, _ := strconv.ParseInt(f.text("revision"), 10, 64) // what is no number is no revision
	done, err := s.Commit(r.Context(), s.owner, id, revision)
	if err != nil {
		return p.previewPage(w, r, s, err)
	}
	there := preview.Counts[watch.AlreadyThere] + preview.Counts[watch.Twice]
	left := len(slices.DeleteFunc(slices.Clone(preview.Lines), func(l watch.Line) bool {
		return l.Outcome.Taken() || l.Outcome == watch.AlreadyThere || l.Outcome == watch.Twice || l.Reason != nil
	}))
	return p.goTo(w, r, s.added(done, there, left))
}
