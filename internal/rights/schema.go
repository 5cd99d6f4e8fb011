package rights

import "waypost/internal/inventory"

// Schema is the JSON Schema (2020-12) of Held, as the rooms declare it.
func (r *Rights) Schema() map[string]any {
	rooms := map[string]any{}
	for name, fields := range r.fields() {
		rooms[name] = closed(tables(fields), nil)
	}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "All that is held of somebody",
		"type":    "object",
		"properties": map[string]any{
			"subject": map[string]any{"type": "string", "description": "names the account"},
			"made":    map[string]any{"type": "string", "format": "date-time", "description": "when it was written"},
			"held":    closed(rooms, nil),
		},
		"required":             []string{"subject", "made", "held"},
		"additionalProperties": false,
	}
}

// closed is an object that has nothing else, and has to have some.
func closed(properties map[string]any, required []string) map[string]any {
	o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func tables(fields []inventory.Field) map[string]any {
	columns, required := map[string]map[string]any{}, map[string][]string{}
	for _, f := range fields {
		if columns[f.Table] == nil {
			columns[f.Table] = map[string]any{}
		}
		columns[f.Table][f.Column] = column(f)
		required[f.Table] = append(required[f.Table], f.Column)
	}
	all := map[string]any{}
	for table := range columns {
		all[table] = map[string]any{"type": "array", "items": closed(columns[table], required[table])}
	}
	return all
}

// column is what a field is written as. What was sealed may be anything.
func column(f inventory.Field) map[string]any {
	c := map[string]any{"description": f.What}
	switch {
	case f.Instant():
		c["type"], c["format"] = []string{"string", "null"}, "date-time"
	case f.Whose == inventory.Nobody || f.Protection == inventory.Plain:
		c["type"] = []string{"number", "boolean", "string"}
	case f.Protection != inventory.Sealed:
		c["type"] = "string"
	}
	return c
}
