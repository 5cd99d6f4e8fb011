package parcel

import (
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/carrier"
	"waypost/internal/place"
)

// A history is stored whole and read often, so that its texts are bounded, in
// bytes. Carriers stay far below.
const (
	maxWords  = 1000
	maxField  = 200
	maxOnward = 10
)

// Years outside of these are a carrier's slip or its word for "never".
const (
	firstYear = 1990
	lastYear  = 2100
)

// newEvents makes a report's events the leg's own: bounded, valid, without
// those told twice, and with an instant where the place has one zone.
func newEvents(leg *Leg, r carrier.Report, at time.Time) []Event {
	events := make([]Event, 0, len(r.Events))
	told := make(map[fullKey]int, len(r.Events))
	for _, e := range r.Events {
		e = cleanEvent(e)
		if i, twice := told[keyOf(e)]; twice {
			events[i].Order = min(events[i].Order, e.Order)
			continue
		}
		told[keyOf(e)] = len(events)
		events = append(events, Event{Event: e, Source: leg.Source, Carrier: leg.Carrier, Number: leg.Number, Seen: at, Pushed: r.Pushed})
	}
	return events
}

func cleanEvent(e carrier.Event) carrier.Event {
	if !e.Status.Known() {
		e.Status, e.FromWords = "", false
	}
	e.Code = clip(e.Code, maxField)
	e.Words = clip(e.Words, maxWords)
	e.Place = place.Place{
		Name:     clip(e.Place.Name, maxField),
		City:     clip(e.Place.City, maxField),
		Region:   clip(e.Place.Region, maxField),
		Postcode: clip(e.Place.Postcode, maxField),
		Country:  clip(e.Place.Country, maxField),
	}
	e.Time = cleanTime(e.Time)
	if e.Time.UTC.IsZero() && !e.Time.DayOnly() {
		e.Time.UTC = instantAt(e.Time.Local, e.Place)
	}
	return e
}

// instantAt reads a wall time on the clock of the place, where that has one.
func instantAt(local string, p place.Place) time.Time {
	zone, ok := place.Zone(p)
	if !ok {
		return time.Time{}
	}
	t, err := time.ParseInLocation(wallTime, local, zone)
	if err != nil || !plausible(t) {
		return time.Time{}
	}
	return t.UTC()
}

const wallTime = "2006-01-02T15:04:05"

func cleanTime(t carrier.Time) carrier.Time {
	t.Local = clip(t.Local, len(wallTime))
	if t.UTC.IsZero() || !plausible(t.UTC) {
		t.UTC = time.Time{}
	} else {
		t.UTC = millis(t.UTC)
	}
	return t
}

func cleanLegs(legs []carrier.Leg) []carrier.Leg {
	var clean []carrier.Leg
	told := map[carrier.Leg]bool{}
	for _, l := range legs {
		l = carrier.Leg{Number: clip(l.Number, maxField), Carrier: clip(l.Carrier, maxField)}
		if l.Number != "" && !told[l] && len(clean) < maxOnward {
			told[l] = true
			clean = append(clean, l)
		}
	}
	return clean
}

// clip cuts a text to at most most bytes of valid UTF-8.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		if r, _ := utf8.DecodeLastRuneInString(text); r == utf8.RuneError && len(text) > 0 {
			text = text[:len(text)-1]
		}
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// millis is t as the store and the encoding keep it.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func plausible(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }
