package tell

import (
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// Truth is a parcel's status in one sentence: what, since when, where.
func (t Teller) Truth(s parcel.Standing) string {
	if s.Status.Main() == status.Expired {
		if s.Newest == nil {
			return t.Say("truth.expired_bare")
		}
		return t.Say("truth.expired", "when", t.When(s.Newest.Time))
	}
	key, at, where := "truth.since", s.Since, t.Place(s.Where)
	if happened(s.Status) && s.Event != nil {
		key, at, where = "truth.on", s.Event.Time, t.Place(s.Event.Place)
		if s.Status.Main() == status.Delivered { // what comes after it, as a stored proof, is no second delivery
			at = s.Since
		}
	}
	if at.IsZero() {
		key = "truth.bare"
	}
	if where != "" {
		key += "_at"
	}
	return t.Say(key, "status", t.Say("status."+string(s.Status)), "when", t.When(at), "place", where)
}

// happened reports whether a status is something that happened at one moment,
// rather than something that goes on.
func happened(s status.Sub) bool {
	switch s {
	case status.InTransitOther, status.InTransitCustomsProcessing, status.InTransitCustomsRequiringInfo,
		status.AvailableForPickupOther, status.OutForDeliveryOther, status.ExceptionOther,
		status.ExceptionReturning, status.ExceptionDelayed, status.ExceptionSecurity, status.ExceptionNoBody:
		return false
	}
	return true
}

// When writes a carrier's moment in its own local time.
func (t Teller) When(at carrier.Time) string {
	wall, ok := wallTime(at)
	switch {
	case !ok:
		return at.Local
	case at.DayOnly():
		return t.Day(wall)
	}
	return t.Moment(wall)
}

// wallTime reads a carrier's local time as if it were UTC.
func wallTime(t carrier.Time) (time.Time, bool) {
	form := "2006-01-02T15:04:05"
	if t.DayOnly() {
		form = time.DateOnly
	}
	wall, err := time.Parse(form, t.Local)
	return wall, err == nil
}

// Place writes a place from the small to the large, without saying anything twice.
func (t Teller) Place(p place.Place) string {
	var parts []string
	add := func(part string) {
		said := func(other string) bool { return strings.Contains(strings.ToLower(other), strings.ToLower(part)) }
		if part != "" && !slices.ContainsFunc(parts, said) {
			parts = append(parts, part)
		}
	}
	if p.NameTells() {
		add(p.Name)
	}
	add(p.City)
	add(p.Region)
	if p.City == "" && p.Region == "" {
		add(p.Postcode)
	}
	if p.Country != "" {
		add(t.Country(p.Country))
	}
	for i := range parts {
		parts[i] = t.Isolate(parts[i])
	}
	return strings.Join(parts, t.Say("list.place"))
}

// A Step is a station of the way.
type Step struct {
	Name, When string
	State      string // done, now, trouble or ahead
	Said       string // State in words
}

// Steps are the four stations that most parcels pass, and where this one is.
func (t Teller) Steps(s parcel.Standing, h parcel.History) []Step {
	reached := map[status.Milestone]*parcel.Event{}
	for _, m := range s.Milestones {
		reached[m.Name] = m.Event
	}
	first := func(names ...status.Milestone) *parcel.Event {
		for _, n := range names {
			if reached[n] != nil {
				return reached[n]
			}
		}
		return nil
	}
	moved := first("PickedUp", "Departure")
	if moved == nil {
		moved = firstInTransit(h)
	}
	near, nearName := first("OutForDelivery"), "step.near"
	if reached["AvailableForPickup"] != nil && s.Status.Main() != status.OutForDelivery {
		near, nearName = reached["AvailableForPickup"], "step.pickup"
	}
	end, endName := first("Delivered"), "step.delivered"
	if s.Status == status.ExceptionReturning || s.Status == status.ExceptionReturned {
		end, endName = first("Returned"), "step.returned"
	}
	here, bad := position(s, moved, near)
	if s.Status.Main() == status.DeliveryFailure {
		nearName = "step.failed"
	}
	names := []string{"step.announced", "step.moving", nearName, endName}
	events := []*parcel.Event{first("InfoReceived"), moved, near, end}
	all := make([]Step, len(names))
	for i := range all {
		state := "done"
		switch {
		case i == here && bad:
			state = "trouble"
		case i == here:
			state = "now"
		case i > here:
			state = "ahead"
		}
		all[i] = Step{Name: t.Say(names[i]), State: state, Said: t.Say("step." + state)}
		if e := events[i]; e != nil && i <= here {
			if wall, ok := wallTime(e.Time); ok {
				all[i].When = t.ShortDay(wall)
			}
		}
	}
	return all
}

// position is the station where a parcel is, and whether there is trouble there.
func position(s parcel.Standing, moved, near *parcel.Event) (here int, trouble bool) {
	switch s.Status.Main() {
	case status.InfoReceived:
		return 0, false
	case status.InTransit:
		return 1, false
	case status.OutForDelivery, status.AvailableForPickup:
		return 2, false
	case status.DeliveryFailure:
		return 2, true
	case status.Delivered:
		return 3, false
	}
	switch {
	case s.Status == status.ExceptionReturned:
		return 3, false
	case near != nil:
		return 2, true
	case moved != nil || s.Status == status.ExceptionReturning:
		return 1, true
	}
	return 0, true
}

func firstInTransit(h parcel.History) *parcel.Event {
	for i := range h.Events {
		if h.Events[i].Status.Main() == status.InTransit {
			return &h.Events[i]
		}
	}
	return nil
}
