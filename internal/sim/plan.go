package sim

import (
	"slices"
	"time"
)

// A where is a station of a journey.
type where uint8

const (
	origin where = iota
	hub
	exit  // where it leaves the country
	entry // where it comes into the other one
	destination
)

// A beat is a step as a plan has it: at which station, how long after the one
// before.
type beat struct {
	kind        Kind
	at          where
	least, most time.Duration
}

const hour = time.Hour

// The way to the destination's last depot.
var (
	inland = []beat{
		{Announced, origin, hour / 2, 4 * hour},
		{PickedUp, origin, 5 * hour, 22 * hour},
		{Departed, origin, 2 * hour, 7 * hour},
		{Arrived, hub, 4 * hour, 16 * hour},
		{Departed, hub, 2 * hour, 9 * hour},
		{Arrived, destination, 5 * hour, 20 * hour},
	}
	abroad = []beat{
		{Announced, origin, hour / 2, 6 * hour},
		{PickedUp, origin, 6 * hour, 30 * hour},
		{Departed, origin, 2 * hour, 9 * hour},
		{Arrived, exit, 4 * hour, 20 * hour},
		{Export, exit, 1 * hour, 12 * hour},
		{Departed, exit, 3 * hour, 20 * hour},
		{Arrived, entry, 10 * hour, 60 * hour},
		{Import, entry, 1 * hour, 12 * hour},
		{Released, entry, 2 * hour, 30 * hour},
		{Departed, entry, 2 * hour, 8 * hour},
		{Arrived, destination, 6 * hour, 24 * hour},
	}
)

// wayBetween is the way from one country to another, and whether it leads
// through customs.
func wayBetween(from, to string) (way []beat, customs bool) {
	switch {
	case from == to:
		return inland, false
	case union[from] && union[to]:
		return slices.DeleteFunc(slices.Clone(abroad), func(b beat) bool {
			return b.kind == Export || b.kind == Import || b.kind == Released
		}), false
	}
	return abroad, true
}

// A plan is a sort of story: what happens on the way and how it ends.
type plan struct {
	name   string
	weight int    // how often, of all weights
	before Kind   // the way is cut off before the first step of this kind; "" leaves it whole
	inland bool   // happens without customs too; where there are none, the others give way to "plain"
	end    []beat // what follows the way
}

var (
	handOver = []beat{{OutForDelivery, destination, hour, 4 * hour}, {Delivered, destination, 2 * hour, 9 * hour}}
	goBack   = []beat{{Returning, destination, 4 * hour, 20 * hour}, {Arrived, hub, 12 * hour, 40 * hour}, {Returned, origin, 20 * hour, 60 * hour}}
)

var plans = []plan{
	{"plain", 30, "", true, handOver},
	{"signed", 12, "", true, then(handOver, beat{Noted, destination, hour / 4, 3 * hour})},
	{"attempted", 9, "", true, then([]beat{{OutForDelivery, destination, hour, 4 * hour}, {Attempted, destination, 2 * hour, 9 * hour}}, handOver...)},
	{"shop", 12, "", true, []beat{{ReadyForPickup, destination, 3 * hour, 12 * hour}, {Collected, destination, 4 * hour, 60 * hour}}},
	{"attempted-shop", 6, "", true, []beat{
		{OutForDelivery, destination, hour, 4 * hour}, {Attempted, destination, 2 * hour, 9 * hour},
		{ReadyForPickup, destination, 2 * hour, 16 * hour}, {Collected, destination, 4 * hour, 60 * hour},
	}},
	{"uncollected", 4, "", true, then([]beat{{ReadyForPickup, destination, 3 * hour, 12 * hour}, {Returning, destination, 160 * hour, 170 * hour}}, goBack[1:]...)},
	{"refused", 4, "", true, then([]beat{{OutForDelivery, destination, hour, 4 * hour}, {Refused, destination, 2 * hour, 9 * hour}}, goBack...)},
	{"address", 4, "", true, then([]beat{{OutForDelivery, destination, hour, 4 * hour}, {BadAddress, destination, 2 * hour, 9 * hour}}, handOver...)},
	{"delayed", 8, "", true, then([]beat{{Delayed, destination, 2 * hour, 8 * hour}}, handOver...)},
	{"customs-held", 7, Released, false, then([]beat{
		{Held, entry, 4 * hour, 20 * hour}, {Released, entry, 30 * hour, 90 * hour}, {Departed, entry, 2 * hour, 8 * hour}, {Arrived, destination, 6 * hour, 24 * hour},
	}, handOver...)},
	{"customs-refused", 3, Released, false, then([]beat{{Held, entry, 4 * hour, 20 * hour}, {Returning, entry, 90 * hour, 120 * hour}}, goBack[2:]...)},
	{"damaged", 3, OutForDelivery, true, []beat{{Damaged, destination, 2 * hour, 10 * hour}, {Returning, destination, 10 * hour, 30 * hour}, {Returned, origin, 30 * hour, 70 * hour}}},
	{"lost", 3, Departed, true, []beat{{Departed, origin, 2 * hour, 7 * hour}, {Delayed, hub, 30 * hour, 60 * hour}, {Lost, hub, 60 * hour, 100 * hour}}},
	{"cancelled", 3, PickedUp, true, []beat{{Cancelled, origin, 10 * hour, 40 * hour}}},
}

func then(first []beat, rest ...beat) []beat { return slices.Concat(first, rest) }

// beats are the plan's steps over a way.
func (p plan) beats(way []beat) []beat {
	if p.before != "" {
		if cut := slices.IndexFunc(way, func(b beat) bool { return b.kind == p.before }); cut >= 0 {
			way = way[:cut]
		}
	}
	return slices.Concat(way, p.end)
}

// longest is what the beats take at most, with the nights before deliveries.
func longest(beats []beat) time.Duration {
	var sum time.Duration
	for _, b := range beats {
		sum += b.most
		switch b.kind {
		case OutForDelivery, PickedUp, Collected:
			sum += 27 * hour
		}
	}
	return sum
}

// choosePlan draws a plan for a way with customs or without.
func choosePlan(d *dice, p profile, customs bool) plan {
	if p.shops > 0 && d.chance(p.shops) {
		return plans[slices.IndexFunc(plans, func(pl plan) bool { return pl.name == "shop" })]
	}
	sum := 0
	for _, pl := range plans {
		sum += pl.weight
	}
	left := d.below(sum)
	for _, pl := range plans {
		if left -= pl.weight; left < 0 {
			if !pl.inland && !customs {
				return plans[0]
			}
			return pl
		}
	}
	return plans[0]
}
