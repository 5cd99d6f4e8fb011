package engine

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// Bounds of an interchange. ISO 9735 has none; what posts send stays far below.
const (
	maxSegments   = 100_000
	maxMessage    = 10_000 // segments of one message
	maxComponents = 1000   // of one segment
)

// service are the characters that take an interchange apart (ISO 9735-1, service
// string advice).
type service struct {
	component, element, release, segment byte
}

// level are those that hold where no UNA says otherwise: syntax levels A and B.
var level = service{component: ':', element: '+', release: '?', segment: '\''}

// edifactTree reads an interchange of UN/EDIFACT (ISO 9735) as a list of messages,
// each with the interchange's sender and its segments in order:
//
//	[{"sender": "DEPOST", "type": "EMSEVT", "reference": "1",
//	  "segments": [{"tag": "UNH", "data": [["1"], ["EMSEVT", "3", "0", "UP"]]}, …]}]
//
// data are a segment's elements, each a list of its components, without what
// releases a character; _line is its place in the file. The segments around messages (UNA, UNB, UNG, UNE, UNZ) are
// left out; line ends between segments are none of them.
func edifactTree(answer []byte) (any, error) {
	text := bytes.TrimSpace(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf")))
	marks, text, err := advised(bytes.ToValidUTF8(text, []byte("\ufffd")))
	if err != nil {
		return nil, err
	}
	messages := []any{}
	sender := ""
	var open map[string]any
	var segments []any
	for n := 0; len(text) > 0; n++ {
		if n == maxSegments {
			return nil, fmt.Errorf("has more than %d segments", maxSegments)
		}
		tag, data, rest, err := marks.next(text)
		if err != nil {
			return nil, err
		}
		text = rest
		switch {
		case n == 0 && tag != "UNB":
			return nil, errors.New("is no EDIFACT: it begins with neither UNA nor UNB")
		case tag == "UNB":
			sender = componentOf(data, 1)
		case tag == "UNH" && open != nil:
			return nil, errors.New("has a message that doesn't end")
		case tag == "UNH":
			open = map[string]any{"sender": sender, "reference": componentOf(data, 0), "type": componentOf(data, 1)}
			segments = nil
		}
		if open == nil {
			continue
		}
		if len(segments) == maxMessage {
			return nil, fmt.Errorf("has a message of more than %d segments", maxMessage)
		}
		segments = append(segments, map[string]any{"tag": tag, "data": data, "_line": n + 1})
		if tag == "UNT" {
			open["segments"] = segments
			messages, open = append(messages, open), nil
		}
	}
	if open != nil || sender == "" {
		return nil, errors.New("is no whole EDIFACT")
	}
	return messages, nil
}

// advised takes the service string advice off the text, where it has one.
func advised(text []byte) (service, []byte, error) {
	rest, there := bytes.CutPrefix(text, []byte("UNA"))
	if !there {
		return level, text, nil
	}
	if len(rest) < 6 {
		return service{}, nil, errors.New("is no whole EDIFACT")
	}
	s := service{component: rest[0], element: rest[1], release: rest[3], segment: rest[5]}
	if s.release == ' ' {
		s.release = 0 // releases nothing
	}
	used := map[byte]bool{}
	for _, c := range []byte{s.component, s.element, s.release, s.segment} {
		if used[c] || c >= 0x80 || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return service{}, nil, errors.New("has a service string advice (UNA) that takes nothing apart")
		}
		used[c] = true
	}
	return s, bytes.TrimLeft(rest[6:], "\r\n"), nil
}

// next reads one segment.
func (s service) next(text []byte) (tag string, data []any, rest []byte, err error) {
	var part strings.Builder
	elements := [][]any{{}}
	parts := 0
	end := func() error {
		if parts++; parts > maxComponents {
			return fmt.Errorf("has a segment of more than %d parts", maxComponents)
		}
		last := len(elements) - 1
		elements[last] = append(elements[last], part.String())
		part.Reset()
		return nil
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == s.release && s.release != 0:
			if i++; i == len(text) {
				return "", nil, nil, errors.New("is no whole EDIFACT")
			}
			part.WriteByte(text[i])
		case c == s.component, c == s.element, c == s.segment:
			if err := end(); err != nil {
				return "", nil, nil, err
			}
			if c == s.element {
				elements = append(elements, []any{})
			}
			if c != s.segment {
				continue
			}
			tag, _ = elements[0][0].(string)
			data = []any{}
			for _, e := range elements[1:] {
				data = append(data, e)
			}
			return tag, data, bytes.TrimLeft(text[i+1:], "\r\n\t "), nil
		default:
			part.WriteByte(c)
		}
	}
	return "", nil, nil, errors.New("is no whole EDIFACT")
}

// componentOf is the first component of an element, "" where there is none.
func componentOf(data []any, element int) string {
	if element >= len(data) {
		return ""
	}
	first, _ := data[element].([]any)
	if len(first) == 0 {
		return ""
	}
	text, _ := first[0].(string)
	return text
}

// parted takes a list of segments apart: a list for each segment with one of the
// tags, and what follows it up to the next. What stands before the first is left out.
var parted = gojq.WithFunction("parted", 1, 1, func(in any, args []any) any {
	segments, ok := in.([]any)
	tags, tagged := args[0].([]any)
	if !ok || !tagged {
		return errors.New("parted takes a list of segments, and one of tags")
	}
	begins := map[string]bool{}
	for _, tag := range tags {
		begins[scalar(tag)] = true
	}
	parts, from := []any{}, -1
	for i, one := range segments {
		segment, _ := one.(map[string]any)
		if !begins[scalar(segment["tag"])] {
			continue
		}
		if from >= 0 {
			parts = append(parts, segments[from:i])
		}
		from = i
	}
	if from >= 0 {
		parts = append(parts, segments[from:])
	}
	return parts
})
