package parcel

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/status"
)

// An Outcome is what came of asking.
type Outcome struct {
	Claimed
	Report carrier.Report // its Problem says what went wrong
	At     time.Time      // UTC; when the answer came
	Onward []Asking       // the parcel's numbers elsewhere, to be asked too
	Pushed time.Time      // UTC; when the source last told of it without being asked; for Next to know
}

// Next says when to ask again; the zero time is never. History and standing are
// those after the outcome, the outcome's Failures count this one. It may be
// called more than once for one outcome.
type Next func(History, Standing, Outcome) time.Time

// A Change says that a parcel's history, or the carrier it is taken for, is no
// longer what it was.
type Change struct {
	Parcel   ID
	Key      Key
	Revision int64        // of the history that has the change
	From, To status.Sub   // the status before and after, as of the answer
	Found    carrier.Code // the carrier that knows it, "" none
	Settled  bool         // it was this answer that told which carrier knows it
	Known    time.Time    // UTC; when Waypost was first asked about the parcel
	History  History      // that has the change
	By       Outcome      // the answer that made it
}

// Record takes outcomes in, all of them or none, and returns what they changed.
// An outcome whose lease ran out and was given to somebody else is ignored, as
// is one that was recorded before: repeating is harmless.
func (s *Store) Record(ctx context.Context, outcomes []Outcome, next Next) ([]Change, error) {
	var ids []ID
	seen := map[ID]bool{}
	for _, o := range outcomes {
		if !seen[o.Parcel] {
			seen[o.Parcel] = true
			ids = append(ids, o.Parcel)
		}
	}
	var found map[ID]*row
	read := func(tx *db.Tx) (rows []*row, err error) {
		found, err = load(ctx, tx, ids)
		for _, r := range found {
			rows = append(rows, r)
		}
		return rows, err
	}
	var changes []Change
	decide := func(rows []*row) ([]*row, error) {
		changes = changes[:0]
		for _, o := range outcomes {
			r, ok := found[o.Parcel]
			if !ok {
				continue // swept meanwhile
			}
			n, change, err := r.record(o, next)
			if err != nil {
				return nil, fmt.Errorf("parcel %s: %w", o.Parcel, err)
			}
			if change != nil {
				changes = append(changes, *change)
			}
			if n != r {
				found[o.Parcel] = n // a second outcome is of the new generation too
				rows = append(rows, n)
			}
		}
		now := millis(s.now())
		for _, r := range rows {
			r.notify(now)
		}
		return rows, nil
	}
	if _, err := s.change(ctx, read, decide); err != nil {
		return nil, fmt.Errorf("record outcomes: %w", err)
	}
	return changes, nil
}

// record takes one outcome in. It returns the row that it became part of: r,
// or the next generation.
func (r *row) record(o Outcome, next Next) (*row, *Change, error) {
	a := r.ask(o.Asking)
	if a == nil || o.Lease == "" || a.lease != o.Lease {
		return r, nil, nil
	}
	a.lease = ""
	return r.takeIn(a, o, next)
}

// takeIn makes what an ask's source said, asked or not, part of the row. Who asks
// just now goes on, and what they hear will be recorded as well.
func (r *row) takeIn(a *askRow, o Outcome, next Next) (*row, *Change, error) {
	at := millis(o.At)
	o.At = at
	a.visitor = !r.kept.After(at)
	if r.damaged {
		o.Report = carrier.Report{Number: o.Report.Number, Problem: &carrier.Problem{Kind: carrier.Unreadable, Text: "the stored history can't be read"}}
	}

	before := r.Standing(at)
	if end, yes := r.another(a, o.Report, before); yes {
		n, own, err := r.following(a, at)
		if err != nil {
			return r, nil, err
		}
		r, a, o.Report = n, own, since(o.Report, end)
		before = r.Standing(at)
	}
	was := r.Found
	if o.Report.Problem == nil {
		r.found(a) // before its leg is written, which has its role
	}
	changed := false
	if !o.Report.Same {
		var err error
		if changed, err = r.merge(a, o.Report, at); err != nil {
			o.Report.Problem = &carrier.Problem{Kind: carrier.Unreadable, Text: err.Error()}
		}
	}
	if o.Lease == "" {
		a.heard(at)
	} else {
		a.take(o.Report, at)
	}
	for _, onward := range o.Onward {
		if r.ask(onward) == nil {
			r.begin(onward, at)
		}
	}
	standing := before
	if changed {
		standing = r.Standing(at)
	}
	pace := func(b *askRow) time.Time {
		c := o
		c.Asking, c.Failures, c.Visitor, c.Pushed = b.Asking, b.Failures, b.visitor, r.pushedFor(b)
		return next(r.History, standing, c)
	}
	if a.State != Dropped && a.State != Told && a.lease == "" {
		a.schedule(pace(a))
	}
	if o.Lease == "" {
		r.putOff(a, pace)
	}
	if p := o.Report.Problem; p != nil && a.Role == Candidate && r.Found == "" {
		r.missed(a, *p, at, pace)
	}
	if !changed && r.Found == was {
		return r, nil, nil
	}
	r.note(before.Status, standing.Status)
	return r, &Change{
		Parcel: r.ID, Key: r.Key, Revision: r.Revision,
		From: before.Status, To: standing.Status, Found: r.Found, Settled: r.Found != was,
		Known: r.Created, History: r.History, By: o,
	}, nil
}

// take notes what an answer says of the ask itself. A carrier that does not
// know the number has answered all the same.
func (a *askRow) take(rep carrier.Report, at time.Time) {
	a.Asked = at
	switch p := rep.Problem; {
	case p == nil:
		a.Answered, a.Failures, a.Problem, a.Reason, a.digest = at, 0, "", "", rep.Digest
	case p.Kind == carrier.Missing, p.Kind == carrier.BadNumber:
		a.Failures, a.Problem, a.Reason = 0, p.Kind, p.Text
	default:
		a.Failures, a.Problem, a.Reason = a.Failures+1, p.Kind, p.Text
	}
}

// merge puts the report into the history.
func (r *row) merge(a *askRow, rep carrier.Report, at time.Time) (changed bool, err error) {
	merged, changed := Merge(r.History, a.Asking, rep, at)
	if !changed {
		return false, nil
	}
	if r.bytes, err = merged.Encode(); err != nil {
		return false, err
	}
	r.History = merged
	if !r.told { // several outcomes of one batch are one revision
		r.Revision, r.told = r.Revision+1, true
	}
	return true, nil
}
