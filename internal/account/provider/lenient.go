package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"unicode/utf8"
)

var (
	jsonp = regexp.MustCompile(`(?s)^[A-Za-z_$][\w$.]*\s*\((.*)\)\s*;?$`)

	errShape = errors.New("answer is neither JSON, nor JSONP, nor a form")
)

// fields reads the plain values of an answer in any of the shapes that QQ
// answers in: a JSON object, the same in a call of a function, or form text.
func fields(body []byte) (map[string]string, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if inner := jsonp.FindSubmatch(body); inner != nil {
		body = bytes.TrimSpace(inner[1])
	}
	switch {
	case len(body) == 0 || !utf8.Valid(body):
		return nil, errShape
	case body[0] == '{':
		return jsonFields(body)
	}
	return formFields(body)
}

func jsonFields(body []byte) (map[string]string, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, errShape
	}
	all := map[string]string{}
	for name, value := range raw {
		var t text
		if t.UnmarshalJSON(value) == nil {
			all[name] = string(t)
		}
	}
	return all, nil
}

func formFields(body []byte) (map[string]string, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil || bytes.ContainsAny(body, "<>{}\" \r\n") {
		return nil, errShape
	}
	all := map[string]string{}
	for name := range values {
		all[name] = values.Get(name)
	}
	return all, nil
}
