package site

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

// A day groups the events of one local date.
type day struct {
	Name   string
	Events []event
}

type event struct {
	Time, Zone, ISO string // as the carrier gave them
	Status          string // "" when it is the same as before
	Tone            string
	Marked          bool // it changed the status
	Words           string
	Place           string
	Leg             string // whose event it is, when there are several
}

// A leg is one carrier's part of the way.
type leg struct {
	Badge              badge
	Role, Name, Number string
}

type earlier struct{ Text, Href string }

// history fills in what happened, newest first.
func (d *desk) history(c *card, r row, s parcel.Standing) {
	h := r.parcel.History
	c.Events = len(h.Events)
	if h.Dropped > 0 {
		c.Dropped = d.Say("history.dropped", "n", h.Dropped)
	}
	if len(h.Legs) > 1 {
		c.Legs = d.legs(h)
	}
	shown := h.Events
	if hidden := len(shown) - fewEvents; len(d.list.items) > 1 && hidden > 0 {
		shown = shown[hidden:]
		c.Earlier = &earlier{d.Say("history.earlier", "n", hidden), c.Share}
		c.Dropped = ""
	}
	before := status.Sub("")
	if skipped := len(h.Events) - len(shown); skipped > 0 {
		before = h.Events[skipped-1].Status
	}
	var days []day
	for i := range shown {
		e := &shown[i]
		name := d.Say("history.noday")
		if wall, ok := wallTime(e.Time); ok {
			name = d.Day(wall)
		}
		if len(days) == 0 || days[len(days)-1].Name != name {
			days = append(days, day{Name: name})
		}
		last := &days[len(days)-1]
		last.Events = append(last.Events, d.event(e, before, s.Legs > 1))
		if e.Status != "" {
			before = e.Status
		}
	}
	for i := range days {
		slices.Reverse(days[i].Events)
	}
	slices.Reverse(days)
	c.Days = days
}

func (d *desk) event(e *parcel.Event, before status.Sub, several bool) event {
	out := event{ISO: e.Time.ISO(), Words: e.Words, Place: d.place(e.Place)}
	if wall, ok := wallTime(e.Time); ok && !e.Time.DayOnly() {
		out.Time, out.Zone = wall.Format("15:04"), d.zone(e.Time, wall)
	}
	if e.Status != "" && e.Status != before {
		out.Status, out.Marked, out.Tone = d.Say("status."+string(e.Status)), true, lookOf(string(e.Status.Main())).tone
	}
	if several {
		out.Leg = d.name(e.Carrier)
	}
	return out
}

// zone is the offset of a local time, and says so where nobody knows it.
func (d *desk) zone(t carrier.Time, wall time.Time) string {
	if t.UTC.IsZero() {
		return d.Say("history.nozone")
	}
	offset := wall.Sub(t.UTC.Truncate(time.Second)).Round(time.Minute)
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

func (d *desk) legs(h parcel.History) []leg {
	var all []leg
	for _, l := range h.Legs {
		out := leg{Role: d.Say("role." + string(l.Role)), Name: d.name(l.Carrier), Number: l.Number}
		if c, ok := d.know.Catalogue.Carrier(l.Carrier); ok {
			out.Badge = badgeOf(c)
		}
		all = append(all, out)
	}
	return all
}
