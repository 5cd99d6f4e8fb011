package config

import (
	"maps"
	"slices"
)

// everywhere stands for all countries that no region names.
const everywhere = "*"

// Home returns the region where the people of a country live, ISO 3166-1
// alpha-2.
func (d Database) Home(country string) string {
	rest := ""
	for _, region := range slices.Sorted(maps.Keys(d.People)) {
		served := d.Serves[region]
		if slices.Contains(served, country) {
			return region
		}
		if len(d.People) == 1 || slices.Contains(served, everywhere) {
			rest = region
		}
	}
	return rest
}

// checkCopies makes sure that copies are said to be of a region and in a country.
func (d Database) checkCopies(wrong func(name, format string, args ...any)) {
	for _, region := range slices.Sorted(maps.Keys(d.Copies)) {
		if _, ok := d.People[region]; !ok {
			wrong("database.copies."+region, "database.people has no region of that name")
		}
		for _, country := range d.Copies[region] {
			checkCountry(wrong, "database.copies."+region, country)
		}
	}
}

// checkServes makes sure that every country has exactly one region.
func (d Database) checkServes(wrong func(name, format string, args ...any)) {
	by := map[string]string{}
	for _, region := range slices.Sorted(maps.Keys(d.Serves)) {
		if _, ok := d.People[region]; !ok {
			wrong("database.serves."+region, "database.people has no region of that name")
		}
		for _, country := range d.Serves[region] {
			if country != everywhere && !isCountry(country) {
				wrong("database.serves."+region, "%q is neither a country's code of two capital letters nor *", country)
			}
			if other, twice := by[country]; twice {
				wrong("database.serves."+region, "%s is served by %s already", country, other)
			}
			by[country] = region
		}
	}
	if _, ok := by[everywhere]; !ok && len(d.People) > 1 {
		wrong("database.serves", `with more than one region, one of them must serve "*", all countries that no region names`)
	}
}
