package carrier

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"waypost/internal/status"
)

// schemaFile is what checks carrier files in editors.
const schemaFile = "../../docs/carrier.schema.json"

// A part of the schema, as far as these tests look at it.
type schemaPart struct {
	Properties map[string]schemaPart `json:"properties"`
	Enum       []any                 `json:"enum"`
	Defs       map[string]schemaPart `json:"$defs"`
}

func readSchema(t *testing.T) schemaPart {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var all schemaPart
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// fieldsOf are the names that a type's fields have in a file.
func fieldsOf(of reflect.Type) (names []string) {
	for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	for f := range of.Fields() {
		switch tag := f.Tag.Get("yaml"); tag {
		case "":
		case ",inline":
			names = append(names, fieldsOf(f.Type)...)
		default:
			names = append(names, tag)
		}
	}
	slices.Sort(names)
	return names
}

// An editor that knows the schema offers what the reader takes, and nothing else.
func TestTheSchemaHasTheFieldsOfAFile(t *testing.T) {
	schema := readSchema(t)
	inDocument := func(name string) reflect.Type {
		f, _ := reflect.TypeFor[document]().FieldByName(name)
		return f.Type
	}
	for def, of := range map[string]reflect.Type{
		"": reflect.TypeFor[document](), "hints": inDocument("Hints"), "number": inDocument("Numbers"), "via": inDocument("Via"),
		"connect": reflect.TypeFor[Connect](), "auth": reflect.TypeFor[AuthSpec](), "oauth2": reflect.TypeFor[OAuth2](), "login": reflect.TypeFor[Login](),
		"budget": reflect.TypeFor[Budget](), "request": reflect.TypeFor[Request](), "first": reflect.TypeFor[First](),
		"read": reflect.TypeFor[Read](), "parcel": reflect.TypeFor[ReadParcel](), "event": reflect.TypeFor[ReadEvent](), "place": reflect.TypeFor[ReadPlace](),
		"push": reflect.TypeFor[Push](), "signed": reflect.TypeFor[Signed](), "subscribe": reflect.TypeFor[Subscribe](), "case": reflect.TypeFor[Case](), "expect": reflect.TypeFor[Expect](),
	} {
		part := schema
		if def != "" {
			part = schema.Defs[def]
		}
		var has []string
		for name := range part.Properties {
			has = append(has, name)
		}
		slices.Sort(has)
		if diff := cmp.Diff(fieldsOf(of), has); diff != "" {
			t.Errorf("%s in docs/carrier.schema.json differs from %s:\n%s", def, of, diff)
		}
	}
}

func TestTheSchemaHasTheWordsOfAFile(t *testing.T) {
	schema := readSchema(t)
	for name, tc := range map[string]struct {
		part schemaPart
		want []string
	}{
		"kind":              {schema.Properties["kind"], spelled(Kinds)},
		"numbers.trust":     {schema.Defs["number"].Properties["trust"], spelled(trusts)},
		"needs":             {schema.Defs["need"], spelled(needs)},
		"status":            {schema.Defs["status"], spelled(status.Subs)},
		"problems":          {schema.Defs["problem"], spelled(ProblemKinds[:len(ProblemKinds)-1])},
		"vectors.kind":      {schema.Defs["vector"].Properties["kind"], spelled(VectorKinds)},
		"vectors.proof":     {schema.Defs["vector"].Properties["proof"], spelled([]Proof{Made, Documented, Recorded})},
		"read.history":      {schema.Defs["read"].Properties["history"], []string{"whole", "latest"}},
		"probe, fallback …": {schema.Defs["yes"], []string{"true", "false", "yes", "no"}},
	} {
		if diff := cmp.Diff(tc.want, spelled(tc.part.Enum)); diff != "" {
			t.Errorf("%s in docs/carrier.schema.json:\n%s", name, diff)
		}
	}
}

func spelled[T any](words []T) (all []string) {
	for _, w := range words {
		all = append(all, fmt.Sprint(w))
	}
	return all
}

func TestShippedFilesFitTheSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../carriers/*.yaml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d carrier files, %v", len(files), err)
	}
	more, err := filepath.Glob("../../sources/*.yaml")
	if err != nil || len(more) == 0 {
		t.Fatalf("%d source files, %v", len(more), err)
	}
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(asJSON(t, file, text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheSchemaSeesMistakes(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	const good = "carrier: hilltop\nnames: {en: Hilltop}\nkind: parcel\n"
	if err := schema.Validate(asJSON(t, "good", []byte(good))); err != nil {
		t.Errorf("a good file: %v", err)
	}
	for name, text := range map[string]string{
		"an unknown field":           good + "colours: red\n",
		"no kind of carrier":         strings.Replace(good, "parcel", "balloon", 1),
		"no English name":            strings.Replace(good, "en:", "nl:", 1),
		"no sub-status":              good + "status: {A: InTransit_Arrived}\n",
		"unsigned news":              good + "push: {parcels: .}\n",
		"neither of both":            "names: {en: Hilltop}\n",
		"a carrier's and a source's": good + "source: hilltop\nconnect: {base: 'https://x.example', budget: {calls: 1, per: 1s}, ask: {get: /}}\nread: {parcels: .}\n",
	} {
		if schema.Validate(asJSON(t, name, []byte(text))) == nil {
			t.Errorf("%s: is not seen", name)
		}
	}
}

// asJSON is a file as an editor sees it.
func asJSON(t *testing.T, name string, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	spelt, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	v, err = jsonschema.UnmarshalJSON(strings.NewReader(string(spelt)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}
