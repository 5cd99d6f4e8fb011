package site

import (
	"slices"
	"testing"
)

func TestCarriersAreGroupedByTheLetterThatTheyAreLookedForUnder(t *testing.T) {
	var rows []catalogueRow
	for _, name := range []string{"zeta", "Österreichische Post", "4PX", "Oman Post", "Укрпошта", "顺丰速运", "Evri", "中国邮政", "épicerie", "البريد"} {
		rows = append(rows, catalogueRow{Name: name})
	}
	var got []string
	for _, g := range byLetter(rows, "en") {
		line := g.Letter + ":"
		for _, r := range g.Rows {
			line += " " + r.Name
		}
		got = append(got, line)
	}
	want := []string{"0–9: 4PX", "E: épicerie Evri", "O: Oman Post Österreichische Post", "Z: zeta", "У: Укрпошта", "ا: البريد", "漢字: 中国邮政 顺丰速运"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
