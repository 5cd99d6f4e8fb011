package parcel

import (
	"cmp"
	"slices"
	"time"

	"waypost/internal/carrier"
)

// A row is a parcel as it stands in the database, and what has been changed of
// it since it was read.
type row struct {
	Parcel
	asks    []*askRow // by rank; Parcel.Asks is made of them
	kept    time.Time // wanted by somebody who is no visitor until then
	stays   time.Time // kept until then at least, though nobody may ask about it
	edition int64     // that was read
	bytes   []byte    // of the history that was read

	given  []byte // what its Mark stands for, sealed; nil none, or it was forgotten
	giving bool   // it is to be written

	damaged bool // its bytes can't be read: made by a newer release, or not whole

	fresh   bool // not in the database yet
	decided bool // something of the parcel, or of several asks, was changed
	told    bool // the history was changed
	topics  []string
	news    *Changed // what is told of it, nil nothing
}

// An askRow is an ask as it stands in the database.
type askRow struct {
	Ask
	visitor bool
	lease   string
	claimed time.Time // since when the lease is held
	digest  string    // of the answer that was taken in last, "" none

	fresh    bool
	was      Ask // as it was read
	wasLease string
	wasGuest bool
	wasSeen  string
}

func (r *row) unchanged() bool {
	return !r.fresh && !r.decided && !r.told && !slices.ContainsFunc(r.asks, (*askRow).changed)
}

func (a *askRow) changed() bool {
	return a.fresh || a.Ask != a.was || a.lease != a.wasLease || a.visitor != a.wasGuest
}

// answeredAsBefore reports whether the ask was answered, and no more than the
// times have changed.
func (a *askRow) answeredAsBefore() bool {
	was := a.was
	was.Due, was.Asked, was.Answered = a.Due, a.Asked, a.Answered
	return a.Ask == was && a.lease == "" && a.visitor == a.wasGuest && a.digest == a.wasSeen
}

func (r *row) compare(s *row) int {
	return cmp.Or(cmp.Compare(r.Number, s.Number), cmp.Compare(r.Carrier, s.Carrier), cmp.Compare(r.Mark, s.Mark), cmp.Compare(r.Generation, s.Generation))
}

// parcel returns the row as others see it. An ask that somebody asks just now
// is due since that began.
func (r *row) parcel() Parcel {
	p := r.Parcel
	p.Lacks = r.lacks()
	p.Asks = make([]Ask, len(r.asks))
	for i, a := range r.asks {
		p.Asks[i] = a.Ask
		if a.lease != "" {
			p.Asks[i].Due = a.claimed
		}
	}
	return p
}

// lacks reports whether there is a mark, and what it stands for was forgotten.
func (r *row) lacks() bool { return r.Mark != "" && r.given == nil }

// ask returns the ask about a number at a source on behalf of a carrier, nil
// if there is none. The account does not matter: an operator may change it.
func (r *row) ask(a Asking) *askRow {
	for _, b := range r.asks {
		if b.Source == a.Source && b.Carrier == a.Carrier && b.Number == a.Number {
			return b
		}
	}
	return nil
}

// add gives the parcel another ask.
func (r *row) add(a Asking, state State, due time.Time, now time.Time) *askRow {
	b := &askRow{Ask: Ask{Asking: a, State: state, Due: due}, visitor: !r.kept.After(now), fresh: true}
	r.asks = append(r.asks, b)
	slices.SortStableFunc(r.asks, func(a, b *askRow) int { return cmp.Compare(a.Rank, b.Rank) })
	r.decided = true
	return b
}

// begin gives the parcel another ask: due now, or never where its source tells by
// itself.
func (r *row) begin(a Asking, now time.Time) *askRow {
	if a.Told {
		return r.add(a, Told, time.Time{}, now)
	}
	return r.add(a, Waiting, now, now)
}

// candidates returns the asks on a guess in one of the states, best first.
func (r *row) candidates(states ...State) []*askRow {
	var found []*askRow
	for _, a := range r.asks {
		if a.Role == Candidate && slices.Contains(states, a.State) {
			found = append(found, a)
		}
	}
	return found
}

// wait makes the ask due.
func (a *askRow) wait(due time.Time) { a.State, a.Due, a.lease = Waiting, due, "" }

// end makes the ask due no more.
func (a *askRow) end(state State, reason string) {
	a.State, a.Due, a.lease = state, time.Time{}, ""
	if reason != "" {
		a.Reason = reason
	}
}

// dueNow lists the accounts that have something to ask at once and did not
// have it before.
func (r *row) dueNow(now time.Time) []carrier.AccountCode {
	var accounts []carrier.AccountCode
	for _, a := range r.asks {
		if a.changed() && a.lease == "" && !a.Due.IsZero() && !a.Due.After(now) {
			accounts = append(accounts, a.Account)
		}
	}
	return accounts
}
