package recognise

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A delivery is a parcel that a mail or page tells programs of
// (schema.org/ParcelDelivery).
type delivery struct {
	number   string
	carrier  string // its name, "" if it isn't said
	host     string // of its tracking page, "" if there is none
	expected string // the day, 2006-01-02; "" if it isn't said
}

// maxNesting bounds how deep in a document a delivery is looked for: an order in a
// list in a graph.
const maxNesting = 8

// declared takes the numbers that a source tells programs of, and reports whether
// there were any.
func (r *reader) declared(source string) bool {
	if !strings.Contains(source, "ParcelDelivery") {
		return false
	}
	source = unquoted(source)
	any := false
	for _, d := range append(scripted(source), marked(source)...) {
		if !r.accept(d.number, d.number, d.host, d.carrier) {
			continue
		}
		any = true
		number, _ := normal(d.number)
		r.linked[number] = true // its text says the same
		if at := r.seen[number]; at >= 0 {
			n := &r.found.Numbers[at]
			n.Declared, n.Expected = true, cmp.Or(d.expected, n.Expected)
		}
	}
	return any
}

// scripted are the deliveries that a page's scripts tell of, as JSON-LD, in their
// order.
func scripted(source string) []delivery {
	var all []delivery
	z := html.NewTokenizer(strings.NewReader(source))
	for z.Next() != html.ErrorToken {
		t := z.Token()
		if t.Type != html.StartTagToken || t.DataAtom != atom.Script || !isLinkedData(t.Attr) || z.Next() != html.TextToken {
			continue
		}
		decoder := json.NewDecoder(strings.NewReader(string(z.Raw())))
		decoder.UseNumber()
		var document any
		if decoder.Decode(&document) == nil {
			all = gather(all, document, maxNesting)
		}
	}
	return all
}

func isLinkedData(attributes []html.Attribute) bool {
	return slices.ContainsFunc(attributes, func(a html.Attribute) bool {
		return a.Key == "type" && strings.EqualFold(strings.TrimSpace(a.Val), "application/ld+json")
	})
}

// gather adds the deliveries in a part of a document.
func gather(all []delivery, part any, depth int) []delivery {
	if depth == 0 {
		return all
	}
	switch part := part.(type) {
	case []any:
		for _, one := range part {
			all = gather(all, one, depth-1)
		}
	case map[string]any:
		if isParcelDelivery(part["@type"]) {
			return append(all, deliveryOf(part))
		}
		for _, name := range slices.Sorted(maps.Keys(part)) {
			all = gather(all, part[name], depth-1)
		}
	}
	return all
}

func isParcelDelivery(kind any) bool {
	kinds, several := kind.([]any)
	if !several {
		kinds = []any{kind}
	}
	return slices.ContainsFunc(kinds, func(k any) bool {
		name := written(k)
		return name[strings.LastIndexByte(name, '/')+1:] == "ParcelDelivery"
	})
}

func deliveryOf(fields map[string]any) delivery {
	d := delivery{number: written(fields["trackingNumber"]), carrier: nameOf(fields["provider"])}
	if d.carrier == "" {
		d.carrier = nameOf(fields["carrier"]) // as it was called before
	}
	d.host = hostOf(written(fields["trackingUrl"]))
	d.expect(written(fields["expectedArrivalFrom"]))
	d.expect(written(fields["expectedArrivalUntil"]))
	return d
}

// expect takes the day of a moment, if text is one.
func (d *delivery) expect(text string) {
	if day, err := time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))]); err == nil {
		d.expected = day.Format(time.DateOnly)
	}
}

func hostOf(address string) string {
	page, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return page.Hostname()
}

// nameOf is an organisation's name, which may stand there alone.
func nameOf(v any) string {
	if fields, ok := v.(map[string]any); ok {
		return written(fields["name"])
	}
	return written(v)
}

// written is a text or number as it is written, "" for all else.
func written(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
