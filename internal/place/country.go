package place

import (
	"strconv"
	"strings"

	"github.com/biter777/countries"
)

// maxCountryText bounds what is looked up: no country's name is longer.
const maxCountryText = 64

// Country reads a country as carriers write it: ISO 3166-1 alpha-2, alpha-3 or
// numeric, or a name ("Germany", "DEUTSCHLAND", "Россия", "中国"). It returns the
// upper-case alpha-2 code, and false when the text names no country.
func Country(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxCountryText {
		return "", false
	}
	if code, ok := countryWords[strings.ToLower(text)]; ok {
		return code, true
	}
	if n, err := strconv.Atoi(text); err == nil {
		return alpha2(countries.ByNumeric(n))
	}
	code, ok := alpha2(countries.ByName(text))
	if !ok {
		return named(text)
	}
	if len(text) == 2 && code != strings.ToUpper(text) {
		return "", false // number plates and such, which the list of names also knows
	}
	return code, true
}

func alpha2(c countries.CountryCode) (string, bool) {
	if !c.IsValid() {
		return "", false
	}
	code := c.Alpha2()
	return code, len(code) == 2
}

// countryWords are what carriers write and the list of countries does not
// have: two-letter codes that are not ISO's, and names in the languages of the
// connected carriers.
var countryWords = map[string]string{
	"uk": "GB", "el": "GR", "great britain": "GB", "northern ireland": "GB", "scotland": "GB", "wales": "GB",
	"中国": "CN", "中國": "CN", "中国大陆": "CN", "香港": "HK", "中国香港": "HK", "澳门": "MO", "台湾": "TW", "中国台湾": "TW",
	"日本": "JP", "韩国": "KR", "美国": "US", "英国": "GB", "德国": "DE", "法国": "FR", "加拿大": "CA", "澳大利亚": "AU", "俄罗斯": "RU",
	"россия": "RU", "україна": "UA", "украина": "UA", "polska": "PL", "norge": "NO", "sverige": "SE", "danmark": "DK", "suomi": "FI",
	"españa": "ES", "brasil": "BR", "méxico": "MX", "états-unis": "US", "royaume-uni": "GB", "allemagne": "DE", "espagne": "ES",
	"italia": "IT", "italie": "IT", "belgique": "BE", "belgië": "BE", "suisse": "CH", "schweiz": "CH", "nederland": "NL", "pays-bas": "NL",
}
