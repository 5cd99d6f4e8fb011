package health

import (
	"time"

	"waypost/internal/carrier"
)

const (
	enough = 20 // answers from which on it is a rule what all of them have
	plenty = 60 // answers from which on no more are counted
	day    = 24 * time.Hour
)

// A Change is what happened to a path.
type Change string

// The changes.
const (
	New     Change = "new"     // it was never there before
	Gone    Change = "gone"    // it always was there
	Retyped Change = "retyped" // something else stands there
	Back    Change = "back"    // it was gone: it comes and goes
)

// A row is what is known of a path.
type row struct {
	source  carrier.SourceCode
	kind    carrier.ProblemKind
	path    string
	forms   carrier.Forms
	met     int64 // answers in which it was wherever it could be
	chances int64 // answers in which it could be
	used    bool
	first   time.Time // zero: it was shipped with the source
	last    time.Time // to a day
	change  Change
	changed time.Time
	seen    time.Time // somebody has looked at the change; as it was read

	dirty        bool  // it is to be written
	told         bool  // its change is
	wroteMet     int64 // what of met was written
	wroteChances int64
}

// always reports whether it is a rule that the path is there.
func (r *row) always() bool { return r.met == r.chances && r.chances >= enough }

func (r *row) tell(c Change, now time.Time) {
	r.change, r.changed, r.dirty, r.told = c, now, true, true
}

// count adds an answer to what is known, until that is plenty and nothing new.
func (r *row) count(whole bool) {
	if r.chances >= plenty && (whole || r.met < r.chances) {
		return
	}
	r.chances, r.dirty = r.chances+1, true
	if whole {
		r.met++
	}
}

// seenAgain notes that a path that is known is there, and reports whether that
// is news.
func (r *row) seenAgain(p carrier.Path, now time.Time) (news bool) {
	more := p.Forms &^ r.forms
	switch {
	case r.change == Gone:
		r.tell(Back, now)
		news = true
	case more != 0 && r.met >= enough:
		r.tell(Retyped, now)
		news = true
	}
	if more != 0 || now.Sub(r.last) > day {
		r.forms, r.last, r.dirty = r.forms|more, now, true
	}
	return news
}

// known is what is known of a source's answers.
type known struct {
	rows map[carrier.ProblemKind]map[string]*row // by kind and path
	real bool                                    // an answer has come, at some time

	shipped func() []carrier.Shape // yet to be taken in; nil there is nothing
}

// begin takes in what was shipped, before the first answer.
func (k *known) begin() {
	k.real = true
	if k.shipped != nil {
		k.ship(k.shipped())
		k.shipped = nil
	}
}

// meet compares an answer with those before, adds it to them, and reports
// whether there is news.
func (k *known) meet(s carrier.Shape, now time.Time) (news bool) {
	rows := k.rows[s.Kind]
	if rows == nil {
		rows = map[string]*row{}
		k.rows[s.Kind] = rows
	}
	objects := map[string]int{}
	for _, p := range s.Paths {
		objects[p.Name] = p.Objects
	}
	for _, p := range s.Paths {
		above, _ := carrier.CutPath(p.Name)
		r := rows[p.Name]
		if r == nil {
			r = &row{kind: s.Kind, path: p.Name, forms: p.Forms, used: p.Used, first: now, last: now}
			news = r.begin(rows[above], now) || news
			rows[p.Name] = r
		} else {
			news = r.seenAgain(p, now) || news
		}
		r.count(p.Name == "" || p.In >= objects[above])
	}
	return miss(rows, objects, now) || news
}

// begin notes that a path is there for the first time, and reports whether that
// is news: what hangs from a path that is itself new isn't.
func (r *row) begin(above *row, now time.Time) (news bool) {
	if above == nil || above.met < enough {
		return false
	}
	r.chances = above.met
	r.tell(New, now)
	return true
}

// miss looks for what isn't there although what it hangs from is.
func miss(rows map[string]*row, objects map[string]int, now time.Time) (news bool) {
	for path, r := range rows {
		above, _ := carrier.CutPath(path)
		if _, there := objects[path]; there || objects[above] == 0 {
			continue
		}
		if r.always() && r.change != Gone {
			r.tell(Gone, now)
			news = true
		}
		r.count(false)
	}
	return news
}

// ship takes in how the answers are built that were shipped with the source, as
// far as nothing is known of them.
func (k *known) ship(shapes []carrier.Shape) {
	shipped := known{rows: map[carrier.ProblemKind]map[string]*row{}}
	for _, s := range shapes {
		shipped.meet(s, time.Time{})
	}
	for kind, rows := range shipped.rows {
		if k.rows[kind] == nil {
			k.rows[kind] = map[string]*row{}
		}
		for path, r := range rows {
			if k.rows[kind][path] == nil {
				r.change, r.told, r.dirty = "", false, true
				k.rows[kind][path] = r
			}
		}
	}
}

// take returns what is to be written: rows with what is to be added to the
// table's counts.
func (k *known) take(code carrier.SourceCode) (changed []row) {
	if !k.real {
		return nil
	}
	for _, rows := range k.rows {
		for _, r := range rows {
			if !r.dirty {
				continue
			}
			more := *r
			more.source, more.met, more.chances = code, r.met-r.wroteMet, r.chances-r.wroteChances
			changed = append(changed, more)
			r.wroteMet, r.wroteChances, r.dirty, r.told = r.met, r.chances, false, false
		}
	}
	return changed
}

// untake takes back what could not be written.
func (k *known) untake(more row) {
	if r := k.rows[more.kind][more.path]; r != nil {
		r.wroteMet, r.wroteChances = r.wroteMet-more.met, r.wroteChances-more.chances
		r.dirty, r.told = true, r.told || more.told
	}
}
