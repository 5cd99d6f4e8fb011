package reference

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A document is what the pages read of an OpenAPI document.
type document struct {
	Tags []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"tags"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`

	operations []operation // by path and method
}

// An operation is one thing that can be asked for.
type operation struct {
	OperationID string      `json:"operationId"`
	Summary     string      `json:"summary"`
	Description string      `json:"description"`
	Tags        []string    `json:"tags"`
	Parameters  []parameter `json:"parameters"`
	RequestBody *content    `json:"requestBody"`
	Responses   map[string]content
	Scope       string `json:"x-scope"`
	Stream      bool   `json:"x-stream"`

	Method, Route, Tag string
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description"`
	Required    bool    `json:"required"`
	Schema      *schema `json:"schema"`
}

type content struct {
	Content map[string]struct {
		Schema *schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref         string             `json:"$ref"`
	Type        oneOrMore          `json:"type"`
	Format      string             `json:"format"`
	Description string             `json:"description"`
	Enum        []any              `json:"enum"`
	Properties  map[string]*schema `json:"properties"`
	Required    []string           `json:"required"`
	Items       *schema            `json:"items"`
	AnyOf       []*schema          `json:"anyOf"` // the second of two is null
	Additional  json.RawMessage    `json:"additionalProperties"`
	Examples    []any              `json:"examples"`
	Default     any                `json:"default"`
	Minimum     *float64           `json:"minimum"`
	Maximum     *float64           `json:"maximum"`
	MaxLength   *int               `json:"maxLength"`
	MaxItems    *int               `json:"maxItems"`
}

// oneOrMore is a word or a list of words.
type oneOrMore []string

// UnmarshalJSON reads either.
func (w *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*w = oneOrMore{one}
		return nil
	}
	var all []string
	err := json.Unmarshal(text, &all)
	*w = all
	return err
}

// methods are those of a path, in the order in which they are shown.
var methods = []string{"get", "post", "patch", "put", "delete"}

func (d *document) read(text []byte) error {
	if err := json.Unmarshal(text, d); err != nil {
		return fmt.Errorf("read the OpenAPI document: %w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range methods {
			op, ok := d.Paths[path][method]
			if !ok {
				continue
			}
			op.Method, op.Route = strings.ToUpper(method), path
			if len(op.Tags) > 0 {
				op.Tag = op.Tags[0]
			}
			d.operations = append(d.operations, op)
		}
	}
	return nil
}

func (d *document) operation(id string) (operation, bool) {
	at := slices.IndexFunc(d.operations, func(op operation) bool { return op.OperationID == id })
	if at < 0 {
		return operation{}, false
	}
	return d.operations[at], true
}

// body is the schema of what is sent, nil for nothing.
func (op operation) body() *schema {
	if op.RequestBody == nil {
		return nil
	}
	return op.RequestBody.Content["application/json"].Schema
}

// answer is the status of success, and the schema of what is answered then.
func (op operation) answer() (int, *schema) {
	for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
		if status, err := strconv.Atoi(code); err == nil && status < 300 {
			return status, op.Responses[code].Content["application/json"].Schema
		}
	}
	return 0, nil
}

// A field is something that is sent or answered.
type field struct {
	Name     string
	Type     string
	Required bool
	About    string
	Fields   []field
}

// deepest is how far fields are unfolded.
const deepest = 5

// meant is the schema that a reference refers to.
func (d *document) meant(s *schema) *schema {
	if s != nil && len(s.AnyOf) > 0 {
		s = s.AnyOf[0]
	}
	if s != nil && s.Ref != "" {
		if named, ok := d.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]; ok {
			return named
		}
	}
	return s
}

// fields are those of an object, the required ones first.
func (d *document) fields(s *schema, depth int) []field {
	if s = d.meant(s); s == nil || depth > deepest {
		return nil
	}
	if s.Items != nil {
		return d.fields(s.Items, depth)
	}
	var all []field
	for name, p := range s.Properties {
		all = append(all, field{
			Name: name, Type: d.typeOf(p), Required: slices.Contains(s.Required, name), Fields: d.fields(p, depth+1),
			About: cmp.Or(p.Description, described(d.meant(p))),
		})
	}
	slices.SortFunc(all, func(a, b field) int {
		if a.Required != b.Required {
			if a.Required {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

func described(s *schema) string { return s.Description }

func (d *document) parameters(op operation, in string) []field {
	var all []field
	for _, p := range op.Parameters {
		if p.In == in {
			all = append(all, field{Name: p.Name, Type: d.typeOf(p.Schema), Required: p.Required, About: p.Description})
		}
	}
	return all
}

// typeOf says in the document's own words what a value is.
func (d *document) typeOf(s *schema) string {
	s = d.meant(s)
	kind := slices.DeleteFunc(slices.Clone(s.Type), func(t string) bool { return t == "null" })
	text := strings.Join(kind, " | ")
	switch {
	case s.Items != nil:
		text = d.typeOf(s.Items) + "[]"
	case s.Format != "" && !strings.HasPrefix(s.Format, "int") && s.Format != "double":
		text = s.Format
	}
	var limits []string
	if s.Minimum != nil && s.Maximum != nil {
		limits = append(limits, fmt.Sprintf("%g–%g", *s.Minimum, *s.Maximum))
	}
	if s.MaxLength != nil {
		limits = append(limits, fmt.Sprintf("≤ %d", *s.MaxLength))
	}
	if s.MaxItems != nil {
		limits = append(limits, fmt.Sprintf("≤ %d", *s.MaxItems))
	}
	if s.Default != nil {
		limits = append(limits, fmt.Sprintf("= %v", s.Default))
	}
	if len(limits) > 0 {
		text += " (" + strings.Join(limits, ", ") + ")"
	}
	if len(s.Enum) > 0 {
		var words []string
		for _, w := range s.Enum {
			if w != nil {
				words = append(words, fmt.Sprint(w))
			}
		}
		text = strings.Join(words, " | ")
	}
	return text
}
