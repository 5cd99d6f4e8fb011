package engine

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// harmless is a text without the parts cut. Beside them it keeps only clauses
// that look harmless: names go on behind a comma, house numbers stand alone.
func harmless(text string, cuts []span) string {
	capitals := allCapitals(text)
	var out strings.Builder
	at := 0
	for i, c := range append(cuts, span{len(text), len(text)}) {
		piece := text[at:c.start]
		if i == 0 {
			out.WriteString(inFront(piece, capitals, len(cuts) > 0))
		} else {
			out.WriteString(behind(piece, capitals))
		}
		at = c.end
	}
	return out.String()
}

var clauseEnd = regexp.MustCompile(`[,;:()\[\]|。，；：、（）【】]|[.!?](?:\s|$)|\s[–—/-]\s`)

// clauses cuts a text behind the signs that end its clauses.
func clauses(text string) []string {
	var all []string
	at := 0
	for _, m := range clauseEnd.FindAllStringIndex(text, -1) {
		if !abbreviated(text[at:m[0]], text[m[0]]) {
			all = append(all, text[at:m[1]])
			at = m[1]
		}
	}
	return append(all, text[at:])
}

// abbreviated reports whether a dot belongs to the short word before it.
func abbreviated(before string, sign byte) bool {
	word := before[strings.LastIndexAny(before, " ,.")+1:]
	return sign == '.' && utf8.RuneCountInString(word) == 1
}

// inFront is what stays in front of the first cut: all but clauses that are
// made of unknown capitals, which may be the name.
func inFront(text string, capitals, more bool) string {
	all := clauses(text)
	for i, c := range all {
		if known, strange := weigh(c, capitals); known == 0 && strange > 1 && more {
			all[i] = ""
		}
	}
	return withoutLast(strings.Join(all, ""), capitals)
}

// withoutLast cuts the unknown capitals that a text ends with, and the link
// before them: they may be the name to which the part cut belongs.
func withoutLast(text string, capitals bool) string {
	from, strange, last := len(text), 0, word{}
	for at := 0; ; {
		w, found := nextWord(text, at)
		if !found {
			break
		}
		gap := strings.TrimSpace(text[at:w.start])
		at = w.end
		switch {
		case w.known() || !w.capital() && !w.is(between):
			from, strange = len(text), 0
		case strange == 0 || gap != "":
			from, strange = w.start, 1
			if last.is(link) && gap == "" {
				from, strange = last.start, 2
			}
		default:
			strange++
		}
		last = w
	}
	if strange < 2 || capitals && strange > 4 || strings.ContainsAny(text[from:], ".!?】]") {
		return text
	}
	return text[:from]
}

// behind is what stays behind a cut: clauses without digits but those of times,
// and without unknown capitals.
func behind(text string, capitals bool) string {
	var out strings.Builder
	for _, c := range clauses(text) {
		bare := dateTime.ReplaceAllString(c, "")
		_, strange := weigh(bare, capitals)
		if strange > 0 || strings.ContainsFunc(bare, unicode.IsDigit) || nameless(bare) {
			continue
		}
		out.WriteString(c)
	}
	return out.String()
}

var dateTime = regexp.MustCompile(`(?i)\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:20)?\d{2}|\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]m|\d{1,2}\.?\s+(?:` + months + `)(?:\s+20\d{2})?|(?:` + months + `)\s+\d{1,2}(?:,?\s+20\d{2})?|20\d{2}年|\d{1,2}[月日时時分点點]|` + `\d{1,2}[h:]\d{2}`)

const months = `jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?`

// weigh counts the known and the strange words of a clause. Strange are those
// that may be a name: capital letters that no list knows.
func weigh(clause string, capitals bool) (known, strange int) {
	for at := 0; ; {
		w, found := nextWord(clause, at)
		if !found {
			return known, strange
		}
		at = w.end
		switch {
		case w.known():
			known++
		case w.capital():
			strange++
		case !capitals:
			known++
		}
	}
}

// nameless reports whether a clause is Chinese or Japanese, as short as a name, and
// says nothing that carriers say.
func nameless(clause string) bool {
	if strings.ContainsAny(clause, "收件派送达達取到站快递遞退配届") {
		return false
	}
	n := 0
	for _, r := range clause {
		if isEastern(r) {
			n++
		}
	}
	return n > 0 && n < 5
}

var (
	leftOver = regexp.MustCompile(`(?:[\s,，;；:：、(（/–-]*[,，;；:：、(（/–-])+\s*([.!?。]|$)|\s+([,.;:!?)])|\([\s,;/-]*\)|（[\s，,]*）|\[\s*\]|【\s*】`)
	repeated = regexp.MustCompile(`([,，;；:–-])(?:\s*[,，;；:.–-])+`)
	leading  = regexp.MustCompile(`^[\s,，;；:：.。)）–-]+`)
)

// tidy closes the gaps that cutting left.
func tidy(text string) string {
	text = leading.ReplaceAllString(text, "")
	text = repeated.ReplaceAllString(text, "$1")
	text = leftOver.ReplaceAllString(text, "$1$2")
	return strings.TrimSpace(strings.Join(strings.Fields(text), " "))
}
