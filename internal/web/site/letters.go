package site

import (
	"slices"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// manyRows is from how many carriers on the catalogue leads to its letters.
const manyRows = 40

// A letterGroup is the carriers whose names begin with one letter.
type letterGroup struct {
	Letter string // "A", "0–9", "漢字"
	Rows   []catalogueRow
}

// byLetter sorts the rows as the language does, and groups them.
func byLetter(rows []catalogueRow, lang string) []letterGroup {
	order := collate.New(language.Make(lang), collate.IgnoreCase)
	slices.SortStableFunc(rows, func(a, b catalogueRow) int { return order.CompareString(a.Name, b.Name) })
	var groups []letterGroup
	place := map[string]int{}
	for _, row := range rows {
		letter := letterOf(row.Name)
		at, known := place[letter]
		if !known {
			at = len(groups)
			place[letter] = at
			groups = append(groups, letterGroup{Letter: letter})
		}
		groups[at].Rows = append(groups[at].Rows, row)
	}
	return groups
}

// letterOf is the letter that a name is looked for under: without accents, one
// for all digits, and one for all Chinese characters, of which nearly every
// name has another.
func letterOf(name string) string {
	for _, c := range norm.NFD.String(name) {
		switch {
		case unicode.IsDigit(c):
			return "0–9"
		case unicode.Is(unicode.Han, c):
			return "漢字"
		case unicode.IsLetter(c):
			return string(unicode.ToUpper(c))
		}
	}
	return "…"
}
