package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/gist"
	"waypost/internal/status"
)

// returning is a source with a word for the way back and none for its end.
const returning = `
source: returning
connect: {base: https://returning.example, budget: {calls: 60, per: 1h}, ask: {get: '/{number}'}}
read:
  parcels: '.'
  parcel: {number: '.number', state: '.state'}
  events: '.events[]'
  event: {at: '.at', code: '.code'}
status: {BACK: Exception_Returning, ROUND: OutForDelivery_Other, DONE: Delivered_Other}
vectors:
` + noVectors

func TestADeliveryOnTheWayBackIsOneToTheSender(t *testing.T) {
	program := compile(t, "returning.yaml", returning)
	read := func(state string, codes ...string) carrier.Report {
		t.Helper()
		var events []string
		for i, code := range codes {
			events = append(events, fmt.Sprintf(`{"at": "2026-03-0%dT10:00:00Z", "code": %q}`, i+1, code))
		}
		answer := fmt.Sprintf(`{"number": "RT1000000001", "state": %q, "events": [%s]}`, state, strings.Join(events, ","))
		reports, err := program.Read([]byte(answer), 200, []string{"RT1000000001"})
		if err != nil || len(reports) != 1 || len(reports[0].Events) != len(codes) {
			t.Fatalf("%+v %v", reports, err)
		}
		return reports[0]
	}
	for _, tc := range []struct {
		name  string
		state string
		codes []string
		want  status.Sub // of the last event and of the parcel, where it has a state
	}{
		{"delivered", "DONE", []string{"ROUND", "DONE"}, status.DeliveredOther},
		{"delivered on the way back", "", []string{"ROUND", "BACK", "ROUND", "DONE"}, status.ExceptionReturned},
		{"delivered on the way back, by the parcel's state too", "DONE", []string{"BACK", "DONE"}, status.ExceptionReturned},
		{"sent back after it was delivered", "", []string{"DONE", "BACK"}, status.ExceptionReturning},
	} {
		r := read(tc.state, tc.codes...)
		if got := r.Events[len(r.Events)-1].Status; got != tc.want {
			t.Errorf("%s: the last event is %s, want %s", tc.name, got, tc.want)
		}
		if tc.state != "" && r.State != tc.want {
			t.Errorf("%s: the parcel is %s, want %s", tc.name, r.State, tc.want)
		}
	}
}

func TestAnAnswerAboutAnotherNumberIsNotTaken(t *testing.T) {
	program := compile(t, "returning.yaml", returning)
	for _, tc := range []struct {
		asked, named string
		taken        bool
	}{
		{"RT1000000001", "rt 1000-000001", true},
		{"RT1000000001", "RT10000000017", true}, // with its check digit
		{"99RT1000000001", "RT1000000001", true},
		{"RT1000000001", "RT1000000002", false},
		{"RT1000000001", "RT1", false},
		{"RT1000000001", "", false}, // it names none, and should
	} {
		answer := fmt.Sprintf(`{"number": %q, "events": [{"at": "2026-03-02T10:00:00Z", "code": "DONE"}]}`, tc.named)
		reports, err := program.Read([]byte(answer), 200, []string{tc.asked})
		if err != nil || len(reports) != 1 {
			t.Fatalf("%+v %v", reports, err)
		}
		if taken := reports[0].Problem == nil; taken != tc.taken {
			t.Errorf("asked for %s, an answer about %s is taken: %v, %v", tc.asked, tc.named, taken, reports[0].Problem)
		}
	}
}

// An error's text may be as long as an answer: only its beginning is searched.
func TestTheBeginningOfAnErrorTellsItsKind(t *testing.T) {
	program := compile(t, "talkative.yaml", talkative)
	for words, want := range map[string]carrier.ProblemKind{
		"Quota is used up":                    carrier.LimitedKind,
		strings.Repeat("x ", 2_000) + "quota": carrier.Unavailable,
	} {
		_, err := program.Read(fmt.Appendf(nil, `{"problem": %q}`, words), 200, nil)
		var problem *carrier.Problem
		if !errors.As(err, &problem) || problem.Kind != want {
			t.Errorf("%.20q… is %v, want %s", words, err, want)
		}
	}
}

func TestANumberNobodyAskedForIsShort(t *testing.T) {
	program := compile(t, "returning.yaml", returning)
	answer := fmt.Sprintf(`{"number": %q, "state": "DONE", "events": []}`, strings.Repeat("RT1000000001\n", 1000))
	reports, err := program.Read([]byte(answer), 200, nil)
	if err != nil || len(reports) != 1 || len(reports[0].Number) > 80 || strings.Contains(reports[0].Number, "\n") {
		t.Errorf("%.300q %v", fmt.Sprint(reports), err)
	}
}

// Of a code that the status map doesn't have, the words may tell the status; the
// map's own word, a note too, comes first.
func TestWordsTellWhatTheStatusMapDoesNotHave(t *testing.T) {
	program := compile(t, "talkative.yaml", strings.Replace(talkative, "status: {'1': InTransit_Other}", "status: {'1': InTransit_Other, '2': note}", 1))
	for _, tc := range []struct {
		code, words string
		want        status.Sub
		fromWords   bool
		unknown     []carrier.Unknown
	}{
		{"1", "Delivered", status.InTransitOther, false, nil},
		{"2", "Delivered", "", false, nil},
		{"9", "Delivered to the recipient", status.DeliveredOther, true, []carrier.Unknown{{Code: "9", Words: "Delivered to the recipient", Means: status.DeliveredOther}}},
		{"9", "Will be delivered tomorrow", "", false, []carrier.Unknown{{Code: "9", Words: "Will be delivered tomorrow"}}},
		{"9", "Nobody home, door code 4471#", status.DeliveryFailureNoBody, true, []carrier.Unknown{{Code: "9", Words: "Nobody home", Means: status.DeliveryFailureNoBody}}},
		{"", "快件已签收", status.DeliveredOther, true, []carrier.Unknown{{Words: "快件已签收", Means: status.DeliveredOther}}},
		{"", "", "", false, nil},
	} {
		event := fmt.Sprintf(`{"at": "2026-03-02T10:00:00Z", "code": %q, "words": %q}`, tc.code, tc.words)
		reports, err := program.Read([]byte(`{"events": [`+event+`, `+event+`]}`), 200, []string{"FP1000000002"})
		if err != nil || len(reports) != 1 || len(reports[0].Events) != 2 {
			t.Fatalf("%+v %v", reports, err)
		}
		if e := reports[0].Events[1]; e.Status != tc.want || e.FromWords != tc.fromWords {
			t.Errorf("%q %q is %q, from words: %v", tc.code, tc.words, e.Status, e.FromWords)
		}
		if !slices.Equal(reports[0].Unknown, tc.unknown) {
			t.Errorf("%q %q is reported as %+v", tc.code, tc.words, reports[0].Unknown)
		}
	}
}

// The words of all shipped answers are read as if their codes were unknown, and
// compared with what the status maps say. That it was delivered to the sender may
// be told by what was told before; beside that nothing is said to be delivered
// that isn't.
func TestWordsAgreeWithTheStatusMaps(t *testing.T) {
	seen := map[string]bool{}
	said, right := 0, 0
	for _, s := range shippedAnswers(t) {
		for _, a := range s.answers {
			for _, r := range s.read(a.body, a.http, a.asked).reports {
				for _, e := range r.Events {
					if key := e.Words + string(e.Status); e.Status == "" || e.Words == "" || e.FromWords || seen[key] {
						continue
					} else {
						seen[key] = true
					}
					got := gist.Of(e.Words).Is
					if got != "" {
						said++
					}
					if got.Main() == e.Status.Main() {
						right++
					}
					if got.Main() == status.Delivered && e.Status.Main() != status.Delivered && e.Status != status.ExceptionReturned {
						t.Errorf("%s: %q is said to be delivered, and is %s", a.file, e.Words, e.Status)
					}
				}
			}
		}
	}
	if 100*said < 85*len(seen) || 100*right < 80*len(seen) {
		t.Errorf("of %d texts, %d say something, %d the same as the status map", len(seen), said, right)
	}
}
