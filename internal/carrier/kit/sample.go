package kit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"waypost/internal/carrier/engine"
)

// A Guess is what a sample answer lets propose: where its parcels and events
// are, and which of their fields say what. Expressions are jq, "" where nothing
// fits.
type Guess struct {
	Format  string // json or xml
	Parcels string
	Number  string
	Service string
	ETA     string
	ETAForm string // "" is iso
	Problem string // of a parcel
	Events  string
	At      string
	AtForm  string // "" is iso
	Zoned   bool   // times say their offset
	Code    string
	Words   string
	City    string
	Country string
	Numbers []string // that the sample is about
	Seen    []Seen   // codes, in the order of the sample
	Errors  []string // codes of parcels without events
}

// Seen is a code of a sample, and words that came with it.
type Seen struct{ Code, Words string }

// errNoEvents says what a sample must have.
var errNoEvents = errors.New("no list of events with dates is found; take an answer about a parcel with two events or more")

// GuessRead looks at a sample answer.
func GuessRead(sample []byte) (Guess, error) {
	g := Guess{Format: "json"}
	if bytes.HasPrefix(bytes.TrimSpace(sample), []byte("<")) {
		g.Format = "xml"
	}
	root, err := engine.Decode(g.Format, sample)
	if err != nil {
		return g, fmt.Errorf("the sample %w", err)
	}
	lists := map[string][]object{}
	collect(root, "", lists)
	events, ok := busiest(lists)
	if !ok {
		return g, errNoEvents
	}
	g.readEvents(lists[events])
	around, inside := split(events)
	parcels := lists[around]
	if o, ok := root.(object); ok && around == "" {
		parcels = []object{o}
	}
	g.readParcels(columnsOf(parcels))
	g.Parcels, g.Events = g.items(around), g.items(inside)
	return g, nil
}

type object = map[string]any

// collect gathers the objects of every list, by the list's path.
func collect(v any, path string, lists map[string][]object) {
	switch v := v.(type) {
	case object:
		for key, value := range v {
			collect(value, path+field(key), lists)
		}
	case []any:
		for _, item := range v {
			if o, ok := item.(object); ok {
				lists[path+"[]"] = append(lists[path+"[]"], o)
			}
			collect(item, path+"[]", lists)
		}
	}
}

var plainKey = regexp.MustCompile(`^[A-Za-z_]\w*$`)

func field(key string) string {
	if plainKey.MatchString(key) {
		return "." + key
	}
	return fmt.Sprintf(".%q", key)
}

// busiest is the list whose objects are dated and most.
func busiest(lists map[string][]object) (string, bool) {
	best := ""
	for _, path := range slices.Sorted(maps.Keys(lists)) {
		columns := columnsOf(lists[path])
		if at, _ := dated(columns); at == "" {
			continue
		}
		if best == "" || len(lists[path]) > len(lists[best]) {
			best = path
		}
	}
	return best, best != ""
}

// split takes the events' path apart: the list of parcels around them, "" where
// there is none, and the rest.
func split(events string) (around, inside string) {
	if at := strings.LastIndex(strings.TrimSuffix(events, "[]"), "[]"); at >= 0 {
		return events[:at+2], events[at+2:]
	}
	return "", events
}

// items is the expression of the items at a list's path. In XML a lone element
// is no list.
func (g *Guess) items(path string) string {
	if !strings.HasPrefix(path, ".") {
		path = "." + path
	}
	if g.Format == "xml" {
		return strings.ReplaceAll(path, "[]", " | each")
	}
	return path
}

// A column is one field of all objects of a list.
type column struct {
	path   string
	key    string
	values []string // those that are there
}

// columnsOf are the fields of a list's objects, the nearer first.
func columnsOf(objects []object) []column {
	found := map[string]*column{}
	for _, o := range objects {
		fill(o, "", found)
	}
	var columns []column
	for _, path := range slices.SortedFunc(maps.Keys(found), func(a, b string) int {
		return cmp.Or(strings.Count(a, ".")-strings.Count(b, "."), strings.Compare(a, b))
	}) {
		columns = append(columns, *found[path])
	}
	return columns
}

func fill(o object, path string, found map[string]*column) {
	for key, value := range o {
		at := path + field(key)
		switch v := value.(type) {
		case object:
			fill(v, at, found)
		case []any:
		default:
			c := found[at]
			if c == nil {
				c = &column{path: at, key: key}
				found[at] = c
			}
			switch v := v.(type) {
			case string:
				c.values = append(c.values, strings.TrimSpace(v))
			case json.Number:
				c.values = append(c.values, v.String())
			}
		}
	}
}

// namedBy is the first column that one of the words names, in the words' order;
// fits may be nil.
func namedBy(columns []column, words string, fits func(column) bool) string {
	for word := range strings.FieldsSeq(words) {
		for _, c := range columns {
			if slices.Contains(wordsOf(c.key), word) && (fits == nil || fits(c)) {
				return c.path
			}
		}
	}
	return ""
}

func wordsOf(key string) []string {
	words := []string{strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))}
	for _, w := range humps.FindAllString(key, -1) {
		words = append(words, strings.ToLower(w))
	}
	return words
}

// dated is the expression of the events' times, and their form.
func dated(columns []column) (expression, form string) {
	times := func(c column) bool { return formOf(c.values) != "" }
	at := namedBy(columns, "at datetime timestamp when date time created occurred", times)
	if at == "" {
		return "", ""
	}
	days := columns[slices.IndexFunc(columns, func(c column) bool { return c.path == at })]
	form = formOf(days.values)
	if strings.Contains(form, "HH") || strings.ContainsAny(strings.Join(days.values, ""), ":T") || strings.HasPrefix(form, "unix") {
		return at, form
	}
	for _, c := range columns {
		if len(c.values) == len(days.values) && all(c.values, clockForm.MatchString) {
			joined := make([]string, len(c.values))
			for i := range joined {
				joined[i] = days.values[i] + " " + c.values[i]
			}
			if both := formOf(joined); both != "" {
				return at + ` + " " + ` + c.path, both
			}
		}
	}
	return at, form
}

// formOf is the first form that all values are times of, "" if there is none.
func formOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	for _, form := range timeForms {
		if all(values, func(text string) bool { return engine.ReadsTime(form, text) }) {
			return form
		}
	}
	return ""
}

func all(values []string, holds func(string) bool) bool {
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !holds(v) })
}

var offset = regexp.MustCompile(`(?:Z|[+-]\d\d:?\d\d)$`)

func (g *Guess) readEvents(events []object) {
	columns := columnsOf(events)
	g.At, g.AtForm = dated(columns)
	for _, c := range columns {
		if c.path == g.At {
			g.Zoned = all(c.values, offset.MatchString) || strings.HasPrefix(g.AtForm, "unix")
		}
	}
	text := func(c column) bool { return formOf(c.values) == "" && len(c.values) > 0 }
	g.Code = namedBy(columns, "code eventcode statuscode status type event", text)
	g.Words = namedBy(columns, "text description desc message remark words detail status", func(c column) bool { return text(c) && c.path != g.Code })
	g.City = namedBy(columns, "city town location place facility", text)
	g.Country = namedBy(columns, "countrycode country", text)
	for _, e := range events {
		one := columnsOf([]object{e})
		s := Seen{valueAt(one, g.Code), valueAt(one, g.Words)}
		if s.Code != "" && !slices.ContainsFunc(g.Seen, func(o Seen) bool { return o.Code == s.Code }) {
			g.Seen = append(g.Seen, s)
		}
	}
}

func valueAt(columns []column, path string) string {
	for _, c := range columns {
		if c.path == path && len(c.values) > 0 {
			return c.values[0]
		}
	}
	return ""
}

func (g *Guess) readParcels(columns []column) {
	g.Number = namedBy(columns, "trackingnumber trackingno tracknumber number barcode awb waybill trackingid id", nil)
	g.Service = namedBy(columns, "service servicename product", nil)
	g.ETA = namedBy(columns, "eta estimated expected promised", func(c column) bool { return len(c.values) == 0 || formOf(c.values) != "" })
	g.Problem = namedBy(columns, "error errorcode", nil)
	for _, c := range columns {
		switch c.path {
		case g.ETA:
			g.ETAForm = formOf(c.values)
		case g.Number:
			g.Numbers = c.values
		case g.Problem:
			g.Errors = c.values
		}
	}
}
