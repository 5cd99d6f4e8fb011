package engine

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scrub cuts what is about people out of a carrier's text: what the file hides,
// then addresses of mail, codes of doors, streets with house numbers, telephone
// numbers, and the names of those who sent, brought or took the parcel. It
// knows words and forms, not people, so where a text has shown to hold
// something private, whatever stands beside it must look harmless to stay.
func (p *Program) scrub(text string) string {
	var cuts []span
	for _, h := range p.hide {
		for _, at := range h.FindAllStringIndex(text, -1) {
			cuts = append(cuts, span{at[0], at[1]})
		}
	}
	cuts = private(cuts, text)
	if len(cuts) == 0 {
		return text
	}
	return tidy(harmless(text, merged(cuts)))
}

// said is a text of an answer as a report may hold it.
func (p *Program) said(text string) string {
	return clip(p.scrub(plain(text)))
}

// brief is what stands for a code, a region or a postal code: they are short,
// and a carrier may have put anything there.
func (p *Program) brief(text string) string {
	text = plain(text)
	if strings.ContainsAny(text, " @+#") || len(text) > maxBrief {
		text = p.scrub(text)
	}
	return short(text)
}

// short cuts a text to maxBrief.
func short(text string) string {
	if len(text) > maxBrief {
		return strings.ToValidUTF8(text[:maxBrief], "")
	}
	return text
}

const maxBrief = 80 // bytes

// Private reports whether a text holds something about people, as far as its
// words and forms tell.
func Private(text string) bool { return len(private(nil, plain(text))) > 0 }

// A span is a part of a text.
type span struct{ start, end int }

// private adds the parts of a text that are about people, by the classifier that
// all sources share. Most texts hold nothing of the kind; a look at their words
// tells that before any expression runs.
func private(cuts []span, text string) []span {
	seen := look(text)
	for _, f := range []struct {
		needed bool
		shape  shape
	}{
		{seen.at, mail},
		{seen.digits > 0 && seen.roles&codeWord != 0, code},
		{seen.digits > 0 && seen.eastern, easternCode},
		{seen.digits > 0 && strings.ContainsAny(text, "#*"), keypad},
		{seen.digits > 0 && seen.roles&streetWord != 0, street},
		{seen.digits > 0 && seen.roles&flatWord != 0, flat},
		{seen.digits > 4 && seen.roles&phoneWord != 0, called},
		{seen.digits > 6, phone},
		{seen.digits > 4 && seen.roles&idWord != 0, identity},
		{strings.Contains(text, "/") || strings.Contains(text, "Hd."), careOf},
		{seen.eastern, eastern},
		{seen.eastern && seen.digits > 0, easternStreet},
	} {
		if f.needed {
			cuts = f.shape.find(cuts, text)
		}
	}
	if seen.roles&(verb|label|colonLabel|title) != 0 || seen.foreign && strings.Contains(text, ":") {
		cuts = people(cuts, text, seen.roles&(verb|label) != 0)
	}
	return cuts
}

// sight is what a text is made of.
type sight struct {
	digits  int
	at      bool // an @
	foreign bool // letters beyond ASCII
	eastern bool // Chinese, Japanese or Korean
	roles   role
}

// look goes through a text once. It allocates nothing.
func look(text string) sight {
	var s sight
	var buffer [48]byte
	word := buffer[:0]
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			s.digits++
		case r == '@', r == '＠':
			s.at = true
		case r >= utf8.RuneSelf:
			s.foreign = true
			s.eastern = s.eastern || isEastern(r)
			if unicode.IsDigit(r) {
				s.digits++
			}
		}
		if unicode.IsLetter(r) {
			if len(word) < len(buffer)-utf8.UTFMax {
				word = utf8.AppendRune(word, unicode.ToLower(r))
			}
			if i+utf8.RuneLen(r) < len(text) {
				continue
			}
		}
		if len(word) > 0 {
			s.roles |= roles[string(word)] | ending(word)
		}
		word = word[:0]
	}
	return s
}

func isEastern(r rune) bool {
	return r >= 0x3040 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7a3
}

// ending tells words by their ends: streets (Bahnhofstraße) and codes (Türcode).
func ending(word []byte) role {
	if len(word) < 6 {
		return 0
	}
	for _, end := range streetEndings {
		if strings.HasSuffix(string(word), end) {
			return streetWord
		}
	}
	for _, end := range codeEndings {
		if strings.HasSuffix(string(word), end) {
			return codeWord
		}
	}
	return 0
}

// merged puts spans in order and joins those that touch.
func merged(cuts []span) []span {
	slices.SortFunc(cuts, func(a, b span) int { return a.start - b.start })
	all := cuts[:1]
	for _, c := range cuts[1:] {
		if last := &all[len(all)-1]; c.start <= last.end {
			last.end = max(last.end, c.end)
		} else {
			all = append(all, c)
		}
	}
	return all
}
