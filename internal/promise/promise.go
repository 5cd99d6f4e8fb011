// Package promise reads in a mail's or page's words by which day a parcel is to
// come: "Expected delivery: Tuesday, 3 February", "预计2月3日送达",
// "Voraussichtliche Zustellung: morgen". What says so, and how days are written,
// is data: one file a language in rules. It is pure and bounded, and knows nothing
// of numbers, of carriers or of who wrote.
package promise

import (
	"slices"
	"time"
)

// mostLine bounds what is read of a line, in bytes.
const mostLine = 2000

// A Reader reads one text, line by line. It isn't safe for concurrent use.
type Reader struct {
	all    *rules
	sent   time.Time // midnight in UTC of the day on which it was written; zero when unknown
	waits  *language // whose phrase ended a line before without a day
	waited int       // lines since
}

// New returns a reader of a text that was written at a moment, in whose zone its
// days are; the zero time is unknown. Then only days that name their year count.
func New(sent time.Time) *Reader {
	r := &Reader{all: shipped()}
	if !sent.IsZero() {
		r.sent = time.Date(sent.Year(), sent.Month(), sent.Day(), 0, 0, 0, 0, time.UTC)
	}
	return r
}

// Line returns the days, 2006-01-02, that the text's next line promises, in its
// order. A line that ends in a phrase without a day is gone on with in the next.
func (r *Reader) Line(line string) []string {
	words := tokenize(line[:min(len(line), mostLine)])
	if len(words) == 0 {
		return nil
	}
	r.all.markEnds(words)
	var days []string
	tell := func(day time.Time) {
		if text := day.Format(time.DateOnly); !slices.Contains(days, text) {
			days = append(days, text)
		}
	}
	if day, ok := r.goesOn(words); ok {
		tell(day)
	}
	for at := 0; at < len(words); {
		day, length, ok := r.phraseAt(words, at)
		if ok {
			tell(day)
		}
		at += max(length, 1)
	}
	return days
}

// phraseAt reads the phrase that begins at a word, and says how long it is. Where
// several do, as in related languages, it is the longest of those that have a day.
func (r *Reader) phraseAt(words []token, at int) (day time.Time, length int, ok bool) {
	for _, p := range r.all.phrases[words[at].text] {
		if !starts(words[at:], p.first()) {
			continue
		}
		length = max(length, len(p.first()))
		if day, ok := r.promised(words, p, at); ok {
			return day, len(p.first()), true
		}
	}
	return day, length, false
}

// goesOn reads the beginning of a line that follows a phrase.
func (r *Reader) goesOn(words []token) (time.Time, bool) {
	lang := r.waits
	if lang == nil {
		return time.Time{}, false
	}
	if r.waited++; r.waited == 2 {
		r.waits, r.waited = nil, 0
	}
	day, ok := r.firstDay(lang, words[:min(len(words), 6)])
	if ok {
		r.waits, r.waited = nil, 0
	}
	return day, ok
}

// How far from a phrase its day may stand, in words and marks.
const (
	after  = 24
	before = 20
)

// promised is the day that belongs to a phrase.
func (r *Reader) promised(words []token, p *phrase, at int) (time.Time, bool) {
	if p.lang.revoked(words, at) {
		return time.Time{}, false
	}
	if len(p.head) == 0 {
		from := max(0, at-before)
		for end := at - 1; end >= from; end-- {
			if words[end].ends {
				from = end + 1
			}
		}
		return r.lastDay(p.lang, words[from:at])
	}
	rest := sentence(words[at+len(p.head):], after)
	if len(p.tail) > 0 {
		for i := range rest {
			if starts(rest[i:], p.tail) {
				return r.firstDay(p.lang, rest[:i])
			}
		}
		return time.Time{}, false
	}
	if p.lang.isRevoked(rest) {
		return time.Time{}, false
	}
	day, ok := r.firstDay(p.lang, rest)
	if !ok && !slices.ContainsFunc(words[at+len(p.head):], func(t token) bool { return t.word }) {
		r.waits, r.waited = p.lang, 0
	}
	return day, ok
}

// sentence is what is left of a sentence, most words of it.
func sentence(words []token, most int) []token {
	words = words[:min(len(words), most)]
	for i, w := range words {
		if w.ends {
			return words[:i]
		}
	}
	return words
}

// firstDay is the first day in words, or the end of a range that begins with it.
func (r *Reader) firstDay(lang *language, words []token) (time.Time, bool) {
	for i := range words {
		if day, next, ok := r.dayAt(lang, words, i); ok {
			return r.until(lang, words, day, next), true
		}
	}
	return time.Time{}, false
}

// lastDay is the last day in words.
func (r *Reader) lastDay(lang *language, words []token) (last time.Time, any bool) {
	for i := 0; i < len(words); {
		day, next, ok := r.dayAt(lang, words, i)
		if !ok {
			i++
			continue
		}
		last, any, i = day, true, next
	}
	return last, any
}

// longestRange is how far apart the ends of a range may be.
const longestRange = 21 * 24 * time.Hour

// until is the end of a range that begins with a day, which is the day itself
// where there is no range.
func (r *Reader) until(lang *language, words []token, day time.Time, next int) time.Time {
	for next < len(words) && (words[next].text == "," || words[next].text == "." || words[next].text == ")") {
		next++
	}
	if next == len(words) || !lang.joins(words[next]) {
		return day
	}
	for i := next + 1; i < min(len(words), next+4); i++ {
		if end, _, ok := r.dayAt(lang, words, i); ok && !end.Before(day) && end.Sub(day) <= longestRange {
			return end
		}
	}
	return day
}
