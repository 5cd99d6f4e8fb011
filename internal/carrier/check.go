package carrier

import (
	"fmt"
	"slices"
	"strings"
)

// Check compiles a rule as Format.Check spells it. The result reports whether a
// number's check digit holds, allocates nothing, and says no to text that the
// rule can't be computed over. It is nil where there is no rule: "" or "none".
func Check(rule string) (func(number string) bool, error) {
	var any []func(string) bool
	for one := range strings.SplitSeq(rule, "|") {
		name, front, _ := strings.Cut(strings.TrimSuffix(one, "?"), ":+")
		switch check, known := checks[name]; {
		case name == "" || name == "none":
			if rule != one || front != "" {
				return nil, fmt.Errorf("check %q: none stands alone", rule)
			}
			return nil, nil
		case name == "gs1" && isDigits(front):
			any = append(any, func(number string) bool { return gs1(front, number) })
		case !known:
			return nil, fmt.Errorf("check %q: no such rule; there are gs1, %s", rule, strings.Join(checkNames(), ", "))
		case front != "" || strings.Contains(one, ":"):
			return nil, fmt.Errorf("check %q: only gs1 takes digits in front (gs1:+92)", rule)
		default:
			any = append(any, check)
		}
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return func(number string) bool {
		return slices.ContainsFunc(any, func(check func(string) bool) bool { return check(number) })
	}, nil
}

// checks are the rules that take a number as it stands.
var checks = map[string]func(string) bool{
	"s10": s10, "ups": ups, "fedex12": fedex12, "fedex14": fedex14, "mod7": mod7,
	"mod37_36": mod37x36, "luhn": luhn, "ident49": ident49, "ontrac": ontrac,
}

func checkNames() []string {
	names := make([]string, 0, len(checks))
	for n := range checks {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// s10 is the check digit of UPU S10: two letters, eight digits, the check digit.
func s10(number string) bool {
	weights := [8]int{8, 6, 4, 2, 3, 5, 9, 7}
	if len(number) < 11 || !isDigits(number[2:11]) {
		return false
	}
	sum := 0
	for i, w := range weights {
		sum += w * digit(number[2+i])
	}
	c := 11 - sum%11
	switch c {
	case 10:
		c = 0
	case 11:
		c = 5
	}
	return c == digit(number[10])
}

// gs1 is GS1's modulo 10 (General Specifications, 7.9) over front and number.
func gs1(front, number string) bool {
	if len(number) < 2 || !isDigits(number) {
		return false
	}
	sum, weight := 0, 3
	for i := len(number) - 2; i >= 0; i-- {
		sum += weight * digit(number[i])
		weight = 4 - weight
	}
	for i := len(front) - 1; i >= 0; i-- {
		sum += weight * digit(front[i])
		weight = 4 - weight
	}
	return (10-sum%10)%10 == digit(number[len(number)-1])
}

// ups is the rule of 1Z numbers, and of waybills: a letter that doesn't count
// and ten digits.
func ups(number string) bool {
	switch {
	case len(number) == 18 && number[:2] == "1Z":
		return upsSum(number[2:17]) == digit(number[17])
	case len(number) == 11 && isDigits(number[1:]):
		return upsSum(number[1:10]) == digit(number[10])
	}
	return false
}

// upsSum is the check digit of body, -1 if body holds anything but digits and
// capital letters.
func upsSum(body string) int {
	sum := 0
	for i := range len(body) {
		var v int
		switch c := body[i]; {
		case c >= '0' && c <= '9':
			v = digit(c)
		case c >= 'A' && c <= 'Z':
			v = int(c-63) % 10
		default:
			return -1
		}
		sum += v * (1 + i%2)
	}
	return (10 - sum%10) % 10
}

// ontrac is ups over 14 digits of which the first is written as a letter: C is
// 4, D is 5.
func ontrac(number string) bool {
	if len(number) != 15 || number[0] < 'C' || number[0] > 'D' || !isDigits(number[1:]) {
		return false
	}
	sum := 4 + int(number[0]-'C')
	for i := range 13 {
		sum += digit(number[1+i]) * (2 - i%2)
	}
	return (10-sum%10)%10 == digit(number[14])
}

func fedex12(number string) bool {
	return len(number) == 12 && fedex(number)
}

// fedex14 checks the last fourteen digits, so that it can stand for the whole
// barcode of 34.
func fedex14(number string) bool {
	return len(number) >= 14 && fedex(number[len(number)-14:])
}

// fedex weighs from the right of the body 1, 3, 7, and again.
func fedex(number string) bool {
	if !isDigits(number) {
		return false
	}
	weights, sum, body := [3]int{1, 3, 7}, 0, len(number)-1
	for i := range body {
		sum += weights[(body-1-i)%3] * digit(number[i])
	}
	return sum%11%10 == digit(number[body])
}

func mod7(number string) bool {
	if len(number) < 2 || !isDigits(number) {
		return false
	}
	rest, body := 0, len(number)-1
	for i := range body {
		rest = (rest*10 + digit(number[i])) % 7
	}
	return rest == digit(number[body])
}

// mod37x36 is ISO/IEC 7064 MOD 37,36.
func mod37x36(number string) bool {
	if len(number) < 2 {
		return false
	}
	p := 36
	for i := range len(number) - 1 {
		v := alnum(number[i])
		if v < 0 {
			return false
		}
		s := p + v
		if s > 36 {
			s -= 36
		}
		p = 2 * s
		if p > 36 {
			p -= 37
		}
	}
	return (37-p)%36 == alnum(number[len(number)-1])
}

// alnum is the value of 0–9, A–Z; -1 for anything else.
func alnum(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return digit(c)
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return -1
}

func luhn(number string) bool {
	if len(number) < 2 || !isDigits(number) {
		return false
	}
	sum, double := 0, true
	for i := len(number) - 2; i >= 0; i-- {
		v := digit(number[i])
		if double {
			v = v*2/10 + v*2%10
		}
		sum += v
		double = !double
	}
	return (10-sum%10)%10 == digit(number[len(number)-1])
}

// ident49 is the rule of Deutsche Post's Identcode and Leitcode.
func ident49(number string) bool {
	if len(number) < 2 || !isDigits(number) {
		return false
	}
	sum, body := 0, len(number)-1
	for i := range body {
		sum += digit(number[i]) * (4 + i%2*5)
	}
	return (10-sum%10)%10 == digit(number[body])
}

func digit(c byte) int { return int(c - '0') }

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
