package v1

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// optionalMayBeNull writes the document so that it says of what is sent what is
// so: null is the same as leaving a field out. Programs of many languages write
// what they don't set as null.
func optionalMayBeNull(doc *huma.OpenAPI) ([]byte, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	components, _ := all["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	for _, name := range sent(doc) {
		s, _ := schemas[name].(map[string]any)
		required, _ := s["required"].([]any)
		properties, _ := s["properties"].(map[string]any)
		for field, p := range properties {
			if p, ok := p.(map[string]any); ok && !slices.Contains(required, any(field)) {
				mayBeNull(p)
			}
		}
	}
	return json.MarshalIndent(all, "", "  ")
}

// mayBeNull has a schema let null through.
func mayBeNull(s map[string]any) {
	if ref, ok := s["$ref"]; ok {
		delete(s, "$ref")
		s["anyOf"] = []any{map[string]any{"$ref": ref}, map[string]any{"type": "null"}}
		return
	}
	if one, ok := s["type"].(string); ok {
		s["type"] = []any{one, "null"}
	}
	if words, ok := s["enum"].([]any); ok {
		s["enum"] = append(words, nil)
	}
}

const schemaPrefix = "#/components/schemas/"

// sent are the names of the schemas that bodies of requests are made of.
func sent(doc *huma.OpenAPI) (names []string) {
	var visit func(s *huma.Schema)
	visit = func(s *huma.Schema) {
		if s.Ref != "" {
			name := strings.TrimPrefix(s.Ref, schemaPrefix)
			if slices.Contains(names, name) {
				return
			}
			names = append(names, name)
			s = doc.Components.Schemas.SchemaFromRef(s.Ref)
		}
		for _, p := range s.Properties {
			visit(p)
		}
		if s.Items != nil {
			visit(s.Items)
		}
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Post, item.Patch, item.Put} {
			if op != nil && op.RequestBody != nil {
				visit(op.RequestBody.Content["application/json"].Schema)
			}
		}
	}
	return names
}
