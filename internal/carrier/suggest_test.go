package carrier

import (
	"strings"
	"testing"

	"waypost/internal/status"
)

// TestASuggestedLineMapsWhatWasUnknown puts the lines into a file and reads it.
func TestASuggestedLineMapsWhatWasUnknown(t *testing.T) {
	unknown := []Unknown{
		{Code: "450/07", Words: "Nobody home", Means: status.DeliveryFailureNoBody},
		{Code: "it's: 'odd' #1", Words: "# left: {here}", Means: status.InTransitOther},
		{Code: "010", Words: strings.Repeat("a long text ", 40)},
		{Code: "NIL"},
		{Words: "Left the hub (again?) it's", Means: status.InTransitOther},
	}
	file := "source: odd\nconnect: {base: https://odd.example, budget: {calls: 60, per: 1h}, ask: {get: '/{number}'}}\n" +
		"read: {parcels: '.', events: '.events[]', event: {at: '.at', code: '.code', words: '.words'}}\nstatus:\n"
	for _, u := range unknown[:4] {
		file += u.Line() + "\n"
	}
	file += "  words:\n" + unknown[4].Line() + "\nvectors:\n"
	for _, kind := range VectorKinds {
		file += "  - {kind: " + string(kind) + ", cannot: a test}\n"
	}
	_, source, mistakes := LoadFile("odd.yaml", []byte(file))
	if len(mistakes) > 0 {
		t.Fatalf("%v in\n%s", mistakes, file)
	}
	for _, u := range unknown {
		if !source.Status.Maps(u) {
			t.Errorf("%+v isn't mapped by %q", u, u.Line())
		}
		if cases := source.Status.Codes[u.Code]; u.Code != "" && u.Means != "" && (len(cases) != 1 || cases[0].Is != u.Means) {
			t.Errorf("%q became %+v", u.Line(), cases)
		}
	}
	for _, other := range []Unknown{{Code: "450"}, {Words: "Left the hub"}, {Code: "X", Words: "Nobody home"}} {
		if source.Status.Maps(other) {
			t.Errorf("%+v is mapped", other)
		}
	}
	if line := (Unknown{Words: "Thank you"}).Line(); line != "" {
		t.Errorf("words that say nothing become %q", line)
	}
}
