package sim

import (
	"regexp"
	"slices"
	"time"
)

// A Kind says what happens in a step, in no carrier's words.
type Kind string

// The kinds of steps, roughly in the order in which a parcel has them.
const (
	Announced      Kind = "announced"        // label made, data sent
	PickedUp       Kind = "picked_up"        // with the carrier
	Departed       Kind = "departed"         // left a hub
	Arrived        Kind = "arrived"          // came to a hub
	Export         Kind = "export_customs"   // in customs, on the way out
	Import         Kind = "import_customs"   // in customs, on the way in
	Held           Kind = "customs_held"     // customs want to know more
	Released       Kind = "customs_released" // through customs
	Delayed        Kind = "delayed"          //
	OutForDelivery Kind = "out_for_delivery" //
	Attempted      Kind = "attempted"        // nobody was in
	BadAddress     Kind = "bad_address"      // the address can't be found
	Refused        Kind = "refused"          // the receiver doesn't want it
	ReadyForPickup Kind = "ready_for_pickup" // waits in a locker, shop or office
	Collected      Kind = "collected"        // taken from there
	Delivered      Kind = "delivered"        // handed over
	Returning      Kind = "returning"        // goes back to the sender
	Returned       Kind = "returned"         // is back with the sender
	Damaged        Kind = "damaged"          //
	Lost           Kind = "lost"             //
	Cancelled      Kind = "cancelled"        // before the carrier got it
	Noted          Kind = "noted"            // book-keeping after the delivery
)

// Kinds are all kinds.
var Kinds = []Kind{
	Announced, PickedUp, Departed, Arrived, Export, Import, Held, Released, Delayed, OutForDelivery,
	Attempted, BadAddress, Refused, ReadyForPickup, Collected, Delivered, Returning, Returned, Damaged,
	Lost, Cancelled, Noted,
}

// A Story is everything that happens to one parcel, past and future. The zero
// value is a parcel of which nothing is known yet.
type Story struct {
	Plan       string        // what sort of story: "plain", "returned", …
	Unknown    bool          // the carrier says that there is no such number
	Express    bool          // travels fast
	From, To   Place         // zero: the source's own country
	Born       time.Time     // steps count from here
	Generation int           // how often the number has been used before
	Reused     bool          // answers that can also list the parcel which had the number before
	Pieces     int           // packages that travel together; 0 means 1
	Due        time.Duration // promised delivery, after Born
	Person     Person
	PhoneEnd   string // last four digits that a source may ask for, "" if it doesn't
	Steps      []Step // oldest first
}

// A Step is one thing that happens.
type Step struct {
	After time.Duration // since the story's birth; may be negative
	Kind  Kind
	At    Place  // zero: where the story is by then
	Text  string // in place of the carrier's words, "" for those
}

// at is st with what it leaves open filled in: places in the country home, one
// package.
func (st Story) at(home string) Story {
	own := citiesOf(home)
	if st.From == (Place{}) {
		st.From = own[0]
	}
	if st.To == (Place{}) {
		st.To = own[len(own)-1]
	}
	if st.Person == (Person{}) {
		st.Person = personOf(0, st.To)
	}
	st.Pieces = max(st.Pieces, 1)
	return st
}

// far reports whether a step of the kind happens at the destination's end of
// the way, unless it says where.
func (k Kind) far() bool {
	switch k {
	case Announced, PickedUp, Export, Cancelled, Returned:
		return false
	}
	return true
}

// A profile says where a source's parcels travel.
type profile struct {
	home   string   // country, ISO 3166-1 alpha-2
	others []string // the countries beyond the border
	abroad int      // percent that cross it
	shops  int      // percent of deliveries that end at a pick-up point, beside the plans that do
}

// rest is how long a parcel stays where its story has ended, at least, before
// the number is used again. It is short, so that at any time a third of all
// numbers or more are on their way.
const rest = 3 * 24 * hour

// epoch is what the births of all stories are counted from.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

var s10 = regexp.MustCompile(`^[A-Z]{2}\d{9}[A-Z]{2}$`)

// posts are the countries that letters and small packets go to.
var posts = []string{"US", "GB", "DE", "FR", "CA", "AU", "SE", "BR", "PL", "DK"}

// route is where number's parcel goes. A postal number says where it comes
// from, and every post finds the same destination in it.
func (p profile) route(number string) (from, to string) {
	if s10.MatchString(number) {
		d := roll("post", number)
		from = number[11:]
		stays := map[string]int{"BR": 85, "CN": 0, "SG": 0, "HK": 0}
		percent, ok := stays[from]
		if !ok {
			percent = 45
		}
		if _, known := cities[from]; known && d.chance(percent) {
			return from, from
		}
		to = one(d, posts)
		if to == from {
			to = "NL"
		}
		return from, to
	}
	d := roll("route", p.home, number)
	if len(p.others) == 0 || !d.chance(p.abroad) {
		return p.home, p.home
	}
	if d.chance(50) {
		return one(d, p.others), p.home
	}
	return p.home, one(d, p.others)
}

// story is what happens to number at the time now, if number belongs to the
// source with profile p. It depends on nothing else.
func (p profile) story(source, number string, now time.Time) Story {
	fromCountry, toCountry := p.route(number)
	d := roll("story", number)
	stops := stations(d, fromCountry, toCountry)
	if s10.MatchString(number) {
		p.shops = 0 // so that both posts of a parcel tell the same
	}
	way, customs := wayBetween(fromCountry, toCountry)
	pl := choosePlan(d, p, customs)
	beats := pl.beats(way)
	period := (longest(beats) + rest).Round(hour)
	st := Story{
		Plan:    pl.name,
		Unknown: roll("unknown", source, number).chance(4),
		Express: d.chance(35),
		From:    stops[origin], To: stops[destination],
		Pieces: 1,
		Reused: d.chance(4),
		Person: personOf(d.next(), stops[destination]),
	}
	if d.chance(8) {
		st.Pieces = 2
	}
	phase := time.Duration(d.below(int(period/time.Minute))) * time.Minute
	st.Generation = int((now.Sub(epoch) - phase) / period)
	if now.Sub(epoch) < phase {
		st.Generation--
	}
	st.Born = epoch.Add(phase + time.Duration(st.Generation)*period)
	st.Steps = st.times(d, beats, stops)
	st.Due = st.promise(way)
	return st
}

// stations are the cities that a journey passes.
func stations(d *dice, from, to string) [destination + 1]Place {
	start, end := citiesOf(from), citiesOf(to)
	stops := [destination + 1]Place{origin: one(d, start), hub: one(d, end), exit: start[0], entry: end[min(1, len(end)-1)], destination: one(d, end)}
	if stops[origin] == stops[destination] && len(end) > 2 {
		stops[destination] = end[(slices.Index(end, stops[origin])+1)%len(end)]
	}
	return stops
}

// citiesOf are a country's cities; of one that isn't in the world only the
// country is known.
func citiesOf(country string) []Place {
	if known, ok := cities[country]; ok {
		return known
	}
	return []Place{{Country: country, Zone: "UTC"}}
}

// times lays the beats out in time. Rounds leave in the morning and end in the
// afternoon; senders and receivers are met by day.
func (st Story) times(d *dice, beats []beat, stops [destination + 1]Place) []Step {
	at := st.Born
	steps := make([]Step, 0, len(beats))
	for _, b := range beats {
		gap := d.between(b.least, b.most)
		if st.Express && b.kind != Announced {
			gap = gap * 2 / 3
		}
		at = at.Add(gap)
		local := at.In(stops[b.at].Location())
		switch b.kind {
		case OutForDelivery:
			at = morning(local, 6).Add(d.between(hour/2, 5*hour/2))
		case PickedUp, Collected:
			if local.Hour() < 8 || local.Hour() >= 20 {
				at = morning(local, 8).Add(d.between(0, 9*hour))
			}
		}
		steps = append(steps, Step{After: at.Sub(st.Born).Truncate(time.Second), Kind: b.kind, At: stops[b.at]})
	}
	return steps
}

// morning is the next full hour o'clock that isn't before t.
func morning(t time.Time, hour int) time.Time {
	at := time.Date(t.Year(), t.Month(), t.Day(), hour, 0, 0, 0, t.Location())
	if at.Before(t) {
		at = time.Date(t.Year(), t.Month(), t.Day()+1, hour, 0, 0, 0, t.Location())
	}
	return at
}

// promise is the delivery date that the carrier names from the start: the end
// of the day after which a plain story would have ended.
func (st Story) promise(way []beat) time.Duration {
	var usual time.Duration
	for _, b := range then(way, handOver...) {
		usual += (b.least + b.most) / 2
	}
	day := st.Born.Add(usual + 20*hour).In(st.To.Location())
	return time.Date(day.Year(), day.Month(), day.Day(), 18, 0, 0, 0, day.Location()).Sub(st.Born)
}
