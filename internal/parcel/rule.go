package parcel

import (
	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A verdict is what one leg says of the parcel's status, and the events it
// says it by.
type verdict struct {
	leg     *Leg
	told    []*Event // oldest first
	sub     status.Sub
	decides int // in told: the event that says so, −1 if the carrier's word alone does
	since   int // in told: where the parcel came into this main status, −1 if no event says
}

// judge is the status rule of one leg:
//
//   - The carrier's word on the whole parcel decides the main status, where it
//     has one; the newest event of the same main status refines it.
//   - Without one, the newest event that says something decides. After
//     Delivered only a return, a wrong delivery or an accident changes it, so
//     that bookkeeping, or two systems' clocks, don't undo a delivery. (What
//     the carrier corrects, it no longer tells.)
//   - Events that all say nothing mean that the parcel is on its way.
func judge(leg *Leg, told []*Event) verdict {
	v := verdict{leg: leg, told: told, decides: -1, since: -1}
	if leg.State != "" && leg.State.Main() != status.NotFound {
		v.sub = leg.State
		v.refine()
		return v
	}
	for i, e := range told {
		if e.Status == "" || e.Status.Main() == status.NotFound || settled(v.sub, e.Status) {
			continue
		}
		if v.since < 0 || e.Status.Main() != v.sub.Main() {
			v.since = i
		}
		v.sub, v.decides = e.Status, i
	}
	if v.sub == "" && len(told) > 0 {
		v.sub, v.decides, v.since = status.InTransitOther, len(told)-1, 0
	}
	return v
}

// settled reports whether a parcel in status was stays there, whatever next says.
func settled(was, next status.Sub) bool {
	if was.Main() != status.Delivered || next.Main() == status.Delivered {
		return false
	}
	switch next {
	case status.ExceptionReturning, status.ExceptionReturned, status.DeliveryFailureInvalidAddress, status.ExceptionOther,
		status.ExceptionRejected, status.ExceptionDamage, status.ExceptionLost, status.ExceptionDestroyed:
		return false
	}
	return true
}

// refine looks for the newest events of the main status that the carrier named.
func (v *verdict) refine() {
	main := v.sub.Main()
	for i := len(v.told) - 1; i >= 0; i-- {
		s := v.told[i].Status
		switch {
		case s.Main() == main && v.decides < 0:
			v.sub, v.decides, v.since = s, i, i
		case s.Main() == main:
			v.since = i
		case s != "" && v.decides >= 0:
			return
		}
	}
}

// holds chooses the leg whose word counts: the destination's once it has had
// the parcel in hand, unless the parcel has gone back since; else the leg that
// spoke last. It returns false when no leg knows anything.
func (h History) holds() (verdict, bool) {
	var best verdict
	found := false
	for i := range h.Legs {
		v := judge(&h.Legs[i], h.told(h.Legs[i].key()))
		if v.sub == "" {
			continue
		}
		if !found || v.over(best) {
			best, found = v, true
		}
	}
	return best, found
}

// over reports whether v's word counts more than w's, which stands before it.
func (v verdict) over(w verdict) bool {
	vHas, wHas := v.hasParcel(), w.hasParcel()
	switch {
	case vHas != wHas:
		return vHas
	case v.leg.Role == Destination && w.leg.Role != Destination:
		return vHas && (!back(w.sub) || v.last() > w.last())
	}
	return v.last() > w.last()
}

// hasParcel reports whether a carrier had the parcel in hand, and was not only
// told of it.
func (v verdict) hasParcel() bool { return v.sub.Main() != status.InfoReceived }

func back(s status.Sub) bool { return s == status.ExceptionReturning || s == status.ExceptionReturned }

// last is when the leg's newest event was, as a rank.
func (v verdict) last() int64 {
	if len(v.told) == 0 {
		return 0
	}
	return v.told[len(v.told)-1].Rank
}

// event returns told[i], nil below 0.
func (v verdict) event(i int) *Event {
	if i < 0 {
		return nil
	}
	return v.told[i]
}

// eta is when the carrier means to deliver: the word of the leg that holds the
// parcel, else another's.
func (h History) eta(holder *Leg) (carrier.Time, carrier.Code) {
	if !holder.ETA.IsZero() {
		return holder.ETA, holder.Carrier
	}
	for i := len(h.Legs) - 1; i >= 0; i-- {
		if l := &h.Legs[i]; !l.ETA.IsZero() {
			return l.ETA, l.Carrier
		}
	}
	return carrier.Time{}, ""
}
