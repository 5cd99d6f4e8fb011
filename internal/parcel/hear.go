package parcel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
)

// A Push is what a source tells without being asked.
type Push struct {
	Source  carrier.SourceCode
	Reports []carrier.Report // each with its number, capital letters and digits
	At      time.Time        // UTC; when it came
	Next    Next             // when the source is asked itself; Outcome.Pushed says that it pushes
	Onward  func(Asking, carrier.Report, time.Time) []Asking
	Asking  func(Parcel) (Asking, bool) // of a source that can't be asked: its part in a parcel that it hasn't told of before; nil where it has none
}

// Heard is what came of a push.
type Heard struct {
	Changes []Change
	Known   int // reports about parcels that are wanted and that the source is asked about, or tells of
}

// Hear takes in what a source tells by itself, all of it or nothing. A push
// makes no parcel: what it says of a number that nobody wants is forgotten. Told
// twice, or later than what happened afterwards, it harms nothing: it adds events
// and takes none away.
func (s *Store) Hear(ctx context.Context, p Push) (Heard, error) {
	numbers := make([]string, len(p.Reports))
	for i, r := range p.Reports {
		numbers[i] = r.Number
	}
	p.At = millis(p.At)
	read := func(tx *db.Tx) ([]*row, error) { return loadNumbers(ctx, tx, numbers) }
	var heard Heard
	decide := func(rows []*row) ([]*row, error) {
		heard = Heard{}
		all := rows
		for _, report := range p.Reports {
			if report.Problem != nil {
				continue
			}
			known := false
			for _, r := range rows {
				n, change, err := r.hear(p, report)
				if err != nil {
					return nil, fmt.Errorf("parcel %s: %w", r.ID, err)
				}
				if change != nil {
					heard.Changes = append(heard.Changes, *change)
				}
				if n != nil && n != r {
					all = append(all, n)
				}
				known = known || n != nil
			}
			if known {
				heard.Known++
			}
		}
		now := millis(s.now())
		for _, r := range all {
			r.notify(now)
		}
		return all, nil
	}
	if _, err := s.change(ctx, read, decide); err != nil {
		return Heard{}, fmt.Errorf("hear %s: %w", p.Source, err)
	}
	return heard, nil
}

// Awaited are those of the numbers that somebody wants to know of.
func (s *Store) Awaited(ctx context.Context, numbers []string) (map[string]bool, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	awaited := map[string]bool{}
	now := s.now()
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		clear(awaited)
		for some := range slices.Chunk(numbers, awaitedStep) {
			newest, err := newestOf(ctx, tx, some)
			if err != nil {
				return err
			}
			for key, r := range newest {
				awaited[key.Number] = awaited[key.Number] || r.Wanted.After(now)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for awaited numbers: %w", err)
	}
	return awaited, nil
}

// awaitedStep bounds the numbers of one query.
const awaitedStep = 500

// hear takes one report in. It returns the row that it became part of, as record
// does, and nil when the report is about none of the row's business.
func (r *row) hear(p Push, report carrier.Report) (*row, *Change, error) {
	if r.Number != report.Number || !r.Wanted.After(p.At) || r.damaged {
		return nil, nil, nil
	}
	a := r.toldBy(p.Source)
	if a == nil && p.Asking != nil {
		if asking, ok := p.Asking(r.parcel()); ok {
			a = r.begin(asking, p.At)
		}
	}
	if a == nil {
		return nil, nil, nil
	}
	o := Outcome{Claimed: Claimed{Parcel: r.ID, Asking: a.Asking}, Report: r.asAddition(a, report), At: p.At}
	if p.Onward != nil {
		o.Onward = p.Onward(a.Asking, report, p.At)
	}
	return r.takeIn(a, o, p.Next)
}

// toldBy is the ask that a source's word about the parcel's number belongs to:
// the found carrier's, else the likeliest candidate's; nil when the source isn't
// asked about it.
func (r *row) toldBy(source carrier.SourceCode) *askRow {
	var likeliest *askRow
	for _, a := range r.asks {
		switch {
		case a.Source != source || a.Number != r.Number || (a.State == Dropped || a.State == Told && a.Role == Candidate) && r.Found != "" && r.Found != a.Carrier:
		case a.Carrier == r.Found:
			return a
		case likeliest == nil:
			likeliest = a
		}
	}
	return likeliest
}

// asAddition makes a push one that takes nothing away. Where the source has told
// later events already, its word on the whole parcel is out of date.
func (r *row) asAddition(a *askRow, report carrier.Report) carrier.Report {
	report.Latest, report.Pushed = true, true
	var before, now time.Time
	for _, e := range r.History.Told(a.Asking) {
		before = later(before, happened(e.Time))
	}
	for _, e := range report.Events {
		now = later(now, happened(e.Time))
	}
	if now.Before(before) {
		report.State, report.ETA = "", carrier.Time{}
	}
	return report
}

// pushedFor is when anybody last told by themselves of what the ask is about: the
// number, at the carrier.
func (r *row) pushedFor(a *askRow) time.Time {
	last := a.Pushed
	for _, b := range r.asks {
		if b.Carrier == a.Carrier && b.Number == a.Number {
			last = later(last, b.Pushed)
		}
	}
	return last
}

// putOff has others that are asked about what a told of by itself wait as its own
// source does.
func (r *row) putOff(a *askRow, pace func(*askRow) time.Time) {
	for _, b := range r.asks {
		if b == a || b.Carrier != a.Carrier || b.Number != a.Number || b.State != Waiting || b.lease != "" || b.Asked.IsZero() || b.Problem != "" {
			continue
		}
		if due := pace(b); due.After(b.Due) {
			b.schedule(due)
		}
	}
}

// heard notes that the ask's source told of the parcel by itself.
func (a *askRow) heard(at time.Time) {
	a.Pushed, a.Answered, a.Failures, a.Problem, a.Reason = at, at, 0, "", ""
	if a.State == Dropped {
		a.State = Later // it knows the parcel after all
	}
}
