package recognise

import (
	"slices"
	"testing"

	"waypost/internal/carrier"
)

// remembered is a memory of one tally, whatever the likeness.
type remembered map[carrier.Code]float64

func (r remembered) Tally(Likeness, string) Tally {
	t := Tally{By: r}
	for _, n := range r {
		t.All += n
	}
	return t
}

// twelveDigits are three carriers of twelve digits, two of them with a check digit.
func twelveDigits() *Index {
	return New([]*carrier.Carrier{
		{Code: "large", Names: map[string]string{"en": "Large"}, Prior: 0, Formats: []carrier.Format{{Name: "parcel", Pattern: `\d{12}`, Check: "gs1"}}},
		{Code: "middle", Names: map[string]string{"en": "Middle"}, Prior: -0.3, Formats: []carrier.Format{{Name: "parcel", Pattern: `\d{12}`}}},
		{Code: "small", Names: map[string]string{"en": "Small"}, Prior: -0.7, Formats: []carrier.Format{{Name: "parcel", Pattern: `\d{12}`, Check: "mod7"}}},
	})
}

func TestWhatWasFoundBeforeShiftsTheOrder(t *testing.T) {
	const (
		unchecked = "382174650914" // nobody's check digit is right
		ofLarge   = "382174650916" // GS1's is
	)
	for _, tc := range []struct {
		name   string
		number string
		memory remembered
		want   carrier.Code
	}{
		{"nothing", unchecked, nil, "middle"},
		{"too few to tell", ofLarge, remembered{"middle": 4}, "large"},
		{"few don't outweigh a check digit", ofLarge, remembered{"middle": 6}, "large"},
		{"many do", ofLarge, remembered{"middle": 208, "large": 4}, "middle"},
		{"others' numbers say nothing", ofLarge, remembered{"elsewhere": 10_000}, "large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := twelveDigits().Remembering(tc.memory).Number(tc.number, Hints{})
			if len(n.Candidates) != 3 || n.Candidates[0].Carrier != tc.want {
				t.Errorf("the order is %v, want %s first", codes(n.Candidates), tc.want)
			}
		})
	}
}

func TestACandidateWhoseCheckDigitFailsGainsNothing(t *testing.T) {
	const wrong = "382174650914" // for large and for small
	before := twelveDigits().Number(wrong, Hints{}).Candidates
	for _, tc := range []struct {
		name   string
		memory remembered
	}{
		{"its own were found", remembered{"small": 10_000}},
		{"others' were found", remembered{"middle": 200}},
		{"both were found", remembered{"middle": 200, "small": 10_000}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			after := twelveDigits().Remembering(tc.memory).Number(wrong, Hints{Used: []carrier.Code{"small"}}).Candidates
			if after[0].Carrier != "middle" {
				t.Errorf("the order is %v", codes(after))
			}
			if was, is := before[place(before, "small")].Score, after[place(after, "small")].Score; is > was {
				t.Errorf("it scores %.3f, %.3f by the number alone", is, was)
			}
		})
	}
}

func TestMemoryGivesItsReason(t *testing.T) {
	n := twelveDigits().Remembering(remembered{"middle": 207.6, "large": 4.4}).Number("382174650916", Hints{})
	said := func(c carrier.Code, want Reason) {
		t.Helper()
		reasons := n.Candidates[place(n.Candidates, c)].Reasons
		if !slices.ContainsFunc(reasons, func(r Reason) bool { return r.String() == want.String() }) {
			t.Errorf("the reasons for %s are %v, want %q", c, reasons, want)
		}
	}
	said("middle", Reason{FoundBefore, []string{"212", "208"}})
	said("middle", Reason{Above, []string{"large", "Large", string(byMemory)}})
	said("large", Reason{HardlyFound, []string{"212"}}) // four would be somebody's
}

func TestLikenessesKeepThreeCharacters(t *testing.T) {
	for number, want := range map[string][]Likeness{
		"382174650914":       {"############", "382#########"},
		"YT8172635490182":    {"@@#############", "YT8############"},
		"1Z4A7B2C0364182055": {"#@#@#@#@##########", "1Z4@#@#@##########"},
		"RR409172635GB":      {"@@#########GB", "RR4########GB"},
	} {
		if got := Likenesses(number); !slices.Equal(got, want) {
			t.Errorf("%s is like %v, want %v", number, got, want)
		}
	}
}

func TestTheCountryHasATallyOfItsOwn(t *testing.T) {
	memory := byCountryOnly{"DE": {"middle": 100}, "": {"large": 100}}
	x := twelveDigits().Remembering(memory)
	for country, want := range map[string]carrier.Code{"": "large", "FR": "large", "DE": "middle"} {
		if n := x.Number("382174650916", Hints{Country: country}); n.Candidates[0].Carrier != want {
			t.Errorf("in %q the order is %v, want %s first", country, codes(n.Candidates), want)
		}
	}
}

type byCountryOnly map[string]remembered

func (b byCountryOnly) Tally(l Likeness, country string) Tally { return b[country].Tally(l, "") }
