package watch

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold is text without what a search passes over: case, accents, full-width
// and other forms of the same letter.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	decomposed := norm.NFKD.String(cases.Fold().String(text))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, decomposed)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// compact is folded text without what people put between the parts of a number.
func compact(folded string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == '/' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, folded)
}
