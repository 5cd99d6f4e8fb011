package recognise

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var htmlForm = regexp.MustCompile(`(?i)<(?:!doctype|html|body|table|t[dr]|div|p|br|a|span|li|ul|b|strong|h[1-6])(?:[\s/][^<>]*)?>`)

// unwrap turns the source of an HTML page into its text, and undoes
// quoted-printable if the source was copied from a mail.
func unwrap(text string) string {
	text = unquoted(text)
	if htmlForm.MatchString(text) {
		return fromHTML(text)
	}
	return text
}

// unquoted undoes quoted-printable if text was copied from a mail's source.
func unquoted(text string) string {
	if quotedPrintable.MatchString(text) {
		return unquote(text)
	}
	return text
}

// fromHTML is what a reader sees of a page, a line for each block and cell, and
// the addresses of its links.
func fromHTML(source string) string {
	var out strings.Builder
	var hidden atom.Atom // inside script or style
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if hidden == 0 {
				out.WriteString(spaces.ReplaceAllString(html.UnescapeString(string(z.Raw())), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.DataAtom {
			case atom.Script, atom.Style:
				hidden = t.DataAtom
			case atom.A:
				for _, a := range t.Attr {
					if a.Key == "href" && strings.HasPrefix(strings.ToLower(a.Val), "http") {
						out.WriteString(" " + strings.ReplaceAll(strings.TrimSpace(a.Val), " ", "%20") + " ")
					}
				}
			default:
				out.WriteString(breakOf(t.DataAtom))
			}
		case html.EndTagToken:
			t := z.Token()
			if t.DataAtom == hidden {
				hidden = 0
			}
			out.WriteString(breakOf(t.DataAtom))
		}
	}
}

var spaces = regexp.MustCompile(`[ \t\r\n]+`)

// breakOf is what stands for a tag: nothing inside a line, a tab between cells,
// a new line between blocks.
func breakOf(tag atom.Atom) string {
	switch tag {
	case atom.Span, atom.B, atom.Strong, atom.I, atom.Em, atom.Font, atom.U, atom.Small, atom.Code, atom.A, atom.Wbr, 0:
		return ""
	case atom.Td, atom.Th:
		return "\t"
	}
	return "\n"
}
