package poll

import (
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// onwardAskings plans who is asked about a parcel that was handed on: the
// carriers of its numbers elsewhere, where these are known and connected.
func onwardAskings(cat *carrier.Catalogue, accounts []Account, s parcel.Standing) []parcel.Asking {
	var all []parcel.Asking
	for _, leg := range s.Onward {
		if a, ok := destination(cat, accounts, carrierOf(cat, leg.Carrier), leg.Number); ok {
			all = append(all, a)
		}
	}
	if post := postAbroad(cat, s); post != "" {
		if a, ok := destination(cat, accounts, post, s.Newest.Number); ok {
			all = append(all, a)
		}
	}
	return all
}

// destination plans a number at the carrier that hands the parcel over.
func destination(cat *carrier.Catalogue, accounts []Account, code carrier.Code, number string) (parcel.Asking, bool) {
	number = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(number))
	if code == "" || number == "" {
		return parcel.Asking{}, false
	}
	a, _, ok := ask(cat, accounts, recognise.Candidate{Carrier: code, Number: number, Score: 1}, nil, true)
	a.Role = parcel.Destination
	return a, ok
}

// carrierOf finds the carrier that an answer names by its code or by a name.
func carrierOf(cat *carrier.Catalogue, word string) carrier.Code {
	if word == "" {
		return ""
	}
	code := carrier.Code(strings.ToLower(strings.ReplaceAll(word, " ", "-")))
	if _, ok := cat.Carrier(code); ok {
		return code
	}
	for _, c := range cat.Carriers() {
		for _, name := range c.Names {
			if strings.EqualFold(name, word) {
				return c.Code
			}
		}
		for _, name := range c.Hints.Words {
			if strings.EqualFold(name, word) {
				return c.Code
			}
		}
	}
	return ""
}

// postAbroad returns the post of the country that an international postal item
// has come to, "" when it is still at home or the number is of another kind.
// The number is the same there (UPU S10).
func postAbroad(cat *carrier.Catalogue, s parcel.Standing) carrier.Code {
	if s.Newest == nil || s.Legs != 1 || !isS10(s.Newest.Number) {
		return ""
	}
	here := s.Where.Country
	if here == "" || here == s.Newest.Number[11:] {
		return ""
	}
	if post := postOf(cat, here); post != s.Carrier {
		return post
	}
	return ""
}

// postOf returns the post of a country that takes international items, "" none.
func postOf(cat *carrier.Catalogue, country string) carrier.Code {
	for _, c := range cat.Carriers() {
		if c.Kind == carrier.Postal && c.Country == country && takesS10(c) {
			return c.Code
		}
	}
	return ""
}

// isS10 reports whether a number has the form of an international postal item:
// RR123456785NO.
func isS10(number string) bool {
	if len(number) != 13 {
		return false
	}
	for i := range len(number) {
		letter := i < 2 || i > 10
		if c := number[i]; letter && (c < 'A' || c > 'Z') || !letter && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func takesS10(c *carrier.Carrier) bool {
	for _, f := range c.Formats {
		if strings.HasPrefix(f.Check, "s10") {
			return true
		}
	}
	return false
}
