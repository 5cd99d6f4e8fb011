package carrier

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

// maxFile bounds a carrier file, in bytes.
const maxFile = 1 << 20

// A Mistake is something wrong in a carrier or source file.
type Mistake struct {
	File string
	Line int // 0 where no line can be named
	Text string
}

func (m Mistake) String() string {
	if m.Line == 0 {
		return m.File + ": " + m.Text
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
}

// lines tell on which line each of a file's fields stands, by dotted path. They
// are found when the first mistake is reported, which in good files is never.
type lines func() map[string]int

func linesOf(text []byte) lines {
	return sync.OnceValue(func() map[string]int {
		found := map[string]int{}
		var root yaml.Node
		if err := yaml.Unmarshal(text, &root); err == nil {
			walk(found, "", &root, 0)
		}
		return found
	})
}

// of returns the line of path, or of the nearest field around it.
func (l lines) of(path string) int {
	if l == nil {
		return 0
	}
	for found := l(); path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if n, ok := found[path]; ok {
			return n
		}
	}
	return 0
}

// Mistake says that the field at path is wrong.
func (s *Source) Mistake(path, format string, args ...any) Mistake {
	return Mistake{s.File, s.lines.of(path), path + ": " + fmt.Sprintf(format, args...)}
}

// parse reads text into out; known fields only.
func parse(file string, text []byte, out any) (lines, []Mistake) {
	if len(text) > maxFile {
		return nil, []Mistake{{File: file, Text: "is larger than 1 MiB"}}
	}
	if err := yaml.Load(text, out, yaml.WithKnownFields()); err != nil {
		return linesOf(text), yamlMistakes(file, err)
	}
	return linesOf(text), nil
}

func walk(found map[string]int, path string, n *yaml.Node, depth int) {
	if depth > 50 {
		return
	}
	if path != "" {
		if _, seen := found[path]; !seen {
			found[path] = n.Line
		}
	}
	switch n.Kind {
	case yaml.DocumentNode:
		for _, c := range n.Content {
			walk(found, path, c, depth+1)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			if path != "" {
				key = path + "." + key
			}
			found[key] = n.Content[i].Line
			walk(found, key, n.Content[i+1], depth+1)
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			walk(found, fmt.Sprintf("%s[%d]", path, i), c, depth+1)
		}
	}
}

var yamlLine = regexp.MustCompile(`(?:go-yaml load error in \w+ at L|line )(\d+)(?:\.C\d+)?:? ?`)

// yamlMistakes takes the reader's error apart: one mistake a line.
func yamlMistakes(file string, err error) []Mistake {
	var many *yaml.LoadErrors
	if errors.As(err, &many) {
		var all []Mistake
		for _, e := range many.Errors {
			all = append(all, yamlMistake(file, e.Error()))
		}
		return all
	}
	return []Mistake{yamlMistake(file, err.Error())}
}

func yamlMistake(file, text string) Mistake {
	text = strings.TrimPrefix(text, "yaml: ")
	line := 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // digits, by the expression
		text = strings.Replace(text, m[0], "", 1)
	}
	return Mistake{file, line, strings.TrimSpace(text)}
}

// UnmarshalYAML reads a time: its expression alone, or its parts.
func (t *TimeSpec) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		t.From = n.Value
		return nil
	}
	return eachField(n, func(key string, v *yaml.Node) error {
		switch key {
		case "from":
			t.From = v.Value
		case "as":
			return oneOrMany(v, &t.As)
		case "zone":
			if v.Kind == yaml.ScalarNode {
				t.Zone = v.Value
				return nil
			}
			return eachField(v, func(key string, v *yaml.Node) error {
				if key != "from" {
					return unknownField(v, key)
				}
				t.ZoneFrom = v.Value
				return nil
			})
		case "zones":
			return v.Decode(&t.Zones)
		case "midnight":
			t.Midnight = v.Value
		default:
			return unknownField(v, key)
		}
		return nil
	})
}

// UnmarshalYAML reads a status map: code → sub-status, "note", or cases.
func (s *Statuses) UnmarshalYAML(n *yaml.Node) error {
	s.Codes = map[string][]Case{}
	return eachField(n, func(code string, v *yaml.Node) error {
		var cases []Case
		switch {
		case v.Kind == yaml.ScalarNode && v.Value == "note":
		case v.Kind == yaml.ScalarNode:
			cases = []Case{{}}
			if err := v.Decode(&cases[0].Is); err != nil {
				return err
			}
		default:
			if err := v.Decode(&cases); err != nil {
				return err
			}
		}
		if code == "words" {
			s.Words = cases
			return nil
		}
		s.Codes[code] = cases
		return nil
	})
}

// UnmarshalYAML reads a vector; what it must become is one parcel or a list.
func (v *Vector) UnmarshalYAML(n *yaml.Node) error {
	v.Line = n.Line
	return eachField(n, func(key string, f *yaml.Node) error {
		switch key {
		case "kind":
			return f.Decode(&v.Kind)
		case "proof":
			return f.Decode(&v.Proof)
		case "from":
			return f.Decode(&v.From)
		case "cannot":
			return f.Decode(&v.Cannot)
		case "answer":
			return f.Decode(&v.Answer)
		case "push":
			return f.Decode(&v.Push)
		case "signed":
			return f.Decode(&v.Signed)
		case "http":
			return f.Decode(&v.HTTP)
		case "asked":
			return oneOrMany(f, &v.Asked)
		case "is":
			return oneOrMany(f, &v.Is)
		case "sends":
			return f.Decode(&v.Sends)
		case "subscribes":
			return f.Decode(&v.Subscribes)
		case "subscribed":
			return f.Decode(&v.Subscribed)
		case "ends":
			return f.Decode(&v.Ends)
		case "params":
			return f.Decode(&v.Params)
		case "with":
			return f.Decode(&v.With)
		case "account":
			return f.Decode(&v.Values)
		case "unix_ms":
			return f.Decode(&v.UnixMS)
		case "id":
			return f.Decode(&v.ID)
		case "lang":
			return f.Decode(&v.Lang)
		}
		return unknownField(f, key)
	})
}

// eachField calls do with a mapping's fields. A merged alias counts as its target.
func eachField(n *yaml.Node, do func(key string, value *yaml.Node) error) error {
	n = target(n)
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: must be fields, not %s", n.Line, n.Value)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if err := do(n.Content[i].Value, target(n.Content[i+1])); err != nil {
			return err
		}
	}
	return nil
}

func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func oneOrMany[T any](n *yaml.Node, out *[]T) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode(out)
	}
	var one T
	if err := n.Decode(&one); err != nil {
		return err
	}
	*out = []T{one}
	return nil
}

func unknownField(n *yaml.Node, key string) error {
	return fmt.Errorf("line %d: field %s is not known here", n.Line, key)
}
