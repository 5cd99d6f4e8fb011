package watch

import (
	"maps"
	"strings"

	"waypost/internal/carrier"
)

// A Fact is something that a program knows of a parcel besides its number.
type Fact string

// Facts.
const (
	OriginCountry         Fact = "origin_country"      // ISO 3166-1 alpha-2
	DestinationCountry    Fact = "destination_country" // ISO 3166-1 alpha-2
	DestinationPostalCode Fact = "destination_postal_code"
	DestinationCity       Fact = "destination_city"
	ShipDate              Fact = "ship_date" // YYYY/MM/DD or YYYY-MM-DD
	Shipper               Fact = "shipper"
	Consignee             Fact = "consignee"
	PhoneEnd              Fact = "phone_last4"
	Phone                 Fact = "phone"
	TaxNumber             Fact = "tax_number"
	Translation           Fact = "translation_mode"
	SpecialType           Fact = "special_type"
	SpecialValue          Fact = "special_value"
)

// given is what carriers with such needs can be told: the facts, and the one
// value that stands for all of them where that is how it was sent.
func (d Details) given(needs []carrier.Need) carrier.Given {
	given := carrier.Given{}
	for need, value := range map[carrier.Need]string{
		carrier.PostalCode:         d.Facts[DestinationPostalCode],
		carrier.PhoneLast4:         end(d.Facts[PhoneEnd], d.Facts[Phone]),
		carrier.Phone:              d.Facts[Phone],
		carrier.ShipDate:           strings.ReplaceAll(d.Facts[ShipDate], "/", "-"),
		carrier.DestinationCountry: d.Facts[DestinationCountry],
	} {
		if tidy, ok := need.Tidy(value); ok {
			given[need] = tidy
		}
	}
	if lacks := given.Lacks(needs); d.Param != "" && len(lacks) > 0 {
		maps.Copy(given, param(d.Param, lacks))
	}
	return given
}

// param reads the one value: what the carrier lacks; a country, a hyphen and a
// postal code where it lacks both; or several parts with slashes between, of
// which the first is the postal code.
func param(value string, lacks []carrier.Need) carrier.Given {
	first, _, _ := strings.Cut(value, "/")
	parts := map[carrier.Need]string{lacks[0]: first}
	if len(lacks) > 1 {
		country, code, _ := strings.Cut(value, "-")
		parts = map[carrier.Need]string{carrier.DestinationCountry: country, carrier.PostalCode: code}
	}
	given := carrier.Given{}
	for need, part := range parts {
		if tidy, ok := need.Tidy(part); ok {
			given[need] = tidy
		}
	}
	return given
}

// end is the last four digits that were given, or those of a whole phone number.
func end(last4, phone string) string {
	if last4 != "" {
		return last4
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	return digits[max(0, len(digits)-4):]
}
