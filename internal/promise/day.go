package promise

import "time"

// A day is told at most so long before and after it was written. A mail that
// tells of a day long gone tells of something else.
const (
	earliest = -2 * 24 * time.Hour
	latest   = 120 * 24 * time.Hour
)

// noWeekday is none of time.Sunday to time.Saturday.
const noWeekday time.Weekday = -1

// dayAt reads the day that begins at a word, and says where it ends.
func (r *Reader) dayAt(lang *language, words []token, at int) (day time.Time, next int, ok bool) {
	if weekday, length := lang.weekdayAt(words[at:]); length > 0 {
		for i := at + length; i < min(len(words), at+length+4); i++ {
			if day, next, ok := r.dateAt(lang, words, i, weekday); ok {
				return day, next, true
			}
		}
		if r.sent.IsZero() || !standsAlone(words[at:at+length]) {
			return day, at, false
		}
		ahead := (int(weekday) - int(r.sent.Weekday()) + 7) % 7
		return r.sent.AddDate(0, 0, ahead), at + length, true
	}
	if ahead, length := lang.relativeAt(words[at:]); length > 0 {
		return r.sent.AddDate(0, 0, ahead), at + length, !r.sent.IsZero()
	}
	return r.dateAt(lang, words, at, noWeekday)
}

// standsAlone reports whether a weekday's name is one even where no date follows:
// short ones are other words, too.
func standsAlone(name []token) bool {
	letters := 0
	for _, t := range name {
		letters += len(t.text)
	}
	return letters >= 5
}

// A date is one as it is written: its year is 0 where there is none.
type date struct{ year, month, day int }

// dateAt reads the date that begins at a word.
func (r *Reader) dateAt(lang *language, words []token, at int, weekday time.Weekday) (day time.Time, next int, ok bool) {
	w := window{words, at}
	if w.number() < 0 && lang.order != "" {
		return day, at, false
	}
	for _, form := range forms {
		readings, length := form(lang, w)
		if length == 0 {
			continue
		}
		if day, ok := r.settle(readings, weekday); ok {
			return day, at + length, true
		}
	}
	return day, at, false
}

// settle finds the day that is meant: the only one that is plausible.
func (r *Reader) settle(readings []date, weekday time.Weekday) (time.Time, bool) {
	var only time.Time
	for _, d := range readings {
		day, ok := r.place(d)
		if !ok || weekday != noWeekday && len(readings) > 1 && day.Weekday() != weekday {
			continue
		}
		if !only.IsZero() && !only.Equal(day) {
			return time.Time{}, false
		}
		only = day
	}
	return only, !only.IsZero()
}

// place finds the year of a date that has none, and refuses what can't be.
func (r *Reader) place(d date) (time.Time, bool) {
	if d.year > 0 {
		day, ok := d.in(d.year)
		return day, ok && (r.sent.IsZero() || plausible(day.Sub(r.sent)))
	}
	if r.sent.IsZero() {
		return time.Time{}, false
	}
	for year := r.sent.Year() - 1; year <= r.sent.Year()+1; year++ {
		if day, ok := d.in(year); ok && plausible(day.Sub(r.sent)) {
			return day, true
		}
	}
	return time.Time{}, false
}

func plausible(ahead time.Duration) bool { return ahead >= earliest && ahead <= latest }

// in is the date in a year; there is no 30 February.
func (d date) in(year int) (time.Time, bool) {
	day := time.Date(year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC)
	return day, day.Day() == d.day && int(day.Month()) == d.month
}

// A window is words from one on.
type window struct {
	words []token
	at    int
}

// peek is the word that many further on; beyond the end it is the zero token.
func (w window) peek(n int) token {
	if w.at+n >= len(w.words) {
		return token{number: -1}
	}
	return w.words[w.at+n]
}

func (w window) number() int { return w.peek(0).number }

// joined reports whether a mark stands there with no space around it.
func (w window) joined(n int, marks string) bool {
	t := w.peek(n)
	return t.text != "" && !t.space && !w.peek(n+1).space && containsToken(marks, t.text)
}

func isDay(t token) bool   { return t.digits <= 2 && t.number >= 1 && t.number <= 31 }
func isMonth(t token) bool { return t.digits <= 2 && t.number >= 1 && t.number <= 12 }
func isYear(t token) bool  { return t.digits == 4 && t.number >= 2000 && t.number < 2100 }

// forms are how dates are written, those with more in them first. Each returns
// what can be meant, and how many words and marks it is.
var forms = []func(*language, window) ([]date, int){yearFirst, monthSign, threeNumbers, dayAndName, nameAndDay, twoNumbers}

// yearFirst is 2026-02-03, 2026/2/3, 2026年2月3日.
func yearFirst(_ *language, w window) ([]date, int) {
	year, month, day := w.peek(0), w.peek(2), w.peek(4)
	if !isYear(year) || !isMonth(month) || !isDay(day) || !containsToken("-/.年", w.peek(1).text) || !containsToken("-/.月", w.peek(3).text) {
		return nil, 0
	}
	return []date{{year.number, month.number, day.number}}, 5 + sign(w.peek(5))
}

// monthSign is 2月3日.
func monthSign(_ *language, w window) ([]date, int) {
	if !isMonth(w.peek(0)) || w.peek(1).text != "月" || !isDay(w.peek(2)) {
		return nil, 0
	}
	return []date{{0, w.peek(0).number, w.peek(2).number}}, 3 + sign(w.peek(3))
}

// sign is the length of the sign that may follow a day.
func sign(t token) int {
	if t.text != "" && containsToken("日号號", t.text) {
		return 1
	}
	return 0
}

// threeNumbers is 3.2.2026, 03/02/26.
func threeNumbers(lang *language, w window) ([]date, int) {
	year := w.peek(4)
	if !w.joined(1, "./-") || w.peek(3).text != w.peek(1).text || !w.joined(3, "./-") || year.number < 0 {
		return nil, 0
	}
	n := year.number
	if year.digits == 2 {
		n += 2000
	} else if !isYear(year) {
		return nil, 0
	}
	return lang.ordered(w.peek(0), w.peek(2), n), 5
}

// twoNumbers is 3.2. or 03/02.
func twoNumbers(lang *language, w window) ([]date, int) {
	if !w.joined(1, "./") || w.peek(3).text == ":" || w.peek(3).text == "%" || w.peek(3).text == "/" {
		return nil, 0
	}
	return lang.ordered(w.peek(0), w.peek(2), 0), 3
}

// ordered are a day and a month in the language's order; in either where it has
// none.
func (l *language) ordered(a, b token, year int) []date {
	var all []date
	if l.order != "ymd" && isDay(a) && isMonth(b) {
		all = append(all, date{year, b.number, a.number})
	}
	if l.order != "dmy" && isMonth(a) && isDay(b) {
		all = append(all, date{year, a.number, b.number})
	}
	return all
}

// dayAndName is 3 February 2026, 3. Februar, 3rd of Feb, 3 de febrero de 2026.
func dayAndName(lang *language, w window) ([]date, int) {
	if !isDay(w.peek(0)) {
		return nil, 0
	}
	n := 1
	for n < 4 && containsToken(". º ª er st nd rd th de of", w.peek(n).text) {
		n++
	}
	month := lang.months[w.peek(n).text]
	if month == 0 {
		return nil, 0
	}
	year, length := yearAfter(w, n+1)
	return []date{{year, month, w.peek(0).number}}, length
}

// nameAndDay is February 3, 2026, Feb. 3rd; in English only.
func nameAndDay(lang *language, w window) ([]date, int) {
	month := lang.months[w.peek(0).text]
	if lang.order != "" || month == 0 {
		return nil, 0
	}
	n := 1
	if w.peek(n).text == "." {
		n++
	}
	day := w.peek(n)
	if !isDay(day) {
		return nil, 0
	}
	n++
	if containsToken("st nd rd th", w.peek(n).text) {
		n++
	}
	year, length := yearAfter(w, n)
	return []date{{year, month, day.number}}, length
}

// yearAfter is the year that may follow, and where the date then ends.
func yearAfter(w window, n int) (year, length int) {
	for skip := range 3 {
		if t := w.peek(n + skip); isYear(t) {
			return t.number, n + skip + 1
		} else if !containsToken(". , de del of", t.text) {
			break
		}
	}
	return 0, n
}
