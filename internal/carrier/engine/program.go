// Package engine runs carrier files: it asks a source as its file says, and
// reads what comes back into events in our words. It is the one connector for
// all sources that a file can describe; it knows no carrier by name, and
// nothing of who wants to know.
package engine

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A Program is a source, compiled. It is safe for concurrent use.
type Program struct {
	source  *carrier.Source
	read    *gojq.Code // answer → {problem, parcels}; nil where the source can't be asked
	at, eta *clock
	codes   map[string][]meaning
	words   []meaning
	hide    []*regexp.Regexp
	names   map[string]bool // of fields that reading looks for
	ask     *request
	login   *login // nil where requests need no token
	push    *push  // nil where the source sends nothing by itself
}

// A meaning is a case of the status map, compiled.
type meaning struct {
	words *regexp.Regexp // nil: any
	is    status.Sub
}

// Compile checks a source's expressions, names and forms, and compiles them.
// It reports every mistake, not the first.
func Compile(s *carrier.Source) (*Program, []carrier.Mistake) {
	c := &compiler{source: s}
	p := &Program{source: s, codes: map[string][]meaning{}}
	if s.Asked {
		p.ask, p.login = c.asking()
		p.names, p.read = namesIn(s.Read), c.reading("read", s.Read)
		p.at = c.clock("read.event.at", s.Read.Event.At)
		p.eta = c.clock("read.parcel.eta", s.Read.Parcel.ETA)
	}
	for code, cases := range s.Status.Codes {
		p.codes[code] = c.meanings("status."+code, cases)
	}
	p.words = c.meanings("status.words", s.Status.Words)
	for i, h := range s.Hide {
		p.hide = append(p.hide, c.pattern(fmt.Sprintf("hide[%d]", i), h))
	}
	p.push = c.pushing(p)
	if len(c.mistakes) > 0 {
		return nil, c.mistakes
	}
	return p, nil
}

// Source is what the program was compiled from.
func (p *Program) Source() *carrier.Source { return p.source }

// A compiler collects mistakes, so that all are reported.
type compiler struct {
	source   *carrier.Source
	mistakes []carrier.Mistake
}

func (c *compiler) wrong(path, format string, args ...any) {
	c.mistakes = append(c.mistakes, c.source.Mistake(path, format, args...))
}

// expr checks one expression and returns it in brackets, "empty" if there is none.
func (c *compiler) expr(path, text string) string {
	if text == "" {
		return "(empty)"
	}
	if err := parse(text); err != nil {
		c.wrong(path, "%v", err)
		return "(empty)"
	}
	if _, err := compile(text, readVariables...); err != nil {
		c.wrong(path, "%v", err)
		return "(empty)"
	}
	return "(" + text + ")"
}

var readVariables = []string{"$asked", "$http", "$param", "$parcel"}

// reading builds one program of all of r, which stands at a place of the file: it
// is run once an answer. A field that fails becomes {"!": its name}, and the parcel
// survives.
func (c *compiler) reading(at string, r carrier.Read) *gojq.Code {
	one := func(path, text string) string {
		if text == "" {
			return "null"
		}
		return fmt.Sprintf(`(try first(%s, null) catch {"!": %q})`, c.expr(at+"."+path, text), path)
	}
	many := func(path, text string) string {
		if text == "" {
			return "[]"
		}
		return fmt.Sprintf(`[try %s catch {"!": %q}]`, c.expr(at+"."+path, text), path)
	}
	if r.Parcels == "" {
		c.wrong(at+".parcels", "is missing: it says where the parcels are")
	}
	if r.Event.At.From == "" && r.Events != "" {
		c.wrong(at+".event.at", "is missing: it says when an event was")
	}
	if f := r.Format; f != "" && !slices.Contains(formats, f) {
		c.wrong(at+".format", "%q is none of %s", f, strings.Join(formats, ", "))
	}
	if h := r.History; h != "" && h != "whole" && h != "latest" {
		c.wrong(at+".history", "%q is neither whole nor latest", h)
	}
	event := strings.Join([]string{
		"at: " + many("event.at", r.Event.At.From), "zone: " + one("event.at.zone", r.Event.At.ZoneFrom),
		"code: " + many("event.code", r.Event.Code), "words: " + one("event.words", r.Event.Words),
		"city: " + one("event.place.city", r.Event.Place.City), "region: " + one("event.place.region", r.Event.Place.Region),
		"postcode: " + one("event.place.postcode", r.Event.Place.Postcode), "country: " + one("event.place.country", r.Event.Place.Country),
		"name: " + one("event.place.name", r.Event.Place.Name), "order: " + one("event.order", r.Event.Order),
	}, ", ")
	line := ""
	if r.Format == "csv" || r.Format == "edifact" {
		line = ", line: ._line?"
		event += line
	}
	events := `null`
	if r.Events != "" {
		events = fmt.Sprintf(`(try [%s | {%s}] catch {"!": "events"})`, c.expr(at+".events", r.Events), event)
	}
	parcel := strings.Join([]string{
		"number: " + one("parcel.number", r.Parcel.Number), "unique: " + one("parcel.unique", r.Parcel.Unique),
		"service: " + one("parcel.service", r.Parcel.Service), "problem: " + many("parcel.problem", r.Parcel.Problem),
		"state: " + many("parcel.state", r.Parcel.State), "eta: " + many("parcel.eta", r.Parcel.ETA.From),
		"etazone: " + one("parcel.eta.zone", r.Parcel.ETA.ZoneFrom), "legs: " + many("parcel.legs", r.Parcel.Legs),
		"events: " + events,
	}, ", ") + line
	answer := "."
	if r.Answer != "" {
		answer = c.expr(at+".answer", r.Answer)
	}
	program := fmt.Sprintf(`(try %s catch {"!": "answer"}) | {
		problem: %s,
		parcels: (try [%s | . as $parcel | {%s}] catch {"!": "parcels"})}`,
		answer, many("problem", r.Problem), c.expr(at+".parcels", r.Parcels), parcel)
	if len(c.mistakes) > 0 {
		return nil
	}
	code, err := compile(program, readVariables...)
	if err != nil {
		c.wrong(at, "%v", err)
	}
	return code
}

func (c *compiler) meanings(path string, cases []carrier.Case) []meaning {
	var all []meaning
	for _, one := range cases {
		m := meaning{is: one.Is}
		if one.Words != "" {
			m.words = c.pattern(path, one.Words)
		}
		all = append(all, m)
	}
	return all
}

func (c *compiler) pattern(path, text string) *regexp.Regexp {
	re, err := regexp.Compile(text)
	if err != nil {
		c.wrong(path, "%v", err)
	}
	return re
}

// meaningOf returns what the first known of the candidates says, and the most
// specific of them. Known with no status is a note.
func (p *Program) meaningOf(candidates []string, words string) (sub status.Sub, code string, known bool) {
	for _, candidate := range candidates {
		cases, listed := p.codes[candidate]
		if !listed {
			continue
		}
		if len(cases) == 0 {
			return "", first(candidates), true
		}
		if sub, ok := pick(cases, words); ok {
			return sub, first(candidates), true
		}
	}
	if sub, ok := pick(p.words, words); ok {
		return sub, first(candidates), true
	}
	return "", first(candidates), false
}

func pick(cases []meaning, words string) (status.Sub, bool) {
	for _, m := range cases {
		if m.words == nil || m.words.MatchString(words) {
			return m.is, true
		}
	}
	return "", false
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
