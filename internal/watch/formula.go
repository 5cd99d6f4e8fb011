package watch

import "strings"

// armed are the characters with which a spreadsheet takes a text for a formula
// (OWASP, CSV Injection), and their full-width forms, which some take for the same.
const armed = "=+-@\t\r\n＝＋－＠"

// harmless is a text that no spreadsheet takes for a formula: it begins with an
// apostrophe where it would.
func harmless(text string) string {
	if text != "" && strings.ContainsRune(armed, []rune(text)[0]) {
		return "'" + text
	}
	return text
}

// disarmed takes back what harmless did.
func disarmed(text string) string {
	if rest, ok := strings.CutPrefix(text, "'"); ok && harmless(rest) != rest {
		return rest
	}
	return text
}
