package tell

import (
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// fewEvents are shown of each parcel in a list of several; its own page shows all.
const fewEvents = 12

// A History is what happened to a parcel, newest first.
type History struct {
	Open     bool // it is unfolded
	Events   int
	Days     []Day
	Legs     []Leg  // when there are several
	Mirrored string // that these tell the same, "" where they don't
	Earlier  *Earlier
	Dropped  string
}

// A Day groups the events of one local date.
type Day struct {
	Name   string
	Events []Event
}

// An Event is one of them.
type Event struct {
	Time, Zone, ISO string // as the carrier gave them
	Status          string // "" when it is the same as before
	Read            string // that the status was read from the words, "" where the carrier's code says it
	Tone            string
	Marked          bool // it changed the status
	Words           string
	Place           string
	Leg             string // who tells it, when there are several
}

// A Leg is one carrier's part of the way.
type Leg struct {
	Badge              Badge
	Role, Name, Number string
}

// Earlier leads to the events that a list leaves out.
type Earlier struct{ Text, Href string }

// History tells what happened. Where whole is an address that tells all of it,
// the newest dozen are enough.
func (t Teller) History(h parcel.History, s parcel.Standing, whole string) History {
	out := History{Events: len(h.Events)}
	if h.Dropped > 0 {
		out.Dropped = t.Say("history.dropped", "n", h.Dropped)
	}
	if len(h.Legs) > 1 {
		out.Legs = t.legs(h)
	}
	mirrored := h.Mirrored()
	if mirrored {
		out.Mirrored = t.Say("history.mirrored", "carriers", t.Names(carriersOf(h)))
	}
	shown, tellings := h.Events, h.Tellings()
	if hidden := len(shown) - fewEvents; whole != "" && hidden > 0 {
		shown, tellings = shown[hidden:], tellings[hidden:]
		out.Earlier = &Earlier{t.Say("history.earlier", "n", hidden), whole}
		out.Dropped = ""
	}
	before := status.Sub("")
	if skipped := len(h.Events) - len(shown); skipped > 0 {
		before = h.Events[skipped-1].Status
	}
	out.Days = t.days(shown, tellings, before, s.Legs > 1 && !mirrored)
	return out
}

// days groups events, given oldest first; before is the status ahead of them.
// Several says that each is to be told with its carriers.
func (t Teller) days(events []parcel.Event, tellings []parcel.Telling, before status.Sub, several bool) []Day {
	var days []Day
	for i := range events {
		e := &events[i]
		name := t.Say("history.noday")
		if wall, ok := wallTime(e.Time); ok {
			name = t.Day(wall)
		}
		if len(days) == 0 || days[len(days)-1].Name != name {
			days = append(days, Day{Name: name})
		}
		last := &days[len(days)-1]
		last.Events = append(last.Events, t.event(e, &tellings[i], before, several))
		if e.Status != "" {
			before = e.Status
		}
	}
	for i := range days {
		slices.Reverse(days[i].Events)
	}
	slices.Reverse(days)
	return days
}

func (t Teller) event(e *parcel.Event, told *parcel.Telling, before status.Sub, several bool) Event {
	out := Event{ISO: told.Time.ISO(), Words: e.Words, Place: t.Place(told.Place)}
	if wall, ok := wallTime(told.Time); ok && !told.Time.DayOnly() {
		out.Time, out.Zone = wall.Format("15:04"), t.zone(told.Time, wall)
	}
	if e.Status != "" && e.Status != before {
		out.Status, out.Marked, out.Tone = t.Say("status."+string(e.Status)), true, LookOf(string(e.Status.Main())).Tone
		if e.FromWords {
			out.Read = t.Say("history.read")
		}
	}
	if several {
		out.Leg = t.Names(told.Carriers)
	}
	return out
}

// zone is the offset of a local time, and says so where nobody knows it.
func (t Teller) zone(at carrier.Time, wall time.Time) string {
	if at.UTC.IsZero() {
		return t.Say("history.nozone")
	}
	offset := wall.Sub(at.UTC.Truncate(time.Second)).Round(time.Minute)
	sign := "+"
	if offset < 0 {
		sign, offset = "−", -offset
	}
	hours := time.Time{}.Add(offset)
	if offset == 0 {
		return "UTC"
	}
	return "UTC" + sign + strings.TrimSuffix(strings.TrimPrefix(hours.Format("15:04"), "0"), ":00")
}

func carriersOf(h parcel.History) []carrier.Code {
	var all []carrier.Code
	for i := range h.Legs {
		all = append(all, h.Legs[i].Carrier)
	}
	return all
}

func (t Teller) legs(h parcel.History) []Leg {
	var all []Leg
	for _, l := range h.Legs {
		out := Leg{Role: t.Say("role." + string(l.Role)), Name: t.Name(l.Carrier), Number: l.Number}
		if c, ok := t.Carriers.Carrier(l.Carrier); ok {
			out.Badge = BadgeOf(c)
		}
		all = append(all, out)
	}
	return all
}
