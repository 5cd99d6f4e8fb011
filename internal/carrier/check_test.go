package carrier

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		rule  string
		right []string // each is wrong with its last digit replaced
	}{
		{"gs1", []string{"9405510898765432101231", "04123456789018", "00340434123456789012", "2014567389123456"}},
		{"gs1:+92", []string{"61299998765432109870"}},
		{"gs1|gs1:+91", []string{"70182090000123456789"}},
		{"ups", []string{"1Z4A7B2C0364182055", "1Z88R0X30319772400", "H2048173653"}},
		{"fedex12", []string{"382174650910"}},
		{"fedex14", []string{"00382174650910", "10000000000000090210" + "00382174650910"}},
		{"mod7", []string{"4829103753", "73819204653", "281937465014"}},
		{"mod7?", []string{"4829103753"}},
		{"mod37_36", []string{"01475829361045Z", "008175001475829361045101276J"}},
		{"luhn", []string{"330219573848", "77783014564"}},
		{"ident49", []string{"291405378122"}},
		{"ontrac", []string{"C10987654321012", "D10987654321011"}},
	} {
		check, err := Check(tc.rule)
		if err != nil {
			t.Errorf("Check(%q): %v", tc.rule, err)
			continue
		}
		for _, number := range tc.right {
			if !check(number) {
				t.Errorf("%s: %s is taken for wrong", tc.rule, number)
			}
			last := len(number) - 1
			other := string('0' + (number[last]-'0'+3)%10)
			if number[last] > '9' {
				other = "0"
			}
			if strings.Contains(tc.rule, "|") {
				continue // another rule may hold
			}
			if wrong := number[:last] + other; check(wrong) {
				t.Errorf("%s: %s is taken for right", tc.rule, wrong)
			}
		}
	}

	s10, _ := Check("s10")
	for number, want := range map[string]bool{
		"CP081524371DE": true, "EE918273640JP": true, "RR409172635GB": true,
		"CP081524372DE": false, "EE918273641JP": false, "RR409172630GB": false, "RR4O9172635GB": false,
	} {
		if got := s10(number); got != want {
			t.Errorf("s10: %s: got %v, want %v", number, got, want)
		}
	}
}

func TestCheckHoldsUnderAnyText(t *testing.T) {
	for _, rule := range append(checkNames(), "gs1", "gs1:+91", "gs1|luhn") {
		check, err := Check(rule)
		if err != nil {
			t.Fatalf("Check(%q): %v", rule, err)
		}
		for _, text := range []string{"", "1", "-", "1Z", "1Z-------------------", "ÄÖÜ123456789", "A1234567B9", strings.Repeat("7", 60)} {
			check(text)
		}
	}
}

func TestCheckRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, rule := range []string{"mod11", "gs1:92", "gs1:+9A", "luhn:+1", "none|gs1", "gs1|"} {
		if _, err := Check(rule); err == nil {
			t.Errorf("Check(%q) is accepted", rule)
		}
	}
	if check, err := Check("none"); check != nil || err != nil {
		t.Errorf("Check(none) gives a rule or an error: %v", err)
	}
}
