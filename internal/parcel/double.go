package parcel

import (
	"cmp"
	"strings"
	"time"

	"waypost/internal/place"
	"waypost/internal/status"
)

// slack is how far two posts' clocks may be apart when they tell of one
// happening.
const slack = 5 * time.Minute

// doubles finds the events that another leg's carrier told as well: for each
// event the one that stays in its place, −1 where it stays itself. Two events
// of different legs are one happening when they say the same of the parcel's
// status, their places don't differ, and they lie
//
//   - in the same second or the same minute (one carrier prints seconds, the
//     other doesn't), as instants, or on the wall where one lacks the zone;
//   - within slack of each other in the same country, or on the same day where
//     one knows no hour, with the same sub-status, one that says something, and
//     no third event could be meant.
//
// What lies closest is paired first, and an event has at most one double of
// each other leg: two attempts of one carrier stay two. Of two, that which says
// more stays, else the one of the carrier that did it; the other is kept apart,
// because the first may yet be withdrawn. Where one says little and clocks with
// seconds agree, or two name one trouble differently, that is one happening too.
func doubles(all []placed, legs []Leg) []int {
	p := pairing{all: all, legs: legs, of: make([]int, len(all))}
	for i := range p.of {
		p.of[i] = -1
	}
	if len(legs) < 2 {
		return p.of
	}
	p.walls, p.told = make([]int64, len(all)), make([]uint64, len(all))
	for i := range all {
		p.told[i] = 1 << all[i].leg // 0 beyond the 64th leg: then nothing is paired
		wall, ok := wallClock(all[i].Time)
		if ok && !all[i].Time.DayOnly() && wall.Before(all[i].Seen.Add(ahead)) {
			p.walls[i] = wall.Unix()
		}
	}
	p.alike(p.second, p.sameSecond)
	p.alike(p.wall, p.sameWall)
	p.alike(p.minute, p.sameMinute)
	p.alike(p.wallMinute, p.sameWallMinute)
	p.only(slack, near)
	p.only(2*24*time.Hour, sameDay)
	for i, stays := range p.of {
		for stays >= 0 && p.of[stays] >= 0 {
			stays = p.of[stays]
		}
		p.of[i] = stays
	}
	return p.of
}

// A pairing is doubles at work.
type pairing struct {
	all   []placed
	legs  []Leg
	walls []int64  // Unix seconds as if clocks were the same everywhere, 0 where there is no hour
	told  []uint64 // which legs told the happening, a bit each
	of    []int    // the event in whose place each stands
}

// free reports whether two happenings may still become one: each leg tells it
// at most once.
func (p *pairing) free(i, k int) bool {
	return p.of[i] < 0 && p.of[k] < 0 && p.told[i]&p.told[k] == 0 && p.told[i] != 0 && p.told[k] != 0
}

// join makes one happening of two; i stands before k.
func (p *pairing) join(i, k int) {
	stays, goes := i, k
	country := cmp.Or(p.all[i].Place.Country, p.all[k].Place.Country)
	if p.tells(k, country) > p.tells(i, country) {
		stays, goes = k, i
	}
	p.of[goes] = stays
	p.told[stays] |= p.told[goes]
}

// tells weighs which of two events of one happening stays: first what it says
// of the status, then whether its instant is known, whether its carrier did it,
// and how well it knows the place. The happening was in country, "" unknown.
func (p *pairing) tells(i int, country string) int {
	e := &p.all[i]
	weight := 0
	for i, yes := range []bool{
		e.Place.Country != "", e.Place.City != "", did(&e.Event, country, p.legs[e.leg].Role), anchored(&e.Event),
		e.Status.Milestone() != "", says(e.Status), e.Status != "",
	} {
		if yes {
			weight |= 1 << i
		}
	}
	return weight
}

// alike pairs what has one key and is the same, first come first.
func (p *pairing) alike(key func(i int) (int64, bool), same func(i, k int) bool) {
	groups := map[int64][]int{}
	for i := range p.all {
		k, ok := key(i)
		if !ok {
			continue
		}
		for _, before := range groups[k] {
			if p.free(before, i) && same(before, i) {
				p.join(before, i)
			}
		}
		groups[k] = append(groups[k], i)
	}
}

// only pairs two events within a time that have nobody but each other in their
// two legs.
func (p *pairing) only(within time.Duration, same func(a, b *placed) bool) {
	partners := make([][]int, len(p.all))
	for i := range p.all {
		for k := i - 1; k >= 0 && p.all[i].Rank-p.all[k].Rank <= within.Milliseconds(); k-- {
			if p.free(k, i) && same(&p.all[k], &p.all[i]) {
				partners[i], partners[k] = append(partners[i], k), append(partners[k], i)
			}
		}
	}
	alone := func(i, leg int) bool {
		n := 0
		for _, k := range partners[i] {
			if p.all[k].leg == leg {
				n++
			}
		}
		return n == 1
	}
	for i := range p.all {
		for _, k := range partners[i] {
			if i < k && p.free(i, k) && alone(i, p.all[k].leg) && alone(k, p.all[i].leg) {
				p.join(i, k)
			}
		}
	}
}

func (p *pairing) second(i int) (int64, bool) {
	return p.all[i].Time.UTC.Unix(), anchored(&p.all[i].Event)
}

func (p *pairing) minute(i int) (int64, bool) {
	return p.all[i].Rank / time.Minute.Milliseconds(), anchored(&p.all[i].Event)
}

func (p *pairing) wall(i int) (int64, bool) { return p.walls[i], p.walls[i] != 0 }

func (p *pairing) wallMinute(i int) (int64, bool) { return p.walls[i] / 60, p.walls[i] != 0 }

// sharp reports whether an event's clock shows seconds: two that are equal to
// the second are hardly so by chance.
func (p *pairing) sharp(i int) bool { return p.walls[i]%60 != 0 }

func (p *pairing) sameSecond(i, k int) bool {
	a, b := &p.all[i], &p.all[k]
	return happening(a, b) || p.sharp(i) && (sameStatus(a.Status, b.Status) && sameCity(a, b) || vague(a, b) && place.Common(a.Place, b.Place))
}

// sameWall is about equal wall clocks. Where both know a zone, and it isn't the
// same, one carrier may have put its own to what it was told from abroad.
func (p *pairing) sameWall(i, k int) bool {
	a, b := &p.all[i], &p.all[k]
	switch common := place.Common(a.Place, b.Place); {
	case anchored(&a.Event) && anchored(&b.Event):
		return p.sharp(i) && common && says(a.Status) && a.Status == b.Status
	case common:
		return happening(a, b) || p.sharp(i) && vague(a, b)
	}
	return p.sharp(i) && sameStatus(a.Status, b.Status) && sameCity(a, b)
}

func (p *pairing) sameMinute(i, k int) bool { return happening(&p.all[i], &p.all[k]) }

func (p *pairing) sameWallMinute(i, k int) bool {
	a, b := &p.all[i], &p.all[k]
	return (!anchored(&a.Event) || !anchored(&b.Event)) && (!p.sharp(i) || !p.sharp(k)) &&
		happening(a, b) && place.Common(a.Place, b.Place)
}

// near is about two clocks that differ a little.
func near(a, b *placed) bool {
	return a.Status == b.Status && says(a.Status) && anchored(&a.Event) && anchored(&b.Event) &&
		a.Place.Country != "" && a.Place.Country == b.Place.Country && place.Compatible(a.Place, b.Place)
}

// sameDay is about a happening of which one carrier knows the day only.
func sameDay(a, b *placed) bool {
	return (a.Time.DayOnly() || b.Time.DayOnly()) && a.Status == b.Status && a.Status.Milestone() != "" &&
		dayOf(a) == dayOf(b) && place.Compatible(a.Place, b.Place)
}

func dayOf(e *placed) string {
	day, _, _ := strings.Cut(e.Time.Local, "T")
	return day
}

func happening(a, b *placed) bool {
	return sameStatus(a.Status, b.Status) && place.Compatible(a.Place, b.Place)
}

// sameCity reports whether two events may be in one city, whatever the names of
// the buildings.
func sameCity(a, b *placed) bool {
	x, y := a.Place, b.Place
	x.Name, y.Name = "", ""
	return place.Compatible(x, y)
}

// sameStatus reports whether two statuses may speak of one happening: of one
// main status, and not of two different milestones.
func sameStatus(a, b status.Sub) bool {
	x, y := a.Milestone(), b.Milestone()
	return a != "" && a.Main() == b.Main() && (x == y || x == "" || y == "")
}

// vague reports whether one of two events says nothing of the status that the
// other doesn't say better, or both tell of trouble and name it differently.
func vague(a, b *placed) bool {
	x, y := a.Status.Milestone(), b.Status.Milestone()
	return !says(a.Status) || !says(b.Status) || trouble(a.Status) && trouble(b.Status) && (x == y || x == "" || y == "")
}

func trouble(s status.Sub) bool {
	return s.Main() == status.DeliveryFailure || s.Main() == status.Exception
}

// says reports whether a status says more than that the parcel is on its way.
func says(s status.Sub) bool { return s != "" && s != status.InTransitOther }

// did reports whether an event is the work of a carrier in that role: that of
// the country where it was, as far as a postal number says where it began (UPU
// S10), else as what it says is usually done here or there.
func did(e *Event, country string, r Role) bool {
	if n := e.Number; country != "" && len(n) == 13 && n[11] >= 'A' {
		return (country != n[11:]) == (r == Destination)
	}
	far := false
	switch e.Status.Main() {
	case status.OutForDelivery, status.AvailableForPickup, status.DeliveryFailure, status.Delivered:
		far = true
	}
	switch e.Status {
	case status.InTransitArrival, status.InTransitCustomsProcessing, status.InTransitCustomsReleased, status.InTransitCustomsRequiringInfo:
		far = true
	}
	return far == (r == Destination)
}
