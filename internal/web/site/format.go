package site

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"waypost/internal/carrier"
	"waypost/internal/web/ui"
)

// A formatView explains one form of a carrier's numbers, without its pattern.
type formatView struct{ Name, Shape, Check, Trust, Services string }

func newFormatView(reader ui.Reader, f *carrier.Format) formatView {
	v := formatView{
		Name: formatName(f), Check: reader.Say("format.checked"), Trust: reader.Say("format." + string(f.Trust)),
		Shape: shape(reader, f), Services: services(f),
	}
	if f.Check == "" || f.Check == "none" {
		v.Check = reader.Say("format.unchecked")
	}
	return v
}

func formatName(f *carrier.Format) string {
	if f.Service != "" {
		return f.Name + " · " + f.Service
	}
	return f.Name
}

// shape shows a form by its first example: how all such numbers begin, then
// every digit as 9 and every letter that may differ as A, so that no page holds
// a number that might be somebody's.
func shape(reader ui.Reader, f *carrier.Format) string {
	if len(f.Good) == 0 {
		return ""
	}
	example := f.Good[0]
	key := "format.digits"
	if strings.ContainsFunc(example, unicode.IsLetter) {
		key = "format.length"
	}
	start := beginning(f.Pattern, example)
	blank := start + strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsLetter(r) && !strings.ContainsRune(fixed(f.Pattern), r):
			return 'A'
		}
		return r
	}, example[len(start):])
	return reader.Say("format.like", "what", reader.Say(key, "n", len([]rune(example))), "shape", blank)
}

// beginning is what all numbers of a pattern begin with, "" where the example doesn't.
func beginning(pattern, example string) string {
	p, err := regexp.Compile(pattern)
	if err != nil {
		return ""
	}
	start, _ := p.LiteralPrefix()
	if !strings.HasPrefix(example, start) {
		return ""
	}
	return start
}

// fixed returns the letters that a pattern names outside of classes.
func fixed(pattern string) string {
	var b strings.Builder
	class, escaped := false, false
	for _, r := range pattern {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '[':
			class = true
		case r == ']':
			class = false
		case !class && unicode.IsUpper(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func services(f *carrier.Format) string {
	var all []string
	for code, name := range f.Services {
		all = append(all, code+" "+name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
