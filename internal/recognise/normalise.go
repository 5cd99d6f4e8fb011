package recognise

import (
	"strings"
	"unicode"
)

// plainRune maps a character to the one it stands for: full-width forms and
// other scripts' digits to ASCII, exotic spaces to a space and exotic hyphens
// to a hyphen. It reports false for characters that are not to be seen:
// zero-width ones, marks of direction, soft hyphens, byte order marks.
func plainRune(r rune) (rune, bool) {
	switch {
	case r < 0x80:
		return r, true
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFF01 + '!', true
	case r >= 0x660 && r <= 0x669: // Arabic-Indic
		return r - 0x660 + '0', true
	case r >= 0x6F0 && r <= 0x6F9: // extended Arabic-Indic
		return r - 0x6F0 + '0', true
	case r == 0xAD || unicode.Is(unicode.Cf, r):
		return 0, false
	case r == 0x2028 || r == 0x2029 || r == 0x85:
		return '\n', true
	case unicode.IsSpace(r):
		return ' ', true
	case r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == 0xFE63:
		return '-', true
	}
	return r, true
}

// plain maps every character of text with plainRune.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if p, ok := plainRune(r); ok {
			return p
		}
		return -1
	}, text)
}

// normal is a number as carriers' patterns are written for: upper case, without
// separators. It reports false if text holds anything else.
func normal(text string) (string, bool) {
	number := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z':
			number = append(number, c-'a'+'A')
		case symbolOf[c] < 36:
			number = append(number, c)
		case !isSeparator(c):
			return string(number), false
		}
	}
	return string(number), true
}

// isSeparator reports whether people write c inside a number.
func isSeparator(c byte) bool {
	switch c {
	case ' ', '-', '.', '/', '_':
		return true
	}
	return false
}

func hasDigit(text string) bool { return strings.ContainsAny(text, "0123456789") }

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
