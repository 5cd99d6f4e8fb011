package sim

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// sorry is the page that a carrier's proxy shows when something is broken.
const sorry = `<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>We'll be right back</h1><p>Reference: 0.5f1c2d</p></body></html>`

// garble spoils the bytes of an answer.
func (f Fault) garble(body []byte, contentType string) (spoiled []byte, as string) {
	switch f.Kind {
	case Truncated:
		return body[:len(body)/2], contentType
	case HTML:
		return []byte(sorry), "text/html; charset=utf-8"
	case InvalidUTF8:
		return bytes.ReplaceAll(body, []byte(byteMark), []byte{0xff, 0xfe, 0xc3, 0x28}), contentType
	case WrongTypes:
		return reshape(body, wrongTypes), contentType
	case Renamed:
		return rename(body, longestList(body)), contentType
	case Shape:
		return rename(body, wordiest(body, longestList(body))), contentType
	}
	return body, contentType
}

// rename gives a field of an answer another name, in JSON or XML.
func rename(body []byte, name string) []byte {
	if name == "" {
		return body
	}
	return regexp.MustCompile(`([</"\\])`+regexp.QuoteMeta(name)+`([>"\\ ])`).ReplaceAll(body, []byte("${1}"+name+"V9${2}"))
}

// inText finds a field with a text that begins with a letter, so that it is no
// time, in JSON (also in a text of another answer) or XML.
var inText = regexp.MustCompile(`"([\w-]+)\\?":\s*\\?"(\pL[^"]*)"|<([\w-]+)>(\pL[^<]*)</`)

// wordiest is the name of the field that has the most text from the list of
// that name on, which is its elements' own; "" if there is none.
func wordiest(body []byte, list string) string {
	at := bytes.Index(body, []byte(list))
	if list == "" || at < 0 {
		return ""
	}
	letters, best := map[string]int{}, ""
	for _, field := range inText.FindAllSubmatch(body[at+len(list):], -1) {
		name := string(field[1]) + string(field[3])
		letters[name] += len(field[2]) + len(field[4])
		if letters[name] > letters[best] {
			best = name
		}
	}
	return best
}

// reshape applies change to the values of a JSON answer; an answer in XML
// loses its elements' values.
func reshape(body []byte, change func(any) any) []byte {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return regexp.MustCompile(`>[^<>]+<`).ReplaceAll(body, []byte(`><unexpected/><`))
	}
	text, err := json.Marshal(change(tree))
	if err != nil {
		return body
	}
	return text
}

// wrongTypes turns texts into lists and numbers into objects, and leaves the
// shape above them.
func wrongTypes(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = wrongTypes(inner)
		}
		return v
	case []any:
		for i, inner := range v {
			v[i] = wrongTypes(inner)
		}
		return v
	case string:
		return []any{len(v)}
	case float64:
		return obj{"value": v}
	}
	return "true"
}

// longestList is the name of the list with the most objects in a JSON answer
// (or the JSON text in it), or the most frequent element of one in XML.
func longestList(body []byte) string {
	best, most := "", 0
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		counts := map[string]int{}
		for _, tag := range regexp.MustCompile(`<([A-Za-z][\w-]*)>\s*<[^/]`).FindAllSubmatch(body, -1) {
			name := string(tag[1])
			if counts[name]++; counts[name] > most {
				best, most = name, counts[name]
			}
		}
		return best
	}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(key, inner)
			}
		case []any:
			if len(v) > 0 {
				if _, objects := v[0].(map[string]any); objects && (len(v) > most || len(v) == most && name > best) {
					best, most = name, len(v)
				}
			}
			for _, inner := range v {
				walk(name, inner)
			}
		case string:
			var inner any
			if strings.HasPrefix(v, "{") && json.Unmarshal([]byte(v), &inner) == nil {
				walk(name, inner)
			}
		}
	}
	walk("", tree)
	return best
}
