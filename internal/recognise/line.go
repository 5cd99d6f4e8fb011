package recognise

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lineReader goes through one line, stretch by stretch.
type lineReader struct {
	*reader
	words string // of this line so far
	since string // words since the last piece with digits
	label string // what introduced that piece

	read struct { // the last introduction that was looked at
		before, other string
		parcel        bool
	}
}

// before is what introduces the next number: the words in front of it; for the
// second of a list what introduced the first; else the last line that had words.
func (l *lineReader) before() string {
	l.far = l.since == "" && l.words == ""
	switch {
	case l.since != "":
		return l.since
	case l.words != "":
		return l.label
	}
	return l.heading
}

// stretch reads text without links.
func (l *lineReader) stretch(text string) {
	from := 0
	for _, p := range otherPieces(text) {
		l.cells(text[from:p.start])
		l.ignore(text[p.start:p.end], Reason{Code: p.why})
		from = p.end
	}
	l.cells(text[from:])
}

// cells reads what commas, semicolons, tabs and bars hold apart.
func (l *lineReader) cells(text string) {
	for cell := range strings.FieldsFuncSeq(text, func(c rune) bool {
		return strings.ContainsRune(",;\t|，；、｜", c)
	}) {
		l.cell(cell)
	}
}

// A token is a run of letters and digits, with separators between them.
type token struct {
	text  string
	code  bool // ASCII only, so that it can be (part of) a number
	digit bool
	glued bool // only spaces are between it and the token before
}

func (l *lineReader) cell(cell string) {
	tokens := tokenize(cell)
	if l.list && len(tokens) <= 3 && !hasDigits(tokens) {
		l.heed(spelling(tokens))
		l.ignore(cell, Reason{IsWords, nil})
		return
	}
	for i := 0; i < len(tokens); {
		span, worth := l.longest(tokens[i:])
		part := tokens[i : i+span]
		if !hasDigits(part) {
			l.heed(part[0].text)
			l.pass(part[0].text)
			i++
			continue
		}
		l.code(part, worth, standsByItself(tokens, i, span))
		i += span
	}
}

// heed keeps words: they introduce what follows.
func (l *lineReader) heed(words string) {
	l.words = lastWords(l.words+" "+words, maxWords)
	l.since = lastWords(l.since+" "+words, maxWords)
}

const maxWords = 8 // that can introduce a number

// code decides whether a piece with digits is a number.
func (l *lineReader) code(part []token, worth float64, alone bool) {
	typed := spelling(part)
	number, _ := normal(typed)
	before := l.before()
	good, bad := l.introduction(before)

	switch {
	case !part[0].code:
		l.heed(typed)
		l.pass(typed)
		return
	case len(number) < minLength:
		if l.list && alone {
			l.ignore(typed, Reason{Code: IsTooShort})
		}
	case len(number) > maxLength:
		l.ignore(typed, Reason{Code: IsTooLong})
	case bad != "" && worth < 3:
		l.ignore(typed, Reason{IsOrder, []string{bad}})
	case good, convincing(number, worth), alone && (l.list || len(number) >= 8):
		l.accept(typed, typed, "", before)
	case isDigits(number):
		l.ignore(typed, Reason{Code: IsDigits})
	default:
		l.ignore(typed, Reason{Code: IsUnlike})
	}
	l.since, l.label = "", before
}

// introduction is what the words before a number say: that it is a parcel's,
// or what else it is.
func (l *lineReader) introduction(before string) (parcel bool, other string) {
	if before != l.read.before {
		l.read.before = before
		l.read.parcel, l.read.other = labels(before)
		if l.read.other == "" && !l.read.parcel {
			l.read.parcel = len(l.index.hints.byWords(lastWords(before, 4))) > 0
		}
	}
	return l.read.parcel, l.read.other
}

// convincing reports whether a number needs no introduction.
func convincing(number string, worth float64) bool {
	if isDigits(number) {
		return len(number) >= 10 && worth >= 1 || len(number) >= 11 && worth >= 0
	}
	return worth >= 2 || len(number) >= 11 && worth >= 1
}

// longest is how many tokens from the first on are one number, written with
// spaces, and what it is worth. Tokens are joined only if together they say
// more than each by itself.
func (l *lineReader) longest(tokens []token) (span int, worth float64) {
	if !tokens[0].code {
		return 1, noWorth
	}
	joined := strings.Builder{}
	best, parts := 1, noWorth
	for i, t := range tokens[:min(len(tokens), 14)] {
		if i > 0 && !t.glued || !t.code || joined.Len()+len(t.text) > maxLength+20 {
			break
		}
		joined.WriteString(t.text)
		number, _ := normal(joined.String())
		own := l.worth(t.text)
		together := own
		if i == 0 {
			worth = own
		} else {
			together = l.index.worth(number)
		}
		parts = max(parts, own)
		if i == 0 || !hasDigits(tokens[:i+1]) {
			continue
		}
		enough := parts + 1
		if parts < 2 {
			enough = min(enough, 2)
		}
		if lowerWord(tokens[:i+1]) {
			enough = 4
		}
		if together > noWorth && together >= enough && (together >= worth || best == 1) && !l.onlyNames(tokens[0], number) {
			best, worth = i+1, together
		}
	}
	return best, worth
}

// onlyNames reports whether a word names a carrier whose numbers don't begin
// with it, as in "GLS 48210973605".
func (l *lineReader) onlyNames(word token, number string) bool {
	named := l.index.hints.byWords(word.text)
	if word.digit || len(named) == 0 {
		return false
	}
	var buffer [64]Match
	for _, m := range l.index.Match(buffer[:0], number) {
		if m.Carrier != nil && named[m.Carrier.Code] != "" {
			return false
		}
	}
	return true
}

// worth is what a token by itself is worth.
func (l *lineReader) worth(text string) float64 {
	number, _ := normal(text)
	if len(number) < minLength || !hasDigit(number) {
		return noWorth
	}
	return l.index.worth(number)
}

// lowerWord reports whether a word that is no piece of a number by its look is among the tokens.
func lowerWord(tokens []token) bool {
	for _, t := range tokens {
		if !t.digit && (len(t.text) > 4 || strings.ToUpper(t.text) != t.text) {
			return true
		}
	}
	return false
}

// standsByItself reports whether only an introduction and other numbers stand
// beside the span.
func standsByItself(tokens []token, from, span int) bool {
	words := 0
	for _, t := range tokens[:from] {
		if !t.digit {
			words++
		}
	}
	for _, t := range tokens[from+span:] {
		if !t.digit {
			return false
		}
	}
	return words <= 3
}

func hasDigits(tokens []token) bool {
	for _, t := range tokens {
		if t.digit {
			return true
		}
	}
	return false
}

func spelling(tokens []token) string {
	texts := make([]string, len(tokens))
	for i, t := range tokens {
		texts[i] = t.text
	}
	return strings.Join(texts, " ")
}

func lastWords(text string, n int) string {
	fields := strings.Fields(text)
	return strings.Join(fields[max(0, len(fields)-n):], " ")
}

// tokenize finds the runs of letters and digits in a cell. A change of script
// ends a run: Chinese is written without spaces.
func tokenize(cell string) []token {
	var tokens []token
	start, gap := -1, true
	end := func(at int) {
		if start < 0 {
			return
		}
		text := strings.TrimRight(cell[start:at], "-./_")
		t := token{text: text, code: true, digit: hasDigit(text), glued: gap}
		for i := range len(text) {
			t.code = t.code && text[i] < 0x80
		}
		tokens = append(tokens, t)
		start, gap = -1, len(text) == at-start
	}
	wide := false
	for i, c := range cell {
		switch isWide := c >= utf8.RuneSelf && unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c); {
		case start >= 0 && isWide != wide && (isWide || unicode.IsLetter(c) || unicode.IsDigit(c)):
			end(i)
			start, wide, gap = i, isWide, false
		case isWide || unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c):
			if start < 0 {
				start, wide = i, isWide
			}
		case start >= 0 && c < utf8.RuneSelf && c != ' ' && isSeparator(byte(c)):
		default:
			end(i)
			gap = gap && c == ' '
		}
	}
	end(len(cell))
	return tokens
}
