package recognise

import (
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	defaultMax  = 40
	defaultSize = 256 << 10
	maxIgnored  = 50 // pieces that are listed one by one
	maxQuoted   = 60 // characters of a piece that are shown
)

// Text finds the numbers in text: a list, a mail, a chat, a link, a barcode.
func (x *Index) Text(text string, h Hints) Found {
	if h.Max <= 0 {
		h.Max = defaultMax
	}
	if h.Size <= 0 {
		h.Size = defaultSize
	}
	r := &reader{index: x, hints: h, seen: map[string]int{}, told: map[string]bool{}, linked: map[string]bool{}}
	rest := ""
	if len(text) > h.Size {
		cut := strings.LastIndexAny(text[:h.Size], "\n ") + 1
		if cut == 0 {
			cut = h.Size
		}
		text, rest = text[:cut], text[cut:]
	}
	r.read(text)
	if rest != "" {
		r.ignore(rest, Reason{Code: IsCut})
	}
	return r.result()
}

// A reader goes through one text.
type reader struct {
	index  *Index
	hints  Hints
	found  Found
	seen   map[string]int  // spelling of a number → place in found.Numbers, −1 beyond Max
	told   map[string]bool // pieces that are already ignored
	linked map[string]bool // numbers that stood in links
	at     int             // the line that is read, from 1; 0 before
	places []int           // the line of each of found.Numbers
	days   []promised

	list      bool   // hardly a word in the text: what stands alone is meant as a number
	heading   string // the words of the last line that had some
	far       bool   // the number that is read has no words on its own line
	wordCount int
	words     string // the first words of the text, to show what was passed over
	unlisted  int    // pieces beyond maxIgnored
}

// read opens what the text is wrapped in, and reads what is inside.
func (r *reader) read(text string) {
	if m, ok := openMail(text); ok {
		if m.sender != "" {
			r.hints.Sender, r.found.Sender = m.sender, m.sender
		}
		if !m.sent.IsZero() {
			r.hints.Day = m.sent
		}
		declared := false
		for _, body := range m.bodies {
			declared = r.declared(body) || declared
		}
		r.lines(m.subject)
		for _, body := range m.bodies {
			before := len(r.found.Numbers)
			r.lines(unwrap(body))
			if declared || len(r.found.Numbers) > before {
				return // the other bodies say the same in another form
			}
		}
		return
	}
	text = strings.ToValidUTF8(text, " ")
	r.declared(text)
	r.lines(unwrap(text))
}

func (r *reader) lines(text string) {
	r.list = len(longWord.FindAllStringIndex(text, 4)) < 4
	first := r.at
	for line := range linesOf(text) {
		r.at++
		if payload, ok := barcodeIn(line); ok {
			r.line(payload.before)
			r.barcode(payload)
			continue
		}
		r.line(line)
	}
	if len(r.found.Numbers) > 0 {
		r.promises(text, first)
	}
}

func linesOf(text string) iter.Seq[string] {
	return strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == '\r' })
}

var longWord = regexp.MustCompile(`(?:^|[\s(])\pL{3,}(?:[\s,.:!?)]|$)`)

// line reads links apart from the rest.
func (r *reader) line(line string) {
	line = plain(line)
	l := &lineReader{reader: r}
	for line != "" {
		at := linkForm.FindStringIndex(line)
		if at == nil {
			l.stretch(line)
			break
		}
		l.stretch(line[:at[0]])
		link := strings.TrimRight(line[at[0]:at[1]], ".,;:!?)]}'")
		r.link(link, l.before())
		line = line[at[0]+len(link):]
	}
	if l.words != "" {
		r.heading = l.words
	}
}

var linkForm = regexp.MustCompile(`(?i)(?:https?://|\bwww\.)[^\s<>"]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/[^\s<>"]+`)

// accept takes text, which was written as typed, for a number. It reports false
// for what can't be one.
func (r *reader) accept(text, typed, host, words string) bool {
	number, pure := normal(text)
	if !pure || len(number) < minLength || len(number) > maxLength || !hasDigit(number) {
		return false
	}
	r.take(number, text, typed, host, words)
	return true
}

func (r *reader) take(number, text, typed, host, words string) {
	r.linked[number] = r.linked[number] || host != ""
	if at, again := r.seen[number]; again {
		switch {
		case host != "" && at >= 0:
			r.improve(at, text, host, words)
		case host == "" && !r.linked[number]: // a link and its text say the same
			r.ignore(typed, Reason{Code: IsAgain})
		}
		return
	}
	if len(r.found.Numbers) == r.hints.Max {
		r.seen[number] = -1
		r.found.More++
		return
	}
	n := r.index.judge(text, typed, r.evidence(host, words))
	key := n.Text
	if len(n.Candidates) > 0 && n.Candidates[0].Score >= Certain {
		key = n.Candidates[0].Number
	}
	if at, again := r.seen[key]; again {
		r.seen[number] = at
		r.ignore(typed, Reason{Code: IsAgain})
		return
	}
	r.seen[number], r.seen[key] = len(r.found.Numbers), len(r.found.Numbers)
	r.found.Numbers, r.places = append(r.found.Numbers, n), append(r.places, r.at)
}

// improve judges a number again that now came with an address.
func (r *reader) improve(at int, text, host, words string) {
	old := r.found.Numbers[at]
	n := r.index.judge(text, old.Typed, r.evidence(host, words))
	if len(n.Candidates) > 0 && (len(old.Candidates) == 0 || n.Candidates[0].Score > old.Candidates[0].Score) {
		n.Expected, n.Declared = old.Expected, old.Declared
		r.found.Numbers[at] = n
	}
}

func (r *reader) evidence(host, words string) evidence {
	e := r.index.evidence(r.hints, host, words)
	e.far = r.far
	return e
}

// ignore says why text is no number: each text once, and not too many of them.
func (r *reader) ignore(text string, why Reason) {
	text = strings.TrimSpace(text)
	if len(text) > maxQuoted {
		cut := maxQuoted
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	switch {
	case text == "" || r.told[text+string(why.Code)]:
	case len(r.found.Ignored) >= maxIgnored:
		r.unlisted++
	default:
		r.told[text+string(why.Code)] = true
		r.found.Ignored = append(r.found.Ignored, Ignored{text, why})
	}
}

// pass counts words; they are told of together.
func (r *reader) pass(word string) {
	r.wordCount++
	if len(r.words) <= maxQuoted {
		r.words = strings.TrimSpace(r.words + " " + word)
	}
}

func (r *reader) result() Found {
	r.expect()
	if r.wordCount > 0 {
		r.ignore(r.words, Reason{IsWords, []string{strconv.Itoa(r.wordCount)}})
	}
	if r.unlisted > 0 {
		r.found.Ignored = append(r.found.Ignored, Ignored{"…", Reason{AndMore, []string{strconv.Itoa(r.unlisted)}}})
	}
	return r.found
}
