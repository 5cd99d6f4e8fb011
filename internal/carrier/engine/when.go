package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/place"
)

// A clock reads times of one field.
type clock struct {
	forms    []form
	place    bool // the zone is the place's, where nothing else says it
	zone     *time.Location
	zones    map[string]*time.Location // abbreviations
	midnight bool                      // 00:00:00 means that day
}

// A form is one way to write a time. It reports the wall time, how far it is
// from UTC if it says so, whether it is an instant without a wall time, and
// whether it has an hour.
type form func(text string) (moment, bool)

type moment struct {
	wall    time.Time // in UTC, whatever the zone
	offset  *int      // seconds east of UTC; nil where the text doesn't say
	instant bool      // wall is an instant in UTC, and the zone only decides how it is shown
	day     bool      // no hour
}

const (
	wallForm = "2006-01-02T15:04:05"
	oldest   = 1990 // no carrier's event is older
)

func (c *compiler) clock(path string, spec carrier.TimeSpec) *clock {
	k := &clock{place: spec.Zone == "place" || spec.ZoneFrom != "", midnight: spec.Midnight == "day", zones: map[string]*time.Location{}}
	for _, name := range spec.As {
		f, err := formOf(name)
		if err != nil {
			c.wrong(path+".as", "%q %v", name, err)
			continue
		}
		k.forms = append(k.forms, f)
	}
	if len(spec.As) == 0 {
		k.forms = []form{readISO}
	}
	if spec.Midnight != "" && spec.Midnight != "day" {
		c.wrong(path+".midnight", "%q is not day", spec.Midnight)
	}
	if spec.Zone != "" && spec.Zone != "place" {
		var err error
		if k.zone, err = time.LoadLocation(spec.Zone); err != nil {
			c.wrong(path+".zone", "%q is neither a zone like Europe/Oslo nor place", spec.Zone)
		}
	}
	for name, value := range spec.Zones {
		zone, ok := zoneOf(value)
		if !ok {
			c.wrong(path+".zones", "%s: %q is neither an offset like -05:00 nor a zone like Europe/Oslo", name, value)
		}
		k.zones[name] = zone
	}
	return k
}

// read reads text as the first form that fits. zone is what the answer says of
// it, if anything; at is where it was.
func (k *clock) read(text, zone string, at place.Place) (carrier.Time, bool) {
	text = strings.TrimSpace(text)
	for _, f := range k.forms {
		m, ok := f(text)
		if !ok {
			continue
		}
		if y := m.wall.Year(); y < oldest || y > time.Now().Year()+2 {
			return carrier.Time{}, false
		}
		return k.settle(m, zone, at), true
	}
	return carrier.Time{}, false
}

// settle gives a moment its zone: the text's own, else the answer's, else the
// file's, else the place's, else none.
func (k *clock) settle(m moment, zone string, at place.Place) carrier.Time {
	if m.day || k.midnight && !m.instant && m.wall.Hour() == 0 && m.wall.Minute() == 0 && m.wall.Second() == 0 {
		return carrier.Time{Local: m.wall.Format(time.DateOnly)}
	}
	if m.offset != nil {
		return carrier.Time{Local: m.wall.Format(wallForm), UTC: m.wall.Add(-time.Duration(*m.offset) * time.Second)}
	}
	loc := k.locate(zone, at)
	if m.instant {
		if loc == nil {
			loc = time.UTC
		}
		return carrier.Time{Local: m.wall.In(loc).Format(wallForm), UTC: m.wall}
	}
	t := carrier.Time{Local: m.wall.Format(wallForm)}
	if loc != nil {
		y, mo, d := m.wall.Date()
		t.UTC = time.Date(y, mo, d, m.wall.Hour(), m.wall.Minute(), m.wall.Second(), m.wall.Nanosecond(), loc).UTC()
	}
	return t
}

func (k *clock) locate(zone string, at place.Place) *time.Location {
	zone = strings.TrimSpace(zone)
	if loc, ok := k.zones[zone]; ok {
		return loc
	}
	if zone != "" {
		if loc, ok := zoneOf(zone); ok {
			return loc
		}
	}
	if k.zone != nil {
		return k.zone
	}
	if k.place {
		if loc, ok := place.Zone(at); ok {
			return loc
		}
	}
	return nil
}

// zoneOf reads an offset (-05:00, +0200, UTC+8, 8) or an IANA name.
func zoneOf(text string) (*time.Location, bool) {
	rest := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(text), "UTC"), "GMT")
	if rest == "" || rest == "Z" {
		return time.UTC, text != ""
	}
	if seconds, ok := offsetOf(rest); ok {
		return time.FixedZone("", seconds), true
	}
	if !strings.Contains(text, "/") {
		return nil, false
	}
	loc, err := time.LoadLocation(text)
	return loc, err == nil
}

// offsetOf reads ±hh:mm, ±hhmm, ±hh, ±h, the sign optional, in seconds.
func offsetOf(text string) (int, bool) {
	sign := 1
	switch {
	case strings.HasPrefix(text, "-"), strings.HasPrefix(text, "−"):
		sign = -1
		text = strings.TrimPrefix(strings.TrimPrefix(text, "-"), "−")
	default:
		text = strings.TrimPrefix(text, "+")
	}
	hours, minutes, colon := strings.Cut(text, ":")
	if !colon && len(hours) == 4 {
		hours, minutes = hours[:2], hours[2:]
	}
	h, err := strconv.Atoi(hours)
	if err != nil || h < 0 || h > 14 || len(hours) > 2 {
		return 0, false
	}
	m := 0
	if minutes != "" {
		if m, err = strconv.Atoi(minutes); err != nil || m < 0 || m > 59 {
			return 0, false
		}
	}
	return sign * (h*3600 + m*60), true
}

// letters are how carriers' documents write forms, and Go's layout for each.
var letters = map[string]string{
	"yyyy": "2006", "yy": "06", "MM": "01", "M": "1", "MMM": "Jan", "dd": "02", "d": "2", "HH": "15", "H": "15",
	"hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5", "SSS": "000", "a": "PM", "Z": "-0700", "XXX": "-07:00",
}

// ReadsTime reports whether text is a time of a form, as a file's as names it.
func ReadsTime(form, text string) bool {
	read, err := formOf(form)
	if err != nil {
		return false
	}
	m, ok := read(text)
	return ok && m.wall.Year() >= oldest && m.wall.Year() <= time.Now().Year()+2
}

// formOf returns the form of that name, or that its letters spell.
func formOf(name string) (form, error) {
	switch name {
	case "iso":
		return readISO, nil
	case "unix":
		return func(text string) (moment, bool) { return readEpoch(text, 1000) }, nil
	case "unix_ms":
		return func(text string) (moment, bool) { return readEpoch(text, 1) }, nil
	case "dotnet":
		return readDotNet, nil
	}
	var layout strings.Builder
	used := map[string]bool{}
	for i := 0; i < len(name); {
		n := 1
		for i+n < len(name) && name[i+n] == name[i] {
			n++
		}
		run := name[i : i+n]
		i += n
		switch {
		case !isLetter(run[0]) || run == "T":
			layout.WriteString(run)
		case letters[run] == "":
			return nil, fmt.Errorf("has the unknown letters %q", run)
		default:
			used[run[:1]] = true
			layout.WriteString(letters[run])
		}
	}
	if !used["M"] {
		return nil, fmt.Errorf("has no month; minutes are mm, months MM")
	}
	if !used["y"] || !used["d"] {
		return nil, fmt.Errorf("has no year or day")
	}
	if used["h"] && !used["a"] {
		return nil, fmt.Errorf("has hours of twelve (h) without a; of twenty-four they are HH")
	}
	return lettered(layout.String(), used), nil
}

func lettered(layout string, used map[string]bool) form {
	day, offset := !used["H"] && !used["h"], used["Z"] || used["X"]
	return func(text string) (moment, bool) {
		if used["a"] {
			text = strings.ToUpper(text)
		}
		t, err := time.Parse(layout, text)
		if err != nil {
			return moment{}, false
		}
		m := moment{wall: t, day: day}
		if offset {
			_, seconds := t.Zone()
			m.offset = &seconds
			m.wall = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
		}
		return m, true
	}
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// readISO reads 2026-03-02, with T or space, with or without seconds and
// fraction, and with Z, +01:00, +0100 or +01 behind.
func readISO(text string) (moment, bool) {
	if len(text) < 10 {
		return moment{}, false
	}
	date, err := time.Parse(time.DateOnly, text[:10])
	if err != nil {
		return moment{}, false
	}
	rest := text[10:]
	if rest == "" {
		return moment{wall: date, day: true}, true
	}
	if rest[0] != 'T' && rest[0] != ' ' {
		return moment{}, false
	}
	rest = rest[1:]
	end := strings.IndexAny(rest, "Z+- ")
	zone := ""
	if end >= 0 {
		rest, zone = rest[:end], strings.TrimSpace(rest[end:])
	}
	rest, _, _ = strings.Cut(rest, ".")
	if len(rest) == 5 {
		rest += ":00"
	}
	hour, err := time.Parse(time.TimeOnly, rest)
	if err != nil {
		return moment{}, false
	}
	m := moment{wall: date.Add(time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute + time.Duration(hour.Second())*time.Second)}
	switch {
	case zone == "Z":
		m.offset = new(int)
	case zone != "":
		seconds, ok := offsetOf(zone)
		if !ok {
			return moment{}, false
		}
		m.offset = &seconds
	}
	return m, true
}

func readEpoch(text string, unit int64) (moment, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > 1<<53 || n < 0 {
		return moment{}, false
	}
	return moment{wall: time.UnixMilli(n * unit).UTC(), instant: true}, true
}

// readDotNet reads /Date(1767225600000)/ and /Date(1767225600000+0300)/: an
// instant, and how it is shown.
func readDotNet(text string) (moment, bool) {
	text, ok := strings.CutPrefix(text, "/Date(")
	text, closed := strings.CutSuffix(text, ")/")
	if !ok || !closed || text == "" {
		return moment{}, false
	}
	ms, zone := text, ""
	if i := strings.LastIndexAny(text, "+-"); i > 0 {
		ms, zone = text[:i], text[i:]
	}
	m, ok := readEpoch(ms, 1)
	if !ok || zone == "" {
		return m, ok
	}
	seconds, ok := offsetOf(zone)
	if !ok {
		return moment{}, false
	}
	return moment{wall: m.wall.Add(time.Duration(seconds) * time.Second), offset: &seconds}, true
}
