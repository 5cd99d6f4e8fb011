package parcel

import (
	"strings"
	"time"

	"waypost/internal/place"
	"waypost/internal/status"
)

// doubles marks the events that another leg's carrier told as well. Two events
// of different legs are one happening when they lie in the same minute (one
// carrier prints seconds, the other doesn't), say the same of the parcel's
// status, and their places don't differ. The one that marks a milestone stays,
// else the one of the carrier that did it; the other is kept apart, because the
// first may yet be withdrawn.
func doubles(all []placed, legs []Leg) []bool {
	double := make([]bool, len(all))
	if len(legs) < 2 {
		return double
	}
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && minute(all[to].Rank) == minute(all[from].Rank) {
			to++
		}
		twins(all[from:to], double[from:to], legs)
		from = to
	}
	return double
}

func minute(rank int64) int64 { return rank / time.Minute.Milliseconds() }

// twins pairs the events of one minute: each with at most one of each other leg.
func twins(group []placed, double []bool, legs []Leg) {
	type pair struct{ event, leg int }
	paired := map[pair]bool{}
	for i := range group {
		for k := range i {
			a, b := &group[k], &group[i]
			if double[k] || double[i] || paired[pair{k, b.leg}] || paired[pair{i, a.leg}] || !sameHappening(a, b) {
				continue
			}
			loser, stays := i, k
			if tells(b, legs) > tells(a, legs) {
				loser, stays = k, i
			}
			double[loser] = true
			paired[pair{stays, group[loser].leg}] = true
		}
	}
}

func sameHappening(a, b *placed) bool {
	return a.leg != b.leg && anchored(&a.Event) && anchored(&b.Event) &&
		sameStatus(a.Status, b.Status) && similar(a.Place, b.Place)
}

// sameStatus reports whether two statuses may speak of one happening: of one
// main status, and not of two different milestones.
func sameStatus(a, b status.Sub) bool {
	x, y := a.Milestone(), b.Milestone()
	return a != "" && a.Main() == b.Main() && (x == y || x == "" || y == "")
}

// tells weighs which of two events of one happening stays.
func tells(p *placed, legs []Leg) int {
	weight := 0
	if p.Status.Milestone() != "" {
		weight += 2
	}
	if did(p.Status, legs[p.leg].Role) {
		weight++
	}
	return weight
}

// did reports whether what status s says is the work of a carrier in that role.
func did(s status.Sub, r Role) bool {
	switch s.Main() {
	case status.OutForDelivery, status.AvailableForPickup, status.DeliveryFailure, status.Delivered:
		return r == Destination
	}
	switch s {
	case status.InTransitArrival, status.InTransitCustomsProcessing, status.InTransitCustomsReleased, status.InTransitCustomsRequiringInfo:
		return r == Destination
	}
	return r == Origin
}

// similar reports whether two places may be one: what both name is the same.
func similar(a, b place.Place) bool {
	if a.Country != "" && b.Country != "" && a.Country != b.Country {
		return false
	}
	x, y := named(a), named(b)
	return x == "" || y == "" || strings.Contains(x, y) || strings.Contains(y, x)
}

// named is a place's name for comparing: "LEIPZIG" and "Leipzig, hub 2" begin alike.
func named(p place.Place) string {
	name := p.City
	if name == "" {
		name = p.Name
	}
	return strings.ToLower(strings.TrimSpace(name))
}
