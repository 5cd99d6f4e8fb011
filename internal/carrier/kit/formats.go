package kit

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"waypost/internal/carrier"
)

// FormatsOf proposes the formats of which numbers are examples: letters as they
// are and as many digits, one format a form.
func FormatsOf(numbers []string) []carrier.Format {
	var formats []carrier.Format
	for _, number := range numbers {
		number = strings.ToUpper(number)
		pattern := patternOf(number)
		i := slices.IndexFunc(formats, func(f carrier.Format) bool { return f.Pattern == pattern })
		if i < 0 {
			formats = append(formats, carrier.Format{Name: fmt.Sprintf("form-%d", len(formats)+1), Pattern: pattern, Check: "none", Trust: carrier.Observed})
			i = len(formats) - 1
		}
		formats[i].Good = append(formats[i].Good, number)
	}
	for i, f := range formats {
		if s10, err := carrier.Check("s10"); err == nil && len(f.Good[0]) == 13 && all(f.Good, s10) {
			formats[i].Check, formats[i].Trust = "s10", carrier.Standard
			continue
		}
		formats[i].Bad = []string{f.Good[0][:len(f.Good[0])-1]} // one character is missing
	}
	return formats
}

// patternOf spells a number's form: HILL482910375 is HILL\d{9}.
func patternOf(number string) string {
	var out strings.Builder
	digits := 0
	flush := func() {
		if digits > 0 {
			fmt.Fprintf(&out, `\d{%d}`, digits)
		}
		digits = 0
	}
	for _, r := range number {
		if unicode.IsDigit(r) {
			digits++
			continue
		}
		flush()
		out.WriteRune(r)
	}
	flush()
	return out.String()
}
