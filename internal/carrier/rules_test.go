package carrier

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// weighted sums body's digits from the left, with weights in turn.
func weighted(body string, weights ...int) int {
	sum := 0
	for i := range len(body) {
		sum += int(body[i]-'0') * weights[i%len(weights)]
	}
	return sum
}

// fromRight sums body's digits with weights in turn from the right.
func fromRight(body string, weights ...int) int {
	var reversed strings.Builder
	for i := len(body) - 1; i >= 0; i-- {
		reversed.WriteByte(body[i])
	}
	return weighted(reversed.String(), weights...)
}

func tens(sum int) int { return (10 - sum%10) % 10 }

// secondRules are the rules once more, written from their descriptions and not
// from check.go: the check digit that belongs behind a body of digits.
var secondRules = map[string]struct {
	before, after string
	body          int
	digit         func(body string) int
}{
	"gs1":     {body: 21, digit: func(b string) int { return tens(fromRight(b, 3, 1)) }},
	"gs1:+92": {body: 19, digit: func(b string) int { return tens(fromRight("92"+b, 3, 1)) }},
	"gs1:+91": {body: 19, digit: func(b string) int { return tens(fromRight("91"+b, 3, 1)) }},
	"mod7":    {body: 9, digit: func(b string) int { return int(number(b) % 7) }},
	"ident49": {body: 11, digit: func(b string) int { return tens(weighted(b, 4, 9)) }},
	"fedex12": {body: 11, digit: func(b string) int { return weighted(b, 3, 1, 7) % 11 % 10 }},
	"fedex14": {body: 13, digit: func(b string) int { return weighted(b, 1, 7, 3) % 11 % 10 }},
	"ups":     {before: "1Z", body: 15, digit: func(b string) int { return tens(weighted(b, 1, 2)) }},
	"ontrac":  {before: "C", body: 13, digit: func(b string) int { return tens(weighted("4"+b, 1, 2)) }},
	"s10": {before: "RR", after: "DE", body: 8, digit: func(b string) int {
		switch c := 11 - weighted(b, 8, 6, 4, 2, 3, 5, 9, 7)%11; c {
		case 10:
			return 0
		case 11:
			return 5
		default:
			return c
		}
	}},
	"luhn": {body: 11, digit: func(b string) int {
		sum := 0
		for i := range len(b) {
			d := int(b[len(b)-1-i] - '0')
			if i%2 == 0 {
				d = []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}[d]
			}
			sum += d
		}
		return tens(sum)
	}},
}

func number(digits string) (n int64) {
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

// TestOneDigitOfTenIsRight holds every rule against the second one.
func TestOneDigitOfTenIsRight(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 36))
	for name, rule := range secondRules {
		check, err := Check(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 300 {
			var body strings.Builder
			for range rule.body {
				body.WriteByte(byte('0' + r.IntN(10)))
			}
			for d := range 10 {
				text := rule.before + body.String() + string(rune('0'+d)) + rule.after
				if right := d == rule.digit(body.String()); check(text) != right {
					t.Fatalf("%s: %s: right is %v", name, text, right)
				}
			}
		}
	}
}

// TestISO7064 holds MOD 37,36 against the standard's recursion.
func TestISO7064(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	check, _ := Check("mod37_36")
	r := rand.New(rand.NewPCG(7, 64))
	for range 300 {
		product := 36
		var body strings.Builder
		for range 14 {
			v := r.IntN(10)
			body.WriteByte(alphabet[v])
			sum := (product + v) % 36
			if sum == 0 {
				sum = 36
			}
			product = 2 * sum % 37
		}
		for v := range 36 {
			if right := (product+v)%36 == 1; check(body.String()+alphabet[v:v+1]) != right {
				t.Fatalf("%s%c: right is %v", body.String(), alphabet[v], right)
			}
		}
	}
}
