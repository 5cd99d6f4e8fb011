package carrier

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Given is what somebody knows of a parcel besides its number. It is private:
// it goes to the carriers that are asked, and nowhere else.
type Given map[Need]string

func (Given) String() string { return "[given]" }

// GoString keeps %#v from showing it.
func (Given) GoString() string { return "[given]" }

// LogValue keeps slog from showing it.
func (Given) LogValue() slog.Value { return slog.StringValue("[given]") }

// Lacks are those of needs that were not given.
func (g Given) Lacks(needs []Need) []Need {
	var lacks []Need
	for _, n := range needs {
		if g[n] == "" {
			lacks = append(lacks, n)
		}
	}
	return lacks
}

// Of are those of g that are among needs; nil where there are none.
func (g Given) Of(needs []Need) Given {
	var of Given
	for _, n := range needs {
		if g[n] != "" {
			if of == nil {
				of = Given{}
			}
			of[n] = g[n]
		}
	}
	return of
}

// named finds needs where a file uses them; account by itself is the operator's.
var named = regexp.MustCompile(`\b(postal_code|phone_last4|phone|ship_date|destination_country|params\.account)\b`)

// takes are what a source's file names in how it asks.
func takes(s *Source) []Need {
	text, err := json.Marshal(s.Connect.Ask)
	if err != nil {
		panic(err) // of strings and numbers only
	}
	all := slices.Clone(s.Needs)
	for _, found := range named.FindAllSubmatch(text, -1) {
		if n := Need(bytes.TrimPrefix(found[1], []byte("params."))); !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

var forms = map[Need]*regexp.Regexp{
	PostalCode:         regexp.MustCompile(`^[0-9A-Z][0-9A-Z -]{1,10}[0-9A-Z]$`),
	PhoneLast4:         regexp.MustCompile(`^\d{4}$`),
	Phone:              regexp.MustCompile(`^\+?\d[\d ()/.-]{4,22}\d$`),
	ShipDate:           regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
	Account:            regexp.MustCompile(`^[0-9A-Za-z._-]{2,40}$`),
	DestinationCountry: regexp.MustCompile(`^[A-Z]{2}$`),
}

// Tidy brings a value into the form in which carriers are told it, and reports
// whether it can be one.
func (n Need) Tidy(value string) (string, bool) {
	value = strings.TrimSpace(value)
	switch n {
	case PostalCode, DestinationCountry:
		value = strings.ToUpper(value)
	case ShipDate:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return "", false
		}
	}
	form, known := forms[n]
	return value, known && form.MatchString(value)
}
