package kit

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
)

// A Redactor makes an answer fit to be kept: whatever is about people or leads
// to more is replaced by look-alikes, the same everywhere. It is for one
// recording.
type Redactor struct {
	source *carrier.Source
	keep   []string          // paths that the operator says are harmless
	hide   []string          // and those that aren't
	like   map[string]string // what was replaced, and by what
	unsure map[string]string // path → the first value there
}

// NewRedactor makes a redactor for answers of a source. Keep and hide are what
// the operator decided, as paths of fields; what is below them is decided with
// them.
func NewRedactor(source *carrier.Source, keep, hide []string) *Redactor {
	return &Redactor{source, keep, hide, map[string]string{}, map[string]string{}}
}

// Replace says what stands for a text wherever it occurs.
func (r *Redactor) Replace(text, by string) { r.like[text] = by }

// An Unsure is a field that neither its name nor its value tells harmless.
type Unsure struct {
	Path  string
	Value string // an example of what stands there
}

// Redact returns the answer with its look-alikes, and what nobody decided; with
// any of that the answer isn't fit to be kept.
func (r *Redactor) Redact(answer []byte) ([]byte, []Unsure, error) {
	out, err := r.redact(r.source.Read.Format, "", answer)
	if err != nil {
		return nil, nil, err
	}
	var unsure []Unsure
	for _, path := range slices.Sorted(maps.Keys(r.unsure)) {
		unsure = append(unsure, Unsure{path, r.unsure[path]})
	}
	return out, unsure, nil
}

// redact goes through twice: what is found private in one field may stand in the
// words of another.
func (r *Redactor) redact(format, below string, answer []byte) ([]byte, error) {
	scalars, err := scalarsOf(format, answer)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(scalars))
	for i, s := range scalars {
		s.path = below + s.path
		if texts[i], err = r.replaced(s); err != nil {
			return nil, err
		}
	}
	replace := r.everywhere()
	var out []byte
	at := 0
	for i, s := range scalars {
		out = append(out, answer[at:s.start]...)
		text := texts[i]
		if text == s.text && !isTime(text) && !r.knownCode(text) && (s.kind != jsonKey || strings.ContainsAny(text, "0123456789")) {
			text = replace.Replace(text)
		}
		if text == s.text && s.kind != xmlComment {
			out = append(out, answer[s.start:s.end]...)
		} else {
			out = append(out, s.written(text)...)
		}
		at = s.end
	}
	return append(out, answer[at:]...), nil
}

// replaced is what stands for a scalar: a look-alike, or itself where it is
// harmless.
func (r *Redactor) replaced(s scalar) (string, error) {
	text := strings.TrimSpace(s.text)
	if inner := []byte(text); s.kind == jsonText && len(text) > 1 && strings.ContainsRune("{[", rune(text[0])) && json.Valid(inner) {
		out, err := r.redact("json", s.path, inner)
		return string(out), err
	}
	if by, known := r.like[text]; known {
		return by, nil
	}
	if s.kind == jsonLiteral || s.kind == jsonKey || s.kind == xmlComment || text == "" || r.decided(r.keep, s.path) {
		return s.text, nil
	}
	is := sortOf(s.path)
	if r.decided(r.hide, s.path) {
		return r.replace(s.path, text), nil
	}
	switch {
	case r.knownCode(text) || text == "true" || text == "false" || is != person && is != phone && isTime(text):
		return s.text, nil
	case is == person && countryCode.MatchString(text), is == secret && len(text) < 4:
		return s.text, nil
	case is == person, is == phone, is == point, is == secret, mailForm.MatchString(text):
		return r.replace(s.path, text), nil
	case is == harmless && !suspicious(r.rest(text)):
		return s.text, nil
	}
	r.unsure[s.path] = cmp.Or(r.unsure[s.path], text)
	return s.text, nil
}

func (r *Redactor) replace(path, text string) string {
	var by string
	switch is := sortOf(path); {
	case mailForm.MatchString(text):
		by = likeMail(text)
	case is == phone:
		by = likePhone(text)
	case is == point:
		by = likePoint(text)
	case linkForm.MatchString(text):
		by = likeLink(text, r.around)
	default:
		by = r.around(text)
	}
	r.like[text] = by
	if isName(path) {
		r.alsoAlone(text, by)
	}
	return by
}

// alsoAlone replaces the words of a name where they stand by themselves, too.
func (r *Redactor) alsoAlone(text, by string) {
	words, likes := strings.Fields(text), strings.Fields(by)
	if len(words) != len(likes) {
		return
	}
	for i, word := range words {
		if len(word) > 4 && r.like[word] == "" {
			r.like[word] = likes[i]
		}
	}
}

// around is a look-alike of text in which what was replaced before is replaced
// by the same again.
func (r *Redactor) around(text string) string {
	for _, original := range r.originals() {
		if before, behind, found := strings.Cut(text, original); found {
			return r.around(before) + r.like[original] + r.around(behind)
		}
	}
	return Like(text)
}

// decided reports whether a decision covers a path.
func (r *Redactor) decided(decisions []string, path string) bool {
	return slices.ContainsFunc(decisions, func(d string) bool {
		rest, below := strings.CutPrefix(path, "."+strings.TrimPrefix(d, "."))
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// knownCode reports whether text is a code that the source's file knows.
func (r *Redactor) knownCode(text string) bool {
	_, status := r.source.Status.Codes[text]
	_, problem := r.source.Problems[text]
	return status || problem
}

var (
	mailForm    = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	linkForm    = regexp.MustCompile(`^https?://[^\s]+$`)
	countryCode = regexp.MustCompile(`^[A-Z]{2,3}$`)
)

// rest is what of a text isn't known as private yet, and so not replaced anyway.
func (r *Redactor) rest(text string) string {
	for _, original := range r.originals() {
		text = strings.NewReplacer(original, "", strings.ToUpper(original), "", strings.ToLower(original), "").Replace(text)
	}
	return text
}

// originals are what was replaced and is long enough not to occur by chance, the
// longest first.
func (r *Redactor) originals() []string {
	long := slices.DeleteFunc(slices.Collect(maps.Keys(r.like)), func(text string) bool {
		return len(text) < 4 || len(text) < 6 && !strings.ContainsFunc(text, unicode.IsLetter)
	})
	slices.SortFunc(long, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return long
}

// suspicious reports whether a text may hold something about people, whatever
// its field is called: by its words, or as long numbers do.
func suspicious(text string) bool {
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits > 6 || strings.ContainsAny(text, "@<") || len(text) > 300 || engine.Private(text)
}

// timeForms are the forms of times that answers have most.
var timeForms = []string{
	"iso", "dotnet", "yyyyMMddHHmmss", "yyyyMMdd HHmmss", "yyyyMMdd", "yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd HH:mm", "yyyy/MM/dd",
	"dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "dd.MM.yyyy", "dd-MM-yyyy HH:mm:ss", "dd-MM-yyyy HH:mm", "dd-MM-yyyy",
	"dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm", "dd/MM/yyyy", "MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "MM/dd/yyyy",
	"M/d/yyyy h:mm:ss a", "M/d/yyyy h:mm a", "dd MMM yyyy HH:mm:ss", "dd MMM yyyy HH:mm", "dd MMM yyyy", "MMM d, yyyy h:mm a",
	"unix_ms", "unix",
}

var clockForm = regexp.MustCompile(`^\d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?$|^[+-]\d{2}:?\d{2}$`)

// isTime reports whether text is a time, an hour or an offset. Epochs aren't
// told from other numbers, and dates without separators are.
func isTime(text string) bool {
	return clockForm.MatchString(text) || slices.ContainsFunc(timeForms, func(form string) bool {
		return !strings.HasPrefix(form, "unix") && engine.ReadsTime(form, text)
	})
}

// everywhere replaces what was found private in texts that are otherwise kept.
func (r *Redactor) everywhere() *strings.Replacer {
	var pairs []string
	for _, text := range r.originals() {
		by := r.like[text]
		pairs = append(pairs, text, by, strings.ToUpper(text), strings.ToUpper(by), strings.ToLower(text), strings.ToLower(by))
	}
	return strings.NewReplacer(pairs...)
}
