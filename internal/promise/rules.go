package promise

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v4"
)

//go:embed rules/*.yaml
var files embed.FS

// shipped are read when the first text is.
var shipped = sync.OnceValue(func() *rules {
	r, err := readRules(files)
	if err != nil {
		panic(err) // they come with the program
	}
	return r
})

// rules are those of all languages.
type rules struct {
	phrases map[string][]*phrase // by their first word, longest first
	names   map[string]bool      // of months and weekdays, word by word
}

// A language is how days are said in it.
type language struct {
	order    string              // of days and months in numbers: dmy, ymd, or "" which can be either
	months   map[string]int      // by name
	weekdays map[string][]naming // by the name's first word
	relative map[string][]naming // likewise
	to       map[string]bool     // what joins the ends of a range
	was      [][]string          // what says that a day is none any more
}

// A naming is a name of one or several words, and what it stands for.
type naming struct {
	words []string
	means int
}

// A phrase says that a day is the one: the day follows it; stands between head
// and tail, where it has both; or before it, where it has no head.
type phrase struct {
	lang       *language
	head, tail []string
}

// first is where a phrase begins.
func (p *phrase) first() []string {
	if len(p.head) > 0 {
		return p.head
	}
	return p.tail
}

// A ruleFile is the rules of one language.
type ruleFile struct {
	Lang     string         `yaml:"lang"`
	Order    string         `yaml:"order"`
	Says     []string       `yaml:"says"`
	Was      []string       `yaml:"was"`
	Months   []string       `yaml:"months"`   // January first, with other spellings
	Weekdays []string       `yaml:"weekdays"` // Monday first, likewise
	Days     map[string]int `yaml:"days"`     // tomorrow: 1
	To       []string       `yaml:"to"`
}

func readRules(folder fs.FS) (*rules, error) {
	names, err := fs.Glob(folder, "rules/*.yaml")
	if err != nil {
		return nil, err
	}
	r := &rules{map[string][]*phrase{}, map[string]bool{"est": true}} // est. delivery
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		var f ruleFile
		if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := r.add(f); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, all := range r.phrases { // the longest says most
		slices.SortStableFunc(all, func(a, b *phrase) int { return len(b.first()) - len(a.first()) })
	}
	return r, nil
}

func (r *rules) add(f ruleFile) error {
	if !slices.Contains([]string{"", "dmy", "ymd"}, f.Order) || len(f.Weekdays) != 7 || len(f.Months) != 0 && len(f.Months) != 12 {
		return fmt.Errorf("order %q, %d weekdays, %d months", f.Order, len(f.Weekdays), len(f.Months))
	}
	l := &language{order: f.Order, months: map[string]int{}, weekdays: map[string][]naming{}, relative: map[string][]naming{}, to: map[string]bool{}}
	for i, names := range f.Months {
		for name := range strings.SplitSeq(names, "/") {
			l.months[name], r.names[name] = i+1, true
		}
	}
	for i, names := range f.Weekdays {
		for name := range strings.SplitSeq(names, "/") {
			addNaming(l.weekdays, name, (i+1)%7)
			r.names[name] = true
		}
	}
	for name, ahead := range f.Days {
		addNaming(l.relative, name, ahead)
	}
	for _, word := range f.To {
		l.to[word] = true
	}
	for _, text := range f.Was {
		l.was = append(l.was, spelling(text))
	}
	for _, text := range f.Says {
		p, err := parsePhrase(l, text)
		if err != nil {
			return err
		}
		key := p.first()[0]
		r.phrases[key] = append(r.phrases[key], p)
	}
	return nil
}

func addNaming(to map[string][]naming, name string, means int) {
	words := spelling(name)
	to[words[0]] = append(to[words[0]], naming{words, means})
	slices.SortFunc(to[words[0]], func(a, b naming) int { return len(b.words) - len(a.words) })
}

// parsePhrase reads "expected delivery" (the day follows), "wird ... zugestellt"
// (it stands between), and "... にお届け" (it stands before).
func parsePhrase(l *language, text string) (*phrase, error) {
	head, tail, gap := strings.Cut(text, "...")
	p := &phrase{lang: l, head: spelling(head), tail: spelling(tail)}
	if len(p.head)+len(p.tail) == 0 || gap && len(p.tail) == 0 {
		return nil, fmt.Errorf("%q is no phrase", text)
	}
	return p, nil
}

// spelling is the words of a rule as texts are read.
func spelling(text string) []string {
	var words []string
	for _, t := range tokenize(text) {
		words = append(words, t.text)
	}
	return words
}

// markEnds finds where sentences end. A point after digits, or after what can be a
// month or weekday, is rather part of a date.
func (r *rules) markEnds(words []token) {
	for i, w := range words {
		switch w.text {
		case "!", "?", ";", "。", "|":
			words[i].ends = true
		case ".":
			words[i].ends = i > 0 && words[i-1].digits == 0 && !r.names[words[i-1].text]
		}
	}
}

// starts reports whether words begin with those of a rule.
func starts(words []token, with []string) bool {
	if len(words) < len(with) {
		return false
	}
	for i, w := range with {
		if words[i].text != w {
			return false
		}
	}
	return true
}

func (l *language) weekdayAt(words []token) (time.Weekday, int) {
	means, length := nameAt(l.weekdays, words)
	return time.Weekday(means), length
}

// relativeAt is how many days ahead a word like tomorrow is.
func (l *language) relativeAt(words []token) (ahead, length int) { return nameAt(l.relative, words) }

func nameAt(names map[string][]naming, words []token) (means, length int) {
	for _, n := range names[words[0].text] {
		if starts(words, n.words) {
			return n.means, len(n.words)
		}
	}
	return 0, 0
}

// joins reports whether a word or mark joins the ends of a range.
func (l *language) joins(t token) bool { return t.text == "-" || t.text == "~" || l.to[t.text] }

// nearby is how many words before a phrase can take it back.
const nearby = 3

// revoked reports whether what stands before a phrase says that its day is none
// any more.
func (l *language) revoked(words []token, at int) bool {
	for i := at - 1; i >= max(0, at-nearby) && !words[i].ends; i-- {
		if l.isRevoked(words[i:at]) {
			return true
		}
	}
	return false
}

func (l *language) isRevoked(words []token) bool {
	return slices.ContainsFunc(l.was, func(was []string) bool { return starts(words, was) })
}
