package sim

import (
	"regexp"
	"strings"
)

// The check digits that carriers publish, each as "the last digit of number is
// the right one".

// gs1Holds: GS1 general specifications, mod 10 with weights 3 and 1.
func gs1Holds(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			digit *= 3
		}
		sum += digit
	}
	return sum%10 == 0
}

// s10Holds: UPU standard S10.
func s10Holds(number string) bool {
	if !s10.MatchString(number) {
		return false
	}
	sum := 0
	for i, weight := range [8]int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += weight * int(number[2+i]-'0')
	}
	check := 11 - sum%11
	switch check {
	case 10:
		check = 0
	case 11:
		check = 5
	}
	return int(number[10]-'0') == check
}

// mod7Holds: all digits but the last, mod 7.
func mod7Holds(number string) bool {
	rest := 0
	for _, digit := range number[:len(number)-1] {
		rest = (rest*10 + int(digit-'0')) % 7
	}
	return rest == int(number[len(number)-1]-'0')
}

// upsHolds is over what follows the prefix 1Z or a waybill's letter.
func upsHolds(tail string) bool { return upsCheck(tail[:len(tail)-1]) == tail[len(tail)-1] }

// upsCheck is the check digit of body.
func upsCheck(body string) byte {
	sum := 0
	for i := range len(body) {
		value := int(body[i] - '0')
		if body[i] >= 'A' {
			value = int(body[i]-63) % 10
		}
		if i%2 == 1 {
			value *= 2
		}
		sum += value
	}
	return byte('0' + (10-sum%10)%10)
}

// fedexHolds is over 12 digits.
func fedexHolds(number string) bool {
	sum := 0
	for i, weight := range [11]int{3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1} {
		sum += weight * int(number[i]-'0')
	}
	return sum%11%10 == int(number[11]-'0')
}

// ident49Holds: Deutsche Post's Identcode.
func ident49Holds(number string) bool {
	sum := 0
	for i, digit := range number[:len(number)-1] {
		sum += int(digit-'0') * [2]int{4, 9}[i%2]
	}
	return (10-sum%10)%10 == int(number[len(number)-1]-'0')
}

// A shape is a pattern that a whole number fits, and perhaps a check.
type shape struct {
	pattern *regexp.Regexp
	check   func(number string) bool // nil for none
}

func looks(pattern string, check func(string) bool) shape {
	return shape{regexp.MustCompile(`^(?:` + pattern + `)$`), check}
}

func (s shape) fits(number string) bool {
	return s.pattern.MatchString(number) && (s.check == nil || s.check(number))
}

// anyOf makes a test for well-formed numbers.
func anyOf(shapes ...shape) func(string) bool {
	return func(number string) bool {
		for _, s := range shapes {
			if s.fits(number) {
				return true
			}
		}
		return false
	}
}

// postal are the numbers of a post: those that it issues, and those of other
// posts whose parcel goes to its country.
func postal(countries ...string) shape {
	return shape{s10, func(number string) bool {
		if !s10Holds(number) {
			return false
		}
		own := strings.Join(countries, " ")
		_, to := profile{}.route(number)
		return strings.Contains(own, number[11:]) || strings.Contains(own, to)
	}}
}
