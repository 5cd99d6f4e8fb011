package engine

import (
	"strings"
)

// maxNames bounds how many names one text is searched for; what is left goes.
const maxNames = 10

// maxParts bounds the words of one name.
const maxParts = 7

// maxTitles bounds the titles of one name: Frau Prof. Dr.
const maxTitles = 3

// people adds the names of people behind what leads to them, with the linking
// word before: of "delivered to X" stays "delivered".
func people(cuts []span, text string, acted bool) []span {
	f := finder{text: text, capitals: allCapitals(text), acted: acted}
	at := 0
	for range maxNames {
		cut, ok := f.next(at)
		if !ok {
			return cuts
		}
		cuts = append(cuts, cut)
		at = cut.end
	}
	return append(cuts, span{at, len(text)})
}

// A finder looks for names in one text.
type finder struct {
	text     string
	capitals bool
	acted    bool // there is a verb: whoever stands behind "by" did it
}

// next finds where the next name's cut begins and ends.
func (f *finder) next(at int) (span, bool) {
	begin, last := at, word{}
	for {
		w, found := nextWord(f.text, at)
		if !found {
			return span{}, false
		}
		if gap := f.text[at:w.start]; at == begin || endsClause(gap) {
			if end := f.subject(w.start); end > 0 {
				return span{w.start, end}, true
			}
			if end := f.apart(w, last, gap); end > 0 {
				return span{w.start, end}, true
			}
		}
		at, last = w.end, w
		if cut, ok := f.behind(w); ok {
			return cut, true
		}
	}
}

// behind finds a name that stands where a word leads to.
func (f *finder) behind(w word) (span, bool) {
	if w.is(title) {
		if end := f.person(w.start, trust{}); end > 0 {
			return span{w.start, end}, true
		}
	}
	if w.is(verb) {
		links, linked := f.links(w)
		t := trust{signing: w.is(signing), lower: linked&agent != 0, noun: linked&article != 0, pair: linked&link == 0}
		if end := f.person(links.end, t); end > 0 && (linked > 0 || !f.capitals && f.text[links.end:links.end+1] == " ") {
			return span{links.start, end}, true
		}
	}
	if w.is(label | colonLabel) {
		behind, colon := pastColon(f.text, w.end)
		t := trust{signing: !w.is(verb), lower: colon && !w.is(noPerson), pair: !colon && w.is(colonLabel) && w.is(noPerson)}
		if end := f.person(behind, t); end > 0 && (colon || w.is(label) || !f.capitals) {
			return span{w.end, end}, true
		}
	}
	if f.acted && w.is(agent) && !w.capital() {
		if end := f.person(skip(f.text, w.end), trust{pair: true}); end > 0 {
			return span{w.start, end}, true
		}
	}
	if w.is(link) && !f.capitals && !w.capital() {
		if end := f.person(skip(f.text, w.end), trust{noun: w.is(article)}); end > 0 && f.verbAt(end) {
			return span{w.start, end}, true
		}
	}
	return span{}, false
}

// links skips what belongs to a verb, what was delivered, and the links behind
// it. It returns where the links stand, and their roles: 0 if there are none.
func (f *finder) links(v word) (span, role) {
	links := span{v.end, v.end}
	linked := role(0)
	for {
		if behind, colon := pastColon(f.text, links.end); colon {
			if v.is(signing) || linked > 0 || strings.ContainsAny(f.text[links.end:behind], ":：=") {
				linked |= link
			}
			if v.is(signing) && strings.ContainsAny(f.text[links.end:behind], ":：=") {
				linked |= agent
			}
			return span{links.start, behind}, linked | colonLabel
		}
		w, found := nextWord(f.text, links.end)
		if !found || strings.Trim(f.text[links.end:w.start], " ,([\"«“„'‘") != "" {
			return links, linked
		}
		switch {
		case w.is(link) && (!w.capital() || !w.is(between) || linked == 0 && (f.capitals || w.is(agent))):
			linked |= w.roles
			links.end = w.end
		case w.is(object) && (!w.capital() || f.capitals || linked&article != 0 || linked == 0):
			linked = 0
			links = span{w.end, w.end}
		case w.is(particle) && linked == 0, w.is(verb) && linked == 0:
			links = span{w.end, w.end}
		default:
			if linked > 0 {
				links.end = w.start
			}
			return links, linked
		}
	}
}

// pastTitle is where a title ends, with its dot: Mr. or Sig.ra.
func (f *finder) pastTitle(w word) int {
	at := w.end
	if at < len(f.text) && f.text[at] == '.' {
		at++
		for _, end := range []string{"ra ", "na ", "ssa "} {
			if strings.HasPrefix(f.text[at:], end) {
				at += len(end)
			}
		}
	}
	return at
}

// subject is the end of a name that begins a clause and does something:
// "Mara Quillfeather signed".
func (f *finder) subject(at int) int {
	end := f.person(at, trust{pair: true})
	if end == 0 {
		return 0
	}
	w, found := nextWord(f.text, end)
	if !found || strings.TrimSpace(f.text[end:w.start]) != "" {
		return 0
	}
	if w.is(plainWord) && !w.is(verb|label) {
		next, found := nextWord(f.text, w.end)
		if found && (next.is(signing|label) || next.is(verb) && !f.capitals) {
			return end
		}
		return 0
	}
	if w.is(signing|label) || w.is(verb) && !f.capitals {
		return end
	}
	return 0
}

// apart is the end of a name that is a clause by itself, beside a verb: behind a
// comma with an initial, or behind a colon that no place stands before.
func (f *finder) apart(w, last word, gap string) int {
	colon := strings.Contains(gap, ":") && !f.capitals && !last.is(facility) && !ofPlaces[strings.ToLower(last.text)]
	if !colon && !w.initial() || !f.acted && w.text[0] < 0xd0 {
		return 0
	}
	end := f.person(w.start, trust{pair: true})
	if end == 0 || end < len(f.text) && !endsClause(f.text[end:end+1]) {
		return 0
	}
	return end
}

var ofPlaces = map[string]bool{
	"location": true, "city": true, "place": true, "facility": true, "origin": true, "destination": true, "country": true, "ort": true, "stadt": true,
	"lieu": true, "ville": true, "ciudad": true, "lugar": true, "cidade": true, "local": true, "luogo": true, "città": true, "plaats": true, "miasto": true,
	"stad": true, "sted": true, "місто": true, "місце": true, "город": true, "место": true,
}

// verbAt reports whether a verb stands at a place: "an X übergeben".
func (f *finder) verbAt(at int) bool {
	w, found := nextWord(f.text, at)
	return found && w.is(verb) && strings.TrimSpace(f.text[at:w.start]) == ""
}

// trust is what is known of a place where a name may stand.
type trust struct {
	signing bool // only people can stand here
	lower   bool // a name without capitals is one, too
	noun    bool // one capital word may be a noun
	pair    bool // one word alone is none
	title   bool // a title stands in front
}

// person is where the name ends that begins at a place of the text, 0 if none does.
func (f *finder) person(at int, t trust) int {
	start, end, count, strange, titles := at, 0, 0, 0, 0
	for count < maxParts {
		w, found := nextWord(f.text, at)
		if !found || !joined(f.text[at:w.start], count) {
			break
		}
		switch {
		case count == 0 && w.is(title) && titles < maxTitles:
			titles++
			t.title, t.signing, t.pair, t.noun = true, true, false, false
			at = skip(f.text, f.pastTitle(w))
			continue
		case count == 0 && w.text == "M" && strings.HasPrefix(f.text[w.end:], ". "):
			count++ // Monsieur, or an initial
			end = w.end + 1
		case w.is(label) && w.is(noPerson) && count == 0:
			return 0 // the label itself leads to the name
		case count > 0 && w.is(between) && (!w.capital() || f.capitals || strange == 0):
			count++
		case count == 0 && w.is(between) && !w.known() && f.nameAt(w.end):
			count++
		case f.stops(w, count, strange, t):
			if strange == 1 && count == 1 && w.is(noPerson) && !t.signing && f.text[at:w.start] == " " {
				return 0 // Original Sender
			}
			if count > 0 && w.is(facility) && !t.signing && f.text[at:w.start] == " " {
				return 0 // Oslo customs
			}
			return f.enough(start, end, count, strange, t)
		case w.capital():
			end = w.end
			count++
			strange++
			if end < len(f.text) && f.text[end] == '.' && (w.initial() || len(w.text) < 4 && f.nameAt(end+1)) {
				end++
			}
		case t.lower && !w.known() && f.text[start:w.end] == strings.ToLower(f.text[start:w.end]):
			end = w.end
			count++
			if w.end-w.start > 2 {
				strange++
			}
		default:
			return f.enough(start, end, count, strange, t)
		}
		at = max(w.end, end)
	}
	return f.enough(start, end, count, strange, t)
}

// stops reports whether a name can't go on with a word.
func (f *finder) stops(w word, count, strange int, t trust) bool {
	if !w.known() {
		return false
	}
	mixed := w.capital() && !f.capitals
	switch {
	case t.title && count == 0:
		return w.is(verb) || !w.capital()
	case count > 0 && mixed && t.signing && !w.is(verb|plainWord|link):
		return false // Emily Post
	case count > 0 && mixed && !t.pair && w.roles != 0 && !w.is(facility|verb|plainWord|link|label|colonLabel):
		return false
	case count == 0 && mixed && w.is(plainWord|streetWord) && !w.is(noPerson|facility|verb|link):
		return !f.nameAt(w.end) // May Quillfeather
	case w.initial() && count > 0:
		return false
	}
	return true
}

// nameAt reports whether an unknown word with a capital stands at a place.
func (f *finder) nameAt(at int) bool {
	w, found := nextWord(f.text, at)
	return found && strings.Trim(f.text[at:w.start], " .") == "" && w.capital() && !w.known()
}

// enough is end, if what was found may be a name.
func (f *finder) enough(start, end, count, strange int, t trust) int {
	switch {
	case strange == 0 && !t.title:
		return 0
	case strange == 1 && (t.pair || t.noun) && count < 2:
		return 0
	case strange < 2 && !t.signing && !f.capitals && f.text[end-1] != '.' && strings.ToLower(f.text[start:end]) == f.text[start:end]:
		return 0 // one word without capitals
	}
	if w, found := nextWord(f.text, end); found && !t.signing && !t.title && !f.capitals && f.text[end:w.start] == " " &&
		!w.capital() && w.is(facility) && !w.is(plainWord|link) {
		return 0 // Oslo customs
	}
	return end
}

// joined reports whether what stands between two words keeps them in one name:
// a space, or the comma between a family's name and a first name.
func joined(gap string, count int) bool {
	if count == 0 {
		return strings.Trim(gap, " .\"«“„'‘([") == ""
	}
	return gap == " " || gap == "" || gap == ". " || gap == "." || gap == " & " || gap == "/" || count == 1 && gap == ", "
}

// skip passes spaces and opening signs.
func skip(text string, at int) int {
	return len(text) - len(strings.TrimLeft(text[at:], " ,([\"«“„'‘"))
}

// pastColon skips a colon or dash and the spaces around.
func pastColon(text string, at int) (int, bool) {
	rest := strings.TrimLeft(text[at:], " )]\"'")
	trimmed := strings.TrimLeft(rest, ":：=")
	for _, dash := range []string{"- ", "– ", "— "} {
		if behind, found := strings.CutPrefix(rest, dash); found {
			trimmed = behind
		}
	}
	for _, is := range []string{"is ", "was ", "named ", "called ", "ist ", "est ", "es ", "é ", "è ", "er ", "är ", "jest "} {
		if behind, found := strings.CutPrefix(trimmed, is); found && strings.HasPrefix(text[at:], " ") {
			trimmed = behind
		}
	}
	return skip(text, len(text)-len(trimmed)), len(trimmed) != len(rest)
}

// endsClause reports whether a new clause begins behind a gap.
func endsClause(gap string) bool {
	return strings.ContainsAny(gap, ".,;:-–!()")
}
