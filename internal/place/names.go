package place

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// nameLanguages are those in which carriers write countries into their texts:
// English, and what is spoken where the connected carriers are at home.
var nameLanguages = []language.Tag{
	language.English, language.Chinese, language.TraditionalChinese, language.German, language.French, language.Spanish,
	language.Portuguese, language.Italian, language.Dutch, language.Polish, language.Ukrainian, language.Russian,
	language.Swedish, language.Danish, language.Norwegian, language.Finnish, language.Japanese, language.Korean,
}

// shortNames are what countries are called in addresses, beside their names.
var shortNames = map[string]string{
	"usa": "US", "u.s.a.": "US", "united states of america": "US", "uk": "GB", "u.k.": "GB", "uae": "AE", "u.a.e.": "AE",
	"england": "GB", "russian federation": "RU", "czech republic": "CZ", "holland": "NL", "the netherlands": "NL",
	"korea, republic of": "KR", "republic of korea": "KR", "viet nam": "VN", "hong kong": "HK", "macau": "MO", "macao": "MO",
	"people's republic of china": "CN", "p.r. china": "CN", "pr china": "CN", "mainland china": "CN", "turkey": "TR",
}

// namesTwice are countries' names that places elsewhere have too, and that
// therefore tell nothing in a text.
var namesTwice = map[string]bool{"georgia": true}

// countryNames are countries by their folded names, without those that name
// two. Names of three letters and less are left out, but for those of scripts
// that need no more.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	add := func(name, code string) {
		key := Fold(name)
		if other, taken := names[key]; taken && other != code {
			code = ""
		}
		names[key] = code
	}
	regions := everyCountry()
	for _, lang := range nameLanguages {
		in := display.Regions(lang)
		for _, region := range regions {
			if name := in.Name(region); utf8.RuneCountInString(name) > 3 || name != "" && name[0] >= utf8.RuneSelf {
				add(name, region.String())
			}
		}
	}
	for _, more := range []map[string]string{shortNames, countryWords} {
		for name, code := range more {
			if utf8.RuneCountInString(name) > 2 || name == "uk" || name[0] >= utf8.RuneSelf {
				names[Fold(name)] = code
			}
		}
	}
	return names
})

// everyCountry lists the regions that ISO 3166-1 gives a code today.
func everyCountry() []language.Region {
	var all []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := language.ParseRegion(code)
			if err == nil && region.IsCountry() && region.Canonicalize().String() == code {
				all = append(all, region)
			}
		}
	}
	return all
}

// named returns the country of that name, in any of the languages.
func named(text string) (string, bool) {
	if len(text) > maxCountryText {
		return "", false
	}
	key := Fold(text)
	code := countryNames()[key]
	return code, code != "" && !namesTwice[key]
}

// Fold is a name for comparing: small letters without accents, and single
// spaces. "MUNCHEN" and "München" are the same.
func Fold(name string) string {
	plain := true
	for i := range len(name) {
		plain = plain && name[i] < utf8.RuneSelf
	}
	name = strings.ToLower(name)
	if !plain {
		name = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFKD.String(name))
		name = norm.NFC.String(name)
	}
	return strings.Join(strings.Fields(name), " ")
}
