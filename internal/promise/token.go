package promise

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A token is a word, a number, one character of a script that is written without
// spaces, or a mark.
type token struct {
	text   string // lower case, without accents
	number int    // −1 of anything else
	digits int    // of a number
	word   bool   // a word, a character or a number
	space  bool   // there is one before it
	ends   bool   // a sentence
}

// tokenize takes a line apart.
func tokenize(line string) []token {
	var all []token
	space := false
	var b strings.Builder
	kind := 0 // of what is in b: letters or digits
	end := func() {
		if b.Len() > 0 {
			all = append(all, newToken(b.String(), kind, space))
			b.Reset()
			space = false
		}
		kind = 0
	}
	for _, c := range fold(line) {
		is := kindOf(c)
		if is == spaces {
			end()
			space = true
			continue
		}
		if is != kind || is == characters || is == marks {
			end()
		}
		kind = is
		b.WriteRune(c)
	}
	end()
	return all
}

const (
	letters = iota + 1
	digits
	characters
	marks
	spaces
)

func kindOf(c rune) int {
	switch {
	case unicode.IsSpace(c) || unicode.Is(unicode.Cf, c):
		return spaces
	case c >= '0' && c <= '9':
		return digits
	case c == '\'' || c == '’':
		return letters
	case c >= 0x2E80 && unicode.IsLetter(c):
		return characters
	case unicode.IsLetter(c), unicode.IsMark(c):
		return letters
	}
	return marks
}

func newToken(text string, kind int, space bool) token {
	t := token{text: text, number: -1, word: kind != marks, space: space}
	if kind == digits {
		t.digits = len(text)
		if n, err := strconv.Atoi(text); err == nil {
			t.number = n
		}
	}
	return t
}

// fold is text in lower case and full-width forms as usual ones, without accents.
func fold(text string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(strings.ToLower(text)) {
		if unicode.Is(unicode.Mn, c) && c < 0x3000 {
			continue
		}
		if c >= 0x2010 && c <= 0x2015 || c == 0x2212 {
			c = '-'
		}
		b.WriteRune(c)
	}
	return norm.NFC.String(b.String())
}

// containsToken reports whether text is one of a list: of words with spaces
// between, or of single characters.
func containsToken(list, text string) bool {
	if text == "" {
		return false
	}
	if strings.Contains(list, " ") {
		return slices.Contains(strings.Fields(list), text)
	}
	return strings.Contains(list, text)
}
