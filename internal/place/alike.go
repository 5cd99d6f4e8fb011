package place

import (
	"strings"
	"unicode"
)

// Compatible reports whether two places may be one: what both name is the same.
// "LEIPZIG" and "Leipzig, hub 2" may, and so may names in two scripts.
func Compatible(a, b Place) bool {
	if a.Country != "" && b.Country != "" && a.Country != b.Country {
		return false
	}
	x, y := called(a), called(b)
	return strings.Contains(x, y) || strings.Contains(y, x) || latin(x) != latin(y)
}

// Common reports whether two places are compatible, and have a country or a
// name in common.
func Common(a, b Place) bool {
	return Compatible(a, b) && (a.Country != "" && a.Country == b.Country || called(a) != "" && called(b) != "")
}

// called is what a place is called for comparing; "" where only its country is.
func called(p Place) string {
	if p.City != "" {
		return Fold(p.City)
	}
	if code, ok := named(p.Name); ok && code == p.Country {
		return ""
	}
	return Fold(p.Name)
}

func latin(name string) bool {
	for _, r := range name {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return true
}
