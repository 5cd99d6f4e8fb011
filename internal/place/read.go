package place

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/biter777/countries"
)

// maxText bounds what is read: a longer text is a story and no place.
const maxText = 200

// Read tells what a carrier's free text says of a place: "LEIPZIG, Germany",
// "DE-04103 Leipzig", "北京市, 中国", "USPS facility, CHICAGO IL 60666". The text
// itself stays as the name. What it doesn't tell without doubt stays empty:
// "Denver, CO" may be in Colombia, and "Hub 12, Germany" names no city.
func Read(text string) Place {
	p := Place{Name: text}
	if r, ok := reading(text, ""); ok {
		p.City, p.Region, p.Postcode, p.Country = r.City, r.Region, r.Postcode, r.Country
	}
	return p
}

// Resolve fills in what a place's own texts say of its other fields: a city's
// that goes on ("LEIPZIG, Germany"), or a name's where there is no city. What
// is known already stays, and texts that contradict it say nothing. The
// carrier's words are kept as the name.
func (p Place) Resolve() Place {
	text := p.City
	if text == "" {
		text = p.Name
	}
	if code, ok := named(p.City); ok && code == p.Country && !cityStates[code] {
		if p.Name == "" {
			p.Name = p.City
		}
		p.City = ""
		return p // the country again, where carriers know no city abroad
	}
	if p.Country != "" && !strings.ContainsAny(text, ",，、(0123456789") {
		return p // nothing but a name
	}
	r, ok := reading(text, p.Country)
	if !ok || p.City != "" && r.City == "" && len(parts(text)) < 2 {
		return p // a city that is called like a country, or nothing told
	}
	if r.City != "" && r.City != p.City {
		if p.Name == "" {
			p.Name = text
		}
		p.City = r.City
	}
	p.Country = r.Country
	if p.Region == "" {
		p.Region = r.Region
	}
	if p.Postcode == "" {
		p.Postcode = r.Postcode
	}
	return p
}

// cityStates are the countries that a city is called like, in one of the
// languages.
var cityStates = map[string]bool{
	"DJ": true, "GI": true, "GT": true, "HK": true, "KW": true, "LU": true, "MC": true, "MO": true, "MX": true, "PA": true, "SG": true, "SM": true, "VA": true,
}

// NameTells reports whether the name says more than the other fields do.
func (p Place) NameTells() bool {
	list := parts(p.Name)
	if n := len(list); n > 0 {
		if code, ok := countryAt(list, p.Country); ok && code == p.Country {
			list = list[:n-1]
		}
	}
	known := words(p.City + " " + p.Region + " " + p.Postcode + " " + p.Country)
	for _, word := range words(strings.Join(list, " ")) {
		if !slices.Contains(known, word) {
			return true
		}
	}
	return false
}

func words(text string) []string {
	return strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// reading is what a text tells, where it tells a country, or the country is
// known and the text doesn't contradict.
func reading(text, country string) (Place, bool) {
	if len(text) > maxText {
		return Place{}, false
	}
	list := parts(text)
	if len(list) == 0 {
		return Place{}, false
	}
	if code, ok := countryAt(list, country); ok {
		if country != "" && code != country {
			return Place{}, false
		}
		return within(code, list[:len(list)-1], true), true
	}
	if r, ok := addressed(list, country); ok {
		return r, true
	}
	if country == "" {
		return Place{}, false
	}
	return within(country, list, false), true
}

// parts are what commas part.
func parts(text string) []string {
	var list []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// countryAt is the country that the last part names: by a name, by three
// letters, or, behind something else, by two that are no state's as well.
func countryAt(list []string, known string) (string, bool) {
	last := list[len(list)-1]
	if code, ok := named(last); ok {
		return code, true
	}
	if len(list) == 1 || strings.ToUpper(last) != last || len(last) < 2 || len(last) > 3 || !letters(last) {
		return "", false
	}
	code, ok := alpha2(countries.ByName(last))
	switch c := countries.ByName(last); {
	case !ok || last != c.Alpha2() && last != c.Alpha3():
		return "", false
	case code == known:
		return code, true
	}
	for _, country := range lettered {
		if country != code && isState(country, last) {
			return "", false
		}
	}
	return code, true
}

// lettered are the countries whose states stand as letters behind cities.
var lettered = []string{"US", "CA", "AU", "BR", "MX"}

func letters(text string) bool {
	for i := range len(text) {
		if text[i] < 'A' || text[i] > 'Z' {
			return false
		}
	}
	return true
}

// What tells a city from a text around it. American and Canadian addresses end
// in a state and a code, European ones may begin with a country and a code.
var (
	zipEnd      = regexp.MustCompile(`^(.*?)[ ,]+([A-Z]{2})[ ,]+(\d{5}(?:-\d{4})?)$`)
	canadaEnd   = regexp.MustCompile(`^(.*?)[ ,]+([A-Z]{2})[ ,]+([A-Z]\d[A-Z] ?\d[A-Z]\d)$`)
	postalFront = regexp.MustCompile(`^([A-Z]{2})-(\d{4,5})\s+(\D+)$`)
	codeFront   = regexp.MustCompile(`^(\d{4,6})\s+(\D+)$`)
	codeEnd     = regexp.MustCompile(`^(\D+?)\s+(\d{4,6})$`)
	stateEnd    = regexp.MustCompile(`^(.+?)\s*\(([\p{L} ]+)\)$`)
)

// hyphenated are the countries whose codes stand before postal codes of four or
// five digits, by the convention of European posts.
var hyphenated = strings.Fields("AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IS IT LI LT LU LV MC NO PT RO RS SE SI SK SM TR UA")

// addressed reads a text whose end tells the country by its own form, or has
// the form of the country known.
func addressed(list []string, known string) (Place, bool) {
	if !strings.ContainsAny(list[len(list)-1], "0123456789") {
		return Place{}, false
	}
	for n := 1; n <= min(3, len(list)); n++ {
		text := strings.Join(list[len(list)-n:], ", ")
		for _, form := range []struct {
			country string
			end     *regexp.Regexp
		}{{"US", zipEnd}, {"CA", canadaEnd}} {
			m := form.end.FindStringSubmatch(text)
			if m != nil && isState(form.country, m[2]) && (known == "" || known == form.country) && isCity(m[1]) {
				return Place{City: m[1], Region: m[2], Postcode: m[3], Country: form.country}, true
			}
		}
	}
	m := postalFront.FindStringSubmatch(list[len(list)-1])
	if m != nil && slices.Contains(hyphenated, m[1]) && (known == "" || known == m[1]) && isCity(m[3]) {
		return Place{City: m[3], Postcode: m[2], Country: m[1]}, true
	}
	return Place{}, false
}

// within reads what stands before the country's name, or, where the text
// doesn't name it, all of a text that is known to be of the country.
func within(country string, list []string, named bool) Place {
	p := Place{Country: country}
	if len(list) == 0 {
		return p
	}
	if r, ok := addressed(list, country); ok {
		return r
	}
	for len(list) > 1 && p.Region == "" && isState(country, list[len(list)-1]) {
		p.Region, list = list[len(list)-1], list[:len(list)-1]
	}
	city, sure := list[len(list)-1], len(list) == 1 && (named || p.Region != "")
	if m := stateEnd.FindStringSubmatch(city); m != nil && isState(country, m[2]) {
		city, p.Region, sure = m[1], m[2], true
	}
	if m := codeFront.FindStringSubmatch(city); m != nil {
		city, p.Postcode, sure = m[2], m[1], true
	} else if m := codeEnd.FindStringSubmatch(city); m != nil {
		city, p.Postcode, sure = m[1], m[2], true
	}
	if !sure || !isCity(city) {
		p.Postcode = ""
		return p
	}
	p.City = city
	return p
}

// facilities are words for buildings, of which texts name more than cities.
var facilities = regexp.MustCompile(`(?i)\b(facility|hub|customs|zoll|douane|transit|international|parcels?|post|mail|courier|locker|sorting|cent(re|er)|depot|terminal|office|airport|warehouse|gateway|station|zentrum|filiale|agence|centro|oficina)\b|中心|营业|网点|邮局`)

// isCity reports whether a text can be a city's name: letters, and none of the
// words for what stands in one.
func isCity(text string) bool {
	hasLetter := false
	for _, r := range text {
		if unicode.IsDigit(r) || unicode.IsControl(r) || strings.ContainsRune("/@#<>()", r) {
			return false
		}
		hasLetter = hasLetter || unicode.IsLetter(r)
	}
	return hasLetter && !facilities.MatchString(text)
}
