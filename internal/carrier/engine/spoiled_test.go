package engine_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A change is what becomes of a field. In JSON it becomes a value; in XML, where
// everything is text, an element's inside.
type change struct {
	name  string
	value any
	xml   string
}

// gone and twice are no values: the field is left out, or is a list of itself.
type (
	gone  struct{}
	twice struct{}
)

// noUTF8 stands for bytes that are no UTF-8 until the answer is written.
const noUTF8 = "not-utf-8"

// changes are what an API that was altered, or that somebody feeds, may put
// where a field was.
var changes = append([]change{
	{"missing", gone{}, ""},
	{"repeated", twice{}, ""},
	{"null", nil, ""},
	{"a number", 7, "7"},
	{"a huge number", json.Number("1e400"), "1e400"},
	{"true", true, "true"},
	{"an empty text", "", " "},
	{"an object", map[string]any{"code": map[string]any{"id": 7}}, "<code><id>7</id></code>"},
	{"a list", []any{[]any{}, nil, "7"}, "<item/><item>7</item>"},
	{"deep", nested(150), strings.Repeat("<d>", 150) + strings.Repeat("</d>", 150)},
}, hostile(
	`<script>alert(1)</script>`, `'; DROP TABLE parcel; --`, "\u202e\u2066evil\u2069\u200b", "a\x00b\x1b[31m\r\n", noUTF8,
	strings.Repeat("A very long text. ", 1500), strings.Repeat("é", 20_000), `{{.}} ${jndi:x} %s%n ../../etc/passwd`,
)...)

func hostile(texts ...string) []change {
	var all []change
	for _, text := range texts {
		var escaped strings.Builder
		_ = xml.EscapeText(&escaped, []byte(text)) // a Builder takes everything
		all = append(all, change{fmt.Sprintf("%.20q", text), text, escaped.String()})
	}
	return all
}

func nested(depth int) any {
	var v any
	for range depth {
		v = []any{v}
	}
	return v
}

// A spot is a field of an answer, or all fields of one name in it.
type spot struct {
	name string // .events[].code
	with func(change) []byte
}

func spotsOf(format string, body []byte) []spot {
	if format == "xml" {
		return xmlSpots(body)
	}
	return jsonSpots(body)
}

// jsonSpots are, for each name, the first field, the last, and all of them.
// Answers that aren't JSON have none.
func jsonSpots(body []byte) []spot {
	tree, err := decoded(body)
	if err != nil {
		return nil
	}
	paths := map[string][][]any{}
	walk(tree, "", nil, func(name string, path []any) { paths[name] = append(paths[name], path) })
	var all []spot
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		for _, some := range firstLastAll(paths[name]) {
			all = append(all, spot{name, func(c change) []byte {
				v := tree
				for _, path := range slices.Backward(some) { // a list's end first, so that places stay
					v = put(v, path, c.value)
				}
				out, err := json.Marshal(v)
				if err != nil {
					panic(err) // what was decoded can be encoded
				}
				return bytes.ReplaceAll(out, []byte(noUTF8), []byte("\xff\xc3"))
			}})
		}
	}
	return all
}

func firstLastAll[T any](list []T) [][]T {
	if len(list) == 1 {
		return [][]T{list}
	}
	return [][]T{list[:1], list[len(list)-1:], list}
}

// text is the step of a path into a text that holds JSON.
type text struct{}

func walk(v any, name string, path []any, visit func(name string, path []any)) {
	visit(name, path)
	step := func(one any, named string, key any) {
		walk(one, name+named, append(slices.Clone(path), key), visit)
	}
	switch v := v.(type) {
	case map[string]any:
		for key, one := range v {
			step(one, "."+key, key)
		}
	case []any:
		for i, one := range v {
			step(one, "[]", i)
		}
	case string:
		if inner, err := decoded([]byte(v)); err == nil && strings.HasPrefix(v, "{") {
			step(inner, "|fromjson", text{})
		}
	}
}

// put returns v with another value at the path. v stays as it was.
func put(v any, path []any, value any) any {
	if len(path) == 0 {
		switch value.(type) {
		case gone:
			return nil
		case twice:
			return []any{v, v}
		}
		return value
	}
	_, removed := value.(gone)
	removed = removed && len(path) == 1
	switch key := path[0].(type) {
	case string:
		fields := maps.Clone(v.(map[string]any))
		if removed {
			delete(fields, key)
		} else {
			fields[key] = put(fields[key], path[1:], value)
		}
		return fields
	case int:
		list := slices.Clone(v.([]any))
		if removed {
			return slices.Delete(list, key, key+1)
		}
		list[key] = put(list[key], path[1:], value)
		return list
	}
	inner, err := decoded([]byte(v.(string)))
	if err != nil {
		panic(err) // walk went there
	}
	out, err := json.Marshal(put(inner, path[1:], value))
	if err != nil {
		panic(err)
	}
	return string(out)
}

func decoded(body []byte) (v any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err = decoder.Decode(&v)
	return v, err
}

// An element is where an XML element stands in its answer.
type element struct{ start, inside, end, after int }

// xmlSpots are the same of elements and attributes.
func xmlSpots(body []byte) []spot {
	found := map[string][]element{}
	var open []element
	var names []string
	for decoder := xml.NewDecoder(bytes.NewReader(body)); ; {
		at := int(decoder.InputOffset())
		token, err := decoder.RawToken()
		if err != nil {
			break
		}
		behind := int(decoder.InputOffset())
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, element{start: at, inside: behind})
			names = append(names, t.Name.Local)
		case xml.EndElement:
			e := open[len(open)-1]
			e.end, e.after = at, behind
			found[strings.Join(names, ".")] = append(found[strings.Join(names, ".")], e)
			open, names = open[:len(open)-1], names[:len(names)-1]
		}
	}
	var all []spot
	for _, name := range slices.Sorted(maps.Keys(found)) {
		for _, some := range firstLastAll(found[name]) {
			all = append(all, spot{name, func(c change) []byte { return rewritten(body, some, c.inElement) }})
			if attribute.Match(body[some[0].start:some[0].inside]) {
				all = append(all, spot{name + "@", func(c change) []byte { return rewritten(body, some, c.inAttributes) }})
			}
		}
	}
	return all
}

var attribute = regexp.MustCompile(`\s([\w:.-]+)="[^"]*"`)

// rewritten is an answer with other elements in the place of some.
func rewritten(body []byte, some []element, as func(head, inside, tail string) string) []byte {
	var out bytes.Buffer
	at := 0
	for _, e := range some {
		out.Write(body[at:e.start])
		head, tail := string(body[e.start:e.inside]), string(body[e.end:e.after])
		if tail == "" { // <a/>
			head = strings.TrimSuffix(head, "/>") + ">"
			tail = "</" + strings.Fields(strings.Trim(head, "<>"))[0] + ">"
		}
		out.WriteString(as(head, string(body[e.inside:e.end]), tail))
		at = e.after
	}
	out.Write(body[at:])
	return bytes.ReplaceAll(out.Bytes(), []byte(noUTF8), []byte("\xff\xc3"))
}

func (c change) inElement(head, inside, tail string) string {
	switch c.value.(type) {
	case gone:
		return ""
	case twice:
		return head + inside + tail + head + inside + tail
	}
	return head + c.xml + tail
}

func (c change) inAttributes(head, inside, tail string) string {
	value := ` $1="` + strings.NewReplacer("$", "$$", `<`, "&lt;").Replace(c.xml) + `"`
	if _, removed := c.value.(gone); removed {
		value = ""
	}
	return attribute.ReplaceAllString(head, value) + inside + tail
}
