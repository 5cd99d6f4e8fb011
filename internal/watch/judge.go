package watch

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// A Line is what one line of an import will become.
type Line struct {
	At      int    // its number in the file or text, from 1
	Text    string // what stands where the number should, shortened
	Outcome Outcome
	parcel.Key
	Words
	Why        Why               `json:",omitempty"` // of NotANumber and Unusable
	Reason     *recognise.Reason `json:",omitempty"` // the same, of a piece of a text
	Closest    string            `json:",omitempty"` // a number that a single slip of the hand would explain
	Candidates []carrier.Code    `json:",omitempty"` // that the number can belong to, best first
	Unknown    string            `json:",omitempty"` // what stands for a carrier and names none
	Needs      []carrier.Need    `json:",omitempty"` // of NeedsMore
	Given      carrier.Given     `json:",omitempty"` // what its carrier demands, as far as it has a use for it
	Watch      ID                `json:",omitempty"` // of AlreadyThere
}

// An Outcome is what becomes of a line.
type Outcome string

// Outcomes.
const (
	WillBeNew    Outcome = "new"
	Ambiguous    Outcome = "ambiguous"  // will be new, and Waypost finds which of several carriers knows it
	NeedsMore    Outcome = "needs_more" // will be new, and can't be asked for before its carrier is told more
	AlreadyThere Outcome = "there"
	Twice        Outcome = "twice" // stands in an earlier line, too
	NotANumber   Outcome = "no_number"
	Unusable     Outcome = "unusable" // its words are too long
	NoRoom       Outcome = "no_room"  // the owner has as many parcels as can be kept
)

// Taken reports whether the line becomes a watch.
func (o Outcome) Taken() bool { return o == WillBeNew || o == Ambiguous || o == NeedsMore }

// rounded is a number that a spreadsheet has shortened for good.
var rounded = regexp.MustCompile(`^\d[.,]\d+[eE]\+?\d+$`)

// mostFound is how many numbers are taken from one text.
const mostFound = 1000

// mostCandidates is how many carriers are named for a line.
const mostCandidates = 5

// A judge goes through the lines of an import.
type judge struct {
	store *Store
	know  Knowledge
	there watched
	usual []carrier.Code            // that the owner's parcels come with
	room  int                       // for so many more
	seen  map[string][]carrier.Code // by number
	in    imported
	more  int // numbers of a text beyond mostFound
	names map[string]carrier.Code
}

func (j *judge) lines() []Line {
	if len(j.in.Table.Cells) == 0 {
		return j.text()
	}
	var all []Line
	for i, cells := range j.in.Table.Cells {
		if i > 0 || !j.in.Mapping.Header {
			all = append(all, j.line(j.in.Table.At[i], cells))
		}
	}
	return all
}

// text finds the numbers of a text: each is a line, and so is what was passed over.
func (j *judge) text() []Line {
	text, size := j.in.Text, mostPasted
	if len(j.in.Mail) > 0 {
		text, size = string(j.in.Mail), mostMail
	}
	found := j.know.Index.Text(text, recognise.Hints{Max: mostFound, Size: size, Used: j.usual, Day: j.store.all.now()})
	j.more = found.More
	var all []Line
	for i, n := range found.Numbers {
		l := Line{At: i + 1, Text: short(n.Typed, mostQuoted)}
		l.Given = j.in.Given[l.At]
		l.Tags, l.Expected = j.in.Tags, Expected{n.Expected, found.Sender}.clean()
		j.judge(&l, n, j.in.Carriers[l.At])
		all = append(all, l)
	}
	for i := range found.Ignored {
		ignored := found.Ignored[i]
		all = append(all, Line{At: len(found.Numbers) + i + 1, Text: short(ignored.Text, mostQuoted), Outcome: NotANumber, Reason: &ignored.Why})
	}
	return all
}

// line judges a table's line.
func (j *judge) line(at int, cells []string) Line {
	by := map[Column]string{}
	for i, c := range j.in.Mapping.Columns {
		if i < len(cells) {
			by[c] = cells[i]
		}
	}
	l := Line{At: at, Text: short(by[NumberColumn], mostQuoted)}
	l.Words = Words{Name: by[NameColumn], Note: by[NoteColumn], Order: by[OrderColumn], Tags: append(splitTags(by[TagsColumn]), j.in.Tags...)}
	var err error
	if l.Words, err = l.clean(); err != nil {
		l.Outcome, l.Why = Unusable, WordsLong
		return l
	}
	l.Given = demandedIn(by, j.in.Given[at])
	chosen, picked := j.in.Carriers[at]
	hints := recognise.Hints{Used: j.usual}
	if named := by[CarrierColumn]; named != "" && !picked {
		if chosen = j.carrier(named); chosen == "" {
			hints.Words, l.Unknown = named, short(named, mostQuoted)
		}
	}
	if chosen != "" {
		hints.Carriers = []carrier.Code{chosen}
	}
	if rounded.MatchString(by[NumberColumn]) {
		l.Outcome, l.Why = NotANumber, Rounded
		return l
	}
	j.judge(&l, j.know.Index.Number(by[NumberColumn], hints), chosen)
	return l
}

// demandedIn is what a line's cells, and its owner, say of what carriers demand.
// What can't be so is left out: where it is needed, the preview asks for it.
func demandedIn(by map[Column]string, typed carrier.Given) carrier.Given {
	given := carrier.Given{}
	for _, c := range demanded {
		need := carrier.Need(c)
		if tidy, ok := need.Tidy(by[c]); ok {
			given[need] = tidy
		}
	}
	if last4 := end(given[carrier.PhoneLast4], given[carrier.Phone]); last4 != "" {
		given[carrier.PhoneLast4] = last4
	}
	maps.Copy(given, typed)
	return given
}

// splitTags splits a cell of tags.
func splitTags(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|，；、\n", r) })
}

// judge says what becomes of a number.
func (j *judge) judge(l *Line, n recognise.Number, chosen carrier.Code) {
	if _, ok := j.know.Catalogue.Carrier(chosen); !ok {
		chosen = ""
	}
	for _, c := range n.Candidates[:min(len(n.Candidates), mostCandidates)] {
		l.Candidates = append(l.Candidates, c.Carrier)
	}
	l.Key, l.Closest = parcel.Key{Number: short(n.Text, mostNumber), Carrier: chosen}, n.Closest
	if l.Why = unfit(n, chosen); l.Why != Fit {
		l.Outcome = NotANumber
		return
	}
	chosen = j.know.meant(n.Text, chosen)
	want, needs := j.know.Plan(n, chosen, l.Given)
	l.Key, l.Given = want.Key, want.Given
	l.Mark = j.store.all.parcels.Mark(want.Number, want.Given)
	watch, there := j.there.has(l.Key)
	switch {
	case j.twice(l.Key):
		l.Outcome = Twice
	case there:
		l.Outcome, l.Watch = AlreadyThere, watch
	case j.room <= 0:
		l.Outcome = NoRoom
	case len(needs) > 0:
		l.Outcome, l.Needs = NeedsMore, needs
	case chosen == "" && len(n.Candidates) > 1 && n.Candidates[0].Score < recognise.Certain:
		l.Outcome = Ambiguous
	default:
		l.Outcome = WillBeNew
	}
	j.seen[l.Number] = append(j.seen[l.Number], l.Carrier)
	if l.Outcome.Taken() {
		j.room--
	}
}

// twice reports whether an earlier line has the number, at the same carrier or
// where either names none.
func (j *judge) twice(key parcel.Key) bool {
	return slices.ContainsFunc(j.seen[key.Number], func(c carrier.Code) bool { return c == key.Carrier || c == "" || key.Carrier == "" })
}

// carrier is the one that a cell names by its code or by its name in any
// language, "" when none.
func (j *judge) carrier(cell string) carrier.Code {
	if j.names == nil {
		j.names = map[string]carrier.Code{}
		for _, c := range slices.Backward(j.know.Catalogue.Carriers()) {
			for _, name := range c.Names {
				j.names[compact(fold(name))] = c.Code
			}
			j.names[compact(string(c.Code))] = c.Code
		}
	}
	return j.names[compact(fold(cell))]
}

// watched is what an owner watches.
type watched struct {
	byNumber map[string][]*row
	count    int
}

func (s *Store) there(ctx context.Context, owner inventory.Subject) (watched, error) {
	w := watched{byNumber: map[string][]*row{}}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := rowsOf(ctx, tx, owner, "")
		for _, r := range rows {
			w.byNumber[r.Number] = append(w.byNumber[r.Number], r)
		}
		w.count = len(rows)
		return err
	})
	return w, err
}

// has returns the watch of a number at a carrier, where none is named at any; of
// the one that is known by more than its number, where the key says so.
func (w watched) has(key parcel.Key) (ID, bool) {
	for _, r := range w.byNumber[key.Number] {
		at := key.Carrier == "" || key.Carrier == r.Carrier || key.Carrier == r.Found
		if at && (key.Mark == "" || key.Mark == r.Mark) {
			return r.ID, true
		}
	}
	return "", false
}
