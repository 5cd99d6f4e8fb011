package gist

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"waypost/internal/status"
)

const (
	maxText = 600 // bytes of a text that are read
	maxGap  = 4   // words that "..." stands for at most
	number  = "#"
)

// A phrase is a rule: words that stand one after another.
type phrase struct {
	text  string // as the file spells it
	lang  string // BCP 47
	is    status.Sub
	parts []part
}

// A part is one word of a phrase, in one of several forms, or a gap.
type part struct {
	forms []form
	gap   bool
}

// A form is a word, or how it begins.
type form struct {
	text   string
	begins bool
}

// parsePhrase reads a phrase: words with spaces between; a/b is either; deliver*
// is a word that begins so; # is a number; ... stands for four words at most, or
// none. Chinese and Japanese are written without spaces.
func parsePhrase(text string) ([]part, error) {
	var parts []part
	for word := range strings.FieldsSeq(text) {
		if word == "..." {
			parts = append(parts, part{gap: true})
			continue
		}
		var p part
		for one := range strings.SplitSeq(word, "/") {
			if one == number {
				p.forms = append(p.forms, form{text: number})
				continue
			}
			stem, begins := strings.CutSuffix(one, "*")
			own := tokens(stem)
			if len(own) > 1 && !strings.Contains(word, "/") && !begins {
				for _, token := range own[:len(own)-1] {
					parts = append(parts, part{forms: []form{{text: token}}})
				}
				own = own[len(own)-1:]
			}
			if len(own) != 1 {
				return nil, fmt.Errorf("%q: %q is no word", text, one)
			}
			p.forms = append(p.forms, form{own[0], begins})
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 || parts[0].gap || parts[len(parts)-1].gap {
		return nil, fmt.Errorf("%q: a phrase begins and ends with a word", text)
	}
	return parts, nil
}

// matchAt returns which words of a text the phrase is made of when it begins at
// one of them, none when it doesn't.
func (p *phrase) matchAt(text []string, at int) []int { return matchParts(p.parts, text, at, nil) }

func matchParts(parts []part, text []string, at int, found []int) []int {
	for i, p := range parts {
		if p.gap {
			for skip := range maxGap + 1 {
				if all := matchParts(parts[i+1:], text, at+skip, found); all != nil {
					return all
				}
			}
			return nil
		}
		if at >= len(text) || !p.matches(text[at]) {
			return nil
		}
		found = append(slices.Clip(found), at)
		at++
	}
	return found
}

func (p part) matches(token string) bool {
	for _, f := range p.forms {
		if f.text == token || f.text == number && token[0] >= '0' && token[0] <= '9' || f.begins && strings.HasPrefix(token, f.text) {
			return true
		}
	}
	return false
}

// tokens are a text's words in small letters without accents, each Chinese or
// Japanese sign by itself, and its question marks.
func tokens(text string) []string {
	text = norm.NFKD.String(strings.ToValidUTF8(text[:min(len(text), maxText)], ""))
	var all []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			all = append(all, word.String())
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case alone(r):
			end()
			all = append(all, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word.WriteRune(cmp.Or(bare[r], unicode.ToLower(r)))
		default:
			end()
		}
	}
	end()
	return all
}

// bare are letters whose stroke is no accent by Unicode.
var bare = map[rune]rune{'ł': 'l', 'Ł': 'l', 'ø': 'o', 'Ø': 'o', 'đ': 'd', 'Đ': 'd', 'ı': 'i'}

// alone reports whether a sign is a token by itself.
func alone(r rune) bool {
	return r == '?' || r >= utf8.RuneSelf && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
