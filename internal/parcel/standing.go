package parcel

import (
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/place"
	"waypost/internal/status"
)

// When nothing is heard of a parcel any more.
const (
	quietAfter   = 30 * 24 * time.Hour // asked daily from here on
	expiresAfter = 60 * 24 * time.Hour // without any event: given up
	missingAfter = 30 * 24 * time.Hour // never known by its carrier: given up
)

// A Standing is a parcel at a glance: what its history means at one moment.
type Standing struct {
	Now     time.Time    // UTC; the moment
	Known   time.Time    // UTC; when Waypost was first asked about the parcel; zero if that wasn't said
	Status  status.Sub   // NotFound_Other while no carrier knows it
	Since   carrier.Time // when it came into its main status; zero when no event says
	Carrier carrier.Code // whose leg says so, "" while none does
	Source  carrier.SourceCode
	Event   *Event        // that says so; nil when none does
	Newest  *Event        // of all; nil when there is none
	Where   place.Place   // where it was last seen
	Learned time.Time     // UTC; when Waypost first read what says so; zero while nothing does
	ETA     carrier.Time  // when the carrier means to deliver, zero when it doesn't say or the parcel is at its end
	ETABy   carrier.Code  // who said so
	Onward  []carrier.Leg // numbers of the same parcel at carriers that have not answered yet
	Legs    int           // how many carriers know it

	Milestones []Milestone // all nine, in the order of status.Milestones

	// Day counts, in whole days (17TRACK Tracking API, time_metrics).
	DaysAfterOrder      int // from the first event until Delivered or now
	DaysOfTransit       int // from the pick-up, or what comes nearest to it, until Delivered or now
	DaysOfTransitDone   int // the same once Delivered, 0 before
	DaysAfterLastUpdate int // since the newest event

	Quiet    bool // no event for 30 days
	Stale    bool // no event for longer than its status usually lasts
	Abroad   bool // it was in more than one country
	Zoneless bool // some times lack a zone
}

// A Milestone is a station of a parcel's way.
type Milestone struct {
	Name  status.Milestone
	Event *Event // the first that reached it, nil when none did
}

// Standing says how the parcel stands now.
func (h History) Standing(now time.Time) Standing {
	s := Standing{Now: now.UTC(), Status: status.NotFoundOther, Milestones: h.milestones()}
	v, known := h.holds()
	if !known {
		return s
	}
	s.Status, s.Carrier, s.Source = v.sub, v.leg.Carrier, v.leg.Source
	s.Event, s.Learned = v.event(v.decides), v.leg.Answered
	if s.Event != nil {
		s.Learned = s.Event.Seen
	}
	if since := v.event(v.since); since != nil {
		s.Since = since.Time
	}
	s.Legs = len(h.Legs)
	s.Onward = h.onward()
	s.look(h)
	s.count(h)
	if !s.Status.Final() {
		s.rest(h)
		s.ETA, s.ETABy = h.eta(v.leg)
	}
	return s
}

// Standing says how the parcel stands now; other than its history, it knows
// since when nobody found it, and whether it has a carrier's number at all.
func (p Parcel) Standing(now time.Time) Standing {
	s := p.History.Standing(now)
	s.Known = p.Created
	switch {
	case s.Status != status.NotFoundOther:
	case refused(p.Asks):
		s.Status = status.NotFoundInvalidCode
	case !p.Created.IsZero() && now.Sub(p.Created) > missingAfter:
		s.Status = status.ExpiredOther
	}
	return s
}

// refused reports whether every source that was asked says that the number is
// none of its carrier's.
func refused(asks []Ask) bool {
	said := false
	for _, a := range asks {
		if a.Asked.IsZero() {
			continue
		}
		if a.Problem != carrier.BadNumber {
			return false
		}
		said = true
	}
	return said
}

func (h History) milestones() []Milestone {
	all := make([]Milestone, len(status.Milestones))
	for i, name := range status.Milestones {
		all[i].Name = name
	}
	for i := range h.Events {
		e := &h.Events[i]
		m := slices.Index(status.Milestones, e.Status.Milestone())
		if m >= 0 && all[m].Event == nil {
			all[m].Event = e
		}
	}
	return all
}

// onward lists the numbers elsewhere that no leg is asked with yet.
func (h History) onward() []carrier.Leg {
	var all []carrier.Leg
	for _, l := range h.Legs {
		for _, o := range l.Onward {
			asked := slices.ContainsFunc(h.Legs, func(l Leg) bool { return l.Number == o.Number && l.Role == Destination })
			if !asked && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

// look fills in what the events show at once.
func (s *Standing) look(h History) {
	first := ""
	for i := range h.Events {
		e := &h.Events[i]
		s.Newest = e
		if !e.Place.IsZero() {
			s.Where = e.Place
		}
		if c := e.Place.Country; c != "" {
			s.Abroad = s.Abroad || first != "" && c != first
			first = c
		}
		s.Zoneless = s.Zoneless || e.Time.UTC.IsZero() && !e.Time.DayOnly()
	}
}

// count fills the day counts in.
func (s *Standing) count(h History) {
	if s.Newest == nil {
		return
	}
	end := s.Now
	if s.Status.Main() == status.Delivered {
		if m := s.Milestones[slices.Index(status.Milestones, "Delivered")]; m.Event != nil {
			end = m.Event.moment()
		} else {
			end = s.Newest.moment()
		}
	}
	s.DaysAfterOrder = days(h.Events[0].moment(), end)
	s.DaysOfTransit = days(h.departed().moment(), end)
	if s.Status.Main() == status.Delivered {
		s.DaysOfTransitDone = s.DaysOfTransit
	}
	s.DaysAfterLastUpdate = days(s.Newest.moment(), s.Now)
}

// departed is the event from which transit is counted: the pick-up; else the
// second event when the first is only an order; else the first.
func (h History) departed() *Event {
	for i := range h.Events {
		if h.Events[i].Status == status.InTransitPickedUp {
			return &h.Events[i]
		}
	}
	if h.Events[0].Status == status.InfoReceivedOnly && len(h.Events) > 1 {
		return &h.Events[1]
	}
	return &h.Events[0]
}

// rest says what a long silence means.
func (s *Standing) rest(h History) {
	silent := s.Now.Sub(h.heard())
	s.Quiet = silent > quietAfter
	s.Stale = silent > Patience(s.Status.Main())
	if silent > expiresAfter {
		s.Status = status.ExpiredOther
	}
}

// heard is when something last happened, or was last learned where no event says.
func (h History) heard() time.Time {
	if n := len(h.Events); n > 0 {
		return h.Events[n-1].moment()
	}
	var latest time.Time
	for _, l := range h.Legs {
		if l.Answered.After(latest) {
			latest = l.Answered
		}
	}
	return latest
}

// Patience is how long a parcel may be in a status without anybody wondering.
func Patience(m status.Main) time.Duration {
	const day = 24 * time.Hour
	switch m {
	case status.OutForDelivery:
		return 2 * day
	case status.DeliveryFailure:
		return 5 * day
	case status.InfoReceived, status.AvailableForPickup:
		return 7 * day
	}
	return 10 * day
}

// moment is when an event was, for counting days: its instant, else as near as
// its neighbours and its day tell.
func (e *Event) moment() time.Time { return time.UnixMilli(e.Rank).UTC() }

func days(from, to time.Time) int { return max(0, int(to.Sub(from)/(24*time.Hour))) }
