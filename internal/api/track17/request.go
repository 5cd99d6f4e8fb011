package track17

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// mostItems is how many numbers one request may have.
const mostItems = 40

// items reads a request that is an array of objects.
func items[T any](body []byte) ([]T, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || len(raw) == 0 {
		return nil, errBody
	}
	if len(raw) > mostItems {
		return nil, errForty
	}
	all := make([]T, len(raw))
	for i, item := range raw {
		if !isObject(item) || json.Unmarshal(item, &all[i]) != nil {
			return nil, errBody
		}
	}
	return all, nil
}

// object reads a request that is an object, or an array of one.
func object[T any](body []byte) (v T, err error) {
	body = bytes.TrimSpace(body)
	var raw []json.RawMessage
	if json.Unmarshal(body, &raw) == nil && len(raw) == 1 {
		body = raw[0]
	}
	if !isObject(body) || json.Unmarshal(body, &v) != nil {
		return v, errBody
	}
	return v, nil
}

// nothing reads a request that says nothing, in the ways in which clients do.
func nothing(body []byte) error {
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0, bytes.Equal(body, []byte("null")), json.Valid(body) && (isObject(body) || body[0] == '['):
		return nil
	}
	return errBody
}

func isObject(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) > 0 && b[0] == '{'
}

// Clients write numbers as strings, strings as numbers, and "" or null for what
// they don't give; a value of another form is bad, and never fails a request.

// A word is a string.
type word struct {
	value string
	said  bool // it is there, and not null
	bad   bool
}

func (w *word) UnmarshalJSON(b []byte) error {
	*w = word{said: true}
	switch b[0] {
	case 'n':
		w.said = false
	case '"':
		w.bad = json.Unmarshal(b, &w.value) != nil
		w.value = strings.TrimSpace(w.value)
	case '{', '[':
		w.bad = true
	default:
		w.value = string(b)
	}
	return nil
}

// A count is a whole number.
type count struct {
	value int
	said  bool // it is there, and neither null nor ""
	bad   bool
}

func (c *count) UnmarshalJSON(b []byte) error {
	var w word
	if err := w.UnmarshalJSON(b); err != nil {
		return err
	}
	*c = count{said: w.said && w.value != "", bad: w.bad}
	if !c.said || c.bad {
		return nil
	}
	n, err := strconv.ParseFloat(w.value, 64)
	if err != nil || n != float64(int(n)) || n > 1e9 || n < -1e9 {
		c.bad = true
		return nil //nolint:nilerr // a bad value is no error of the request
	}
	c.value = int(n)
	return nil
}

// A yes is true or false.
type yes struct {
	value bool
	said  bool // it is there, and neither null nor ""
	bad   bool
}

func (y *yes) UnmarshalJSON(b []byte) error {
	var w word
	if err := w.UnmarshalJSON(b); err != nil {
		return err
	}
	*y = yes{said: w.said && w.value != "", bad: w.bad}
	switch strings.ToLower(w.value) {
	case "true", "1":
		y.value = true
	case "false", "0", "":
	default:
		y.bad = true
	}
	return nil
}
