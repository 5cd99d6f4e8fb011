package engine_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/outbound"
)

// shaped connects a source of onePage's kind to a server that answers body, and
// returns what is told of the answers' shapes.
func shaped(t *testing.T, file, text string, body *string) (carrier.Connector, *[]carrier.Shape) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, *body) }))
	t.Cleanup(server.Close)
	client := outbound.New(outbound.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
	var told []carrier.Shape
	connector, err := compile(t, file, text).Connect(engine.Account{
		Code: "returning/main", Base: server.URL, Shaped: func(s carrier.Shape) { told = append(told, s) },
	}, client)
	if err != nil {
		t.Fatal(err)
	}
	return connector, &told
}

func TestAShapeHasNamesAndFormsAndNoValues(t *testing.T) {
	body := `{"number": "RT1000000001", "state": "ROUND", "eta": null, "weight": 1.5, "signed": true,
		"byDay": {"2026-03-01": {"scans": 2}, "2026-03-02": {"scans": 1}},
		"Mia Muster": "at home", "RT1000000001": "this one", "empty": [],
		"events": [
			{"at": "2026-03-01T10:00:00Z", "code": "ROUND", "place": {"city": "Lund"}},
			{"at": "2026-03-02T10:00:00Z", "code": "DONE"}]}`
	connector, told := shaped(t, "returning.yaml", returning, &body)
	reports, err := connector.Track(t.Context(), []carrier.Ask{{Number: "RT1000000001"}})
	if err != nil || len(*told) != 1 {
		t.Fatalf("%d shapes were told, %v", len(*told), err)
	}
	var got strings.Builder
	for _, p := range (*told)[0].Paths {
		fmt.Fprintf(&got, "%s: %s, in %d, of %d objects, used %v\n", p.Name, p.Forms, p.In, p.Objects, p.Used)
	}
	const want = `: object, in 1, of 1 objects, used false
*: text, in 1, of 0 objects, used false
byDay: object, in 1, of 1 objects, used false
byDay.*: object, in 1, of 2 objects, used false
byDay.*.scans: number, in 2, of 0 objects, used false
empty: list, in 1, of 0 objects, used false
events: list, object, in 1, of 2 objects, used true
events.at: text, in 2, of 0 objects, used true
events.code: text, in 2, of 0 objects, used true
events.place: object, in 1, of 1 objects, used false
events.place.city: text, in 1, of 0 objects, used false
number: text, in 1, of 0 objects, used true
signed: true or false, in 1, of 0 objects, used false
state: text, in 1, of 0 objects, used true
weight: number, in 1, of 0 objects, used false
`
	if got.String() != want {
		t.Errorf("the shape is\n%s\nwant\n%s", got.String(), want)
	}
	if _, err := connector.Track(t.Context(), []carrier.Ask{{Number: "RT1000000001", Seen: reports[0].Digest}}); err != nil || len(*told) != 1 {
		t.Errorf("of an answer that was seen before %d shapes are told, %v", len(*told)-1, err)
	}
}

func TestWhichAnswersHaveAShape(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		kind       carrier.ProblemKind
		told       bool
	}{
		{"a history", `{"number": "RT1000000001", "events": [{"at": "2026-03-01T10:00:00Z", "code": "ROUND"}]}`, "", true},
		{"a history that can't be read is compared with histories", `{"number": "RT1000000001", "scans": [{"at": "2026-03-01T10:00:00Z"}]}`, "", true},
		{"nothing known", `{"number": "RT1000000001", "events": []}`, carrier.Missing, true},
		{"no JSON", `<html>`, "", false},
		{"more than is compared", `{"number": "RT1000000001", "events": [], "wide": {` + wide(30, 30) + `}}`, "", false},
	} {
		connector, told := shaped(t, "returning.yaml", returning, &tc.body)
		_, _ = connector.Track(t.Context(), []carrier.Ask{{Number: "RT1000000001"}}) // what was read is other tests' matter
		if (len(*told) == 1) != tc.told {
			t.Errorf("%s: %d shapes are told, want one: %v", tc.name, len(*told), tc.told)
		} else if tc.told && (*told)[0].Kind != tc.kind {
			t.Errorf("%s: the kind is %q, want %q", tc.name, (*told)[0].Kind, tc.kind)
		}
	}
}

// wide is an object's content of n fields with m fields each.
func wide(n, m int) string {
	var all []string
	for i := range n {
		var inner []string
		for j := range m {
			inner = append(inner, fmt.Sprintf(`"%c%c": 1`, 'a'+j%26, 'a'+j/26))
		}
		all = append(all, fmt.Sprintf(`"%c%c": {%s}`, 'a'+i%26, 'a'+i/26, strings.Join(inner, ",")))
	}
	return strings.Join(all, ",")
}
