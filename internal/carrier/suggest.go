package carrier

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxComment bounds the words behind a suggested line, in characters.
const maxComment = 60

// Line is a line for the status map of the source's file: what the words say
// that came with the code, a note where they say nothing for sure. Where there
// was no code, it is a case for the map's words, "" where these say nothing.
func (u Unknown) Line() string {
	switch {
	case u.Code != "":
		return fmt.Sprintf("  %s: %s%s", quoted(u.Code), cmp.Or(string(u.Means), "note"), comment(u.Words))
	case u.Means != "":
		return fmt.Sprintf("    - {words: %s, is: %s}", quoted("(?i)^"+regexp.QuoteMeta(u.Words)+"$"), u.Means)
	}
	return ""
}

// quoted is a text as YAML's single quotes hold it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func comment(words string) string {
	if words == "" {
		return ""
	}
	if runes := []rune(words); len(runes) > maxComment {
		words = string(runes[:maxComment]) + "…"
	}
	return "  # " + words
}

// Maps reports whether the status map has by now what was unknown.
func (s Statuses) Maps(u Unknown) bool {
	cases, listed := s.Codes[u.Code]
	return listed && len(cases) == 0 || fits(cases, u.Words) || fits(s.Words, u.Words)
}

func fits(cases []Case, words string) bool {
	return slices.ContainsFunc(cases, func(c Case) bool {
		re, err := regexp.Compile(c.Words)
		return err == nil && re.MatchString(words)
	})
}
