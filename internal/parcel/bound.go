package parcel

import (
	"cmp"
	"slices"

	"waypost/internal/status"
)

// MaxEvents bounds a history.
const MaxEvents = 2000

// How much an event is worth keeping.
const (
	scan      = iota // one of many on the way
	telling          // says more: a milestone, a failure, an exception
	milestone        // a leg's first or last event of a sub-status
)

// bound lets the oldest go beyond MaxEvents: transit scans first, then what
// says more but was said again. A leg's first and last event of each
// sub-status always stay, so that neither a milestone nor the status is lost.
// What goes is counted in its leg.
func bound(all []placed, legs []Leg) []placed {
	over := len(all) - MaxEvents
	if over <= 0 {
		return all
	}
	worth := weigh(all)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(worth[a], worth[b]) })
	gone := make([]bool, len(all))
	for _, i := range order[:over] {
		gone[i] = true
		legs[all[i].leg].Dropped++
	}
	kept := make([]placed, 0, MaxEvents)
	for i := range all {
		if !gone[i] {
			kept = append(kept, all[i])
		}
	}
	return kept
}

func weigh(all []placed) []int {
	type kind struct {
		leg int
		sub status.Sub
	}
	worth := make([]int, len(all))
	last := map[kind]int{}
	for i := range all {
		s := all[i].Status
		switch main := s.Main(); {
		case s.Milestone() == "" && (main == "" || main == status.InTransit):
			worth[i] = scan
		default:
			worth[i] = telling
		}
		k := kind{all[i].leg, s}
		if _, seen := last[k]; !seen {
			worth[i] = milestone
		}
		last[k] = i
	}
	for _, i := range last {
		worth[i] = milestone
	}
	return worth
}
