package recognise

import (
	"net/url"
	"slices"
	"strings"

	"waypost/internal/carrier"
)

// link finds the numbers in the address of a tracking page. A link inside the
// link (of a mail's click counter) is read as well.
func (r *reader) link(text, before string) {
	if !r.readLink(text, before, 2) {
		r.ignore(text, Reason{Code: IsLink})
	}
}

func (r *reader) readLink(text, before string, depth int) bool {
	address := text
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	l := link{reader: r, host: u.Hostname(), before: before, depth: depth}
	l.owners = r.index.hints.byHost(l.host)
	if elements, ok := digitalLink(u.Path); ok {
		return l.elements(elements)
	}

	path, fragment := u.EscapedPath(), u.EscapedFragment()
	fragmentPath, fragmentQuery, _ := strings.Cut(fragment, "?")
	if strings.Contains(fragmentPath, "=") {
		fragmentPath, fragmentQuery = "", fragmentPath
	}
	found := l.query(u.RawQuery)
	found = l.query(fragmentQuery) || found
	if !found {
		found = l.segments(path)
		found = l.segments(fragmentPath) || found
	}
	return found
}

// A link as it is taken apart.
type link struct {
	*reader
	host   string
	before string
	depth  int
	owners map[carrier.Code]bool // carriers whose host it is
}

// query looks at the parameters that are known to hold numbers.
func (l *link) query(raw string) bool {
	found := false
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, _ = url.QueryUnescape(name)
		value, err := url.QueryUnescape(value)
		if err != nil {
			continue
		}
		switch {
		case strings.Contains(value, "://") && l.depth > 0:
			found = l.readLink(value, l.before, l.depth-1) || found
		case value == "":
			found = l.value(name, 1) || found
		case l.index.hints.params[strings.ToLower(name)]:
			enough := 2.0 // on anybody's page an id is just an id
			if len(l.owners) > 0 || strings.Contains(strings.ToLower(name), "track") || strings.EqualFold(name, "nums") {
				enough = noWorth
			}
			for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(",;| \t\r\n+", c) }) {
				found = l.value(part, enough) || found
			}
		default:
			found = l.value(value, 3) || found
		}
	}
	return found
}

// segments looks at the pieces of a path, and at pieces of those.
func (l *link) segments(path string) bool {
	found := false
	for segment := range strings.SplitSeq(path, "/") {
		segment, err := url.PathUnescape(segment)
		if err != nil {
			continue
		}
		found = l.segment(segment) || found
	}
	return found
}

// segment takes the whole or a piece of it: best a number of the host's own
// carriers, else one that says enough.
func (l *link) segment(segment string) bool {
	parts := append([]string{segment}, strings.FieldsFunc(segment, func(c rune) bool { return strings.ContainsRune("-_.,~+ ", c) })...)
	if i := slices.IndexFunc(parts, l.owned); i >= 0 {
		return l.value(parts[i], noWorth)
	}
	return slices.ContainsFunc(parts, func(part string) bool { return l.value(part, 2) })
}

// owned reports whether text has a form of the host's carriers.
func (l *link) owned(text string) bool {
	number, _ := normal(plain(text))
	if len(l.owners) == 0 || len(number) < 8 {
		return false
	}
	return slices.ContainsFunc(l.index.Match(nil, number), func(m Match) bool {
		return m.Carrier != nil && l.owners[m.Carrier.Code]
	})
}

// value takes text for a number if it is worth enough.
func (l *link) value(text string, enough float64) bool {
	text = strings.TrimSpace(plain(text))
	if number, _ := normal(text); l.index.worth(number) < enough {
		return false
	}
	return l.accept(text, text, l.host, l.before)
}

func (l *link) elements(elements []element) bool {
	found := false
	for _, e := range elements {
		if e.number {
			found = l.accept(l.spellSSCC(e), e.value, l.host, l.before) || found
		}
	}
	return found
}
