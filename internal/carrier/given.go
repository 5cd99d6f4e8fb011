package carrier

import (
	"regexp"
	"strings"
	"time"
)

// Given is what somebody knows of a parcel besides its number. It is private:
// it goes to the carriers that are asked, and nowhere else.
type Given map[Need]string

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
