// Package place is where something happened: as the carrier wrote it, and as
// country, region, city and postal code where these can be told. A place is
// never finer than a postal code: no street, no door, no coordinates of either.
package place

// A Place is where an event happened. Every field may be empty.
type Place struct {
	Name     string `json:"name,omitempty"`     // the carrier's own words for it: "Regional hub 12"
	City     string `json:"city,omitempty"`     //
	Region   string `json:"region,omitempty"`   // state or province, as the carrier writes it
	Postcode string `json:"postcode,omitempty"` //
	Country  string `json:"country,omitempty"`  // ISO 3166-1 alpha-2, upper case
}

// IsZero reports whether nothing is known of the place.
func (p Place) IsZero() bool { return p == Place{} }
