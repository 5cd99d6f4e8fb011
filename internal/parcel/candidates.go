package parcel

import (
	"fmt"
	"slices"
	"time"

	"waypost/internal/carrier"
)

const (
	// stubborn is after how many failures in a row of one candidate the next
	// one is asked too.
	stubborn = 3

	// likeliest is how many candidates are asked on when all have said that
	// they don't know the number.
	likeliest = 3
)

// nextCandidate gives the best candidate its turn that was not asked yet, and
// reports whether there is one.
func (r *row) nextCandidate(now time.Time) bool {
	for _, a := range r.candidates(Later) {
		if a.Asked.IsZero() {
			a.wait(now)
			r.decided = true
			return true
		}
	}
	return false
}

// hasItsTurn reports whether the others wait for what a waiting candidate will
// say: it was not asked yet, or its source is busy or down for a moment.
func (a *askRow) hasItsTurn() bool {
	return a.Asked.IsZero() || !passesOn(a.Problem) && a.Failures < stubborn
}

// found makes the ask's carrier the parcel's: the other candidates came too late.
func (r *row) found(a *askRow) {
	if r.Found != "" || a.Role == Destination {
		return
	}
	r.Found, r.decided = a.Carrier, true
	if r.Choice == Unchosen {
		r.Choice = Answered
	}
	a.Role = Origin
	for _, b := range r.candidates(Waiting, Later) {
		b.end(Dropped, fmt.Sprintf("%s: %s", a.Carrier, reasonLate))
	}
}

// missed is what follows when a candidate answered with a problem. next says
// when a candidate that does not know the number is asked again.
func (r *row) missed(a *askRow, p carrier.Problem, at time.Time, next func(*askRow) time.Time) {
	r.decided = true
	if p.Kind == carrier.BadNumber {
		a.end(Dropped, "")
	}
	if !passesOn(p.Kind) && a.Failures < stubborn {
		return
	}
	if r.nextCandidate(at) {
		if p.Kind == carrier.Missing {
			a.end(Later, "")
		}
		return
	}
	alive := r.candidates(Waiting, Later)
	for i, b := range alive {
		switch {
		case b == a && p.Kind != carrier.Missing:
		case i >= likeliest && slices.Contains([]carrier.ProblemKind{carrier.Missing, carrier.BadNumber}, b.Problem):
			b.end(Dropped, reasonUnlikely)
		case b.State == Later:
			b.schedule(next(b))
		}
	}
}

// passesOn reports whether another candidate gets its turn after such a problem.
// A source that is busy or down for a moment is waited for.
func passesOn(k carrier.ProblemKind) bool {
	switch k {
	case carrier.LimitedKind, carrier.Unavailable, carrier.TooMany:
		return false
	}
	return true
}

// schedule makes the ask due when its pace says so, or ends it.
func (a *askRow) schedule(due time.Time) {
	if due.IsZero() {
		a.end(Done, "")
		return
	}
	a.wait(millis(due))
}
