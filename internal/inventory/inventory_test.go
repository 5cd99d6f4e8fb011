package inventory_test

import (
	"strings"
	"testing"
	"time"

	"waypost/internal/inventory"
)

// shoes is a declaration of a person's field that lacks nothing.
var shoes = inventory.Field{
	Table: "account", Column: "shoes", What: "the size of their shoes", Whose: inventory.Member, Kind: inventory.Profile,
	Purpose: inventory.ForAccount, Basis: inventory.Contract, Source: inventory.Given,
	Retention: inventory.Retention{Rule: inventory.WithAccount}, Region: inventory.Home, Protection: inventory.Sealed,
}

func without(change func(*inventory.Field)) []inventory.Field {
	f := shoes
	change(&f)
	return []inventory.Field{f}
}

func TestDifferencesAreSeenBothWays(t *testing.T) {
	text := []inventory.Column{{Table: "account", Name: "shoes", Text: true}}
	for _, tc := range []struct {
		name      string
		fields    []inventory.Field
		libraries []inventory.Library
		schema    []inventory.Column
		want      string // the beginning of the only sentence; "" none
	}{
		{"all is declared", []inventory.Field{shoes}, nil, text, ""},
		{"a column nobody declared", nil, nil, text, "account.shoes is there and not declared: add it to its room's Fields"},
		{"a column that isn't there", []inventory.Field{shoes}, nil, nil, "account.shoes is declared and not there"},
		{"declared twice", []inventory.Field{shoes, shoes}, nil, text, "account.shoes is declared twice"},
		{"a library's table", nil, []inventory.Library{{Table: "account", Why: "a test"}}, text, ""},
		{"a library's table that isn't there", nil, []inventory.Library{{Table: "gone", Why: "a test"}}, nil, "table gone is declared for a test and not there"},
		{"without an owner", without(func(f *inventory.Field) { f.Whose = "" }), nil, text, "account.shoes doesn't say whose it is"},
		{"without words", without(func(f *inventory.Field) { f.What = "" }), nil, text, "account.shoes doesn't say what it is"},
		{"without a kind", without(func(f *inventory.Field) { f.Kind = "" }), nil, text, "account.shoes doesn't say which kind of data it is"},
		{"without a purpose", without(func(f *inventory.Field) { f.Purpose = "" }), nil, text, "account.shoes doesn't say what it is for"},
		{"without a basis", without(func(f *inventory.Field) { f.Basis = "" }), nil, text, "account.shoes doesn't say on what ground"},
		{"without a source", without(func(f *inventory.Field) { f.Source = "" }), nil, text, "account.shoes doesn't say where it comes from"},
		{"without an end", without(func(f *inventory.Field) { f.Retention = inventory.Retention{} }), nil, text, "account.shoes doesn't say how long it is kept"},
		{"without a region", without(func(f *inventory.Field) { f.Region = "" }), nil, text, "account.shoes doesn't say in which region"},
		{"without protection", without(func(f *inventory.Field) { f.Protection = "" }), nil, text, "account.shoes doesn't say how it is protected"},
		{"a person's text in plain", without(func(f *inventory.Field) { f.Protection = inventory.Plain }), nil, text, "account.shoes is a person's text in plain: seal it"},
		{"a sensitive word in plain", without(func(f *inventory.Field) { f.Protection, f.Sensitive = inventory.Code, true }), nil, text, "account.shoes is sensitive and in plain: seal it"},
		{"a person's number in plain", without(func(f *inventory.Field) { f.Protection = inventory.Plain }), nil,
			[]inventory.Column{{Table: "account", Name: "shoes"}}, ""},
		{"nobody's", []inventory.Field{{Table: "account", Column: "shoes", Whose: inventory.Nobody, What: "a size"}}, nil, text, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := inventory.Compare(tc.fields, tc.libraries, tc.schema)
			if said := strings.Join(got, "\n"); !strings.HasPrefix(said, tc.want) || (said == "") != (tc.want == "") || len(got) > 1 {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestATablesColumnsHaveTheRestInCommon(t *testing.T) {
	got := inventory.Table{
		Field: inventory.Field{Table: "account", Whose: inventory.Member},
		IDs:   [][2]string{{"id", "names it"}}, Sealed: [][2]string{{"name", "what they are called"}},
	}.Fields()
	if len(got) != 2 || got[0].Column != "id" || got[0].Protection != inventory.ID || got[1].What != "what they are called" ||
		got[1].Protection != inventory.Sealed || got[1].Whose != inventory.Member {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsKeptAsLongAsItMay(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r := inventory.Retention{Rule: inventory.AfterMade, For: 24 * time.Hour}
	if got, want := r.Before(now), now.AddDate(0, 0, -1); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A time until which something holds says nothing of when a row was changed.
func TestATimeThatLiesAheadIsNoDate(t *testing.T) {
	for column, want := range map[string]bool{
		"made_ms": true, "at_ms": true, "lifted_ms": true, "told_ms": true, "took_ms": false,
		"due_ms": false, "ends_ms": false, "sent_ms": false, "page_ms": false, "open_ms": false, "review_ms": false, "late_ms": false, "wanted_ms": false,
	} {
		if got := (inventory.Field{Column: column}).Happened(); got != want {
			t.Errorf("%s is a time at which something happened: %t, want %t", column, got, want)
		}
	}
}
