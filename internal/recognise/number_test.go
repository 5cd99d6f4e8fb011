package recognise

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"waypost/internal/carrier"
)

func TestNumberNamesTheProblem(t *testing.T) {
	x, _ := shipped(t)
	for _, tc := range []struct {
		name, text string
		problem    Problem
		closest    string
	}{
		{"a right number", "RR409172635GB", NoProblem, ""},
		{"a wrong check digit that no slip explains", "RR777777774GB", CheckDigit, ""},
		{"O for 0", "RR4O9172635GB", UnknownFormat, "RR409172635GB"},
		{"I for 1", "RR409I72635GB", UnknownFormat, "RR409172635GB"},
		{"S for 5", "RR40917263SGB", UnknownFormat, "RR409172635GB"},
		{"B for 8", "9405510B98765432101231", UnknownFormat, "9405510898765432101231"},
		{"Z for 2", "9405510898765432101Z31", UnknownFormat, "9405510898765432101231"},
		{"0 for O in a country", "CP081524371R0", UnknownFormat, "CP081524371RO"},
		{"O for 0 where letters may stand", "1Z4A7B2CO364182055", CheckDigit, "1Z4A7B2C0364182055"},
		{"neighbours swapped", "RR409172653GB", CheckDigit, "RR409172635GB"},
		{"neighbours swapped in a long number", "9405510898765432101213", CheckDigit, "9405510898765432101231"},
		{"a post that is in no file", "RR409172635KY", NoProblem, ""},
		{"a post that is in no file, wrong check digit", "RR409172653KY", CheckDigit, "RR409172635KY"},
		{"plain digits that others may have", "382174650911", NoProblem, ""},
		{"one character missing", "1Z4A7B2C036418205", TooShort, ""},
		{"a digit missing inside", "RR40917263GB", TooShort, ""},
		{"one character too many", "1Z4A7B2C03641820555", TooLong, ""},
		{"four characters", "1234", TooShort, ""},
		{"sixty characters", strings.Repeat("123456", 10), TooLong, ""},
		{"letters and digits of nobody", "Q7Q7Q7Q7Q7Q7Q7Q7Q", UnknownFormat, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := x.Number(tc.text, Hints{})
			if n.Problem != tc.problem || n.Closest != tc.closest {
				t.Errorf("%s: problem %q, closest %q; want %q, %q (%v)", tc.text, n.Problem, n.Closest, tc.problem, tc.closest, n.Candidates)
			}
		})
	}
}

func TestPostalNumbersSayWhatTheyAre(t *testing.T) {
	x, _ := shipped(t)
	for number, want := range map[string]string{
		"RR409172635GB": "an international postal number of United Kingdom: registered letter post",
		"EE918273640JP": "an international postal number of Japan: EMS",
		"CP081524371DE": "an international postal number of Germany: parcel post",
		"LX409172635KY": "an international postal number of Cayman Islands: tracked letter post",
		"UA409172635AN": "an international postal number of Netherlands Antilles: letter post with customs declaration, usually not tracked to delivery",
		"TT409172635KY": "an international postal number of Cayman Islands: service TT",
		"RR409172635QQ": "it is made like an international postal number, but no country has the code QQ",
	} {
		n := x.Number(number, Hints{})
		if len(n.Reasons) == 0 || n.Reasons[0].String() != want {
			t.Errorf("%s says %v, want %q", number, n.Reasons, want)
		}
	}
	n := x.Number("LX409172635KY", Hints{})
	if !slices.ContainsFunc(n.Reasons, func(r Reason) bool { return r.Code == NotInFiles }) {
		t.Errorf("a number of the Cayman Islands says %v, want that no file describes its post", n.Reasons)
	}
	if len(n.Candidates) > 0 && n.Candidates[0].Score > 0.5 {
		t.Errorf("a number of the Cayman Islands is taken for %v", n.Candidates[0])
	}
}

func TestCandidatesSayWhyAndWhatTheyNeed(t *testing.T) {
	x, _ := shipped(t)
	best := func(text string, h Hints) Candidate {
		t.Helper()
		n := x.Number(text, h)
		if len(n.Candidates) == 0 {
			t.Fatalf("%s has no candidate", text)
		}
		return n.Candidates[0]
	}

	ups := best("1Z4A7B2C0364182055", Hints{})
	if ups.Carrier != "ups" || ups.Score < Certain || ups.Service != "Ground" || !has(ups, CheckRight) || !has(ups, KnownService) {
		t.Errorf("1Z…: %+v", ups)
	}
	routed := best("420902109405510898765432101231", Hints{})
	if routed.Carrier != "usps" || routed.Number != "9405510898765432101231" {
		t.Errorf("420…: %+v, want USPS asked with the last 22 digits", routed)
	}
	postnl := best("3SKABC102938475", Hints{})
	if postnl.Carrier != "postnl" || !slices.Contains(postnl.Needs, carrier.PostalCode) {
		t.Errorf("3S…: %+v, want PostNL, which needs the postal code", postnl)
	}
	fedex := best("382174650910", Hints{})
	if fedex.Carrier != "fedex" || fedex.Score >= Certain {
		t.Errorf("twelve digits: %+v, want FedEx, not certain", fedex)
	}
	last := fedex.Reasons[len(fedex.Reasons)-1]
	if last.Code != Above || !strings.HasSuffix(last.String(), ": the check digit decides") {
		t.Errorf("twelve digits: the first stands above the second because %q, want because of the check digit", last)
	}
}

func TestHintsMoveCandidates(t *testing.T) {
	x, _ := shipped(t)
	const digits = "281937465014" // Yamato's check digit holds, and Sagawa's, and Japan Post's
	for _, tc := range []struct {
		name   string
		number string
		hints  Hints
		want   carrier.Code
		reason ReasonCode
	}{
		{"the country", "46025813", Hints{Country: "FR"}, "mondial-relay", SameCountry},
		{"the country in another spelling", "4029381746501928", Hints{Country: "uk"}, "evri", SameCountry},
		{"a word", digits, Hints{Words: "佐川急便"}, "sagawa", NamedByWord},
		{"a word in a sentence", digits, Hints{Words: "sent with Sagawa, number"}, "sagawa", NamedByWord},
		{"a host", digits, Hints{Host: "k2k.sagawa-exp.co.jp"}, "sagawa", NamedByHost},
		{"a host, though no form of its carrier fits", "1Z4A7B2C0364182055", Hints{Host: "www.usps.com"}, "usps", NamedByHost},
		{"the sender of a mail", digits, Hints{Sender: "no-reply@mail.sagawa-exp.co.jp"}, "sagawa", NamedBySender},
		{"the host of a sender", digits, Hints{Sender: "sagawa-exp.co.jp"}, "sagawa", NamedBySender},
		{"the carriers in use", digits, Hints{Used: []carrier.Code{"dhl-express", "japan-post"}}, "japan-post", UsedByCaller},
		{"the caller", digits, Hints{Carriers: []carrier.Code{"japan-post"}}, "japan-post", NamedByCaller},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := x.Number(tc.number, tc.hints)
			if len(n.Candidates) == 0 || n.Candidates[0].Carrier != tc.want || !has(n.Candidates[0], tc.reason) {
				t.Errorf("%s: first %+v, want %s because of %s", tc.number, n.Candidates, tc.want, tc.reason)
			}
		})
	}
}

func TestTheLongerWordNamesTheCarrier(t *testing.T) {
	x, _ := shipped(t)
	n := x.Number("4829103753", Hints{Words: "DHL Freight:"})
	for _, c := range n.Candidates {
		if named := has(c, NamedByWord); named != (c.Carrier == "dhl-freight") {
			t.Errorf("%s is named: %v", c.Carrier, named)
		}
	}
}

func TestObservedFormsAddAndNeverExclude(t *testing.T) {
	post := &carrier.Carrier{Code: "post", Names: map[string]string{"en": "Post"}, Prior: -0.7, Formats: []carrier.Format{
		{Name: "parcel", Pattern: `PX\d{10}`, Check: "none", Trust: carrier.Published},
	}}
	rival := &carrier.Carrier{Code: "rival", Names: map[string]string{"en": "Rival"}, Formats: []carrier.Format{
		{Name: "seen", Pattern: `[A-Z]{2}\d{10}`, Check: "gs1?", Trust: carrier.Observed},
	}}
	alone := New([]*carrier.Carrier{post}).Number("PX4718290365", Hints{})
	both := New([]*carrier.Carrier{post, rival}).Number("PX4718290365", Hints{})
	if len(alone.Candidates) != 1 || len(both.Candidates) != 2 || both.Candidates[0].Carrier != "post" {
		t.Errorf("alone %v, with a rival %v", alone.Candidates, both.Candidates)
	}
	if !has(both.Candidates[1], OnlyObserved) || !has(both.Candidates[1], CheckDoubtful) {
		t.Errorf("the rival's reasons are %v", both.Candidates[1].Reasons)
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	for _, code := range ReasonCodes() {
		r := Reason{code, []string{"a", "b", "c"}}
		if text := r.String(); text == "" || strings.Contains(text, "%!") && !strings.Contains(text, "EXTRA") {
			t.Errorf("%s says %q", code, text)
		}
	}
	for b := range decisions {
		if text := (Reason{Above, []string{"x", "X", string(b)}}).String(); !strings.Contains(text, decisions[b]) {
			t.Errorf("%s says %q", b, text)
		}
	}
}

func TestWrongCheckDigitOfATellingFormIsNamed(t *testing.T) {
	x, _ := shipped(t)
	for number, want := range map[string]Problem{
		"C10987654321013": CheckDigit, // OnTrac's, also fourteen digits behind any letter
		"C10987654321012": NoProblem,
		"77778716177":     NoProblem, // eleven plain digits are anybody's
	} {
		if n := x.Number(number, Hints{}); n.Problem != want {
			t.Errorf("%s: problem %q, want %q", number, n.Problem, want)
		}
	}
}

func TestABareNumberIsReadAsALineOfItIs(t *testing.T) {
	x, carriers := shipped(t)
	hints := []Hints{{}, {Country: "DE"}, {Words: "with UPS"}, {Host: "dhl.de", Sender: "no-reply@gls-group.eu", Carriers: []carrier.Code{"ups"}}}
	for i, number := range mix(carriers) {
		h := hints[i%len(hints)]
		bare := x.Number(number, h)
		line := x.Number(" "+number, h)
		line.Typed = number
		if !reflect.DeepEqual(bare, line) {
			t.Errorf("%s with %+v:\n%+v\nas a line\n%+v", number, h, bare, line)
		}
	}
}
