package engine

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWords = 500          // bounds a text of a report, in characters
	maxRead  = 4 * maxWords // bounds what is read of a text, so that nothing private is cut in half before it is seen
)

var tag = regexp.MustCompile(`<[a-zA-Z/!][^<>]{0,1000}>`)

// plain makes one line of plain text: valid UTF-8, entities decoded, tags and
// control characters gone, spaces folded, not too long.
func plain(text string) string {
	whole := len(text) <= 4*maxRead
	if !whole {
		text = text[:4*maxRead]
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
		if length++; length == maxRead {
			whole = false
			break
		}
	}
	if whole {
		return out.String()
	}
	return untorn(out.String())
}

// untorn is a text that was cut somewhere without the clause or word that the
// cut went through.
func untorn(text string) string {
	if end := strings.LastIndexAny(text, ",;:.。，；："); end > 0 {
		return text[:end]
	}
	return text[:max(strings.LastIndexByte(text, ' '), 0)]
}

// clip bounds a text that holds nothing private any more.
func clip(text string) string {
	if len(text) <= maxWords {
		return text
	}
	length := 0
	for i := range text {
		if length == maxWords {
			return strings.TrimRight(text[:i], " ")
		}
		length++
	}
	return text
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
