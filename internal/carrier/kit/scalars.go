package kit

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A scalar is one text, number or literal of an answer, and where it stands.
type scalar struct {
	path       string // as jq spells it, with [] for any item: .parcels[].events[].code
	start, end int    // of its bytes in the answer, quotes included
	text       string // unescaped
	kind       scalarKind
}

type scalarKind uint8

const (
	jsonText scalarKind = iota
	jsonNumber
	jsonKey     // a field's name; it may be a tracking number
	jsonLiteral // true, false, null
	xmlText
	xmlAttribute
	xmlComment
)

// scalarsOf finds the scalars of an answer, in its order.
func scalarsOf(format string, answer []byte) ([]scalar, error) {
	switch {
	case format == "csv":
		return nil, errors.New("answers in CSV can't be kept yet")
	case format == "xml":
		return xmlScalars(answer)
	case bytes.HasPrefix(bytes.TrimSpace(answer), []byte("<")):
		return nil, errors.New("the answer is a page, not JSON")
	}
	return jsonScalars(answer)
}

// A level is an object or list that is open while JSON is read.
type level struct {
	path string
	list bool
	key  string // of the value that comes; "" when a key comes
}

func (l *level) child() string {
	if l.list {
		return l.path + "[]"
	}
	return l.path + "." + l.key
}

func jsonScalars(answer []byte) ([]scalar, error) {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var all []scalar
	open := []*level{{list: true}} // around the whole
	for {
		before := int(decoder.InputOffset())
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && len(open) == 1 {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the answer is no JSON: %w", err)
		}
		end := int(decoder.InputOffset())
		start := before + len(answer[before:end]) - len(bytes.TrimLeft(answer[before:end], " \t\r\n,:"))
		top := open[len(open)-1]
		path := strings.TrimPrefix(top.child(), "[]")
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				open = append(open, &level{path: path, list: t == '['})
				continue
			}
			open = open[:len(open)-1]
			open[len(open)-1].key = ""
			continue
		case string:
			if !top.list && top.key == "" {
				top.key = t
				all = append(all, scalar{top.path, start, end, t, jsonKey})
				continue
			}
			all = append(all, scalar{path, start, end, t, jsonText})
		case json.Number:
			all = append(all, scalar{path, start, end, t.String(), jsonNumber})
		default:
			all = append(all, scalar{path, start, end, string(answer[start:end]), jsonLiteral})
		}
		top.key = ""
	}
}

var attribute = regexp.MustCompile(`\s([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')`)

func xmlScalars(answer []byte) ([]scalar, error) {
	decoder := xml.NewDecoder(bytes.NewReader(answer))
	var all []scalar
	var open []string
	for {
		start := int(decoder.InputOffset())
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the answer is no XML in UTF-8: %w", err)
		}
		end := int(decoder.InputOffset())
		path := "." + strings.Join(open, ".")
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, pathName(t.Name.Local))
			all = append(all, attributes("."+strings.Join(open, "."), answer[start:end], start)...)
		case xml.EndElement:
			open = open[:max(0, len(open)-1)]
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				all = append(all, scalar{path, start, end, string(t), xmlText})
			}
		case xml.Comment:
			all = append(all, scalar{path, start, end, string(t), xmlComment})
		}
	}
}

// attributes are those of a start tag that stands at a place of the answer.
func attributes(path string, tag []byte, at int) []scalar {
	var all []scalar
	for _, m := range attribute.FindAllSubmatchIndex(tag, -1) {
		name, value := string(tag[m[2]:m[3]]), string(tag[m[4]+1:m[5]-1])
		if strings.HasPrefix(name, "xmlns") || strings.HasPrefix(name, "xsi:") {
			continue
		}
		_, local, prefixed := strings.Cut(name, ":")
		if !prefixed {
			local = name
		}
		all = append(all, scalar{path + "." + pathName(local), at + m[4], at + m[5], entities.Replace(value), xmlAttribute})
	}
	return all
}

// entities are those that XML knows by itself.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&amp;", "&")

// pathName is how a file's expressions spell an element's name.
func pathName(name string) string { return strings.NewReplacer("-", "_", ".", "_").Replace(name) }

// written is text as it stands in the answer in the scalar's place.
func (s scalar) written(text string) []byte {
	switch s.kind {
	case xmlText, xmlAttribute:
		var out bytes.Buffer
		xml.EscapeText(&out, []byte(text)) //nolint:errcheck // a buffer doesn't fail
		if s.kind == xmlAttribute {
			return []byte(`"` + out.String() + `"`)
		}
		return out.Bytes()
	case xmlComment:
		return nil
	case jsonText, jsonKey:
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.Encode(text) //nolint:errcheck,errchkjson // a text and a buffer don't fail
		return bytes.TrimSpace(out.Bytes())
	}
	return []byte(text)
}
