package inventory_test

import (
	"slices"
	"testing"

	"waypost/internal/inventory"
)

func TestDifferencesAreSeenBothWays(t *testing.T) {
	number := inventory.Field{Table: "parcel", Column: "number", Whose: inventory.Nobody, Purpose: "to ask the carrier"}
	schema := []inventory.Column{{Table: "parcel", Name: "number"}}
	for _, tc := range []struct {
		name      string
		fields    []inventory.Field
		libraries []inventory.Library
		schema    []inventory.Column
		want      []string
	}{
		{"all is declared", []inventory.Field{number}, nil, schema, nil},
		{"a column nobody declared", nil, nil, schema, []string{"parcel.number is there and not declared"}},
		{"a column that isn't there", []inventory.Field{number}, nil, nil, []string{"parcel.number is declared and not there"}},
		{"declared twice", []inventory.Field{number, number}, nil, schema, []string{"parcel.number is declared twice"}},
		{"a library's table", nil, []inventory.Library{{"parcel", "a test"}}, schema, nil},
		{"a library's table that isn't there", nil, []inventory.Library{{"gone", "a test"}}, nil, []string{"table gone is declared for a test and not there"}},
		{"a person's without a basis", []inventory.Field{{Table: "parcel", Column: "number", Whose: inventory.Member, Purpose: "to write to"}}, nil, schema,
			[]string{"parcel.number is declared without a basis"}},
		{"a person's without an end", []inventory.Field{{Table: "parcel", Column: "number", Whose: inventory.Member, Purpose: "to write to", Basis: inventory.Contract}}, nil, schema,
			[]string{"parcel.number is declared without a retention"}},
		{"without a purpose", []inventory.Field{{Table: "parcel", Column: "number", Whose: inventory.Nobody}}, nil, schema,
			[]string{"parcel.number is declared without a purpose"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := inventory.Compare(tc.fields, tc.libraries, tc.schema); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
