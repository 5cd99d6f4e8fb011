package engine

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWords bounds a text of an answer, in characters.
const maxWords = 500

var tag = regexp.MustCompile(`<[a-zA-Z/!][^<>]{0,1000}>`)

// plain makes one line of plain text: valid UTF-8, entities decoded, tags and
// control characters gone, spaces folded, not too long.
func plain(text string) string {
	if len(text) > 16*maxWords {
		text = text[:16*maxWords]
	}
	if strings.IndexByte(text, '&') >= 0 {
		text = html.UnescapeString(text)
	}
	if strings.IndexByte(text, '<') >= 0 {
		text = tag.ReplaceAllString(text, " ")
	}
	if isPlain(text) {
		return text
	}
	var out strings.Builder
	space, length := false, 0
	for _, r := range text {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d':
			continue
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = length > 0
			continue
		}
		if space {
			out.WriteByte(' ')
			space = false
		}
		out.WriteRune(r)
		if length++; length == maxWords {
			break
		}
	}
	return out.String()
}

// isPlain reports whether a text is plain already, as most are.
func isPlain(text string) bool {
	if len(text) > maxWords || text == "" {
		return text == ""
	}
	last := byte(' ')
	for i := range len(text) {
		b := text[i]
		if b < ' ' || b > '~' || b == ' ' && last == ' ' {
			return false
		}
		last = b
	}
	return last != ' '
}
