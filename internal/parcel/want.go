package parcel

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/status"
)

// A Want is somebody's wish to know about a parcel for a while.
//
// Who knows more than the number brings it in Given, and the Mark follows from it.
// Who knows of such a parcel already brings its Mark alone: the parcel is wanted
// longer, and asked as before for as long as its values are kept. None is made.
type Want struct {
	Key
	Given   carrier.Given // what the carriers demand besides the number, tidy; kept sealed while the parcel is wanted
	Askings []Asking      // all that can be asked, best candidate first; none leaves those of an earlier want
	Until   time.Time     // UTC; how long it is wanted
	Visitor bool          // somebody who looks at a page, not one who keeps the parcel: draws on the visitors' share
	Choice  Choice        // ByHand or Only where the carrier needs no finding, else ""
}

const (
	// prolongStep is how much longer a parcel must be wanted to be worth a
	// write: pages are looked at again and again.
	prolongStep = time.Hour

	// What is at its end is asked again if somebody still wants to know: a
	// finished parcel because carriers use numbers again, another because it
	// may have turned up after all.
	restFinished = 30 * 24 * time.Hour
	restGivenUp  = 24 * time.Hour
)

// Reasons of dropped candidates, in words for the operator.
const (
	reasonLate       = "another carrier has answered already"
	reasonNotPlanned = "no longer among those that can be asked"
	reasonUnlikely   = "does not know the number; likelier carriers are asked on"
)

// Want says that somebody wants to know about parcels, and returns them in the
// order wanted, the newest generation where a number was used again. Parcels
// that there aren't are made, but for those of a Mark without values, which are
// left out: what can be asked is due now, of several
// candidates the first. Those that there are stay wanted longer; what lay
// dormant is due now. All of it happens, or nothing.
func (s *Store) Want(ctx context.Context, wants []Want) ([]Parcel, error) {
	wants = slices.Clone(wants)
	sealed, err := s.seal(ctx, wants)
	if err != nil {
		return nil, fmt.Errorf("want parcels: %w", err)
	}
	keys := make([]Key, len(wants))
	for i, w := range wants {
		keys[i] = w.Key
	}
	var found map[Key]*row
	read := func(tx *db.Tx) (rows []*row, err error) {
		found, err = loadKeys(ctx, tx, keys)
		for _, r := range found {
			rows = append(rows, r)
		}
		return rows, err
	}
	decide := func(rows []*row) ([]*row, error) {
		now := millis(s.now())
		for i, w := range wants {
			r, ok := found[w.Key]
			switch {
			case !ok && w.Mark != "" && sealed[i] == nil:
				continue
			case !ok:
				id, err := uuid.NewV7()
				if err != nil {
					return nil, err
				}
				r = &row{Parcel: Parcel{ID: ID(id.String()), Key: w.Key, Created: now}, fresh: true}
				if found == nil {
					found = map[Key]*row{}
				}
				found[w.Key] = r
				rows = append(rows, r)
			}
			r.give(sealed[i])
			r.want(w, now)
		}
		for _, r := range rows {
			r.notify(now)
		}
		return rows, nil
	}
	if _, err := s.change(ctx, read, decide); err != nil {
		return nil, fmt.Errorf("want parcels: %w", err)
	}
	return inOrder(keys, found), nil
}

// Unwant says that nobody keeps parcels any more, nor wants to know about them for
// now: they are asked about no longer. Of those that somebody wants all the same,
// who does says so again.
func (s *Store) Unwant(ctx context.Context, ids ...ID) error {
	decide := func(rows []*row) ([]*row, error) {
		now := millis(s.now())
		for _, r := range rows {
			if r.Wanted.After(now) {
				r.Wanted, r.kept, r.decided = now, now, true
			}
		}
		return rows, nil
	}
	if _, err := s.change(ctx, reading(ctx, ids), decide); err != nil {
		return fmt.Errorf("unwant parcels: %w", err)
	}
	return nil
}

// Keep has what is known of parcels stay until a time at least, for those for whom
// nobody may be asked: what carriers demanded, too. Nothing is wanted.
func (s *Store) Keep(ctx context.Context, until time.Time, ids ...ID) error {
	until = millis(until)
	decide := func(rows []*row) ([]*row, error) {
		now := millis(s.now())
		for _, r := range rows {
			r.prolong(&r.stays, until, now)
		}
		return rows, nil
	}
	if _, err := s.change(ctx, reading(ctx, ids), decide); err != nil {
		return fmt.Errorf("keep parcels: %w", err)
	}
	return nil
}

// reading reads parcels by id.
func reading(ctx context.Context, ids []ID) func(tx *db.Tx) ([]*row, error) {
	return func(tx *db.Tx) ([]*row, error) {
		found, err := load(ctx, tx, ids)
		return slices.Collect(maps.Values(found)), err
	}
}

// want takes a want in.
func (r *row) want(w Want, now time.Time) {
	until := millis(w.Until)
	r.prolong(&r.Wanted, until, now)
	if !w.Visitor {
		r.prolong(&r.kept, until, now)
	}
	if r.Choice == Unchosen && w.Choice != Unchosen {
		r.Choice, r.decided = w.Choice, true
	}
	if len(w.Askings) > 0 && (r.Mark == "" || len(w.Given) > 0) {
		r.plan(w.Askings, now)
	}
	if !r.lacks() {
		r.wake(now)
	}
	for _, a := range r.asks {
		a.visitor = !r.kept.After(now)
	}
}

// give has the row keep sealed values, unless it has them.
func (r *row) give(sealed []byte) {
	if sealed != nil && r.given == nil {
		r.given, r.giving, r.decided = sealed, true, true
	}
}

func (r *row) prolong(wanted *time.Time, until, now time.Time) {
	if until.Sub(*wanted) >= prolongStep || !wanted.After(now) && until.After(now) {
		*wanted, r.decided = until, true
	}
}

// plan brings the asks in line with what can be asked now.
func (r *row) plan(askings []Asking, now time.Time) {
	planned := map[*askRow]bool{}
	for _, p := range askings {
		a := r.ask(p)
		switch {
		case a == nil && (p.Told || p.Role != Candidate):
			a = r.begin(p, now)
		case a == nil && r.Found != "":
			a = r.add(p, Dropped, time.Time{}, now)
			a.Reason = reasonLate
		case a == nil:
			a = r.add(p, Later, time.Time{}, now)
		default:
			a.Account, a.Rank = p.Account, p.Rank
			r.turn(a, p.Told)
			if r.Found == "" {
				a.Role = p.Role
			}
			if a.State == Dropped && a.Asked.IsZero() && r.Found == "" {
				a.State, a.Reason, r.decided = Later, "", true
			}
		}
		planned[a] = true
	}
	for _, a := range r.candidates(Waiting, Later) {
		if !planned[a] {
			a.end(Dropped, reasonNotPlanned)
			r.decided = true
		}
	}
	for _, a := range r.asks {
		if a.Role != Candidate && a.State == Later {
			a.wait(now) // it was a candidate until the carrier was certain
			r.decided = true
		}
	}
	if r.Found == "" && !slices.ContainsFunc(r.candidates(Waiting), (*askRow).hasItsTurn) {
		r.nextCandidate(now)
	}
}

// turn makes an ask one of a source that can be asked, or can't.
func (r *row) turn(a *askRow, told bool) {
	switch {
	case told == a.Told:
		return
	case told:
		a.end(Told, "")
	default:
		a.State = Later
	}
	a.Told, r.decided = told, true
}

// wake makes asks due that nobody wanted any more, or that had come to an end
// long enough ago. Those that are planned stay as they are.
func (r *row) wake(now time.Time) {
	open := false
	for _, a := range r.asks {
		if a.State == Waiting && a.Due.IsZero() || a.State == Done && now.Sub(a.Asked) >= r.rest(now) {
			a.wait(now)
		}
		open = open || a.State == Waiting || a.State == Done
	}
	if open || r.Found != "" {
		return
	}
	dropped := r.candidates(Dropped)
	for _, a := range dropped {
		if now.Sub(a.Asked) < restGivenUp {
			return
		}
	}
	for _, a := range dropped { // a new round: the number may be known by now
		a.State, a.Asked, r.decided = Later, time.Time{}, true
	}
	r.nextCandidate(now)
}

// rest is how long an ask that is done with stays so.
func (r *row) rest(now time.Time) time.Duration {
	switch r.Standing(now).Status.Main() {
	case status.NotFound, status.Expired:
		return restGivenUp
	}
	return restFinished
}

// notify says what the row's change means to those who wait for it.
func (r *row) notify(now time.Time) {
	r.topics = r.topics[:0]
	if r.unchanged() {
		return
	}
	if !r.fresh { // else nobody knows its id who could wait for it
		r.topics = append(r.topics, r.ID.Topic())
	}
	seen := map[carrier.AccountCode]bool{}
	for _, account := range r.dueNow(now) {
		if !seen[account] {
			seen[account] = true
			r.topics = append(r.topics, DueTopic(account))
		}
	}
}
