package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is a run of letters in a text, with the hyphens and apostrophes inside.
type word struct {
	span
	text  string
	roles role
}

// nextWord is the first word of a text at or behind a place.
func nextWord(text string, at int) (word, bool) {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsLetter(r) {
			break
		}
		at += size
	}
	if at == len(text) {
		return word{}, false
	}
	end := at
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		joins := r == '-' || r == '\'' || r == '’' || r == '`' || r == '´' || r == '‐'
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !joins {
			break
		}
		end += size
	}
	own := strings.TrimRight(text[at:end], "-'’`´‐")
	w := word{span{at, at + len(own)}, own, roles[strings.ToLower(own)]}
	if _, behind, elided := strings.Cut(strings.ReplaceAll(own, "’", "'"), "'"); elided && w.roles == 0 {
		w.roles = roles[strings.ToLower(behind)] // l'expéditeur
	}
	if w.initial() && own != "A" && own != "À" && own != "U" {
		w.roles = 0
	}
	return w, true
}

func (w word) is(r role) bool { return w.roles&r != 0 }

// capital reports whether a word begins with a capital letter: Mara, d'Arc, O'Neil.
func (w word) capital() bool {
	for _, part := range strings.FieldsFunc(w.text, func(r rune) bool { return r == '\'' || r == '’' || r == '-' }) {
		if r, _ := utf8.DecodeRuneInString(part); unicode.IsUpper(r) || unicode.IsTitle(r) {
			return true
		}
	}
	return false
}

// known reports whether a word is one that carriers use.
func (w word) known() bool {
	lower := strings.ToLower(w.text)
	if w.is(vocabulary) || stemmed(lower) {
		return true
	}
	first, behind, compound := strings.Cut(lower, "-")
	return compound && (roles[first]|roles[behind])&facility != 0
}

// initial reports whether a word is one letter of a first name.
func (w word) initial() bool { return utf8.RuneCountInString(w.text) == 1 && w.capital() }

// allCapitals reports whether a text is written in capitals, where they say nothing.
func allCapitals(text string) bool {
	return strings.ToUpper(text) == text
}
