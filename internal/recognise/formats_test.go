package recognise

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"waypost/internal/carrier"
)

// shared are formats with letters, a prefix or a check digit whose carrier
// can't always stand first without a hint, and why.
var shared = map[string]string{
	// Two operators of one country, or one operator of several, issue S10 numbers.
	"chronopost s10":          "France: La Poste's letters have the form too",
	"chronopost network":      "an S10 number of Estonia, if its check digit happens to be right",
	"hp-mostar s10":           "Bosnia and Herzegovina: the post at Sarajevo has the form too",
	"inpost letter":           "Poland: Poczta Polska is the post",
	"omniva baltic":           "the posts of Latvia and Lithuania issue them",
	"poste-srpske s10":        "Bosnia and Herzegovina: the post at Sarajevo has the form too",
	"postnord s10-neighbours": "the posts of Norway and Finland issue them",
	"yanwen y":                "an S10 number of China, if its check digit happens to be right",
	"4px s10-like":            "an S10 number of any country, if its check digit happens to be right",
	"meest parcel":            "an S10 number of any country, if its check digit happens to be right",
	"yanwen s10-like":         "RX, SX, UA and SG are 4PX's",

	// One beginning, several carriers.
	"yodel parcel":          "JJD is the licence plate of Deutsche Post and DHL",
	"flash-express parcel":  "TH is one of DHL eCommerce's published prefixes",
	"cainiao global":        "CN is one of DHL eCommerce's published prefixes",
	"cne parcel":            "CN is one of DHL eCommerce's published prefixes",
	"gdex consignment":      "MY is one of DHL eCommerce's published prefixes",
	"ninja-van parcel":      "LX is one of DHL eCommerce's published prefixes",
	"econt shipment":        "13 digits that begin with 1: EMS China's begin with 10 to 13, Delhivery's with anything",
	"mercado-envios digits": "11 digits that begin with 4: any of GLS's may",
	"ozon posting":          "its digits without the hyphens may be another's",
	"amazon international":  "a letter and ten digits: a UPS waybill, if the check digit happens to be right",
	"sameday awb":           "a digit, a letter and eleven digits: Colissimo's form",

	// Wide forms, each only seen in use, or a freight carrier's.
	"dhl-global-forwarding air-waybill":        "eleven digits: DHL Express, if the check digit happens to be right",
	"dhl-global-forwarding house-bill":         "a digit, two letters and digits: a GLS Track ID may look like it",
	"sendle parcel":                            "S and letters or digits: a GLS Track ID may look like it",
	"dhl-global-forwarding house-bill-letters": "three or four letters and digits",
	"dhl-freight order":                        "four or five letters and seven digits",
	"geodis shipment":                          "1G and ten letters or digits",
	"australia-post consignment":               "three to five letters or digits, and seven digits",
	"australia-post article":                   "3, and twenty digits if there are no letters",
	"startrack consignment":                    "three or four letters or digits, and eight digits",
	"colis-prive parcel":                       "one to four letters and digits",
	"courier-guy waybill":                      "three letters and six to nine digits",
	"dpd-poland parcel":                        "DPD's form as well: the country decides",
	"dtdc consignment":                         "one or two letters and eight or nine digits",
	"fastway-ireland parcel":                   "two letters and ten digits, as Yanwen's",
	"ghn order":                                "one or two letters, and letters or digits",
	"gls-canada shipment":                      "one to three letters and eight or nine digits",
	"gls-italy shipment":                       "two letters and nine digits",
	"imile waybill":                            "two or three letters and digits",
	"jne waybill":                              "three to six letters and digits",
	"kerry-express parcel":                     "three to five letters and digits",
	"loomis shipment":                          "three letters and digits",
	"professional-couriers consignment":        "three letters and six to nine digits",
	"sda shipment":                             "Poste Italiane's form",
	"shadowfax parcel":                         "SF, nine digits and letters: an S10 number, if its check digit happens to be right",
	"ttk-express waybill":                      "twelve digits, as of larger carriers at home",
	"ubi parcel":                               "four or five letters and digits",
	"yto older":                                "a letter and nine or ten digits",
}

// made is a number of the sequence; one that satisfies check, if there is one.
func made(s sequence, check func(string) bool, r *rand.Rand) (number string, ok bool) {
	text := make([]byte, len(s.classes))
	for range 2000 {
		for i, c := range s.classes {
			nth := r.IntN(bits.OnesCount64(uint64(c)))
			for symbol := 0; ; symbol++ {
				if c&(1<<symbol) == 0 {
					continue
				}
				if nth == 0 {
					text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-."[symbol]
					break
				}
				nth--
			}
		}
		if check == nil || check(string(text[s.from:s.to])) {
			return string(text), true
		}
	}
	return "", false
}

// damaged is number with another check digit, so that check fails.
func damaged(number string, s sequence, check func(string) bool) (string, bool) {
	for at := s.to - 1; at >= s.from; at-- {
		if number[at] > '9' || number[at] < '0' {
			continue
		}
		for d := byte('0'); d <= '9'; d++ {
			other := number[:at] + string(d) + number[at+1:]
			if !check(other[s.from:s.to]) {
				return other, true
			}
		}
	}
	return "", false
}

// eachFormat calls do with numbers of every format of every carrier.
func eachFormat(t *testing.T, do func(c *carrier.Carrier, f *carrier.Format, s sequence, check func(string) bool, number string)) {
	r := rand.New(rand.NewPCG(26, 11))
	_, all := shipped(t)
	for _, c := range all {
		for i := range c.Formats {
			f := &c.Formats[i]
			sequences, err := expand(f.Pattern)
			if err != nil {
				t.Fatalf("%s %s: %v", c.Code, f.Name, err)
			}
			check, err := carrier.Check(f.Check)
			if err != nil {
				t.Fatalf("%s %s: %v", c.Code, f.Name, err)
			}
			for range 15 {
				s := sequences[r.IntN(len(sequences))]
				if number, ok := made(s, check, r); ok && len(number) >= minLength {
					do(c, f, s, check, number)
				}
			}
		}
	}
}

func place(candidates []Candidate, code carrier.Code) int {
	return slices.IndexFunc(candidates, func(c Candidate) bool { return c.Carrier == code })
}

func has(c Candidate, code ReasonCode) bool {
	return slices.ContainsFunc(c.Reasons, func(r Reason) bool { return r.Code == code })
}

func TestValidNumbersPutTheirCarrierFirst(t *testing.T) {
	x, _ := shipped(t)
	eachFormat(t, func(c *carrier.Carrier, f *carrier.Format, s sequence, check func(string) bool, number string) {
		name := fmt.Sprintf("%s %s", c.Code, f.Name)
		plain := strings.Trim(number, "0123456789") == ""
		if plain && check == nil && bits.OnesCount64(uint64(s.classes[0])) > 1 {
			return // TestPlainDigits
		}
		n := x.Number(number, Hints{})
		at := place(n.Candidates, c.Code)
		switch {
		case at < 0:
			t.Errorf("%s: %s: not among the candidates %v", name, number, n.Candidates)
		case at == 0:
		case shared[name] != "":
		case plain && has(n.Candidates[0], CheckRight):
			// by chance another carrier's check digit holds too
		case prefix(x, number, n.Candidates[0]) >= prefix(x, number, n.Candidates[at])+0.5:
			// by chance it has another carrier's prefix
		default:
			t.Errorf("%s: %s: %s %s stands above it", name, number, n.Candidates[0].Carrier, n.Candidates[0].Format)
		}
	})
}

func TestPlainDigitsAreAmongTheFirstThreeOnceTheCountryIsGiven(t *testing.T) {
	x, _ := shipped(t)
	eachFormat(t, func(c *carrier.Carrier, f *carrier.Format, s sequence, check func(string) bool, number string) {
		if strings.Trim(number, "0123456789") != "" || check != nil || bits.OnesCount64(uint64(s.classes[0])) == 1 {
			return
		}
		if place(x.Number(number, Hints{}).Candidates, c.Code) < 0 {
			t.Errorf("%s %s: %s: not among the candidates", c.Code, f.Name, number)
		}
		before := 0
		for _, other := range x.Number(number, Hints{Country: c.Country}).Candidates {
			if other.Carrier == c.Code {
				break
			}
			// A check digit that holds or a prefix speaks for the other, by chance.
			if !has(other, CheckRight) && !has(other, ShapeRare) {
				before++
			}
		}
		if before > 2 && shared[fmt.Sprintf("%s %s", c.Code, f.Name)] == "" {
			t.Errorf("%s %s: %s: %d others with no more to say stand before it", c.Code, f.Name, number, before)
		}
	})
}

func TestHintsBringTheCarrierAmongTheFirstThree(t *testing.T) {
	x, _ := shipped(t)
	eachFormat(t, func(c *carrier.Carrier, f *carrier.Format, _ sequence, _ func(string) bool, number string) {
		hinted := map[ReasonCode]Hints{
			NamedByCaller: {Carriers: []carrier.Code{c.Code}},
			UsedByCaller:  {Used: []carrier.Code{c.Code}},
		}
		if name := host(c); name != "" {
			hinted[NamedByHost] = Hints{Host: "www." + name}
			hinted[NamedBySender] = Hints{Sender: "news@mail." + name}
		}
		for reason, h := range hinted {
			candidates := x.Number(number, h).Candidates
			switch at := place(candidates, c.Code); {
			case at >= 0 && at < 3 && has(candidates[at], reason):
			case at >= 3 && has(candidates[0], CheckRight) && prefix(x, number, candidates[0]) >= 2:
				// by chance it is another carrier's beyond doubt
			default:
				t.Errorf("%s %s: %s with the hint %s: place %d of %d", c.Code, f.Name, number, reason, at+1, len(candidates))
			}
		}
	})
}

func TestWrongCheckDigitsAreNeverCertain(t *testing.T) {
	x, _ := shipped(t)
	eachFormat(t, func(c *carrier.Carrier, f *carrier.Format, s sequence, check func(string) bool, number string) {
		if check == nil {
			return
		}
		wrong, ok := damaged(number, s, check)
		if !ok {
			t.Fatalf("%s %s: %s can't be damaged", c.Code, f.Name, number)
		}
		for _, h := range []Hints{{}, {Country: c.Country, Carriers: []carrier.Code{c.Code}, Words: c.Name("en"), Host: host(c)}} {
			for _, candidate := range x.Number(wrong, h).Candidates {
				failed := has(candidate, CheckWrong) || has(candidate, CheckDoubtful)
				if failed && candidate.Score >= Certain {
					t.Errorf("%s %s: %s with a wrong check digit: %s scores %.3f", c.Code, f.Name, wrong, candidate.Carrier, candidate.Score)
				}
			}
		}
	})
}

// prefix is how much of number the candidate's form demands.
func prefix(x *Index, number string, c Candidate) float64 {
	most := 0.0
	for _, m := range append(x.Match(nil, number), x.Match(nil, strings.NewReplacer("-", "", ".", "").Replace(number))...) {
		if m.Carrier != nil && m.Carrier.Code == c.Carrier && m.Format.Name == c.Format {
			fixed, _, _ := places(m.form.classes, number)
			most = max(most, fixed)
		}
	}
	return most
}

func host(c *carrier.Carrier) string {
	if len(c.Hints.Hosts) == 0 {
		return ""
	}
	return c.Hints.Hosts[0]
}

func TestEveryNumberOfAListIsFound(t *testing.T) {
	x, _ := shipped(t)
	var list []string
	eachFormat(t, func(_ *carrier.Carrier, _ *carrier.Format, _ sequence, _ func(string) bool, number string) {
		if hasDigit(number) {
			list = append(list, number)
		}
	})
	found := x.Text(strings.Join(list, "\n"), Hints{Max: len(list), Size: 1 << 20})
	spelled := map[string]bool{}
	for _, n := range found.Numbers {
		spelled[n.Typed] = true
	}
	for _, i := range found.Ignored {
		spelled[i.Text] = spelled[i.Text] || i.Why.Code == IsAgain
	}
	missing := 0
	for _, number := range list {
		if !spelled[strings.TrimRight(number, "-")] {
			if missing++; missing < 10 {
				t.Errorf("%s is not found", number)
			}
		}
	}
}

func TestScoresAddUpToOneAtMost(t *testing.T) {
	x, _ := shipped(t)
	eachFormat(t, func(_ *carrier.Carrier, _ *carrier.Format, _ sequence, _ func(string) bool, number string) {
		sum := 0.0
		for i, c := range x.Number(number, Hints{}).Candidates {
			sum += c.Score
			if c.Score < 0 || i > 0 && len(c.Reasons) == 0 {
				t.Errorf("%s: %s scores %v for %v", number, c.Carrier, c.Score, c.Reasons)
			}
		}
		if sum > 1.0001 {
			t.Errorf("%s: scores add up to %v", number, sum)
		}
	})
}
