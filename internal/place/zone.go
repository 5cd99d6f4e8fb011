package place

import (
	"strings"
	"sync"
	"time"
)

// Zone returns the time zone of a place, and false where it can't be told: the
// country is not known, or it has several zones and its state does not decide.
// States that themselves lie in two zones (Texas, Florida, Ontario …) don't.
func Zone(p Place) (*time.Location, bool) {
	name, ok := countryZones[p.Country]
	if !ok {
		name, ok = stateZone(p.Country, p.Region)
	}
	if !ok {
		return nil, false
	}
	return load(name)
}

// stateZone looks a region up as a code (CA, US-CA) or as a name (California).
func stateZone(country, region string) (string, bool) {
	name, ok := stateZones[country][stateCode(country, region)]
	return name, ok
}

// stateCode is a region's ISO 3166-2 code without the country, as far as it
// can be told: from the code, also with the country in front, or the name.
func stateCode(country, region string) string {
	region = strings.ToUpper(strings.TrimSpace(region))
	region = strings.TrimPrefix(region, country+"-")
	if code, ok := stateNames[country][region]; ok {
		return code
	}
	return region
}

// isState reports whether a region is a state of the country, by its code or
// by its name.
func isState(country, region string) bool {
	code := stateCode(country, region)
	_, whole := stateZones[country][code]
	_, parted := mostly[country][code]
	return code != "" && (whole || parted)
}

var loaded sync.Map // zone's name → *time.Location

func load(name string) (*time.Location, bool) {
	if z, ok := loaded.Load(name); ok {
		return z.(*time.Location), true
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	loaded.Store(name, z)
	return z, true
}
