package parcel

import (
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/place"
	"waypost/internal/status"
)

// fullKey is all that a carrier said of an event but its sequence number,
// which some carriers give anew in each answer.
type fullKey carrier.Event

func keyOf(e carrier.Event) fullKey {
	e.Order = 0
	return fullKey(e)
}

// timeKey finds an event again whose words, place or status were corrected.
type timeKey struct{ local, code string }

// hourKey finds an event again whose hour was corrected. Not its day: a carrier
// that only keeps its last "still on its way" tells a new happening each day.
type hourKey struct {
	day, code, words string
	place            place.Place
}

// retold returns a leg's events after an answer. What the answer tells again,
// or tells corrected, keeps the time when it was first seen.
func retold(before, news []Event, snapshot bool) []Event {
	if len(news) == 0 {
		return before
	}
	found := match(before, news, snapshot)
	unchanged := true
	for i, at := range found {
		if at < 0 {
			unchanged = false
			continue
		}
		news[i].Seen, news[i].Pushed = before[at].Seen, news[i].Pushed && before[at].Pushed
		unchanged = unchanged && keyOf(news[i].Event) == keyOf(before[at].Event)
	}
	if !snapshot {
		untold := untold(before, news, found)
		if !unchanged || len(news)+len(untold) != len(before) {
			return append(news, untold...)
		}
	}
	// The same events in another order, or some of them: the order stays.
	events := slices.Clone(before)
	for i, at := range found {
		switch {
		case at >= 0:
			events[at] = news[i]
		case !slices.ContainsFunc(before, news[i].toldOtherwise):
			events = append(events, news[i])
		}
	}
	return events
}

// untold are the events that the source told by itself and that its whole answer
// leaves out. A parcel's end that an answer doesn't know which knows of later
// events was withdrawn, and isn't among them.
func untold(before, news []Event, found []int) (kept []Event) {
	for i := range before {
		e := &before[i]
		switch {
		case !e.Pushed, slices.Contains(found, i), slices.ContainsFunc(news, e.toldOtherwise):
		case ends(e.Status) && slices.ContainsFunc(news, e.happenedBefore):
		default:
			kept = append(kept, *e)
		}
	}
	return kept
}

func ends(s status.Sub) bool { return s.Main() == status.Delivered || s == status.ExceptionReturned }

func (e *Event) happenedBefore(f Event) bool {
	return anchored(e) && anchored(&f) && e.Time.UTC.Before(f.Time.UTC)
}

// toldOtherwise reports whether of two events of one source, of which it told one
// by itself and the other when it was asked, both are the same happening: sources
// that write the two differently use other codes and words.
func (e *Event) toldOtherwise(f Event) bool {
	sameTime := e.Time.Local != "" && e.Time.Local == f.Time.Local
	if anchored(e) && anchored(&f) {
		sameTime = e.Time.UTC.Equal(f.Time.UTC)
	}
	return e.Pushed != f.Pushed && sameTime && e.Status == f.Status && place.Compatible(e.Place, f.Place)
}

// match finds for each new event the one that it tells again, as an index into
// before, or −1. First those that are equal, then those of the same time and
// code, last those of the same day, code, words and place whose hour was corrected;
// in a snapshot, which need not tell what it told before, the last kind are
// different events.
func match(before, news []Event, snapshot bool) []int {
	found := slices.Repeat([]int{-1}, len(news))
	taken := make([]bool, len(before))
	pair(before, news, found, taken, func(e *Event) (fullKey, bool) { return keyOf(e.Event), true })
	pair(before, news, found, taken, func(e *Event) (timeKey, bool) {
		return timeKey{e.Time.Local, e.Code}, e.Code != "" && e.Time.Local != ""
	})
	if !snapshot {
		pair(before, news, found, taken, func(e *Event) (hourKey, bool) {
			day, _, _ := strings.Cut(e.Time.Local, "T")
			return hourKey{day, e.Code, e.Words, e.Place}, e.Code != "" || e.Words != ""
		})
	}
	return found
}

// pair matches what is still unmatched by a key; an event without one is left.
func pair[K comparable](before, news []Event, found []int, taken []bool, key func(*Event) (K, bool)) {
	at := make(map[K][]int, len(before))
	for i := range before {
		if k, ok := key(&before[i]); ok && !taken[i] {
			at[k] = append(at[k], i)
		}
	}
	for i := range news {
		k, ok := key(&news[i])
		if !ok || found[i] >= 0 || len(at[k]) == 0 {
			continue
		}
		found[i], at[k] = at[k][0], at[k][1:]
		taken[found[i]] = true
	}
}
