package recognise

import (
	"strings"

	"github.com/biter777/countries"

	"waypost/internal/carrier"
)

// s10Format is the form of every international postal item, whoever's it is:
// UPU standard S10, "Identification of postal items – 13-character identifier".
var s10Format = carrier.Format{
	Name: "s10", Pattern: `[A-Z]{2}\d{9}[A-Z]{2}`, Check: "s10", Trust: carrier.Standard,
}

// isS10 reports whether number has the form, with a right or wrong check digit.
func isS10(number string) bool {
	if len(number) != 13 {
		return false
	}
	for i := range len(number) {
		letter := number[i] >= 'A' && number[i] <= 'Z'
		digit := number[i] >= '0' && number[i] <= '9'
		if place := i < 2 || i > 10; place != letter || place == digit {
			return false
		}
	}
	return true
}

// s10Services are the service indicators by first letter (UPU S10, table of
// service indicators).
var s10Services = map[byte]string{
	'A': "domestic or bilateral service",
	'B': "domestic or bilateral service",
	'C': "parcel post",
	'D': "domestic or bilateral service",
	'E': "EMS",
	'H': "e-commerce parcel",
	'L': "tracked letter post",
	'M': "M bag",
	'N': "domestic or bilateral service",
	'P': "domestic or bilateral service",
	'Q': "returned letter (IBRS)",
	'R': "registered letter post",
	'U': "letter post with customs declaration, usually not tracked to delivery",
	'V': "insured letter post",
	'Z': "domestic or bilateral service",
}

// s10Service names the service of an S10 number, "" where its indicator is
// not assigned. That refuses nothing: posts use such indicators at home.
func s10Service(number string) string {
	switch number[0] {
	case 'A':
		if number[1] < 'V' {
			return ""
		}
	case 'Q':
		if number[1] > 'M' {
			return ""
		}
	}
	return s10Services[number[0]]
}

// A country as this package needs it.
type country struct {
	name      string
	continent countries.RegionCode
}

// world is ISO 3166-1 by alpha-2 code, and codes that were withdrawn and still
// stand on old items.
var world = func() map[string]country {
	all := map[string]country{
		"AN": {"Netherlands Antilles", countries.RegionSA},
		"CS": {"Serbia and Montenegro", countries.RegionEU},
		"YU": {"Yugoslavia", countries.RegionEU},
	}
	for _, c := range countries.All() {
		if code := c.Alpha2(); len(code) == 2 {
			all[code] = country{plainName(c.String()), c.Region()}
		}
	}
	return all
}()

// plainName drops what stands in brackets behind a country's name.
func plainName(name string) string {
	name, _, _ = strings.Cut(name, " (")
	return name
}

// s10Facts are what an S10 number says of itself.
func s10Facts(number string) Reason {
	code := number[11:]
	c, known := world[code]
	if !known {
		return Reason{IsS10Foreign, []string{code}}
	}
	service := s10Service(number)
	if service == "" {
		service = "service " + number[:2]
	}
	return Reason{IsS10, []string{code, c.name, service}}
}
