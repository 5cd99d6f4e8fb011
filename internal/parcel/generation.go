package parcel

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"waypost/internal/carrier"
)

// reuse is how long after a parcel's end an event is another parcel's: an
// operator may use a number again after 12 months (UPU S10), less the time
// that a number may lie with its sender.
const reuse = 300 * 24 * time.Hour

// another reports whether the report is of another parcel than the history:
// the number was used again. It is when the history has come to its end and
// the report goes on long afterwards, or under another id of the carrier's own.
// end is the time of the history's last final event.
func (r *row) another(a *askRow, rep carrier.Report, s Standing) (end time.Time, yes bool) {
	if rep.Problem != nil || !s.Status.Final() {
		return time.Time{}, false
	}
	var newest time.Time
	for i := range r.History.Events {
		e := &r.History.Events[i]
		if newest = e.moment(); e.Status.Final() {
			end = newest
		}
	}
	if end.IsZero() {
		end = newest
	}
	latest := time.Time{}
	for _, e := range rep.Events {
		if at := happened(e.Time); at.After(latest) {
			latest = at
		}
	}
	if end.IsZero() || !latest.After(newest) {
		return end, false
	}
	leg, known := r.History.leg(a.Asking)
	renamed := known && leg.Unique != "" && rep.Unique != "" && leg.Unique != rep.Unique
	return end, renamed || latest.Sub(end) > reuse
}

// following returns the parcel's next generation, which takes over who wants
// it and what is to be asked, and leaves r as it ended.
func (r *row) following(a *askRow, at time.Time) (*row, *askRow, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, nil, fmt.Errorf("next generation: %w", err)
	}
	n := &row{
		Parcel: Parcel{
			ID: ID(id.String()), Key: r.Key, Generation: r.Generation + 1,
			Found: r.Found, Choice: r.Choice, Created: at, Wanted: r.Wanted,
		},
		kept:   r.kept,
		stays:  r.stays,
		given:  r.given,
		giving: r.given != nil,
		fresh:  true,
	}
	for _, b := range r.asks {
		if b.State == Waiting || b.State == Done || b.State == Told {
			n.begin(b.Asking, at)
		}
	}
	for _, b := range r.asks {
		if b.State == Waiting || b.State == Later {
			b.end(Done, "")
		}
	}
	r.decided = true
	return n, n.ask(a.Asking), nil
}

// since leaves out of a report what happened until end: it is the earlier parcel's.
func since(rep carrier.Report, end time.Time) carrier.Report {
	var events []carrier.Event
	for _, e := range rep.Events {
		if happened(e.Time).After(end) {
			events = append(events, e)
		}
	}
	rep.Events = events
	return rep
}

// happened is the instant of a time, or where it has no zone what is at most
// half a day from it; zero when it can't be read.
func happened(t carrier.Time) time.Time {
	if !t.UTC.IsZero() {
		return t.UTC
	}
	wall, _ := wallClock(t)
	return wall
}
