package recognise

import (
	"strings"
	"testing"

	"waypost/internal/carrier"
)

// members are the countries of the Universal Postal Union whose operators are
// listed with S10 numbers, and Taiwan.
var members = strings.Fields(`
	AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN
	CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FR GA GB GD GE GH GM GN GQ GR GT GW GY HK HN HR
	HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC
	MD ME MG MK ML MM MN MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PY QA RO RS
	RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY
	UZ VA VC VE VN VU WS YE ZA ZM ZW`)

func TestPostalNumbersLeadToTheIssuingPost(t *testing.T) {
	x, all := shipped(t)
	home := map[carrier.Code]string{}
	for _, c := range all {
		home[c.Code] = c.Country
	}
	home["postnord"] = "DK" // until Sweden's turn: it is the post of both
	for _, code := range members {
		if code == "SE" {
			home["postnord"] = "SE"
		}
		for _, number := range []string{"RR409172635" + code, "CP081524371" + code, "EE918273640" + code} {
			candidates := x.Number(number, Hints{Country: "NZ"}).Candidates // whoever asks
			if len(candidates) == 0 || home[candidates[0].Carrier] != code || !has(candidates[0], OfCountry) {
				t.Errorf("%s leads to %v, want a post of %s", number, candidates, code)
				continue
			}
			ours := 0.0
			for _, c := range candidates {
				if home[c.Carrier] == code {
					ours += c.Score
				}
			}
			// Where PostNord and Omniva carry a neighbour's items they are candidates too.
			if ours < 0.85 {
				t.Errorf("%s: the posts of %s score %.3f together, want 0.85 and more", number, code, ours)
			}
		}
	}
}

// TestCollisions holds the order among carriers whose numbers look alike: what
// separates them is a check digit, a prefix, the length or the country.
func TestCollisions(t *testing.T) {
	x, _ := shipped(t)
	for _, tc := range []struct {
		name    string
		number  string
		country string
		want    string // the first; several, if they share the first places
	}{
		{"10 digits, modulo 7", "4829103753", "", "dhl-express"},
		{"10 digits that begin with 1", "1829103754", "RU", "cdek"},
		{"10 digits in Mexico", "4829103754", "MX", "estafeta"},
		{"11 digits, modulo 7", "73819204653", "", "dhl-express"},
		{"11 digits of Old Dominion", "77783014564", "US", "old-dominion"},
		{"12 digits of FedEx", "382174650910", "", "fedex"},
		{"12 digits in Japan", "281937465014", "JP", "yamato sagawa japan-post"},
		{"12 digits of Purolator in Canada", "330219573848", "CA", "purolator"},
		{"12 digits in Saudi Arabia", "482910375619", "SA", "smsa"},
		{"13 digits that begin with 0", "0482910375612", "UA", "ukrposhta"},
		{"13 digits in Korea", "6482910375612", "KR", "korea-post"},
		{"14 digits, GS1, in Germany", "04123456789018", "DE", "hermes-de"},
		{"14 digits, GS1, in Russia", "12345627481906", "RU", "russian-post"},
		{"14 digits with the check character", "01475829361045Z", "", "dpd"},
		{"15 digits, GS1", "408172635491824", "", "fedex"},
		{"15 digits that begin with 77", "774829103756182", "CN", "sto"},
		{"16 digits, GS1", "2014567389123456", "", "canada-post"},
		{"16 digits in Great Britain", "4029381746501928", "GB", "evri"},
		{"18 digits that begin with 99", "990012345612345678", "CH", "swiss-post"},
		{"20 digits of Deutsche Post", "00340434123456789012", "", "dhl-paket"},
		{"22 digits that begin with 94", "9405510898765432101231", "", "usps"},
		{"24 digits", "582910375618203947561820", "PL", "inpost"},
		{"24 digits that begin with 3232", "323210375618203947561820", "", "bpost"},
		{"26 digits", "92612999987654321098765436", "", "usps"},
		{"28 digits", "008175001475829361045101276J", "", "dpd"},
		{"30 digits", "420902109405510898765432101231", "", "usps"},
		{"YT and 13 digits", "YT8172635490182", "", "yto"},
		{"YT and 16 digits", "YT8172635490182634", "", "yunexpress"},
		{"JD, two more and 11 digits", "JDVA81726354901", "", "jd-logistics"},
		{"JD and 16 digits", "JD8172635490182634", "", "yodel"},
		{"JD and 18 digits", "JD817263549018263471", "", "dhl-express"},
		{"3S", "3SKABC102938475", "", "postnl"},
		{"LP and digits", "LP00481726354901", "", "cainiao"},
		{"LP as a postal item", "LP409172635SG", "", "singapore-post"},
		{"1Z", "1Z4A7B2C0364182055", "", "ups"},
		{"a letter and ten digits, UPS's check digit", "H2048173653", "", "ups"},
		{"two letters and nine digits without a country, in Great Britain", "RR409172635", "GB", "royal-mail"},
		{"hexadecimal, 20", "A0011B5F3C27D04E8A16", "", "deutsche-post"},
		{"hexadecimal, 21", "0B04710002736450192AF", "", "royal-mail"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			candidates := x.Number(tc.number, Hints{Country: tc.country}).Candidates
			want := strings.Fields(tc.want)
			for _, code := range want {
				at := place(candidates, carrier.Code(code))
				if at < 0 || at >= len(want) {
					t.Errorf("%s: %s is in place %d, want the first %d (%v)", tc.number, code, at+1, len(want), codes(candidates))
				}
			}
		})
	}
}

func codes(candidates []Candidate) []carrier.Code {
	var all []carrier.Code
	for _, c := range candidates {
		all = append(all, c.Carrier)
	}
	return all
}
