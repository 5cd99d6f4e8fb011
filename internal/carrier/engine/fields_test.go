package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
)

// talkative is a source that gives every field that a report has.
const talkative = `
source: talkative
connect: {base: https://talkative.example, budget: {calls: 60, per: 1h}, ask: {get: '/{number}'}}
read:
  problem: '.problem'
  parcels: '.'
  parcel: {unique: '.unique', service: '.service', state: '.state', problem: '.trouble', legs: '[{number: .leg, carrier: .partner}]'}
  events: '.events[]'
  event: {at: '.at', code: '.code', words: '.words', place: {city: '.city', region: '.region', postcode: '.postcode', name: '.name'}}
status: {'1': InTransit_Other}
problems: {X: missing}
vectors:
` + noVectors

const noVectors = `
  - {kind: in_transit, cannot: a test}
  - {kind: delivered, cannot: a test}
  - {kind: exception, cannot: a test}
  - {kind: not_found, cannot: a test}
  - {kind: needs_more, cannot: a test}
  - {kind: limited, cannot: a test}
  - {kind: broken, cannot: a test}
  - {kind: private, cannot: a test}
`

// private stands for everything that a report must not hold.
const private = "Delivered to Ottilie Brackenmoor, 14 Fennel Row, door code 4471#, tel. 0151 496 0122, ottilie@inventing.example"

func holdsPrivate(text string) string {
	for _, part := range []string{"Ottilie", "Brackenmoor", "Fennel", "4471", "0151", "496", "ottilie@"} {
		if strings.Contains(text, part) {
			return part
		}
	}
	return ""
}

func TestNoFieldOfAReportHoldsPrivateText(t *testing.T) {
	program := compile(t, "talkative.yaml", talkative)
	fields := map[string]any{"unique": private, "service": private, "state": private, "leg": "FP1000000001", "partner": private}
	event := map[string]any{"at": "2026-03-02T14:11:00Z", "code": private, "words": private, "city": private, "region": private, "postcode": private, "name": private}
	fields["events"] = []any{event}
	check := func(what string, answer any) {
		t.Helper()
		body, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		reports, err := program.Read(body, 200, []string{"FP1000000002"})
		text := fmt.Sprintf("%+v %v", reports, err)
		for _, r := range reports {
			text += fmt.Sprintf(" %+v", r.Problem)
		}
		if part := holdsPrivate(text); part != "" {
			t.Errorf("%s: %q is in %s", what, part, text)
		}
	}
	check("every field", fields)
	check("the answer's problem", map[string]any{"problem": private})
	check("the parcel's problem", map[string]any{"trouble": private, "events": []any{}})

	for _, place := range []string{"14 Elm Street", "Elm Street 14", "Musterstraße 5", "12 rue des Fables", "ul. Bajkowa 5", "вул. Неіснуюча, 14", "幸福路88号"} {
		reports, err := program.Read(fmt.Appendf(nil, `{"events": [{"at": "2026-03-02T14:11:00Z", "code": "1", "city": %q, "name": %q}]}`, place, place), 200, nil)
		if err != nil || len(reports) != 1 || len(reports[0].Events) != 1 {
			t.Fatalf("%v %v", reports, err)
		}
		if at := reports[0].Events[0].Place; at.City != "" || at.Name != "" {
			t.Errorf("a place %q becomes %+v", place, at)
		}
	}
}

// A text is bounded; wherever the bound falls, no half of a name or number is left.
func TestATextCutInTheMiddleHoldsNothingPrivate(t *testing.T) {
	program := compile(t, "talkative.yaml", talkative)
	var events []any
	for _, filler := range []string{"on its way, ", "<b>x</b> ", "é ", "Unterwegs. "} {
		for _, bound := range []int{80, 2000} {
			for back := 0; back < len(private)+20; back += 13 {
				front := strings.Repeat(filler, bound/len(filler)+1)[:max(0, bound-back)]
				events = append(events, map[string]any{"at": "2026-03-02T14:11:00Z", "code": front + private, "words": strings.ToValidUTF8(front, "") + private})
			}
		}
	}
	body, err := json.Marshal(map[string]any{"events": events})
	if err != nil {
		t.Fatal(err)
	}
	reports, err := program.Read(body, 200, nil)
	if err != nil || len(reports[0].Events) != len(events) {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	for _, e := range reports[0].Events {
		if part := holdsPrivate(e.Words + e.Code); part != "" {
			t.Fatalf("%q is in %q or %q", part, e.Words, e.Code)
		}
		if n := len([]rune(e.Words)); n > 500 {
			t.Fatalf("%d characters are left", n)
		}
	}
}

// Texts made to be costly cost little: a full answer of them is read in seconds, not in years.
func TestCostlyTextsAreReadInTime(t *testing.T) {
	program := compile(t, "talkative.yaml", talkative)
	for _, text := range []string{"1 a ", "Street 1 ", "A B ", "door ", "Mr ", "signed by ", "1-1 ", "签收人", "a, ", "@a", "code is "} {
		event := map[string]any{"at": "2026-03-02T14:11:00Z", "words": strings.Repeat(text, 8000/len(text))}
		var events []any
		for range 20 {
			events = append(events, event)
		}
		body, err := json.Marshal(map[string]any{"events": events})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = program.Read(body, 200, nil)
		var problem *carrier.Problem
		if err != nil && !errors.As(err, &problem) {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("20 events of %q took %v", text, took)
		}
	}
}
