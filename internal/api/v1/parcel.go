package v1

import (
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// A Parcel is one number at one carrier, this time, and what happened to it.
type Parcel struct {
	ID         parcel.ID    `json:"id" format:"uuid"`
	Number     string       `json:"number" doc:"Capital letters and digits, without separators."`
	Carrier    *CarrierName `json:"carrier,omitempty" doc:"The carrier that knows it; absent while none has said so."`
	Choice     string       `json:"choice,omitempty" enum:"by_hand,only,answered" doc:"Why that carrier: somebody named it, it is the only one that the number can belong to, or it was the first that knew the number."`
	Generation int          `json:"generation" doc:"Carriers use numbers again after a year or so; 0 is the first parcel that had it."`
	Revision   int64        `json:"revision" doc:"Grows with each change of the history; 0 while there is none."`
	Standing
	Legs     []Leg   `json:"legs" doc:"What each carrier said, the first one's leg in front."`
	Onward   []Leg   `json:"onward" doc:"Its numbers at carriers that have not answered yet."`
	Events   []Event `json:"events" doc:"Oldest first, of all carriers."`
	Dropped  int     `json:"dropped,omitempty" doc:"How many of the oldest scans were let go: 2,000 events are kept."`
	Mirrored bool    `json:"mirrored,omitempty" doc:"Several carriers tell this same history, as posts do that share one record."`
	Asked    []Asked `json:"asked" doc:"Who is asked about it."`
	Created  string  `json:"created" format:"date-time" doc:"When Waypost was first asked about it."`
}

// A Standing is how a parcel stands at this moment.
type Standing struct {
	Status     mainStatus  `json:"status"`
	SubStatus  subStatus   `json:"sub_status"`
	Since      *Moment     `json:"since,omitempty" doc:"When it came into its status; absent when no event says."`
	Expected   *Moment     `json:"expected,omitempty" doc:"When its carrier means to deliver."`
	Place      *Place      `json:"place,omitempty" doc:"Where it was last seen."`
	Metrics    Metrics     `json:"metrics"`
	Milestones []Milestone `json:"milestones" doc:"The nine stations of a parcel's way, in order."`
	Quiet      bool        `json:"quiet,omitempty" doc:"Nothing was heard of it for 30 days."`
	Stale      bool        `json:"stale,omitempty" doc:"Nothing was heard of it for longer than its status usually lasts."`
	Abroad     bool        `json:"abroad,omitempty" doc:"It was in more than one country."`
}

// Metrics are counts of whole days.
type Metrics struct {
	DaysAfterOrder      int `json:"days_after_order" doc:"From the first event until it was delivered, or now."`
	DaysOfTransit       int `json:"days_of_transit" doc:"From the pick-up, or what comes nearest to it, until it was delivered, or now."`
	DaysOfTransitDone   int `json:"days_of_transit_done" doc:"The same once it was delivered; 0 before."`
	DaysAfterLastUpdate int `json:"days_after_last_update" doc:"Since the newest event."`
}

// A Milestone is a station of a parcel's way.
type Milestone struct {
	Name status.Milestone `json:"name" enum:"InfoReceived,PickedUp,Departure,Arrival,AvailableForPickup,OutForDelivery,Delivered,Returning,Returned"`
	At   *Moment          `json:"at,omitempty" doc:"When it was reached; absent when it wasn't."`
}

// A Moment is a time as a carrier gives it, with or without a zone.
type Moment struct {
	ISO string `json:"iso" doc:"ISO 8601: with its offset where the zone is known, else the bare wall time, or the day alone." example:"2026-03-31T10:05:00+02:00"`
	UTC string `json:"utc,omitempty" format:"date-time" doc:"The instant; absent where the zone isn't known."`
}

// A Place is where something happened, never finer than a postal code.
type Place struct {
	Name       string `json:"name,omitempty" doc:"The carrier's own words for it."`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty" doc:"Two letters (ISO 3166-1)."`
}

// A Leg is one carrier's part of the way.
type Leg struct {
	Carrier *CarrierName `json:"carrier,omitempty"`
	Number  string       `json:"number" doc:"The parcel's number there."`
	Role    string       `json:"role,omitempty" enum:"candidate,origin,destination" doc:"The part that it plays."`
	Service string       `json:"service,omitempty" doc:"The carrier's name of its product."`
}

// An Event is something that happened to a parcel, as a carrier tells it.
type Event struct {
	At          *Moment        `json:"at,omitempty"`
	Status      mainStatus     `json:"status,omitempty" doc:"Absent where the event says nothing of it."`
	SubStatus   subStatus      `json:"sub_status,omitempty"`
	Code        string         `json:"code,omitempty" doc:"The carrier's own."`
	Description string         `json:"description" doc:"The carrier's words, without names, signatures or streets."`
	FromWords   bool           `json:"from_words,omitempty" doc:"The status was read from the description."`
	Place       *Place         `json:"place,omitempty"`
	Carriers    []carrier.Code `json:"carriers" doc:"Who tells it."`
}

// An Asked is a carrier that is asked about a parcel.
type Asked struct {
	Carrier  CarrierName `json:"carrier"`
	State    string      `json:"state" enum:"waiting,later,dropped,done" doc:"It is to be asked; its turn comes when those before it know nothing; it knew nothing; nothing more is expected of it."`
	Asked    string      `json:"asked,omitempty" format:"date-time" doc:"When it was last asked."`
	Answered string      `json:"answered,omitempty" format:"date-time" doc:"When it last said anything of use."`
	Problem  string      `json:"problem,omitempty" doc:"What came of asking, where it wasn't an answer." enum:"missing,bad_number,auth,limited,too_many,bad_request,needs_phone,needs_postcode,unavailable,unreadable"`
}

// mainStatus and subStatus are the words of package status.
type (
	mainStatus string
	subStatus  string
)

func (mainStatus) Schema(huma.Registry) *huma.Schema { return words(status.Mains) }
func (subStatus) Schema(huma.Registry) *huma.Schema  { return words(status.Subs) }

func words[T ~string](all []T) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: mapped(all, func(w T) any { return string(w) })}
}

// parcel is what a parcel looks like to programs, now.
func (k Knowledge) parcel(p parcel.Parcel) Parcel { return k.parcelAt(p, time.Now()) }

// parcelAt is what a parcel looked like at a moment.
func (k Knowledge) parcelAt(p parcel.Parcel, now time.Time) Parcel {
	s := p.Standing(now)
	out := Parcel{
		ID: p.ID, Number: p.Number, Carrier: k.known(p.Found), Choice: string(p.Choice), Generation: p.Generation, Revision: p.Revision,
		Standing: standingOf(s), Dropped: p.History.Dropped, Mirrored: p.History.Mirrored(), Created: instant(p.Created),
		Onward: mapped(s.Onward, func(l carrier.Leg) Leg { return Leg{Carrier: k.known(carrier.Code(l.Carrier)), Number: l.Number} }),
		Legs: mapped(p.History.Legs, func(l parcel.Leg) Leg {
			return Leg{Carrier: k.known(l.Carrier), Number: l.Number, Role: string(l.Role), Service: l.Service}
		}),
		Asked: mapped(p.Asks, func(a parcel.Ask) Asked {
			return Asked{k.name(a.Carrier), string(a.State), instant(a.Asked), instant(a.Answered), string(a.Problem)}
		}),
		Events: []Event{},
	}
	if p.Found == "" {
		out.Choice = ""
	}
	tellings := p.History.Tellings()
	for i, e := range p.History.Events {
		out.Events = append(out.Events, eventOf(e, tellings[i]))
	}
	return out
}

func standingOf(s parcel.Standing) Standing {
	return Standing{
		Status: mainStatus(s.Status.Main()), SubStatus: subStatus(s.Status), Since: momentOf(s.Since), Expected: momentOf(s.ETA), Place: placeOf(s.Where),
		Metrics: Metrics{s.DaysAfterOrder, s.DaysOfTransit, s.DaysOfTransitDone, s.DaysAfterLastUpdate},
		Milestones: mapped(s.Milestones, func(m parcel.Milestone) Milestone {
			if m.Event == nil {
				return Milestone{Name: m.Name}
			}
			return Milestone{m.Name, momentOf(m.Event.Time)}
		}),
		Quiet: s.Quiet, Stale: s.Stale, Abroad: s.Abroad,
	}
}

func eventOf(e parcel.Event, told parcel.Telling) Event {
	return Event{
		At: momentOf(told.Time), Status: mainStatus(e.Status.Main()), SubStatus: subStatus(e.Status), Code: e.Code, Description: e.Words,
		FromWords: e.FromWords, Place: placeOf(told.Place), Carriers: append([]carrier.Code{}, told.Carriers...),
	}
}

// known is a carrier's name, nil for none.
func (k Knowledge) known(code carrier.Code) *CarrierName {
	if code == "" {
		return nil
	}
	name := k.name(code)
	return &name
}

func momentOf(t carrier.Time) *Moment {
	if t.IsZero() {
		return nil
	}
	return &Moment{t.ISO(), instant(t.UTC)}
}

func placeOf(p place.Place) *Place {
	if p.IsZero() {
		return nil
	}
	return &Place{p.Name, p.City, p.Region, p.Postcode, p.Country}
}

// instant writes a moment of Waypost's own clock, "" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

func upper(country string) string { return strings.ToUpper(country) }

// needs lists what a carrier wants to know.
func needs(all []carrier.Need) string {
	return strings.Join(mapped(all, func(n carrier.Need) string { return string(n) }), ", ")
}
